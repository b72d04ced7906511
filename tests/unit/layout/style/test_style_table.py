"""The table of properties and the class Style say the same."""

import re
from pathlib import Path

import pytest
import tinycss2

import spark_pdf
from spark_pdf.layout.css.compute import INITIAL_STYLE
from spark_pdf.layout.css.declarations import parse_style_attribute
from spark_pdf.layout.css.logical import INLINE
from spark_pdf.layout.css.properties import BY_ATTRIBUTE, PROPERTIES
from spark_pdf.layout.css.sheets import user_agent_sheet
from spark_pdf.layout.css.shorthands import SHORTHANDS
from spark_pdf.layout.css.tokens import significant
from spark_pdf.layout.style import STYLE_NAMES

PACKAGE = Path(spark_pdf.__file__).parent
NOT_PROPERTIES = {
    "background_position",
    "white_space",
    "line_height_factor",
    "out_of_flow",
    "root_font_size",
    "align_blocks",
    "within_rtl",
    "root_font",
    "custom",
    "special",
    "derived",
}


def test_every_slot_has_a_row_and_every_row_a_slot():
    assert set(STYLE_NAMES) - NOT_PROPERTIES == set(BY_ATTRIBUTE)
    assert len(BY_ATTRIBUTE) == len(PROPERTIES)
    assert not set(PROPERTIES) & set(SHORTHANDS)


def test_shorthands_name_known_longhands():
    for shorthand in SHORTHANDS.values():
        assert set(shorthand.longhands) <= set(BY_ATTRIBUTE) | set(INLINE)


def test_a_replaced_style_is_another():
    style = INITIAL_STYLE.replace(width=10.0)
    style.derived = {"key": 1}
    assert style.width == 10.0
    assert style.replace(height=1.0).derived is None
    assert INITIAL_STYLE.width == "auto"


def test_nobody_changes_a_style():
    """A style is shared by elements and documents; that it cannot be changed would cost each look at it."""
    assignment = re.compile(rf"\bstyle\.({'|'.join(set(STYLE_NAMES) - {'derived'})})\s*([-+*/|]?=)(?!=)")
    found = [
        f"{path.name}: {match.group()}"
        for room in ("layout", "pdf", "text", "render")
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for match in assignment.finditer(path.read_text())
    ]
    assert found == []


def test_the_user_agent_sheet_is_read_whole():
    assert user_agent_sheet().warnings == ()
    assert len(user_agent_sheet().rules) > 150


@pytest.mark.parametrize("name", sorted(PROPERTIES))
@pytest.mark.parametrize(
    "text", ["nonsense", "1px 2px 3px 4px 5px", "-1", "'x'", "url(a)", "#", "f(1)", "1%", "/", ",", "{}"]
)
def test_no_value_makes_a_parser_fail(name, text):
    PROPERTIES[name].parse(significant(tinycss2.parse_component_value_list(text)))


@pytest.mark.parametrize("name", sorted(SHORTHANDS))
@pytest.mark.parametrize(
    "text", ["nonsense", "1px 2px 3px 4px 5px", "-1", "'x'", "url(a)", "/", ",", "a / b", "none none"]
)
def test_no_value_makes_a_shorthand_fail(name, text):
    values = SHORTHANDS[name].expand(significant(tinycss2.parse_component_value_list(text)))
    assert values is None or set(values) == set(SHORTHANDS[name].longhands)


@pytest.mark.parametrize("text", ["width: 1e400px", "line-height: 1e300", "width: -1e400%", "font-size: 1e99em"])
def test_numbers_beyond_measure_are_refused(text):
    block, warnings = parse_style_attribute(text, "t.html")
    assert not block
    assert [warning.code for warning in warnings] == ["invalid_value"]


def test_a_declaration_that_is_not_valid_leaves_the_others():
    block, warnings = parse_style_attribute("color: red; widht: 1px; width: wide; height: 2px; ;;} x", "t.html")
    assert [name for name, _ in block.normal] == ["color", "height"]
    codes = [warning.code for warning in warnings]
    assert codes[:2] == ["unknown_property", "invalid_value"]
    assert "did you mean 'width'" in warnings[0].message
    assert "wide" not in warnings[1].message, "a style attribute may hold a record's data"
