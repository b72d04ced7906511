"""The columns: ids that never change, types that every format has, docs that are current."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from spark_pdf.config import parse_config
from spark_pdf.errors import ConfigError, UnsafeStoreError, UnsupportedError
from spark_pdf.manifest.delta import DeltaManifest
from spark_pdf.manifest.iceberg import IcebergManifest
from spark_pdf.manifest.parquet import ParquetManifest
from spark_pdf.manifest.schema import COLUMNS, CONTENT_NAMES, manifest_schema, markdown
from spark_pdf.manifest.table import open_table

ROOT = Path(__file__).parents[3]


def config(**manifest):
    return parse_config(
        {
            "name": "x",
            "source": {"format": "parquet", "path": "p"},
            "template": "t",
            "document": {"id": "i"},
            "output": {"uri": "/tmp/spark-pdf-out"},
            "manifest": manifest,
        }
    )


def test_ids_are_unique_and_never_move():
    assert " ".join(f"{c.field_id}:{c.name}" for c in COLUMNS) == (
        "1:run_id 2:document_id 3:status 4:uri 5:offset 6:length 7:pages 8:content_sha256 9:sha256 10:record_hash "
        "11:template 12:template_hash 13:renderer_version 14:error_code 15:error_detail 16:warnings 17:render_ms "
        "18:attempt 19:committed_at 20:wave 21:partition"
    )


def test_content_columns_are_those_that_record_template_and_version_decide():
    assert set(CONTENT_NAMES) == {
        "document_id", "status", "pages", "content_sha256", "record_hash", "template", "template_hash",
        "renderer_version", "error_code", "error_detail", "warnings",
    }  # fmt: skip


def test_docs_have_the_current_table():
    assert markdown() in (ROOT / "docs/manifest.md").read_text(encoding="utf-8")


def test_source_columns_get_types_that_every_format_has():
    extra = pa.schema(
        [
            ("tiny", pa.int8()), ("u", pa.uint32()), ("d", pa.dictionary(pa.int8(), pa.large_string())),
            ("t", pa.timestamp("ns", "Europe/Berlin")), ("l", pa.timestamp("ms")), ("m", pa.decimal128(12, 2)),
            ("n", pa.null()), ("b", pa.large_binary()), ("day", pa.date64()), ("v", pa.string_view()),
        ]
    )  # fmt: skip
    schema = manifest_schema(extra)
    assert [str(schema.field(f.name).type) for f in extra] == [
        "int32", "int64", "string", "timestamp[us, tz=UTC]", "timestamp[us]", "decimal128(12, 2)", "string", "binary",
        "date32[day]", "string",
    ]  # fmt: skip
    assert [schema.field(f.name).metadata[b"PARQUET:field_id"] for f in extra] == [b"%d" % n for n in range(1000, 1010)]


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.int32()), pa.struct([("a", pa.int32())]), pa.time32("s"), pa.duration("s")]
)
def test_what_the_manifest_cannot_hold_is_refused_by_name(kind):
    with pytest.raises(ConfigError, match=r"manifest\.columns: 'lines' is of type"):
        manifest_schema(pa.schema([("lines", kind)]))


def test_a_source_column_may_not_take_a_name_of_ours():
    with pytest.raises(ConfigError, match="a column 'Status' of its own"):
        manifest_schema(pa.schema([("Status", pa.string())]))


def test_each_format_opens_its_table():
    assert isinstance(open_table(config()), ParquetManifest)
    assert isinstance(open_table(config(format="delta")), DeltaManifest)
    iceberg = config(format="iceberg", table="a.b", catalog={"type": "sql", "uri": "sqlite://"})
    assert isinstance(open_table(iceberg), IcebergManifest)
    assert open_table(config()).uri == "file:///tmp/spark-pdf-out/manifest"


def test_delta_cannot_live_in_memory():
    with pytest.raises(UnsupportedError, match="cannot live in memory"):
        open_table(config(format="delta", uri="memory://x/y"))


@pytest.mark.parametrize("setting", [{"AWS_S3_ALLOW_UNSAFE_RENAME": "true"}, {"aws_conditional_put": "disabled"}])
def test_unsafe_log_settings_are_refused(setting, tmp_path):
    table = open_table(config(format="delta", uri=str(tmp_path), log_store=setting))
    with pytest.raises(UnsafeStoreError, match="overwrite each other"):
        table.check(manifest_schema())


def test_a_catalog_that_does_not_swap_atomically_is_refused():
    table = open_table(config(format="iceberg", table="a.b", catalog={"type": "in-memory"}))
    with pytest.raises(UnsafeStoreError, match="type 'in-memory'"):
        table.check(manifest_schema())


def test_a_catalog_that_cannot_be_made_is_a_config_error():
    table = open_table(config(format="iceberg", table="a.b", catalog={"type": "nonsense"}))
    with pytest.raises(ConfigError, match="no catalog can be made of this"):
        table.exists()


def test_a_table_with_another_type_is_refused_before_anything_renders(make_table, make_rows, make_info, table_kind):
    from datetime import datetime, timezone

    at = datetime(2026, 11, 23, tzinfo=timezone.utc)
    batch = make_rows(["a"], "r1", at)
    make_table().append(make_info(["a"], "r1", at), batch.schema, lambda: iter([batch]))
    with pytest.raises(ConfigError, match="column 'channel' is string, this run's is int64"):
        make_table().check(manifest_schema(pa.schema([("channel", pa.int64())])))
