"""What a stream brings, as records; and what of it is none.

In: a config with a `stream`, and a session. Out: a streaming DataFrame; of each of its batches, the records and the
dead letters, each of these with one of `REASONS`. Messages of Kafka and lines of JSON files are taken apart here, by
the columns that the config names, so that one that is damaged is known by its text; other files, and Delta, are read
by Spark.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_pdf.config import Config, resolve_secret
from spark_pdf.engines.spark.faults import as_source_error
from spark_pdf.engines.spark.sources import FILE_FORMATS, format_of, paths_of, quoted, quoted_name, read_view, resolved
from spark_pdf.errors import ConfigError, SourceError, UnsupportedError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

REASONS: Mapping[str, str] = {
    "empty": "the message has no value",
    "malformed": "the value is not JSON, or not of the columns that the config names",
    "no_id": "document.id is null",
    "duplicate": "an earlier message of the same batch has the same id",
    "repeated": "an earlier batch has made a document of the same id (stream.repeated)",
}
"""Why a message is no record: the word in a dead letter, and what it says."""

VALUE, PLACE, REASON, ID = "__value", "__place", "__reason", "__letter_id"
_MARKS = (VALUE, PLACE, REASON, ID)
_CORRUPT = "__corrupt"
_KAFKA = {
    "kafka_topic": "topic",
    "kafka_partition": "partition",
    "kafka_offset": "offset",
    "kafka_timestamp": "timestamp",
    "kafka_key": "CAST(key AS STRING)",
}
"""Columns of a record that say where its message stood."""

_MOST = {"latency": (2_000, 100), "throughput": (100_000, 1_000)}
"""Messages and files of a batch, where the config does not say."""

_AS_TEXT = ("kafka", "json")
"""Formats that are read as text, so that what is malformed becomes a dead letter."""

Known = Callable[[Collection[str]], Collection[str]]
"""Which of these ids earlier batches have made documents of."""


@dataclass(frozen=True)
class Sorted:
    """A batch: its records, how many those are, its dead letters, and how many by reason."""

    records: DataFrame
    count: int
    dead: DataFrame
    reasons: Mapping[str, int]


def check_streamed(config: Config) -> None:
    """Refuse what no stream can read or do, as far as the config tells it, before a session is opened for it."""
    source, form, stream = config.source, format_of(config.source), config.stream
    assert stream is not None
    if source.sql:
        raise UnsupportedError("source.sql: a stream reads one table or topic; take `sql` and `views` away")
    if form == "jdbc":
        raise UnsupportedError(
            "source.format: Spark cannot stream jdbc; run on a schedule with `mode: missing`, or stream the database's "
            "changes from Kafka"
        )
    if config.limit:
        raise UnsupportedError("limit: a stream has no end of which a part could be rendered; take it away")
    if config.output.table is not None:
        raise UnsupportedError("output.table: a stream's batches are committed as they come; take it away")
    named = {name.lower() for name in (*source.options, *source.secret_options)}
    if form == "kafka" and not {"subscribe", "subscribepattern", "assign"} & named:
        raise ConfigError("source.options: a stream of Kafka names `subscribe`, its topic", key="source.options")
    if form in _AS_TEXT and {name.lower() for name in source.options} & {"multiline", "wholetext"}:
        raise UnsupportedError("source.options: a stream reads JSON by lines; multiLine is for runs")
    if form in _AS_TEXT and not source.table and not stream.columns:
        raise ConfigError(
            f"stream.columns is missing: a stream of {form} cannot be asked for its columns; name them as in SQL, such "
            "as `id BIGINT, name STRING`",
            key="stream.columns",
        )
    if form == "kafka" and stream.max_files:
        raise ConfigError("stream.max_files: Kafka has messages: stream.max_records", key="stream.max_files")
    if form != "kafka" and stream.max_records:
        text = "stream.max_records: Spark counts files where it reads files: stream.max_files"
        raise ConfigError(text, key="stream.max_records")
    if form != "kafka" and not source.table and len(paths_of(source)) != 1:
        raise SourceError("source.path: a stream reads one folder or glob")


class Intake:
    """Reads the stream that a config describes."""

    def __init__(self, spark: SparkSession, config: Config) -> None:
        self._spark, self._config = spark, config
        self._source, self._format = config.source, format_of(config.source)
        self._as_text = self._format in _AS_TEXT

    def stream(self) -> DataFrame:
        """The source as Spark reads it, batch by batch."""
        reader = self._spark.readStream
        for name, value in {**self._pace(), **self._source.options}.items():
            reader = reader.option(name, value)
        for name, reference in self._source.secret_options.items():
            reader = reader.option(name, resolve_secret(reference))
        with as_source_error("source"):
            if self._source.table:
                return resolved(reader.table(quoted_name(self._source.table)))
            if self._format == "kafka":
                return resolved(reader.format("kafka").load())
            (path,) = paths_of(self._source)
            if self._format == "json":
                # Of a batch, Spark no longer tells from which file a line is.
                return resolved(reader.format("text").load(path)).selectExpr(
                    "value", f"_metadata.file_path AS `{PLACE}`"
                )
            if self._format in FILE_FORMATS:
                reader = reader.schema(self._file_schema())
            return resolved(reader.format(self._format).load(path))

    def _pace(self) -> dict[str, str]:
        """How much makes a batch, and where a stream begins: with what is there."""
        stream = self._config.stream
        assert stream is not None
        messages, files = _MOST[stream.mode]
        if self._format == "kafka":
            return {"startingOffsets": "earliest", "maxOffsetsPerTrigger": str(stream.max_records or messages)}
        return {"maxFilesPerTrigger": str(stream.max_files or files)}

    def _columns(self) -> StructType:
        """The columns that the config names."""
        stream = self._config.stream
        assert stream is not None
        assert stream.columns is not None
        with as_source_error("stream.columns"):
            return self._spark.createDataFrame([], stream.columns).schema

    def _file_schema(self) -> StructType:
        stream = self._config.stream
        assert stream is not None
        if stream.columns:
            return self._columns()
        try:
            return read_view(self._spark, self._source, "source").schema
        except SourceError as error:
            raise SourceError(f"{error}; or name the columns in stream.columns") from None

    def records(self, frame: DataFrame) -> DataFrame:
        """Columns of records, and marks: value and place of the message, the reason why it is none, its id."""
        parsed = self._parsed(frame) if self._as_text else self._plain(frame)
        document, names = self._config.document.id, parsed.columns
        with as_source_error("document.id"):
            identity = quoted(document) if document in names else f"({document})"
            return resolved(
                parsed.selectExpr(
                    "*",
                    f"CAST({identity} AS STRING) AS `{ID}`",
                ).selectExpr(
                    *(quoted(name) for name in names if name != REASON),
                    f"`{ID}`",
                    f"coalesce(`{REASON}`, if(`{ID}` IS NULL, 'no_id', NULL)) AS `{REASON}`",
                )
            )

    def columns_of(self, records: DataFrame) -> DataFrame:
        """Records without their marks."""
        return records.select(*(quoted(name) for name in records.columns if name not in _MARKS))

    def _parsed(self, frame: DataFrame) -> DataFrame:
        from pyspark.sql.functions import col, from_json
        from pyspark.sql.types import StringType, StructField, StructType

        columns = self._columns()
        kafka = _KAFKA if self._format == "kafka" else {}
        taken = [name for name in columns.names if name.lower() in {*kafka, *_MARKS, _CORRUPT}]
        if taken:
            raise SourceError(f"stream.columns: '{taken[0]}' is a name that spark_pdf uses; rename it")
        schema = StructType([*columns.fields, StructField(_CORRUPT, StringType())])
        options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": _CORRUPT, **self._json_options()}
        # In Kafka's own order: the first of several messages with one id stands.
        place = "concat_ws('/', topic, partition, lpad(offset, 19, '0'))" if kafka else quoted(PLACE)
        text = frame.selectExpr(
            f"value AS `{VALUE}`",
            f"{place} AS `{PLACE}`",
            *(f"{sql} AS `{name}`" for name, sql in kafka.items()),
        )
        if not kafka:
            text = text.where(f"trim(`{VALUE}`) <> ''")  # as Spark's own reader of JSON lines
        parsed = text.withColumn("__record", from_json(col(VALUE).cast("string"), schema, options))
        return parsed.selectExpr(
            "__record.*",
            *(quoted(name) for name in kafka),
            f"CAST(`{VALUE}` AS BINARY) AS `{VALUE}`",
            f"`{PLACE}`",
            f"CASE WHEN `{VALUE}` IS NULL OR length(`{VALUE}`) = 0 THEN 'empty' "
            f"WHEN __record IS NULL OR __record.`{_CORRUPT}` IS NOT NULL THEN 'malformed' END AS `{REASON}`",
        ).drop(_CORRUPT)

    def _json_options(self) -> dict[str, str]:
        """What the config says of dates and numbers in JSON; of Kafka's options none are about that."""
        return dict(self._source.options) if self._format == "json" else {}

    def _plain(self, frame: DataFrame) -> DataFrame:
        taken = [name for name in frame.columns if name.lower() in _MARKS]
        if taken:
            raise SourceError(f"the source has a column '{taken[0]}', a name that spark_pdf uses; rename it")
        return frame.selectExpr(
            "*",
            f"CAST(to_json(struct(*)) AS BINARY) AS `{VALUE}`",
            f"CAST(NULL AS STRING) AS `{PLACE}`",
            f"CAST(NULL AS STRING) AS `{REASON}`",
        )


def sort_out(rows: DataFrame, known: Known | None = None) -> Sorted:
    """Records and dead letters of a batch, given as `Intake.records`, which should be persisted.

    One job where all messages are records; the others are only looked for where counts say that there are some.
    """
    from pyspark.sql.functions import count, count_distinct

    columns = [name for name in rows.columns if name not in _MARKS]
    counted = rows.groupBy(REASON).agg(count("*"), count_distinct(ID)).collect()
    reasons = {row[0]: row[1] for row in counted}
    good, ids = next(((row[1], row[2]) for row in counted if row[0] is None), (0, 0))
    repeated: Collection[str] = ()
    if known is not None and good:
        repeated = known([row[0] for row in rows.where(f"`{REASON}` IS NULL").select(ID).distinct().collect()])
    marked = rows
    if ids < good:
        marked = _mark_duplicates(marked)
    if repeated:
        marked = _mark(marked, repeated)
    if marked is not rows:
        reasons = {row[0]: row[1] for row in marked.groupBy(REASON).agg(count("*")).collect()}
    records = marked.where(f"`{REASON}` IS NULL").select(*map(quoted, columns))
    return Sorted(
        records,
        reasons.pop(None, 0),
        marked.where(f"`{REASON}` IS NOT NULL").select(*map(quoted, _MARKS)),
        dict(sorted(reasons.items())),
    )


def _mark_duplicates(rows: DataFrame) -> DataFrame:
    """Of records with one id the first stands: by place, else by content, so that a replay chooses the same."""
    order = f"PARTITION BY `{ID}`, `{REASON}` IS NULL ORDER BY `{PLACE}`, `{VALUE}`"
    return rows.selectExpr(
        *(quoted(name) for name in rows.columns if name != REASON),
        f"CASE WHEN `{REASON}` IS NULL AND row_number() OVER ({order}) > 1 THEN 'duplicate' "
        f"ELSE `{REASON}` END AS `{REASON}`",
    )


def _mark(rows: DataFrame, repeated: Collection[str]) -> DataFrame:
    there = rows.sparkSession.createDataFrame([(one,) for one in sorted(repeated)], "__known string")
    return rows.join(there.hint("broadcast"), rows[ID] == there["__known"], "left").selectExpr(
        *(quoted(name) for name in rows.columns if name != REASON),
        f"if(`{REASON}` IS NULL AND __known IS NOT NULL, 'repeated', `{REASON}`) AS `{REASON}`",
    )


def kafka_options(options: Mapping[str, str]) -> dict[str, str]:
    """Of a Kafka source's options those by which its brokers are reached."""
    return {name: value for name, value in options.items() if name.lower().startswith("kafka.")}


def letters(dead: DataFrame, names: Sequence[tuple[str, str]]) -> DataFrame:
    """Dead letters as they are kept: reason, document_id, place, value; and `names`, the same in all."""
    from pyspark.sql.functions import lit

    kept = dead.selectExpr(
        f"`{REASON}` AS reason", f"`{ID}` AS document_id", f"`{PLACE}` AS place", f"`{VALUE}` AS value"
    )
    return kept.select("*", *(lit(value).alias(name) for name, value in names))


def as_messages(kept: DataFrame) -> DataFrame:
    """Dead letters as messages of Kafka: their own value and id, and all else in headers."""
    headers = [name for name in kept.columns if name not in ("document_id", "value")]
    texts = ", ".join(f"named_struct('key', '{name}', 'value', CAST(`{name}` AS BINARY))" for name in headers)
    return kept.selectExpr("CAST(document_id AS BINARY) AS key", "value", f"array({texts}) AS headers")
