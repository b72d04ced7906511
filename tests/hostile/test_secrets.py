"""Canaries: secrets, and what records hold, are looked for in everything that runs leave behind.

Secrets may stand nowhere. Records may stand in the documents themselves (and in the source), and nowhere else.
"""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

SECRETS = {
    "CANARY_KEY": "AKIAKANARIENSECRET01", "CANARY_SECRET": "kanariensecret02/+abc", "CANARY_TOKEN": "kanariensecret03==", "CANARY_PASSWORD": "kanariensecret04",
    "CANARY_OPTION": "kanariensecret05",
}  # fmt: skip
PERSON = "Kanarienvogel"
TEMPLATE = """<!doctype html><html lang="{{ name }}"><title>{{ name }}</title><meta name=author content="{{ name }}">
<style>.{{ name }} { color: {{ name }}; {{ name }}: 1; background: url({{ name }}.png) } @import "{{ name }}.css"; p { font-family: {{ name }} }</style>
<p class="{{ name }}" style="{{ name }}: 1; color: {{ name }}">{{ name }} \u4e2d</p><a href="{{ name }}:x">x</a><img src="{{ name }}.png" alt="{{ name }}">
<svg><path d="{{ name }}"/></svg><p>{{ 100 / share }} {{ fields[name] if kind == "field" }}{{ name | date if kind == "date" }}
{% if kind == "include" %}{% include name %}{% endif %}{{ record[name] if kind == "computed" }}{{ (name ~ "") | money("EUR") if kind == "money" }}
{% if kind == "pages" %}{% for n in range(200) %}<p style="break-after:page">{{ name }}{% endfor %}{% endif %}{{ name * 100000000 if kind == "long" }}
{% if kind == "deep" %}{{ ("<div>" * 300) | safe }}{% endif %}</p></html>"""
KINDS = ("", "zero", "field", "date", "include", "computed", "money", "pages", "long", "deep")


def config_of(folder: Path, **sections: Any) -> Path:
    """A config whose every secret is a canary, over records whose every text is one."""
    bundle = folder / "bundle"
    bundle.mkdir()
    (bundle / "template.html").write_text(TEMPLATE)
    source = folder / "source"
    source.mkdir()
    rows = [
        {"id": n, "name": f"{PERSON} {n}", "kind": KINDS[n % len(KINDS)], "share": 0 if n % len(KINDS) == 1 else 1, "fields": {"a": PERSON}}
        for n in range(40)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), source / "rows.parquet")
    stores = {
        "s3://elsewhere/": {"access_key_id": "env:CANARY_KEY", "secret_access_key": "env:CANARY_SECRET", "session_token": "env:CANARY_TOKEN"},
        "az://elsewhere/": {"account": "me", "account_key": "env:CANARY_PASSWORD"},
    }  # fmt: skip
    values = {
        "name": "canaries", "engine": "local", "source": {"format": "parquet", "path": str(source)}, "template": str(bundle), "document": {"id": "id"},
        "output": {"uri": str(folder / "out")}, "manifest": {"uri": str(folder / "manifest")}, "stores": stores, "local": {"processes": 1},
        "limits": {"failed_fraction": 1.0, "pages_per_document": 50}, "preflight": {"records": 3}, **sections,
    }  # fmt: skip
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def ran(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line, with the secrets in its environment; what it says is kept as well."""
    done = subprocess.run(
        [sys.executable, "-m", "spark_pdf.cli", *arguments], capture_output=True, text=True, check=False, timeout=300,
        cwd=folder, env={**os.environ, **SECRETS, **environment},
    )  # fmt: skip
    said = folder / "said"
    said.mkdir(exist_ok=True)
    (said / f"{len(list(said.iterdir()))}.txt").write_text(f"{done.stdout}\n{done.stderr}")
    return done


def left_behind(folder: Path, *, documents: bool) -> Iterator[tuple[str, bytes]]:
    """Every file below, unpacked as far as it is packed. `documents`: whether those are among them."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_relative_to(folder / "source"):
            continue
        name, data = str(path.relative_to(folder)), path.read_bytes()
        if "/packs/" in name or "/documents/" in name:
            if documents:
                yield name, data
            continue
        yield name, data
        if data[:4] == b"PAR1":
            yield name, repr(pq.read_table(io.BytesIO(data)).to_pylist()).encode()
        elif data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.namelist():
                    yield f"{name}/{member}", archive.read(member)
        elif data[:2] == b"\x1f\x8b":
            yield name, gzip.decompress(data)


def assert_clean(folder: Path) -> None:
    """No secret anywhere; no person but in documents."""
    places = list(left_behind(folder, documents=True))
    for word in SECRETS.values():
        found = [name for name, data in places if word.encode() in data]
        assert not found, f"a secret stands in {found}"
    found = [name for name, data in left_behind(folder, documents=False) if PERSON.lower().encode() in data.lower()]
    assert not found, f"what a record holds stands in {found}"


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    pq.write_table(pa.table({"a": [PERSON]}), tmp_path / "a/x.parquet", compression="zstd")
    with pytest.raises(AssertionError, match="a record holds"):
        assert_clean(tmp_path)
    (tmp_path / "a/y").write_text(f"x {SECRETS['CANARY_TOKEN']}")
    with pytest.raises(AssertionError, match="a secret"):
        assert_clean(tmp_path)


def test_a_local_run_leaves_no_canary(tmp_path: Path) -> None:
    config = str(config_of(tmp_path))
    done = ran(tmp_path, "run", config, "--run-id", "one", "--output", "json")
    assert done.returncode == 0, done.stderr
    assert '"failed": ' in done.stdout
    for arguments in (
        ["verify", config, "--run-id", "one"],
        ["plan", config],
        ["check", config],
        ["--debug", "run", config, "--run-id", "two", "--limit", "12"],
        ["retry", config, "--run-id", "one"],
        ["run", config, "--run-id", "one"],
    ):
        ran(tmp_path, *arguments)
    codes = {
        code
        for name, data in left_behind(tmp_path, documents=False)
        for code in ("template", "limit_pages", "render")
        if f"'error_code': '{code}'".encode() in data
    }
    assert codes == {"template", "limit_pages", "render"}  # else nothing would have been said that could tell
    assert_clean(tmp_path)


@pytest.mark.parametrize(
    "sections",
    [
        {"stores": {"s3://x/": {"access_key_id": SECRETS["CANARY_KEY"]}}},
        {"stores": {"s3://x/": {"access_key_id": "env:CANARY_KEY", "secret_access_kye": SECRETS["CANARY_SECRET"]}}},
        {"source": {"format": "jdbc", "secret_options": {"password": SECRETS["CANARY_PASSWORD"]}}},
        {"limits": {"seconds_per_document": SECRETS["CANARY_PASSWORD"]}},
        {"engine": SECRETS["CANARY_PASSWORD"]},
        {"output": {"uri": f"s3://{SECRETS['CANARY_KEY']}:{SECRETS['CANARY_TOKEN']}@bucket/x"}},
        {"output": {"uri": "s3://nowhere-at-all/x"}, "stores": {"s3://nowhere-at-all/": {"endpoint": "http://127.0.0.1:9", "region": "x", "access_key_id": "env:CANARY_KEY", "secret_access_key": "env:CANARY_SECRET", "session_token": "env:CANARY_TOKEN"}}},
        {"output": {"uri": "az://nowhere/x"}, "stores": {"az://nowhere/": {"account": "me", "endpoint": "http://127.0.0.1:9", "account_key": "env:CANARY_PASSWORD"}}},
        {"source": {"format": "csv", "path": "/nowhere.csv", "secret_options": {"password": "env:CANARY_OPTION"}}},
    ],
)  # fmt: skip
def test_errors_about_secrets_do_not_tell_them(sections: dict[str, Any], tmp_path: Path) -> None:
    path = config_of(tmp_path, **sections)
    done = ran(tmp_path, "--debug", "run", str(path), "--run-id", "one")
    path.unlink()  # it has what is wrongly in it
    assert done.returncode != 0
    assert "Traceback" not in done.stderr or "--debug" in done.args
    assert_clean(tmp_path)


@pytest.mark.spark
def test_a_spark_run_leaves_no_canary(java: Any, tmp_path: Path) -> None:
    events = tmp_path / "events"
    events.mkdir()
    conf = {
        "spark.eventLog.enabled": "true", "spark.eventLog.dir": events.as_uri(), "spark.eventLog.compress": "false", "spark.eventLog.rolling.enabled": "false",
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
    }  # fmt: skip
    secret = {"password": "env:CANARY_OPTION"}
    config = config_of(
        tmp_path, engine="spark", spark={"master": "local[1]", "packages": "none", "conf": conf},
        source={"views": {"t": {"format": "parquet", "path": str(tmp_path / "source"), "secret_options": secret}}, "sql": "SELECT * FROM t"},
    )  # fmt: skip
    done = ran(tmp_path, "run", str(config), "--run-id", "one", "--output", "json", **java.environment)
    assert done.returncode == 0, done.stderr
    logs = [data for name, data in left_behind(tmp_path, documents=False) if name.startswith("events/")]
    assert any(b"SparkListenerSQLExecutionStart" in data for data in logs)
    assert_clean(tmp_path)
