"""What the docs show, tests run: configs load, snippets run, commands parse, links resolve, tables are current.

Markers in a fenced block: a YAML block that begins with `# fragment` is laid over the smallest config; a Python block
that begins with `# needs Spark` (Ray, Dask, RabbitMQ) is compiled, and its imports have to exist; one that begins with
`# needs Airflow` runs in tests/environments/airflow. All other Python, and all SQL, runs in a folder with the examples
and a committed run.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import shlex
from collections.abc import Iterator
from importlib.metadata import metadata
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import yaml

from spark_pdf import Template
from spark_pdf.cli.app import app
from spark_pdf.config import Config, load_config, parse_config
from spark_pdf.template.bundle import Bundle
from spark_pdf.template.filters import Filters
from spark_pdf.template.settings import TYPES, BundleSettings, parse_settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
SMALLEST: dict[str, Any] = {
    "name": "docs",
    "source": {"format": "parquet", "path": "records.parquet"},
    "template": "examples/invoice",
    "document": {"id": "id"},
    "output": {"uri": "out"},
}


class Block(NamedTuple):
    """A fenced block: page, line, language, text."""

    page: Path
    line: int
    language: str
    text: str


def blocks(language: str) -> list[Any]:
    """All fenced blocks of a language, as parameters of a test."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            if match[1] == language:
                line = text.count("\n", 0, match.start()) + 1
                found.append(pytest.param(Block(page, line, language, match[2]), id=f"{page.name}:{line}"))
    assert found, f"no block of {language} was found; has the notation changed?"
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples, and a config over three records whose run 2026-11, as in snippets, is committed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from spark_pdf.engines.driver import run

    folder = tmp_path_factory.mktemp("docs")
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / "conf").mkdir()
    sample = Template.load(ROOT / "examples" / "invoice").sample()
    assert sample is not None
    records = [{**sample, "o_orderkey": number} for number in range(3)]
    pq.write_table(pa.Table.from_pylist(records), folder / "orders.parquet")
    config = {
        **SMALLEST,
        "engine": "local",
        "local": {"processes": 1},
        "source": {"format": "parquet", "path": "orders.parquet"},
        "document": {"id": "o_orderkey"},
        "output": {"uri": "out/invoices"},
    }
    (folder / "conf" / "invoices.yaml").write_text(yaml.safe_dump(config))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(load_config(["conf/invoices.yaml"]), "2026-11").documents == 3
    return folder


@pytest.mark.parametrize("block", blocks("yaml"))
def test_configs_load(block: Block) -> None:
    values = yaml.safe_load(block.text)
    if block.text.startswith("# fragment"):
        values = {**SMALLEST, **values}
    config = parse_config(values)
    assert isinstance(config, Config)


@pytest.mark.parametrize("path", sorted((ROOT / "conf").glob("*.yaml")), ids=lambda p: p.name)
def test_configs_in_conf_load_alone_or_over_invoices(path: Path) -> None:
    whole = "source" in yaml.safe_load(path.read_text(encoding="utf-8"))
    config = load_config([path] if whole else [ROOT / "conf" / "invoices.yaml", path])
    assert (ROOT / config.template).is_dir()


@pytest.mark.parametrize("block", blocks("python"))
def test_python_runs(block: Block, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = compile(block.text, f"{block.page.name}:{block.line}", "exec")
    if block.text.startswith("# needs Airflow"):
        return
    needs = re.match(r"# needs (Spark|Ray|Dask|RabbitMQ)\n", block.text)
    check_imports(block.text, but={"Ray": ("ray",), "Dask": ("dask",)}.get(needs[1], ()) if needs else ())
    if not needs:
        monkeypatch.chdir(world)
        exec(code, {"__name__": "docs"})


def check_imports(source: str, but: tuple[str, ...] = ()) -> None:
    """Every module that the source imports exists, and has the names that are taken from it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                assert alias.name.split(".")[0] in but or importlib.util.find_spec(alias.name), alias.name
        elif isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            for alias in node.names:
                assert hasattr(module, alias.name), f"{node.module}.{alias.name}"


def test_the_templates_page_draws() -> None:
    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    source = next(code for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def draw" in code)
    rendition = Template(Bundle.from_files({"template.py": source.encode()})).render({"number": 7})
    assert rendition.pages == 1
    assert rendition.pdf.startswith(b"%PDF-")


@pytest.mark.parametrize("block", blocks("html"))
def test_templates_render(block: Block) -> None:
    template = Template(
        Bundle.from_files(
            {"template.html": block.text.encode(), "style.css": b"", "template.toml": b'currency = "USD"'}
        )
    )
    rendition = template.render({"number": 1, "lines": [{"text": "a", "amount": 2}]})
    assert (rendition.pages, rendition.warnings) == (1, ())


@pytest.mark.parametrize("block", blocks("toml"))
def test_bundle_settings_load(block: Block) -> None:
    settings = parse_settings(block.text)
    shown = set(re.findall(r"^(?:\[+)?(\w+)", block.text, re.MULTILINE))
    names = {"font" if name == "fonts" else name for name in BundleSettings.__dataclass_fields__}
    assert settings.locale == "de_DE"
    assert names <= shown, f"template.toml has keys that the page does not show: {names - shown}"


def test_the_templates_page_names_every_filter_and_type() -> None:
    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)\((.*?)\)` \|", text, re.MULTILINE))
    assert list(rows) == list(Filters().table())
    assert re.findall(r"`(\w+)`", text[text.index("Types: ") :].split(".")[0]) == list(TYPES)


def filter_examples() -> list[Any]:
    """(expression, result) as the table of filters shows them."""
    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8").replace("\\|", "|")
    found = re.findall(r"`(\{\{.*?\}\})` is `(.*?)`", text)
    assert len(found) == len(Filters().table())
    return found


@pytest.mark.parametrize(("expression", "shown"), filter_examples())
def test_filters_print_what_the_page_says(expression: str, shown: str) -> None:
    files = {"template.html": expression.encode(), "template.toml": b'locale = "en_US"\ncurrency = "USD"'}
    assert Bundle.from_files(files).html({}) == shown


@pytest.mark.parametrize("block", blocks("sql"))
def test_sql_runs(block: Block, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb
    import pyarrow as pa

    from spark_pdf.manifest.table import open_table

    monkeypatch.chdir(world)
    manifest = pa.Table.from_batches(open_table(load_config(["conf/invoices.yaml"])).scan())
    with duckdb.connect() as connection:
        connection.register("manifest", manifest)
        for statement in filter(str.strip, block.text.split(";")):
            connection.execute(statement).fetchall()


def shown_commands() -> Iterator[tuple[str, str]]:
    """(where, command) of every line after `$`, and of every `spark-pdf ...` or `make ...` within a text."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            where = f"{page.name}:{number}"
            if line.startswith("$ ") or re.match(r"    spark-pdf \w", line):
                yield where, line.removeprefix("$ ").split("  #")[0].strip()
            for inline in re.findall(r"`((?:\./)?(?:spark-pdf|spark-submit\.sh|make|python) [^`]+)`", line):
                yield where, inline


COMMANDS = [pytest.param(command, id=f"{where} {command}") for where, command in shown_commands()]


def test_commands_are_found() -> None:
    assert len(COMMANDS) > 30


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_exist(command: str) -> None:
    words = [word for word in shlex.split(command.replace("[", " ").replace("]", " ")) if word != "..."]
    words = [word for word in words if not re.fullmatch(r"[A-Z]+=\S+", word)]
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert set(words[1:]) <= set(targets)
    elif words[0] == "python":
        module = words[2] if words[1] == "-m" else words[1]
        assert importlib.util.find_spec(module) if words[1] == "-m" else (ROOT / module).is_file()
    elif words[0] == "spark-pdf":
        parse(words[1:])
    elif words[0] in ("cd", "source"):
        assert len(words) == 2
    elif words[0].endswith("spark-submit.sh"):
        assert (ROOT / "spark-submit.sh").is_file()
        if after := words[words.index("--") + 1 :]:
            parse(["run", *after])
    else:
        pytest.fail(f"a command that nothing here knows: {words[0]}")


def parse(words: list[str]) -> None:
    """Parse a command line with the command line's own parser; a mere name of a command is enough."""
    import typer

    group: Any = typer.main.get_command(app)
    context = group.make_context("spark-pdf", list(words[:1]), resilient_parsing=True)
    command = group.get_command(context, words[0])
    assert command is not None, f"no such command: {words[0]}"
    if len(words) > 1:
        command.make_context(words[0], list(words[1:]), parent=context)


def test_options_that_do_not_exist_are_caught() -> None:
    with pytest.raises(Exception, match="No such option"):
        parse(["run", "conf/invoices.yaml", "--no-such-thing"])
    with pytest.raises(AssertionError, match="no such command"):
        parse(["runn", "conf/invoices.yaml"])


def test_every_command_is_documented() -> None:
    shown = " ".join(command for _, command in shown_commands())
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert {name for name in names if f"`{name}`" not in changelog} == set()
    assert {"run", "render", "check", "plan", "verify", "retry", "get", "vacuum", "init"} <= set(
        re.findall(r"spark-pdf (\w+)", shown)
    )


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def without_code(text: str) -> str:
    """A page without its fenced blocks and code spans, whose brackets are no links."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda p: p.name)
def test_what_is_installed_is_a_clone(page: Path) -> None:
    """The package is on no index. One page says so, of what messages ask for; each extra exists."""
    text = page.read_text()
    published = re.findall(r"'spark-pdf\[[^\]]*\]'", text)
    assert published == (["'spark-pdf[ray]'"] if page.name == "engines.md" else [])
    named = {extra for group in re.findall(r"'\.\[([a-z0-9,]+)\]'", text) for extra in group.split(",")}
    assert named <= set(metadata("spark-pdf").get_all("Provides-Extra") or ())


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(slug, headings), f"{page.name}: {target}"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """docs/generate.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda p: p.name)
def test_generated_tables_are_current(page: Path, generate: ModuleType) -> None:
    text = page.read_text(encoding="utf-8")
    assert generate.renewed(text) == text, "run `python docs/generate.py`"


def test_every_generated_table_has_its_place(generate: ModuleType) -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md"))
    assert {name for _, name, _ in generate.BLOCK.findall(text)} == set(generate.MAKERS)


def test_every_setting_says_what_it_means(generate: ModuleType) -> None:
    silent = [
        f"{section}.{key}"
        for section, kind in generate.SECTIONS.items()
        for key, _, _, says in generate.config_rows(kind)
        if not says
    ]
    assert silent == []


def test_architecture_names_files_that_exist() -> None:
    """`layout/block/block.py` in ARCHITECTURE is a path below spark_pdf, or below the root."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)+\w+\.(?:py|md|sh|txt))`", text))
    assert len(named) > 40
    assert sorted(n for n in named if not (ROOT / "spark_pdf" / n).exists() and not (ROOT / n).exists()) == []


def test_architecture_names_functions_that_exist() -> None:
    """What the tables of phases and steps call is a function or class of the package."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "spark_pdf").rglob("*.py"))
    rows = re.findall(r"^\| [^|]+ \| ([^|]*\(.*?) \|", text, re.MULTILINE)
    called = {name for row in rows for name in re.findall(r"`([\w.]+)\(", row)}
    assert len(called) > 20
    parts = {part for name in called for part in name.split(".")}
    assert sorted(part for part in parts if not re.search(rf"\b(?:def|class) {part}\b", code)) == []


def test_contributing_has_a_reason_for_each_dependency() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    core = re.search(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    extras = re.search(r"^\[project.optional-dependencies\](.*?)^\[", project, re.MULTILINE | re.DOTALL)
    assert core is not None
    assert extras is not None
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text[text.index("## Dependencies") :]
    packages = re.findall(r"^ *\"([a-z0-9-]+)", core[1], re.MULTILINE)
    assert [name for name in packages if f"\n| {name} |" not in section] == []
    names = re.findall(r"^([a-z0-9]+) = ", extras[1], re.MULTILINE)
    assert [name for name in names if f"`{name}`" not in section] == []


def test_readme_has_a_place_for_the_figures() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"<!-- bench -->\n.+\n<!-- /bench -->", text, re.DOTALL)
