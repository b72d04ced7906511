"""Views of a source as Arrow datasets, and what they are pinned to.

In: a config's `View`. Out: a dataset, and the files or the table version behind it. Reads Parquet, CSV, JSON (a
record a line) and Delta; everything else is Spark's, and refused by name.
"""

from __future__ import annotations

import difflib
import glob
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spark_pdf.config import Config, View, resolve_secret
from spark_pdf.errors import SourceError, UnsupportedError
from spark_pdf.template.bundle import near_path

if TYPE_CHECKING:
    import pyarrow.dataset as pads

FORMATS = ("parquet", "csv", "json", "delta")


def open_dataset(view: View, config: Config, key: str) -> tuple[pads.Dataset, dict[str, Any]]:
    """The view's dataset, and a JSON-able mapping that changes whenever its records do.

    `key` names the view in errors.
    """
    if view.table:
        raise UnsupportedError(f"{key}.table: catalog tables need `engine: spark`; engine {config.engine} reads files")
    if view.format not in FORMATS:
        known = ", ".join(FORMATS)
        near = difflib.get_close_matches(view.format or "", FORMATS, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else f"; for '{view.format}' set `engine: spark`"
        raise UnsupportedError(f"{key}.format: engine {config.engine} reads {known}{hint}")
    if not view.path:
        raise SourceError(f"{key}.path is missing: say where the {view.format} files are")
    if view.format == "delta":
        return _delta(view, config, key)
    return _files(view, config, key)


def _delta(view: View, config: Config, key: str) -> tuple[pads.Dataset, dict[str, Any]]:
    try:
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError
    except ImportError:
        raise UnsupportedError(f"{key}.format delta needs an extra: pip install 'spark-pdf[delta]'") from None
    from spark_pdf.manifest.delta import storage_options

    path = _one_path(view, key)
    version = view.options.get("versionAsOf")
    try:
        table = DeltaTable(
            path,
            version=int(version) if version else None,
            storage_options=storage_options(path, config.store_options(path)),
        )
    except TableNotFoundError:
        raise SourceError(f"{key}: there is no Delta table at {path}") from None
    return table.to_pyarrow_dataset(), {"delta": path, "version": table.version()}


def _files(view: View, config: Config, key: str) -> tuple[pads.Dataset, dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.dataset as pads

    paths = (view.path,) if isinstance(view.path, str) else tuple(view.path or ())
    filesystem, plain = _filesystem(paths, config, key)
    try:
        dataset = pads.dataset(plain, format=_format(view), filesystem=filesystem, partitioning="hive")
        infos = filesystem.get_file_info(sorted(dataset.files))
    except FileNotFoundError:
        raise SourceError(f"{key}.path: nothing is there: {', '.join(paths)}") from None
    except (pa.ArrowInvalid, OSError) as error:
        why = "it is empty" if "Empty JSON" in str(error) else _reason(error)
        raise SourceError(f"{key}: cannot read {', '.join(paths)} as {view.format} ({why})") from None
    if not infos:
        raise SourceError(f"{key}.path: no files in {', '.join(paths)}")
    return dataset, {"files": [[info.path, info.size, info.mtime_ns] for info in infos]}


_UNREADABLE = re.compile(
    r"JSON parse error: (?P<json>[A-Z][a-z ,'}{\[\]]+)\. in row (?P<row>\d+)"
    r"|JSON parse error: Column\(\) changed from object (?P<list>to array)"
    r"|CSV parse error: (?:Row #(?P<line>\d+): )?(?P<csv>Expected \d+ columns, got \d+)"
    r"|(?P<parquet>Parquet magic bytes not found)"
)
"""What Arrow says of files that it cannot read, without the excerpt of data that may follow."""


def _reason(error: Exception) -> str:
    found = _UNREADABLE.search(str(error))
    if found is None:
        return type(error).__name__
    if found["list"]:
        return "it is one list; write one record on each line"
    if found["parquet"]:
        return "it does not end as Parquet files do"
    row = int(found["row"]) + 1 if found["row"] else found["line"]
    reason = (found["json"] or found["csv"]).lower()
    return f"record {row}: {reason}" if row else reason


def _format(view: View) -> Any:
    import pyarrow.csv as pacsv
    import pyarrow.dataset as pads

    if view.format == "csv":
        delimiter = view.options.get("sep", view.options.get("delimiter", ","))
        return pads.CsvFileFormat(parse_options=pacsv.ParseOptions(delimiter=delimiter))
    return view.format


def _one_path(view: View, key: str) -> str:
    if not isinstance(view.path, str):
        raise SourceError(f"{key}.path: format {view.format} takes one path")
    return view.path


def _filesystem(paths: tuple[str, ...], config: Config, key: str) -> tuple[Any, Any]:
    """Arrow's file system for the paths, and the paths as it wants them: one folder or file, or a list of files."""
    import pyarrow.fs as pafs

    scheme = urlsplit(paths[0]).scheme
    if scheme in ("s3", "s3a", "s3n"):
        plain = [path.split("://", 1)[1] for path in paths]
        filesystem: Any = pafs.S3FileSystem(**_s3_arguments(paths[0], config))
    elif scheme in ("", "file"):
        found = [sorted(glob.glob(path.removeprefix("file://"))) for path in paths]
        plain = [name for names in found for name in names]
        filesystem = pafs.LocalFileSystem()
        if not plain:
            hint = near_path(Path(paths[0].removeprefix("file://")))
            raise SourceError(f"{key}.path: nothing is there: {', '.join(paths)}{hint}")
    else:
        raise UnsupportedError(f"{key}.path: engine {config.engine} reads local paths and s3://, not {scheme}://")
    return filesystem, plain[0] if len(plain) == 1 else plain


def _s3_arguments(path: str, config: Config) -> Mapping[str, Any]:
    options = config.store_options(path)
    arguments: dict[str, Any] = {"anonymous": options.anonymous}
    if options.endpoint:
        scheme, _, host = options.endpoint.rpartition("://")
        arguments |= {"endpoint_override": host, "scheme": scheme or "https"}
        arguments["force_virtual_addressing"] = not options.path_style
    if options.region:
        arguments["region"] = options.region
    if options.access_key_id and options.secret_access_key:
        arguments["access_key"] = resolve_secret(options.access_key_id)
        arguments["secret_key"] = resolve_secret(options.secret_access_key)
        if options.session_token:
            arguments["session_token"] = resolve_secret(options.session_token)
    return arguments
