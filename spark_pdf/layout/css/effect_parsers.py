"""Shadows, transforms, clip paths and outlines. CSS Backgrounds 3, Transforms 1 and 2, Masking 1, Shapes 1.

In: significant tokens. Out: the specified value, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spark_pdf.layout.css.angles import angle, number, number_or_percentage
from spark_pdf.layout.css.colors import CURRENT_COLOR, color
from spark_pdf.layout.css.lengths import Math, Relative, length
from spark_pdf.layout.css.parsers import four, position, slash_split, url
from spark_pdf.layout.css.tokens import Parser, Token, Tokens, ident, is_literal, significant, split
from spark_pdf.layout.values import Percentage, Position, Shadow, Shape, Url

Transform = tuple[Any, ...]


def shadows(*, box: bool) -> Parser:
    """A list of shadows; "none" is (). `box`: with a spread, and `inset`."""

    def parse(tokens: Tokens) -> tuple[Shadow, ...] | None:
        if len(tokens) == 1 and ident(tokens[0]) == "none":
            return ()
        found = [_shadow(part, box) for part in split(tokens)]
        return None if None in found else tuple(shadow for shadow in found if shadow is not None)

    return parse


def _shadow(tokens: list[Token], box: bool) -> Shadow | None:
    lengths: list[Any] = []
    tint, inset, ended = None, False, False
    for token in tokens:
        value = length(token, percentage=False, negative=True)
        if value is not None and not ended:
            lengths.append(value)
            continue
        ended = bool(lengths)
        if box and ident(token) == "inset" and not inset:
            inset = True
        elif tint is None and (tint := color(token)) is not None:
            continue
        else:
            return None
    if not 2 <= len(lengths) <= (4 if box else 3):
        return None
    x, y, blur, spread = [*lengths, 0.0, 0.0][:4]
    if not isinstance(blur, Math) and (blur.value if isinstance(blur, Relative) else blur) < 0:
        return None
    return Shadow(x, y, blur, spread, CURRENT_COLOR if tint is None else tint, inset)


def transform(tokens: Tokens) -> tuple[Transform, ...] | None:
    """("translate", x, y), ("rotate", degrees), ("scale", x, y), ("skew", x, y in degrees), ("matrix", a ... f).

    "none" is (). Functions in space count for what they do in the plane of the page.
    """
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return ()
    found = [_function(token) for token in tokens]
    return None if None in found else tuple(item for item in found if item)


def _function(token: Token) -> Transform | None:
    if token.type != "function":
        return None
    arguments = split(significant(token.arguments))
    if any(len(argument) != 1 for argument in arguments):
        return None
    reader = _TRANSFORMS.get(token.lower_name)
    return None if reader is None else reader([argument[0] for argument in arguments])


def _translate(axes: str) -> Callable[[list[Token]], Transform | None]:
    def read(tokens: list[Token]) -> Transform | None:
        values = [length(token, negative=True) for token in tokens]
        if None in values or len(values) > len(axes) or (axes in ("xyz",) and len(values) != 3):
            return None
        if axes == "y":
            return "translate", 0.0, values[0]
        if axes == "z":
            return ()
        return "translate", values[0], values[1] if len(values) > 1 else 0.0

    return read


def _scale(axes: str) -> Callable[[list[Token]], Transform | None]:
    def read(tokens: list[Token]) -> Transform | None:
        values = [number_or_percentage(token) for token in tokens]
        if None in values or len(values) > len(axes) or (axes == "xyz" and len(values) != 3):
            return None
        if axes in ("x", "y", "z"):
            return ("scale", values[0], 1.0) if axes == "x" else ("scale", 1.0, values[0]) if axes == "y" else ()
        return "scale", values[0], values[1] if len(values) > 1 else values[0]

    return read


def _rotate(tokens: list[Token]) -> Transform | None:
    degrees = angle(tokens[0]) if len(tokens) == 1 else None
    return None if degrees is None else ("rotate", degrees)


def _rotate3d(tokens: list[Token]) -> Transform | None:
    """About an axis that stands on the page."""
    values = [number(token) for token in tokens[:3]]
    degrees = angle(tokens[3]) if len(tokens) == 4 else None
    if degrees is None or values[:2] != [0.0, 0.0] or not values[2]:
        return None
    return "rotate", degrees if values[2] > 0 else -degrees


def _skew(axes: str) -> Callable[[list[Token]], Transform | None]:
    def read(tokens: list[Token]) -> Transform | None:
        values = [angle(token) for token in tokens]
        if None in values or len(values) > len(axes):
            return None
        if axes == "y":
            return "skew", 0.0, values[0]
        return "skew", values[0], values[1] if len(values) > 1 else 0.0

    return read


def _matrix(tokens: list[Token]) -> Transform | None:
    values = [number(token) for token in tokens]
    return None if len(values) != 6 or None in values else ("matrix", *values)


def _matrix3d(tokens: list[Token]) -> Transform | None:
    """What a matrix in space does in the plane."""
    values = [number(token) for token in tokens]
    if len(values) != 16 or None in values:
        return None
    return "matrix", values[0], values[1], values[4], values[5], values[12], values[13]


_TRANSFORMS: dict[str, Callable[[list[Token]], Transform | None]] = {
    "translate": _translate("xy"),
    "translatex": _translate("x"),
    "translatey": _translate("y"),
    "translatez": _translate("z"),
    "translate3d": _translate("xyz"),
    "scale": _scale("xy"),
    "scalex": _scale("x"),
    "scaley": _scale("y"),
    "scalez": _scale("z"),
    "scale3d": _scale("xyz"),
    "rotate": _rotate,
    "rotatez": _rotate,
    "rotate3d": _rotate3d,
    "skew": _skew("xy"),
    "skewx": _skew("x"),
    "skewy": _skew("y"),
    "matrix": _matrix,
    "matrix3d": _matrix3d,
}


def translate(tokens: Tokens) -> tuple[Any, ...] | None:
    """`translate`: (x, y); "none" is ()."""
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return ()
    values = [length(token, negative=True) for token in tokens]
    if not 1 <= len(values) <= 3 or None in values:
        return None
    return values[0], values[1] if len(values) > 1 else 0.0


def scale(tokens: Tokens) -> tuple[Any, ...] | None:
    """`scale`: (x, y); "none" is ()."""
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return ()
    values = [number_or_percentage(token) for token in tokens]
    if not 1 <= len(values) <= 3 or None in values:
        return None
    return values[0], values[1] if len(values) > 1 else values[0]


def rotate(tokens: Tokens) -> float | None:
    """`rotate`: degrees; "none" is 0."""
    if len(tokens) == 1:
        return 0.0 if ident(tokens[0]) == "none" else angle(tokens[0], zero=False)
    if len(tokens) == 2:
        axis = [token for token in tokens if ident(token) is not None]
        degrees = [angle(token, zero=False) for token in tokens if ident(token) is None]
        return degrees[0] if len(axis) == 1 and ident(axis[0]) == "z" else None
    found = _rotate3d(list(tokens)) if len(tokens) == 4 else None
    return None if found is None else float(found[1])


def transform_origin(tokens: Tokens) -> tuple[Position, Position] | None:
    """A point of the reference box; a third value, in space, counts for nothing."""
    if len(tokens) == 3:
        if length(tokens[2], percentage=False, negative=True) is None:
            return None
        tokens = tokens[:2]
    return position(tokens) if len(tokens) <= 2 else None


def clip(tokens: Tokens) -> str | tuple[Any, ...] | None:
    """ "auto", or the four edges of `rect()`: px or "auto" (CSS 2.2, 11.1.2)."""
    if len(tokens) == 1 and ident(tokens[0]) == "auto":
        return "auto"
    if len(tokens) != 1 or tokens[0].type != "function" or tokens[0].lower_name != "rect":
        return None
    parts = [token for token in significant(tokens[0].arguments) if not is_literal(token, ",")]
    edges = ["auto" if ident(part) == "auto" else length(part, percentage=False, negative=True) for part in parts]
    return None if len(edges) != 4 or None in edges else tuple(edges)


def clip_shape(edges: tuple[Any, ...]) -> Shape:
    """The shape that `clip` cuts out, its edges measured from the top left corner of the border box."""
    top, right, bottom, left = edges
    y0, x0 = (0.0 if edge == "auto" else edge for edge in (top, left))
    x1, y1 = (Percentage(1.0) if edge == "auto" else edge for edge in (right, bottom))
    return Shape("polygon", ("nonzero", ((x0, y0), (x1, y0), (x1, y1), (x0, y1))), "border-box")


_BOXES = ("border-box", "padding-box", "content-box", "margin-box", "fill-box", "stroke-box", "view-box")


def clip_path(tokens: Tokens) -> tuple[Url | Shape | None] | None:
    """None, a `<clipPath>`, or a basic shape with its reference box; in a tuple, so that none is a value."""
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return (None,)
    if len(tokens) == 1 and (found := url(tokens[0])) is not None:
        return (found,)
    boxes = [str(ident(token)) for token in tokens if ident(token) in _BOXES]
    others = [token for token in tokens if ident(token) not in _BOXES]
    if len(boxes) > 1 or len(others) > 1 or not tokens:
        return None
    box = boxes[0] if boxes else "border-box"
    if not others:
        return (Shape("box", (), box),)
    token = others[0]
    reader = _SHAPES.get(token.lower_name) if token.type == "function" else None
    read = reader(significant(token.arguments)) if reader is not None else None
    return None if read is None else (Shape(read[0], read[1], box),)


_Found = tuple[str, tuple[Any, ...]]


def _inset(tokens: list[Token]) -> _Found | None:
    at = next((index for index, token in enumerate(tokens) if ident(token) == "round"), len(tokens))
    values = [length(token, negative=True) for token in tokens[:at]]
    if not 1 <= len(values) <= 4 or None in values:
        return None
    corners: list[tuple[Any, Any]] = [(0.0, 0.0)] * 4
    if at < len(tokens):
        across, down = slash_split(tokens[at + 1 :])
        axes = [[length(token) for token in axis] for axis in (across, across if down is None else down)]
        if any(not 1 <= len(axis) <= 4 or None in axis for axis in axes):
            return None
        corners = list(zip(four(axes[0]), four(axes[1]), strict=True))
    return "inset", (tuple(four(values)), tuple(corners))


def _centered(count: int) -> Callable[[list[Token]], _Found | None]:
    """`circle()` with one radius, `ellipse()` with two."""

    def read(tokens: list[Token]) -> _Found | None:
        at = next((index for index, token in enumerate(tokens) if ident(token) == "at"), len(tokens))
        center = position(tokens[at + 1 :]) if at < len(tokens) else (Position(0.5, 0.0), Position(0.5, 0.0))
        radii: list[Any] = [
            ident(token) if ident(token) in ("closest-side", "farthest-side") else length(token)
            for token in tokens[:at]
        ]
        radii = radii or ["closest-side"] * count
        if center is None or len(radii) != count or None in radii:
            return None
        return ("circle" if count == 1 else "ellipse"), (*radii, *center)

    return read


def _fill_rule(tokens: list[Token]) -> tuple[str, list[list[Token]]]:
    parts = split(tokens)
    rule = ident(parts[0][0]) if len(parts[0]) == 1 else None
    return (rule, parts[1:]) if rule in ("nonzero", "evenodd") else ("nonzero", parts)


def _polygon(tokens: list[Token]) -> _Found | None:
    rule, parts = _fill_rule(tokens)
    points = [tuple(length(token, negative=True) for token in part) for part in parts]
    if not points or any(len(point) != 2 or None in point for point in points):
        return None
    return "polygon", (rule, tuple(points))


def _path(tokens: list[Token]) -> _Found | None:
    rule, parts = _fill_rule(tokens)
    if len(parts) != 1 or len(parts[0]) != 1 or parts[0][0].type != "string":
        return None
    return "path", (rule, parts[0][0].value)


_SHAPES: dict[str, Callable[[list[Token]], _Found | None]] = {
    "inset": _inset,
    "circle": _centered(1),
    "ellipse": _centered(2),
    "polygon": _polygon,
    "path": _path,
}
