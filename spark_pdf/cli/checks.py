"""`check`: a bundle's templates, style sheets, fonts and sample; with a config, its contract against the source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from spark_pdf.cli import console
from spark_pdf.cli.settings import read_config
from spark_pdf.errors import UsageError
from spark_pdf.wording import plural, size

if TYPE_CHECKING:
    from spark_pdf.config import Config
    from spark_pdf.model import RenderWarning, Rendition
    from spark_pdf.render.template import Template
    from spark_pdf.template.contract import Contract


def check_targets(targets: list[str], sets: list[str], as_json: bool) -> None:
    """Check what is named. Raises the first error, with all violations of a contract at once."""
    configs = [Path(target) for target in targets if target.endswith((".yaml", ".yml"))]
    bundles = [target for target in targets if not target.endswith((".yaml", ".yml"))]
    if len(bundles) > 1:
        raise UsageError("check takes one bundle; configs end in .yaml")
    config = read_config(configs, sets) if configs else None
    template = _load(bundles, config)
    bundle, contract = template.bundle, template.contract
    fields = [{"path": f.path, "required": f.required, "places": [str(p) for p in f.places]} for f in contract.fields]
    sample = bundle.sample()
    rendition = None
    if sample is not None:
        _check_sample(template, sample)
        rendition = template.render(sample, "sample.json")
    if config is not None:
        _check_source(template, config)
    warnings = list(dict.fromkeys((*template.warnings, *(rendition.warnings if rendition else ()))))
    columns = contract.columns
    if as_json:
        found = [{"code": w.code, "message": w.message, "place": str(w.place or "")} for w in warnings]
        pages = rendition.pages if rendition else None
        values: dict[str, Any] = {"bundle": bundle.name, "hash": bundle.hash, "columns": columns, "fields": fields}
        console.result_json({**values, "pages": pages, "warnings": found})
    else:
        _print(template, rendition, warnings, config)


def spelt_columns(contract: Contract) -> str:
    """The columns that a template spells, for people.

    Those that a name of Jinja's (`namespace`, `loop`) would be if the source had them stand in no line of it.
    """
    if contract.columns is None:
        return "any"
    spelt = [f.path for f in contract.fields if f.required or any(place.line for place in f.places)]
    names = {path.split(".")[0].partition("[")[0] for path in spelt}
    return ", ".join(name for name in contract.columns if name in names)


def _load(bundles: list[str], config: Config | None) -> Template:
    from spark_pdf.render.template import Template

    if bundles:
        return Template.load(bundles[0])
    if config is None:
        raise UsageError("name a template bundle or a config")
    return Template.load(config.template, limits=config.limits, options=config.store_options(config.template))


def _check_sample(template: Template, sample: Any) -> None:
    """Hold the contract against the sample, as if it were a table of one record."""
    import pyarrow as pa

    try:
        schema = pa.Table.from_pylist([dict(sample)]).schema
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return  # a sample may be looser than any table; rendering it says what is wrong
    template.contract.check(schema)


def _check_source(template: Template, config: Config) -> None:
    from spark_pdf.engines.driver import new_run_id, open_source
    from spark_pdf.engines.preflight import needed_columns
    from spark_pdf.engines.progress import Progress

    source = open_source(config, new_run_id(config.name), Progress())
    try:
        schema = source.schema()
        template.contract.check(schema)
        needed_columns(config, template.bundle, schema.names)
    finally:
        source.close()


def _print(
    template: Template, rendition: Rendition | None, warnings: list[RenderWarning], config: Config | None
) -> None:
    bundle, columns = template.bundle, spelt_columns(template.contract)
    console.result(f"{console.coloured('ok', 'green')}: {bundle.name} ({bundle.entry}, {bundle.hash[:12]})")
    sample = f"{plural(rendition.pages, 'page')}, {size(len(rendition.pdf))}" if rendition else "no sample.json"
    console.table(
        [
            ("files", f"{len(bundle.files)}, {size(sum(map(len, bundle.files.values())))}"),
            ("columns", columns),
            ("sample", sample),
            ("source", "has what the template needs" if config else ""),
        ]
    )
    for warning in warnings:
        console.warn(str(warning))
