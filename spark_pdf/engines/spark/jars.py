"""The jars that a source needs and a bare Spark lacks: s3a, Delta, Iceberg, Avro, Kafka.

In: a config and the version of Spark. Out: paths of jars in the cache, each with the SHA-256 that `jars.txt` pins.
They come from the local Maven repository (`~/.m2`), or else from Maven Central (or the mirror in `SPARK_PDF_MAVEN`)
through Ivy, which Spark brings along: a bare machine has no Maven. Dependencies are pinned too, so nothing is
resolved, only fetched.

`python -m spark_pdf.engines.spark.jars CONFIG...` prints them with commas, for `spark-submit --jars`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from spark_pdf.cache import cache_dir, put_file
from spark_pdf.config import Config, load_config
from spark_pdf.engines.spark.trust import trust_options
from spark_pdf.errors import UnsupportedError

_CENTRAL = "https://repo1.maven.org/maven2/"

_SETTINGS = """<ivysettings>
  <property name="ivy.checksums" value=""/>
  <settings defaultResolver="maven"/>
  <caches defaultCacheDir={cache}/>
  <resolvers><ibiblio name="maven" m2compatible="true" usepoms="false" root={root}/></resolvers>
</ivysettings>
"""


def needed_features(config: Config) -> tuple[str, ...]:
    """Which of s3, delta, iceberg, avro, kafka a config asks of Spark: for its source, and where Spark reads output."""
    views = [config.source, *config.source.views.values()]
    formats = {(view.format or "").lower() for view in views}
    paths = [path for view in views for path in ((view.path,) if isinstance(view.path, str) else view.path or ())]
    features: set[str] = formats & {"delta", "iceberg", "avro", "kafka"}
    # Task manifests of earlier waves and materialised records are read back from the output's store.
    stream = [config.stream.checkpoint, config.stream.dead_letters.uri or ""] if config.stream else []
    if any(urlsplit(path).scheme in ("s3", "s3a", "s3n") for path in [*paths, *stream, config.output.uri]):
        features.add("s3")
    return tuple(sorted(features))


def on_platform() -> str | None:
    """Name of the platform that brings its own jars, if this is one."""
    if "DATABRICKS_RUNTIME_VERSION" in os.environ:
        return "Databricks"
    if Path("/usr/share/aws/emr").exists() or Path("/emr/instance-controller").exists():
        return "EMR"
    return None


def pinned(feature: str, spark_version: str) -> Mapping[str, str]:
    """Coordinates (group:artifact:version) and SHA-256 of the jars of a feature."""
    minor = ".".join(spark_version.split(".")[:2])
    sections = _pins()
    if (feature, minor) not in sections:
        have = ", ".join(sorted(version for name, version in sections if name == feature))
        raise UnsupportedError(
            f"spark_pdf knows no jars of '{feature}' for Spark {minor} (it does for {have}); "
            "name your own in spark.conf (spark.jars.packages) and set spark.packages to none"
        )
    return sections[feature, minor]


def _pins() -> dict[tuple[str, str], dict[str, str]]:
    sections: dict[tuple[str, str], dict[str, str]] = {}
    text = files("spark_pdf.engines.spark").joinpath("jars.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("["):
            feature, minor = line.strip("[]").split()
            sections[feature, minor] = {}
        elif line and not line.startswith("#"):
            coordinate, sha256 = line.split()
            sections[feature, minor][coordinate] = sha256
    return sections


def resolve_jars(features: Iterable[str], spark_version: str, java_home: Path | None) -> list[Path]:
    """Paths of all jars of the features, fetched where the cache lacks them."""
    wanted: dict[str, str] = {}
    for feature in features:
        wanted.update(pinned(feature, spark_version))
    return fetch_jars(wanted, java_home)


def fetch_jars(wanted: Mapping[str, str], java_home: Path | None) -> list[Path]:
    """Paths of jars, given by coordinates and SHA-256."""
    folder = cache_dir("jars")
    missing = {c: sha for c, sha in wanted.items() if not (folder / _file_name(c, sha)).exists()}
    _take_from(_local_maven(), missing, folder)
    missing = {c: sha for c, sha in missing.items() if not (folder / _file_name(c, sha)).exists()}
    if missing:
        with tempfile.TemporaryDirectory(prefix="spark-pdf-jars-") as fetched:
            _fetch(missing, Path(fetched), java_home)
            _take_from(Path(fetched), missing, folder)
        for coordinate, sha in missing.items():
            if not (folder / _file_name(coordinate, sha)).exists():
                raise UnsupportedError(
                    f"{coordinate} from {_repository()} is not the file that jars.txt pins (SHA-256 differs)"
                )
    return [folder / _file_name(coordinate, sha) for coordinate, sha in sorted(wanted.items())]


def _file_name(coordinate: str, sha256: str) -> str:
    """Name in the cache. Jars are only put there after their hash was checked, and the name holds a part of it."""
    _, artifact, version = coordinate.split(":")
    return f"{artifact}-{version}-{sha256[:8]}.jar"


def _repository() -> str:
    return os.environ.get("SPARK_PDF_MAVEN", _CENTRAL).rstrip("/") + "/"


def _local_maven() -> Path:
    return Path.home() / ".m2" / "repository"


def _take_from(repository: Path, wanted: Mapping[str, str], folder: Path) -> None:
    """Copy those jars of a repository in Maven's layout that are there and have the right hash."""
    for coordinate, sha in wanted.items():
        group, artifact, version = coordinate.split(":")
        jar = repository / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.jar"
        try:
            data = jar.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(data).hexdigest() == sha:
            put_file(folder / _file_name(coordinate, sha), data)


def _fetch(wanted: Iterable[str], target: Path, java_home: Path | None) -> None:
    """Have Ivy retrieve jars into a folder, in Maven's layout."""
    import pyspark

    home = os.environ.get("SPARK_HOME") or pyspark.__path__[0]
    ivy = next((Path(home) / "jars").glob("ivy-*.jar"), None)
    if ivy is None:
        raise UnsupportedError(
            "this pyspark has no Ivy to fetch jars with; set spark.packages to none and name spark.jars"
        )
    dependencies = "".join(
        "<dependency org={} name={} rev={} transitive='false'/>".format(*map(quoteattr, c.split(":"))) for c in wanted
    )
    module = f"<ivy-module version='2.0'><info organisation='spark_pdf' module='jars'/><dependencies>{dependencies}"
    (target / "ivy.xml").write_text(module + "</dependencies></ivy-module>", encoding="utf-8")
    settings = _SETTINGS.format(cache=quoteattr(str(target / "ivy")), root=quoteattr(_repository()))
    (target / "settings.xml").write_text(settings, encoding="utf-8")
    java = str(java_home / "bin" / "java") if java_home else shutil.which("java") or "java"
    pattern = str(target / "[orgPath]" / "[module]" / "[revision]" / "[artifact]-[revision].[ext]")
    command = [java, *trust_options(java_home), "-cp", str(ivy), "org.apache.ivy.Main", "-warn"]
    command += ["-settings", str(target / "settings.xml"), "-ivy", str(target / "ivy.xml"), "-retrieve", pattern]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnsupportedError(f"cannot fetch jars from {_repository()}: {type(error).__name__}") from None
    if done.returncode:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        reason = next((line for line in lines if "rror" in line or "not found" in line), lines[-1] if lines else "")
        raise UnsupportedError(
            f"cannot fetch jars from {_repository()}: {reason}. "
            "Set SPARK_PDF_MAVEN to a mirror, or name spark.jars and set spark.packages to none"
        )


def jars_for(config: Config, spark_version: str, java_home: Path | None) -> list[Path]:
    """The jars that a session for this config needs; none on a platform, or where the config says none."""
    if config.spark.packages == "none" or on_platform():
        return []
    return resolve_jars(needed_features(config), spark_version, java_home)


def main(arguments: list[str]) -> None:
    """Print the jars of a config, with commas between them."""
    import pyspark

    from spark_pdf.engines.spark.java import java_home

    config = load_config(arguments)
    home = java_home(int(pyspark.__version__.split(".")[0]))
    print(",".join(map(str, jars_for(config, pyspark.__version__, home))))


if __name__ == "__main__":
    main(sys.argv[1:])
