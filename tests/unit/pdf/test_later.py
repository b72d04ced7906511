"""Stand-ins for modules that fpdf2 imports and seldom uses: the real ones appear at first use."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from spark_pdf.pdf.later import LaterModule, LaterName, imported_later


def alone(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package `seldomly` with a module `deep`, and who imports them: `eager`."""
    (tmp_path / "seldomly").mkdir()
    (tmp_path / "seldomly" / "__init__.py").write_text("VALUE = 1\n")
    (tmp_path / "seldomly" / "deep.py").write_text("class Thing:\n    kind = 'thing'\n")
    (tmp_path / "eager.py").write_text(
        "import seldomly\nfrom seldomly import deep\nfrom seldomly.deep import Thing\nimport json\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return str(tmp_path)


def test_what_is_put_off_is_loaded_at_first_use(package: str) -> None:
    code = f"""
import pickle, sys
sys.path.insert(0, {package!r})
from spark_pdf.pdf.later import imported_later
with imported_later("seldomly", "seldomly.deep"):
    import eager
print([name for name in sys.modules if name.startswith("seldomly")], eager.json.__name__)
thing = eager.Thing()
print(type(thing).__module__, isinstance(thing, eager.Thing), isinstance(1, eager.Thing), eager.Thing.kind)
print(eager.seldomly.VALUE, eager.deep.Thing is type(thing), sys.modules["seldomly.deep"].Thing is type(thing))
print(type(pickle.loads(pickle.dumps(thing))) is type(thing))
print(hasattr(eager.seldomly, "nothing"))
"""
    assert alone(code).splitlines() == [
        "[] json", "seldomly.deep True False thing", "1 True True", "True", "False",
    ]  # fmt: skip


def test_a_module_that_is_loaded_gets_no_stand_in() -> None:
    with imported_later("json"):
        import json
    assert not isinstance(json, LaterModule)
    assert sys.modules["json"] is json


def test_the_stand_ins_leave_when_the_import_fails() -> None:
    with pytest.raises(ModuleNotFoundError), imported_later("a_module_of_nobody"):
        import_module("another_of_nobody")
    assert "a_module_of_nobody" not in sys.modules


def test_only_fpdf2_holds_stand_ins() -> None:
    """No module that was loaded meanwhile keeps one: what fontTools and Pillow import of themselves is real."""
    code = """
import sys
import spark_pdf.pdf.fpdf2
from spark_pdf.pdf.later import LaterModule, LaterName
print(sorted({name.split(".")[0] for name, module in list(sys.modules.items())
              for value in vars(module).values() if isinstance(value, (LaterModule, LaterName))}))
print([name for name in spark_pdf.pdf.fpdf2._SELDOM if name in sys.modules])
"""
    assert alone(code).splitlines() == ["['fpdf']", "[]"]


def test_every_name_that_is_put_off_is_there() -> None:
    """A version of fpdf2 or fontTools that moves one is found here, not in somebody's document."""
    code = """
import sys
from importlib import import_module
import spark_pdf.pdf.fpdf2
from spark_pdf.pdf.later import LaterModule, LaterName
for name, module in list(sys.modules.items()):
    if name.split(".")[0] == "fpdf":
        for value in list(vars(module).values()):
            if isinstance(value, LaterName):
                value._real()
            elif isinstance(value, LaterModule):
                import_module(value.__name__)
print("all")
"""
    assert alone(code) == "all"


def test_fpdf2_still_reads_fonts_images_and_svg() -> None:
    """What is put off works on a plain FPDF: subsets (fontTools), transparency (numpy), SVG paths."""
    code = """
import io, warnings
from spark_pdf.pdf.fpdf2 import FPDF
from PIL import Image
from pathlib import Path
import spark_pdf.text
font = next(p for p in sorted(Path(spark_pdf.text.__file__).parent.rglob("*.ttf")))
picture = io.BytesIO()
Image.new("RGBA", (4, 4), (255, 0, 0, 128)).save(picture, "PNG")
pdf = FPDF()
pdf.add_page()
pdf.add_font("own", "", font)
pdf.set_font("own", size=12)
pdf.cell(text="Words")
pdf.image(picture, w=10)
svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0L9 9V0z"/></svg>'
pdf.image(io.BytesIO(svg), w=10)
data = pdf.output()
print(data[:5], b"/SMask" in data, b"/FontFile2" in data)
"""
    assert alone(code) == "bytearray(b'%PDF-') True True"


def test_a_name_knows_where_it_is_from() -> None:
    assert LaterName("collections", "OrderedDict")() == {}
