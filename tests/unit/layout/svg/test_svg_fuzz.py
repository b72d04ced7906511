"""No SVG raises an error that is not typed, or goes on for ever: built from its own grammar, and mutated."""

# ruff: noqa: E501  (tables of small SVGs)
from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spark_pdf.layout.shapes.paths import parse_path
from spark_pdf.layout.svg.source import read_svg
from spark_pdf.layout.svg.xml import BrokenSvgError
from spark_pdf.pdf.colors import ColorOperators
from spark_pdf.pdf.vector_stream import compiled
from spark_pdf.text.fonts import FontSet

FONTS = FontSet()
TAGS = [
    "g",
    "svg",
    "defs",
    "symbol",
    "use",
    "a",
    "switch",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "textPath",
    "image",
    "linearGradient",
    "radialGradient",
    "stop",
    "pattern",
    "clipPath",
    "mask",
    "marker",
    "foreignObject",
    "filter",
    "style",
    "title",
    "animate",
]
NUMBERS = st.sampled_from(
    ["0", "1", "-1", "10", "50%", "1e9", "-1e308", "1e-9", "nan", "inf", "", "x", "5px", "2em", "1,2 3", "0 0 10 10"]
)
REFERENCES = st.sampled_from(["#a", "#b", "#c", "url(#a)", "url(#b)", "url('#c')", "none", "", "url(#", "other.svg#a"])
WORDS = st.sampled_from([
    "objectBoundingBox", "userSpaceOnUse", "reflect", "repeat", "auto", "auto-start-reverse", "red", "currentColor",
    "context-fill", "none", "middle", "end", "hanging", "super", "evenodd", "inherit", "xMaxYMin slice", "hidden",
    "translate(1)rotate(30)", "scale(0)", "scale(1e9)", "matrix(1 2 3 4 5 6)", "skewX(90)", "preserve", "en", "strokeWidth",
    "non-scaling-stroke", "spacingAndGlyphs", "0.5", "luminance",
])  # fmt: skip
PATHS = st.sampled_from(
    ["M0 0h9v9z", "M0 0A1 2 30 1 0 9 9", "M0,0C1 1 2 2 3 3S1 1 0 0", "M1e9 1e9L-1e9 5", "MZ", "m0 0t5 5"]
)
ATTRIBUTES = {
    **dict.fromkeys(
        ["x", "y", "width", "height", "r", "rx", "ry", "cx", "cy", "fx", "fy", "fr", "x1", "y1", "x2", "y2", "dx", "dy", "rotate", "offset", "viewBox", "markerWidth", "refX", "textLength", "startOffset", "pathLength", "stroke-width", "stroke-dasharray", "stroke-dashoffset", "font-size", "opacity", "letter-spacing", "points", "stop-opacity", "stroke-miterlimit", "orient"], NUMBERS),
    **dict.fromkeys(["href", "xlink:href", "fill", "stroke", "clip-path", "mask", "marker-start", "marker-end", "marker-mid", "filter"], REFERENCES),
    **dict.fromkeys(
        ["gradientUnits", "patternUnits", "patternContentUnits", "clipPathUnits", "maskUnits", "maskContentUnits", "markerUnits", "spreadMethod", "transform", "gradientTransform", "patternTransform", "preserveAspectRatio", "text-anchor", "dominant-baseline", "baseline-shift", "display", "overflow", "visibility", "fill-rule", "color", "stop-color", "xml:space", "systemLanguage", "lengthAdjust", "vector-effect", "mask-type", "style", "class"], WORDS),
    "d": PATHS,
    "id": st.sampled_from(["a", "b", "c"]),
}  # fmt: skip


@st.composite
def attributes(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(sorted(ATTRIBUTES)), max_size=7, unique=True))
    return " ".join(f'{name}="{draw(ATTRIBUTES[name])}"' for name in names)


LEAVES = st.sampled_from(["", "text", "a\u0301b", "\u05d0\u05d1", " \n ", "rect{fill:red}"])
ELEMENTS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda tag, attrs, children: f"<{tag} {attrs}>{''.join(children)}</{tag}>",
        st.sampled_from(TAGS), attributes(), st.lists(inner, max_size=4),
    ),
    max_leaves=14,
)  # fmt: skip


def drawn(data: bytes) -> None:
    """Read, build and make operators of a file; typed errors are the only ones."""
    try:
        source = read_svg(data, "a.svg", FONTS, lambda url: "none")
    except BrokenSvgError:
        return
    drawing = source.drawing(120.0, 80.0)
    stream = compiled(drawing.nodes, (0.0, 0.0, 120.0, 80.0), ColorOperators(), 2)
    for part in stream.parts:
        if isinstance(part, bytes):
            assert b"nan" not in part
            assert b"inf" not in part
            assert b"e+" not in part
            assert b"e-" not in part


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(attributes(), st.lists(ELEMENTS, max_size=6))
def test_trees_of_its_own_words(root: str, children: list[str]) -> None:
    text = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {root}>'
    drawn(f"{text}{''.join(children)}</svg>".encode())


SEED = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><linearGradient id="a" x2="1"><stop offset=".5"/></linearGradient>'
    b'<clipPath id="c"><circle r="4"/></clipPath><g clip-path="url(#c)" transform="scale(2 3)"><rect width="5" height="4" '
    b'fill="url(#a)" stroke="red" stroke-dasharray="1 2"/><text x="1 2" rotate="5">abc<tspan dy="1">d</tspan></text></g></svg>'
)  # fmt: skip


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), max_size=6), st.integers(0, len(SEED)))
def test_mutated_bytes(changes: list[tuple[int, int]], end: int) -> None:
    data = bytearray(SEED)
    for at, value in changes:
        data[at] = value
    drawn(bytes(data))
    drawn(bytes(data[:end]))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet="MmLlHhVvCcSsQqTtAaZz0123456789.,-+eE \n#", max_size=60))
def test_path_data(text: str) -> None:
    path = parse_path(text)
    assert sum({"M": 1, "L": 1, "Z": 0}.get(op, 3) for op in path.ops) * 2 == len(path.points)
    path.bounds()
    path.length()
