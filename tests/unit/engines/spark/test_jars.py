from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from spark_pdf.engines.spark import jars
from spark_pdf.errors import UnsupportedError
from tests.spark_fixtures import Java, spark_config

JAR = b"not really a jar"


@pytest.fixture
def pin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """One pinned jar, an empty cache and an empty local repository."""
    monkeypatch.setenv("SPARK_PDF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jars, "_local_maven", lambda: tmp_path / "m2")
    sha = hashlib.sha256(JAR).hexdigest()
    monkeypatch.setattr(jars, "_pins", lambda: {("s3", "4.1"): {"org.example:thing:1.0": sha}})
    return sha


def lay(repository: Path, data: bytes) -> Path:
    folder = repository / "org/example/thing/1.0"
    folder.mkdir(parents=True)
    (folder / "thing-1.0.jar").write_bytes(data)
    return repository


def test_pins_are_whole() -> None:
    pins = jars._pins()
    assert {version for feature, version in pins if feature == "s3"} == {"3.5", "4.0", "4.1"}
    assert {feature for feature, _ in pins} == {"s3", "delta", "iceberg", "avro", "kafka"}
    for coordinates in pins.values():
        assert all(c.count(":") == 2 and len(sha) == 64 for c, sha in coordinates.items())


def test_features_follow_from_formats_and_schemes() -> None:
    config = spark_config(
        source={"sql": "SELECT 1", "views": {"a": {"format": "Delta", "path": "/x"}, "b": {"path": "s3a://bucket/x"}}}
    )
    assert jars.needed_features(config) == ("delta", "s3")
    assert jars.needed_features(spark_config()) == ()
    assert jars.needed_features(spark_config(output={"uri": "s3://bucket/out"})) == ("s3",)


def test_an_unknown_spark_is_an_error_with_a_way_out() -> None:
    with pytest.raises(UnsupportedError, match=r"for Spark 9\.0 \(it does for 3\.5, 4\.0, 4\.1\)"):
        jars.pinned("s3", "9.0.1")


def test_jars_come_from_the_local_repository(pin: str, tmp_path: Path) -> None:
    lay(tmp_path / "m2", JAR)
    (path,) = jars.resolve_jars(["s3"], "4.1.4", None)
    assert path.read_bytes() == JAR
    assert path.parent == tmp_path / "cache" / "jars"


def test_ivy_fetches_what_is_missing_from_a_mirror(
    pin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, java: Java
) -> None:
    mirror = lay(tmp_path / "mirror", JAR)
    monkeypatch.setenv("SPARK_PDF_MAVEN", mirror.as_uri())
    (path,) = jars.resolve_jars(["s3"], "4.1.4", java.home)
    assert path.read_bytes() == JAR
    (mirror / "org/example/thing/1.0/thing-1.0.jar").unlink()
    assert jars.resolve_jars(["s3"], "4.1.4", None) == [path]


def test_a_jar_with_another_hash_is_refused(
    pin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, java: Java
) -> None:
    lay(tmp_path / "m2", JAR + b"!")
    monkeypatch.setenv("SPARK_PDF_MAVEN", lay(tmp_path / "mirror", JAR + b"?").as_uri())
    with pytest.raises(UnsupportedError, match=r"org\.example:thing:1\.0 .*SHA-256 differs"):
        jars.resolve_jars(["s3"], "4.1.4", java.home)
    assert not list((tmp_path / "cache" / "jars").iterdir())


def test_what_no_mirror_has_is_named(pin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, java: Java) -> None:
    (tmp_path / "mirror").mkdir()
    monkeypatch.setenv("SPARK_PDF_MAVEN", (tmp_path / "mirror").as_uri())
    with pytest.raises(UnsupportedError, match=r"cannot fetch jars from file:.*org\.example#thing"):
        jars.resolve_jars(["s3"], "4.1.4", java.home)


def test_platforms_bring_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    config = spark_config(source={"format": "delta", "path": "s3://b/x"}, spark={})
    assert jars.jars_for(config, "4.0.0", None) == []
