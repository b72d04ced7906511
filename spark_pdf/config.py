"""A run's settings: YAML, overlays and `--set` in, one frozen `Config` out, or one sentence about what is wrong.

Secrets never stand in a config: where one is needed, the value is `env:NAME` or `secret-file:/path`, resolved only by
the process that uses it. Unknown keys are errors, with the nearest known name.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from spark_pdf.errors import ConfigError
from spark_pdf.model import Limits
from spark_pdf.overlays import read_layers
from spark_pdf.sections import Callbacks as Callbacks
from spark_pdf.sections import Queue as Queue
from spark_pdf.sections import SecretRef as SecretRef
from spark_pdf.sections import Section
from spark_pdf.sections import Serve as Serve
from spark_pdf.sections import resolve_secret as resolve_secret

_MEMORY = r"^\d+[kmgtKMGT]$"


def _possible(limits: Limits) -> Limits:
    if not 0 <= limits.failed_fraction <= 1:
        raise ValueError("failed_fraction is a fraction, from 0 (none may fail) to 1 (all may)")
    for name in limits.__dataclass_fields__:
        if name != "failed_fraction" and not getattr(limits, name) > 0:
            raise ValueError(f"{name} is a number above 0")
    return limits


class StoreOptions(Section):
    """How to reach one object store. Without keys, boto3's chain finds them (profile, role, web identity)."""

    endpoint: str | None = Field(default=None, description="URL of an S3 kin, such as http://127.0.0.1:7070")
    region: str | None = Field(default=None, description="the bucket's region")
    path_style: bool = Field(default=False, description="http://host/bucket/key rather than http://bucket.host/key")
    profile: str | None = Field(default=None, description="AWS profile, for boto3's chain")
    anonymous: bool = Field(default=False, description="sign nothing: a public bucket")
    access_key_id: SecretRef | None = Field(default=None, description="S3 key, instead of boto3's chain")
    secret_access_key: SecretRef | None = Field(default=None, description="S3 secret that belongs to it")
    session_token: SecretRef | None = Field(default=None, description="S3 token, where the key is a temporary one")
    sse: Literal["AES256", "aws:kms"] | None = Field(
        default=None, description="server-side encryption of what is written"
    )
    kms_key_id: str | None = Field(default=None, description="KMS key for `sse: aws:kms`; else the bucket's own")
    account: str | None = Field(default=None, description="Azure storage account")
    account_key: SecretRef | None = Field(default=None, description="key of the Azure storage account")
    sas_token: SecretRef | None = Field(default=None, description="Azure shared access signature")
    service_account: SecretRef | None = Field(default=None, description="GCS service account key (JSON)")


class View(Section):
    """One named table or file set of the source."""

    format: str | None = Field(default=None, description="parquet, csv, json, orc, avro, delta, iceberg, jdbc, ...")
    path: str | tuple[str, ...] | None = Field(default=None, description="a file, a folder, a glob, or a list of them")
    table: str | None = Field(default=None, description="a table of the session's catalog, instead of format and path")
    options: Mapping[str, str] = Field(default_factory=dict, description="reader options, as Spark names them")
    secret_options: Mapping[str, SecretRef] = Field(default_factory=dict, description="reader options that are secret")

    @model_validator(mode="after")
    def _one_origin(self) -> View:
        if self.table and (self.format or self.path):
            raise ValueError("give either `table` or `format` and `path`")
        return self


class Source(View):
    """The records: one table, or SQL over named views that yields one row per document."""

    views: Mapping[str, View] = Field(default_factory=dict, description="the tables that `sql` reads, by name")
    sql: str | None = Field(default=None, description="a query over `views` that yields one row per document")
    materialize: Literal["auto", "always", "never"] = Field(
        default="auto", description="write the records below _runs first; auto: where the source cannot be pinned"
    )

    @model_validator(mode="after")
    def _sql_or_table(self) -> Source:
        if self.sql and (self.table or self.format or self.path):
            raise ValueError("`sql` reads from `views`; take `table`, `format` and `path` away")
        if self.views and not self.sql:
            raise ValueError("`views` without `sql` are read by nobody")
        return self


class Document(Section):
    """What names a document, and how much work it is."""

    id: str = Field(description="a column or SQL expression, unique and never null; becomes document_id")
    cost: str | None = Field(
        default=None, description="SQL expression for the work in a record, such as size(lines) + 5"
    )


class Output(Section):
    """Where renditions go and in which form."""

    uri: str = Field(description="folder of all documents and of the runs' own files")
    layout: Literal["packs", "objects"] = Field(
        default="packs", description="many documents in one zip, read by range; or one object each"
    )
    key: str = Field(
        default="{document_id}", description="layout objects: the object's name, a template over the record's fields"
    )
    fan_out: int = Field(default=2, ge=0, le=4, description="layout objects: hex digits of hashed prefix, 0 for none")
    pack_bytes: int = Field(default=64 * 1024 * 1024, ge=1024 * 1024, description="layout packs: where a pack ends")
    upload_threads: int = Field(default=8, ge=1, le=64, description="layout objects: uploads at a time, for each task")
    tags: Mapping[str, str] = Field(default_factory=dict, description="object tags, where the store has them")
    table: str | None = Field(
        default=None,
        description="where workers reach no store: documents go into this table first (catalog.schema.name, by Delta; "
        "or a folder, by Parquet), and `spark-pdf unpack CONFIG --run-id ID` puts them in place",
    )


class Manifest(Section):
    """The table that readers trust."""

    format: Literal["parquet", "delta", "iceberg"] = Field(default="parquet", description="see manifest.md")
    uri: str | None = Field(
        default=None, description="parquet and delta: the table's folder; default `<output.uri>/manifest`"
    )
    table: str | None = Field(default=None, description="iceberg: namespace.table")
    catalog: Mapping[str, str] = Field(default_factory=dict, description="iceberg: pyiceberg catalog properties")
    secret_catalog: Mapping[str, SecretRef] = Field(default_factory=dict, description="iceberg: secret properties")
    log_store: Mapping[str, str] = Field(
        default_factory=dict, description="delta on S3 shared by several runs: storage options of a safe log store"
    )
    columns: tuple[str, ...] = Field(default=(), description="source columns that are copied into the manifest")
    partition_by: tuple[str, ...] = Field(
        default=(), description="columns of the manifest; counts when the table is created"
    )

    @model_validator(mode="after")
    def _iceberg_needs_a_table(self) -> Manifest:
        if self.format == "iceberg" and not (self.table and self.catalog):
            raise ValueError("format iceberg needs `table` (namespace.table) and `catalog`")
        if self.format == "iceberg" and "." not in (self.table or "").strip("."):
            raise ValueError(f"an iceberg table is written namespace.table, not '{self.table}'")
        return self


class Retention(Section):
    """How long replaced documents, and statuses of a queue, are kept. `spark-pdf vacuum` goes by it."""

    superseded_days: float | None = Field(
        default=None, ge=0, description="days since a later run's document took the place; default: kept for ever"
    )
    status_days: float | None = Field(
        default=None,
        ge=1,
        description="of a queue: days that clients may ask for a document, and that its idempotency key works; "
        "default: for ever",
    )


class Tasks(Section):
    """How the work is cut into tasks: by cost, so that no task is much longer than another.

    4,000 invoices fill a pack. A task has costs of its own, most of them Spark's, so much smaller ones are dearer.
    """

    documents: int = Field(default=4000, ge=1, description="documents per task, where all cost the same")
    minimum: int = Field(default=1, ge=1, description="at least so many tasks, if there are so many records")
    maximum: int = Field(default=100_000, ge=1, description="at most so many tasks")


class Profile(Section):
    """Resources of the stage that renders, by Spark's stage-level scheduling. Settings of executors start executors of
    their own for it, which needs dynamic allocation.
    """

    task_cpus: int | None = Field(default=None, ge=1, description="cores that a task reserves, as `spark.task.cpus`")
    executor_cores: int | None = Field(default=None, ge=1, description="cores of an executor")
    executor_memory: str | None = Field(
        default=None, pattern=_MEMORY, description="heap of an executor, such as 4g; Python is outside of it"
    )
    executor_overhead: str | None = Field(
        default=None, pattern=_MEMORY, description="memory beside the heap, such as 2g, in which Python workers live"
    )

    @property
    def for_executors(self) -> bool:
        """Whether executors of its own are asked for."""
        return any((self.executor_cores, self.executor_memory, self.executor_overhead))

    @model_validator(mode="after")
    def _asks_for_something(self) -> Profile:
        if not self.for_executors and self.task_cpus is None:
            raise ValueError("a profile names task_cpus, executor_cores, executor_memory or executor_overhead")
        return self


class Spark(Section):
    """Settings of the Spark engine."""

    adapter: Literal["auto", "arrow", "rdd"] = Field(default="auto", description="mapInArrow or rdd.mapPartitions")
    master: str | None = Field(
        default=None, description="where Spark is started by us: local[*,4], spark://host:7077, yarn"
    )
    remote: str | None = Field(default=None, description="Spark Connect URL, such as sc://host:15002")
    conf: Mapping[str, str] = Field(default_factory=dict, description="further settings of the session")
    packages: Literal["auto", "none"] = Field(
        default="auto", description="resolve missing jars from Maven; none on platforms"
    )
    profile: Profile | None = Field(
        default=None, description="resources of the stage that renders ([Spark in depth](spark.md#cores-for-a-task))"
    )


class Local(Section):
    """Settings of the local engine."""

    processes: int = Field(default=0, ge=0, description="0: as many as there are cores")


class Ray(Section):
    """Settings of the Ray engine."""

    address: str | None = Field(
        default=None, description="a cluster: auto, host:6379, ray://host:10001; else Ray is started on this machine"
    )
    actors: int = Field(default=0, ge=0, description="processes that render; 0: as many as the cluster has CPUs for")
    num_cpus: float = Field(default=1, gt=0, description="CPUs that an actor reserves")


class Dask(Section):
    """Settings of the Dask engine."""

    address: str | None = Field(
        default=None, description="a scheduler, such as tcp://host:8786; else a cluster is started on this machine"
    )
    workers: int = Field(
        default=0,
        ge=0,
        description="partitions at a time; 0: one for each thread of the cluster, or core of this machine",
    )


class Preflight(Section):
    """What is tried before the first task starts."""

    records: int = Field(default=5, ge=0, description="records that the driver renders first")


class EmrServerless(Section):
    """An EMR Serverless application, for `submit emr-serverless`."""

    application_id: str = Field(pattern=r"^[0-9a-z]+$", description="of the application, such as 00fabc0123456789")
    execution_role: str = Field(
        pattern=r"^arn:", description="ARN of the role that the job has, such as arn:aws:iam::123456789012:role/NAME"
    )
    region: str | None = Field(default=None, description="AWS region; else boto3's chain knows")
    logs: str | None = Field(default=None, pattern=r"^s3://", description="s3: folder for logs; else EMR keeps them")


class EmrStep(Section):
    """An EMR cluster on EC2, for `submit emr-step`."""

    cluster_id: str = Field(pattern=r"^j-[0-9A-Z]+$", description="of the cluster, such as j-0ABCDEFGHIJKL")
    region: str | None = Field(default=None, description="AWS region; else boto3's chain knows")
    execution_role: str | None = Field(
        default=None, pattern=r"^arn:", description="ARN of the step's runtime role, where the cluster has such"
    )


class Databricks(Section):
    """A job of a Databricks workspace, for `submit databricks`; the bundle in deploy/databricks makes it."""

    job_id: int = Field(ge=1, description="of the job, as `databricks bundle summary` prints it")
    host: str | None = Field(default=None, description="URL of the workspace; else the SDK's chain knows")
    profile: str | None = Field(default=None, description="profile of ~/.databrickscfg")


class Kubernetes(Section):
    """A cluster with the Spark operator, for `submit k8s`."""

    image: str = Field(description="made from deploy/k8s/Dockerfile")
    namespace: str = Field(default="default", description="where the SparkApplication is created")
    context: str | None = Field(default=None, description="of the kubeconfig; else the current one, or the pod's own")
    service_account: str = Field(default="spark-pdf", description="of the driver, which creates executor pods")
    spark_version: str = Field(default="4.1.4", description="of the image")
    executors: int = Field(default=2, ge=1, description="executor pods")
    executor_cores: int = Field(default=2, ge=1, description="cores, and Python workers, of an executor")
    memory: str = Field(default="4g", description="of driver and executors, without their overhead")


class Submit(Section):
    """How `spark-pdf submit` starts a run elsewhere."""

    staging: str | None = Field(
        default=None, description="folder for environments, configs and results; default `<output.uri>/_submit`"
    )
    environment: Literal["archive", "image"] = Field(
        default="archive", description="sent along, or in the platform's image at /opt/spark-pdf"
    )
    machine: Literal["x86_64", "aarch64"] = Field(
        default="x86_64", description="the archive's CPU: aarch64 is Graviton"
    )
    python: str = Field(
        default="3.11",
        pattern=r"^(3\.1[0-9]|/.*python3\.1[0-9])$",
        description='version of the Python in the archive, such as "3.11"; or the path of one that all machines have',
    )
    conf: Mapping[str, str] = Field(default_factory=dict, description="Spark settings of the job")
    tags: Mapping[str, str] = Field(default_factory=dict, description="of the job, beside our own")
    poll_seconds: float = Field(default=15, gt=0, description="between two looks at the job")
    minutes: int = Field(default=1440, ge=5, description="how long a job may take, and is followed")
    emr_serverless: EmrServerless | None = Field(default=None, description="EMR Serverless")
    emr_step: EmrStep | None = Field(default=None, description="EMR on EC2")
    databricks: Databricks | None = Field(default=None, description="Databricks")
    k8s: Kubernetes | None = Field(default=None, description="Kubernetes")


class DeadLetters(Section):
    """Where messages go that are no record."""

    uri: str | None = Field(default=None, description="folder; default: `dead-letters` below the output")
    topic: str | None = Field(default=None, description="a Kafka topic of the source's brokers, instead of a folder")

    @model_validator(mode="after")
    def _one_place(self) -> DeadLetters:
        if self.uri and self.topic:
            raise ValueError("give either `uri` or `topic`")
        return self


class Stream(Section):
    """Settings of a stream: `spark-pdf stream` renders what comes, batch by batch, each of them a run."""

    checkpoint: str = Field(description="folder in which Spark remembers how far the stream has come; its identity")
    mode: Literal["latency", "throughput"] = Field(
        default="latency", description="small batches at once, or large ones each minute"
    )
    interval: float | None = Field(
        default=None, ge=0, description="seconds from batch to batch; default: 0 for latency, 60 for throughput"
    )
    max_records: int | None = Field(
        default=None, ge=1, description="Kafka: messages of a batch; default: 2,000 for latency, 100,000 for throughput"
    )
    max_files: int | None = Field(
        default=None, ge=1, description="files and Delta: files of a batch; default: 100 for latency, 1,000"
    )
    columns: str | None = Field(
        default=None,
        description="columns of messages and files, as SQL writes them: `id BIGINT, lines ARRAY<STRUCT<text: STRING>>`",
    )
    dead_letters: DeadLetters = Field(default=DeadLetters(), description="where messages go that are no record")
    repeated: Literal["render", "dead_letter"] = Field(
        default="render", description="what becomes of a record whose id an earlier batch has made a document of"
    )
    limit_failures: bool = Field(
        default=False, description="hold each batch to limits.failed_fraction: over it the stream ends, exit code 3"
    )
    retention_days: float | None = Field(
        default=None, gt=0, description="days that dead letters in a folder are kept; default: for ever"
    )

    @property
    def seconds(self) -> float:
        """From the beginning of one batch to that of the next."""
        return self.interval if self.interval is not None else {"latency": 0.0, "throughput": 60.0}[self.mode]


class Watch(Section):
    """Settings of the edge: `spark-pdf watch` renders what comes into a folder or an SQLite outbox."""

    interval: float = Field(default=1.0, ge=0.01, description="seconds between two looks, where nothing was there")
    max_records: int = Field(default=500, ge=1, description="records of a batch; only files of JSON are divided")
    done: Literal["move", "delete"] = Field(
        default="move",
        description="what becomes of a file that is done: moved to `done` in its folder, or deleted",
    )
    limit_failures: bool = Field(
        default=False, description="hold each batch to limits.failed_fraction: over it, exit code 3"
    )


class Config(Section):
    """All settings of a run. `pinned_hash` covers those that decide what the run's documents and manifest are."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        description="of the job, in letters, digits, '.', '_' and '-'; begins the ids of runs that nobody names",
    )
    source: Source = Field(default=Source(), description="the records; a queue needs none, they are submitted")
    engine: Literal["spark", "local", "ray", "dask"] = Field(
        default="spark", description="who runs it: Spark, processes of this machine, Ray or Dask"
    )
    template: str = Field(description="the template bundle: a folder, a .zip, or a URI of either")
    mode: Literal["all", "changed", "missing"] = Field(
        default="all",
        description="render every record; those of which record, template or renderer are new against the manifest; or "
        "those whose id it lacks ([incremental runs](incremental.md))",
    )
    document: Document = Field(description="what names a document")
    output: Output = Field(description="where documents go")
    manifest: Manifest = Field(default=Manifest(), description="the table that says what became of every record")
    retention: Retention = Field(
        default=Retention(), description="how long replaced documents, and a queue's statuses, are kept"
    )
    report: Literal["without_ids"] | bool = Field(
        default=False,
        description="leave a page for people at the end of each run ([report](report.md)), which takes another pass "
        "over its rows; without_ids: one that names no documents",
    )
    limits: Annotated[Limits, AfterValidator(_possible)] = Field(
        default=Limits(), description="what one document, and one run, may cost"
    )
    tasks: Tasks = Field(default=Tasks(), description="how the work is cut")
    spark: Spark = Field(default=Spark(), description="settings of the Spark engine")
    local: Local = Field(default=Local(), description="settings of the local engine")
    ray: Ray = Field(default=Ray(), description="settings of the Ray engine")
    dask: Dask = Field(default=Dask(), description="settings of the Dask engine")
    queue: Queue = Field(default=Queue(), description="the queue of single documents")
    serve: Serve = Field(default=Serve(), description="the HTTP door to the queue")
    preflight: Preflight = Field(default=Preflight(), description="what is tried before the first task starts")
    stream: Stream | None = Field(default=None, description="settings of a stream ([streams](streams.md))")
    watch: Watch | None = Field(default=None, description="settings of the edge ([edge](edge.md))")
    stores: Mapping[str, StoreOptions] = Field(default_factory=dict, description="options by URI prefix, longest wins")
    limit: int | None = Field(default=None, ge=1, description="render only so many records, the first by document id")
    submit: Submit = Field(default=Submit(), description="how `spark-pdf submit` starts a run elsewhere")

    @model_validator(mode="after")
    def _no_report_per_batch(self) -> Config:
        if self.report and (self.stream or self.watch):
            raise ValueError("report: of a stream's and an inbox's batches, `spark-pdf report --runs` makes one page")
        return self

    def manifest_uri(self) -> str:
        """Folder of the manifest table (Parquet and Delta), or `namespace.table` (Iceberg)."""
        if self.manifest.format == "iceberg":
            return self.manifest.table or ""
        return self.manifest.uri or self.output.uri.rstrip("/") + "/manifest"

    def store_options(self, uri: str) -> StoreOptions:
        """Options of the store that holds `uri`: those of the longest prefix in `stores`, else none."""
        best = max((p for p in self.stores if uri.startswith(p)), key=len, default=None)
        return self.stores[best] if best is not None else StoreOptions()

    def pinned_hash(self) -> str:
        """SHA-256 over the settings that a run is pinned to; how it is executed (engine, tasks, spark) may change."""
        kept = self.model_dump(
            mode="json", include={"name", "source", "document", "output", "manifest", "limits", "limit"}
        )
        kept["output"].pop("upload_threads")
        kept["output"].pop("table")  # a way to the same documents
        kept["limits"].pop("failed_fraction")  # decides whether the run is committed, not what it renders
        if self.mode != "all":  # so that runs of versions without modes can be resumed
            kept["mode"] = self.mode
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def read_file(path: str | Path) -> bytes:
    """The bytes of a config file. Raises `ConfigError`."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the config {path}: {error.strerror}") from None


def load_config(
    paths: Iterable[str | Path], sets: Iterable[str] = (), *, read: Callable[[str | Path], bytes] = read_file
) -> Config:
    """Read a config and its overlays in order (mappings are merged, all else replaced), then apply `a.b=value`.

    `read` gives the bytes of each; by itself, of files.
    """
    layers = read_layers(paths, sets, read)
    return parse_config(layers.values, layers.place)


def parse_config(values: Mapping[str, Any], place: Callable[[tuple[str, ...]], str] = lambda _: "") -> Config:
    """Check a plain mapping. Raises `ConfigError` with every finding and its key; for a misspelt key, the nearest.

    `place` says of a key where it was given, for the message.
    """
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        errors, findings = error.errors(include_url=False), []
        for e in errors:
            where = place(tuple(map(str, e["loc"])))
            finding = _finding(e["loc"], e["type"], e["msg"], e.get("ctx", {}), e["input"])
            findings.append(f"{where}: {finding}" if where else finding)
        first = ".".join(map(str, errors[0]["loc"]))
        raise ConfigError("\n".join(findings), key=first) from None


def _finding(
    location: tuple[int | str, ...], kind: str, message: str, context: Mapping[str, Any], given: object
) -> str:
    """One sentence for one of pydantic's errors, without the value that it is about, which may be a secret."""
    path = ".".join(map(str, location))
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):  # of sections, and of dataclasses such as the limits
        known = _known_keys(location[:-1])
        near = difflib.get_close_matches(str(location[-1]), known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "known here: " + ", ".join(sorted(known))
        return f"config key '{path}' is unknown; {hint}"
    if kind == "missing":
        return f"config key '{path}' is missing"
    if kind == "string_type":
        return f"config key '{path}' is text; where YAML reads a value as something else, put it in quotes"
    if kind == "literal_error":
        words = re.findall(r"'([^']+)'", str(context.get("expected", "")))
        near = difflib.get_close_matches(given, words, n=1) if isinstance(given, str) else []
        hint = f"; did you mean '{near[0]}'?" if near else ""
        return f"config key '{path}' is one of: {', '.join(words)}{hint}"
    if kind == "string_pattern_mismatch":
        field = _section_at(location[:-1]).model_fields[str(location[-1])]
        return f"config key '{path}' has the wrong form; expected: {field.description}"
    said = message.removeprefix("Value error, ").replace("Input should", "it should")
    return f"config key '{path}': {said}" if path else f"config: {said}"


def _section_at(location: tuple[int | str, ...]) -> Any:
    """The section at `location`; parts that are keys of a mapping (a view's name) are passed over."""
    section: Any = Config
    for part in location:
        found = getattr(section, "model_fields", {}).get(str(part))
        if found is None:
            continue
        kinds = [found.annotation, *getattr(found.annotation, "__args__", ())]
        section = next((k for k in kinds if hasattr(k, "model_fields")), Limits if part == "limits" else section)
    return section


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    section = _section_at(location)
    fields = getattr(section, "model_fields", None) or getattr(section, "__dataclass_fields__", {})
    return list(fields)
