"""The manifest on a real S3 server: Parquet and Delta commit by conditional creates, Iceberg through its catalog."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime, timedelta, timezone

import pyarrow as pa
import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.errors import AccessDenied, CommitFailed, StoreError, UnsafeStoreError
from spark_pdf.manifest.schema import ManifestEntry, manifest_schema
from spark_pdf.manifest.table import CommitInfo, ManifestTable, current_view, open_table

pytestmark = pytest.mark.s3

AT = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


@pytest.fixture(params=["parquet", "delta", "iceberg"])
def config(request, s3_server, s3_bucket, tmp_path) -> Config:
    root = f"{s3_bucket}/{secrets.token_hex(4)}"
    manifest = {"format": request.param, "columns": ["channel"], "partition_by": ["channel"]}
    if request.param == "iceberg":
        catalog = {"type": "sql", "uri": f"sqlite:///{tmp_path}/catalog.db", "warehouse": root}
        manifest |= {"table": "billing.manifest", "catalog": catalog}
    return parse_config(
        {
            "name": "x",
            "source": {"format": "parquet", "path": "p"},
            "template": "t",
            "document": {"id": "i"},
            "output": {"uri": root},
            "manifest": manifest,
            "stores": {"s3://": s3_server.options().model_dump(exclude_none=True)},
        }
    )


def append(table: ManifestTable, ids: list[str], run_id: str, at: datetime = AT) -> CommitInfo:
    schema = manifest_schema(pa.schema([("channel", pa.string())]))
    common = {
        "run_id": run_id, "template": "t", "template_hash": "h", "renderer_version": "1", "attempt": "a",
        "committed_at": at, "wave": 1, "partition": 0, "channel": "web",
    }  # fmt: skip
    rows = []
    for document_id in ids:
        entry = ManifestEntry.failure(document_id, "hash", code="render", detail="d")
        rows.append({**dict(zip(ManifestEntry._fields, entry, strict=True)), **common})
    batch = pa.RecordBatch.from_pylist([{n: row.get(n) for n in schema.names} for row in rows], schema=schema)
    info = CommitInfo(run_id, at, len(ids), 0, len(ids), 0, 0, {"render": len(ids)})
    return table.append(info, schema, lambda: iter([batch]))


def ids_of(table: ManifestTable, run_id: str | None = None) -> list[str]:
    return sorted(i for b in table.scan(["document_id"], run_id=run_id) for i in b["document_id"].to_pylist())


def test_append_read_append_again(config):
    table = open_table(config)
    table.check(manifest_schema(pa.schema([("channel", pa.string())])))
    assert table.committed("r1") is None
    info = append(table, ["a", "b"], "r1")
    assert append(open_table(config), ["a", "b"], "r1", AT + timedelta(days=1)) == info
    append(open_table(config), ["b", "c"], "r2", AT + timedelta(seconds=1))
    assert ids_of(open_table(config)) == ["a", "b", "b", "c"]
    assert open_table(config).latest() == AT + timedelta(seconds=1)
    assert len([r for b in current_view(table, ["run_id"]) for r in b.to_pylist()]) == 3


def test_twins_race_on_s3(config):
    append(open_table(config), ["x"], "r0")
    barrier, found, errors = threading.Barrier(3), [], []

    def drive(number: int) -> None:
        table = open_table(config)
        table.committed("r1")
        barrier.wait()
        try:
            found.append(append(table, ["a", "b"], "r1", AT + timedelta(seconds=number)))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=drive, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len({info.committed_at for info in found}) == 1
    assert ids_of(open_table(config), "r1") == ["a", "b"]


def test_wrong_keys_are_an_error_of_ours_without_the_key(config, monkeypatch):
    if config.manifest.format == "iceberg":
        append(open_table(config), ["x"], "r0")
    monkeypatch.setenv("SPARK_PDF_TEST_S3_SECRET", "not-the-secret-key")
    with pytest.raises((AccessDenied, StoreError, CommitFailed)) as caught:
        append(open_table(config), ["a"], "r1")
    assert "not-the-secret-key" not in str(caught.value)


def through(config: Config, proxy) -> Config:
    """The same config, with the proxy between us and the server."""
    values = config.model_dump(mode="json", exclude_none=True)
    values["stores"]["s3://"]["endpoint"] = proxy.endpoint
    return parse_config(values)


def is_commit(request) -> bool:
    """A Delta log entry, or a Parquet commit: the requests that make a run visible."""
    visible = "/_delta_log/0" in request.path or "/_commits/" in request.path
    return request.method == "PUT" and visible and "if-none-match" in request.headers


@pytest.mark.parametrize("config", ["parquet", "delta"], indirect=True)
def test_a_store_that_ignores_conditions_is_refused(config, fault_proxy):
    fault_proxy.fault = lambda request: "ignore_condition" if request.method == "PUT" else None
    with pytest.raises(UnsafeStoreError, match="conditional create succeeded twice"):
        open_table(through(config, fault_proxy)).check(manifest_schema(pa.schema([("channel", pa.string())])))


@pytest.mark.parametrize("config", ["parquet", "delta"], indirect=True)
@pytest.mark.parametrize("fault", ["lost_answer", "lost_request"])
def test_a_commit_whose_answer_is_lost_on_the_wire_happens_once(config, fault_proxy, fault):
    append(open_table(config), ["x"], "r0")
    hit = []

    def lose_first(request):
        if is_commit(request) and not hit:
            hit.append(request.path)
            return fault
        return None

    fault_proxy.fault = lose_first
    append(open_table(through(config, fault_proxy)), ["a", "b"], "r1", AT + timedelta(seconds=1))
    assert hit
    assert ids_of(open_table(config), "r1") == ["a", "b"]
