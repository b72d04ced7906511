"""Clipping and masking (CSS Masking 1, chapters 6 to 9).

In: the element that `clip-path` or `mask` refers to, and what it cuts. Out: `Clip`s where paths alone say it, else
`Mask`s. A reference to nothing cuts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.dom import Element
from spark_pdf.layout.paint.clip_shapes import shape_outline
from spark_pdf.layout.shapes.matrix import Matrix, is_sound, multiply, translated
from spark_pdf.layout.shapes.numbers import Units, length, transform
from spark_pdf.layout.shapes.paths import Bounds, Path, rectangle
from spark_pdf.layout.svg.drawing import Clip, Group, Ink, Mask, Node, Shape
from spark_pdf.layout.svg.environment import href_of, local_id
from spark_pdf.layout.svg.servers import box_matrix
from spark_pdf.layout.values import BLACK, Url
from spark_pdf.layout.values import Shape as BasicShape

if TYPE_CHECKING:
    from spark_pdf.layout.svg.builder import Builder
    from spark_pdf.layout.svg.environment import State

_SHAPES = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon")
_SHOWN_BY_USE = (*_SHAPES, "text")
_CLIPPING = (*_SHOWN_BY_USE, "use")
_NOTHING = Clip(Path("", ()), False)
_BLACK = Ink(BLACK, 1.0)
_MOST_DISJOINT = 60
"""Shapes of one clip path that are compared with each other; more go through a mask."""


def clipped(nodes: list[Node], path: Path, out: list[Node]) -> None:
    """Put nodes under one clip."""
    out.append(Group(tuple(nodes), clips=(Clip(path, False),)))


def clip_and_mask(
    builder: Builder, element: Element, state: State, nodes: list[Node]
) -> tuple[tuple[Clip, ...], tuple[Mask, ...], bool]:
    """What an element's `clip-path` and `mask` come to, and whether anything is left to see."""
    from spark_pdf.layout.svg.builder import own_bounds

    bounds = own_bounds(nodes, state.matrix)
    clips: list[Clip] = []
    masks: list[Mask] = []
    shape = state.style.clip_path
    if isinstance(shape, BasicShape):
        clips.append(_shape_clip(shape, bounds, state) if bounds is not None else _NOTHING)
    target = _target(builder, shape, "clipPath")
    if target is not None:
        _clip(builder, target, bounds, state, clips, masks)
    target = _target(builder, state.style.mask, "mask")
    if target is not None:
        made = _mask(builder, target, bounds, state)
        if made is None:
            return (), (), False
        masks.append(made)
    return tuple(clips), tuple(masks), _NOTHING not in clips


def _shape_clip(shape: BasicShape, bounds: Bounds, state: State) -> Clip:
    """A basic shape of CSS, in the box of what it cuts, or in the viewport."""
    left, top, right, bottom = bounds
    box = (left, top, right - left, bottom - top)
    if shape.box == "view-box":
        box = (0.0, 0.0, state.width, state.height)
    outline = shape_outline(shape, box, None)
    ops = "".join(_OPS[segment[0]] for segment in outline.segments)
    points = tuple([float(value) for segment in outline.segments for value in segment[1:]])
    return Clip(Path(ops, points).transformed(state.matrix), outline.rule == "evenodd")


_OPS = {"m": "M", "l": "L", "c": "C", "h": "Z"}


def _target(builder: Builder, url: object, tag: str) -> Element | None:
    name = local_id(url.url) if isinstance(url, Url) else None
    found = builder.environment.find(name) if name else None
    return found if found is not None and found.tag == tag else None


def _clip(
    builder: Builder, element: Element, bounds: Bounds | None, state: State, clips: list[Clip], masks: list[Mask]
) -> None:
    """One `clipPath`, and those that clip it."""
    if not builder.enter(element):
        builder.notices.add("unsupported_svg", f"a clip path in {builder.environment.name} refers to itself")
        return
    style = builder.styles.of(element)
    matrix = state.matrix
    if element.attributes.get("clipPathUnits") == "objectBoundingBox":
        matrix = multiply(matrix, box_matrix(bounds)) if bounds is not None else matrix
    matrix = multiply(matrix, transform(element.attributes.get("transform")))
    nodes: list[Node] = []
    plain = is_sound(matrix) and _outlines(builder, element, state._replace(style=style, matrix=matrix), nodes)
    if not nodes:
        clips.append(_NOTHING)
    elif plain:
        made = _joined(nodes)
        if made is not None:
            clips.append(made)
        else:
            masks.append(Mask(tuple(nodes), luminance=False))
    else:
        masks.append(Mask(tuple(nodes), luminance=False))
    following = _target(builder, style.clip_path, "clipPath")
    if following is not None:
        _clip(builder, following, bounds, state, clips, masks)
    builder.leave()


def _outlines(builder: Builder, parent: Element, state: State, out: list[Node]) -> bool:
    """The outlines of a clip path's children, filled black; whether they are paths without clips of their own."""
    plain = True
    for child in parent.children:
        if isinstance(child, str) or child.tag not in _CLIPPING:
            continue
        if not builder.admits(state.depth):
            break
        plain = _outline(builder, child, state, out) and plain
    return plain


def _outline(builder: Builder, child: Element, state: State, out: list[Node]) -> bool:
    style = builder.environment.stylist.style(child, state.style)
    if style.display == "none" or (style.visibility != "visible" and child.tag != "use"):
        return True
    matrix = multiply(state.matrix, transform(child.attributes.get("transform")))
    if not is_sound(matrix):
        return True
    inner = state._replace(style=style, matrix=matrix, depth=state.depth + 1)
    nodes: list[Node] = []
    plain = True
    if child.tag == "use":
        name = local_id(href_of(child))
        target = builder.environment.find(name) if name else None
        if target is None or target.tag not in _SHOWN_BY_USE or not builder.enter(target):
            return True
        x, y = builder.length(child, "x", inner, 0), builder.length(child, "y", inner, 1)
        plain = _outline(builder, target, inner._replace(matrix=translated(matrix, x, y)), nodes)
        builder.leave()
    elif child.tag == "text":
        from spark_pdf.layout.svg.text import TextLayout

        TextLayout(builder, child, inner, ink=_BLACK).place(nodes)
        plain = False
    else:
        path = builder.path(child, inner)
        if path is not None and path.ops:
            nodes.append(Shape(path.transformed(matrix), style.clip_rule == "evenodd", _BLACK, None, None))
    own = _target(builder, style.clip_path, "clipPath")
    if own is None or not nodes:
        out += nodes
        return plain
    clips: list[Clip] = []
    masks: list[Mask] = []
    from spark_pdf.layout.svg.builder import own_bounds

    _clip(builder, own, own_bounds(nodes, matrix), inner, clips, masks)
    out.append(Group(tuple(nodes), clips=tuple(clips), masks=tuple(masks)))
    return False


def _joined(nodes: list[Node]) -> Clip | None:
    """One path for all outlines, if they say the same together as one by one: those that do not overlap."""
    shapes = [node for node in nodes if isinstance(node, Shape)]
    if len(shapes) == 1:
        return Clip(shapes[0].path, shapes[0].evenodd)
    if len(shapes) > _MOST_DISJOINT or len({shape.evenodd for shape in shapes}) > 1:
        return None
    boxes = [box for shape in shapes if (box := shape.path.bounds()) is not None]
    for index, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:index]:
            if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom:
                return None
    ops = "".join(shape.path.ops for shape in shapes)
    points = tuple(value for shape in shapes for value in shape.path.points)
    return Clip(Path(ops, points), shapes[0].evenodd)


def _mask(builder: Builder, element: Element, bounds: Bounds | None, state: State) -> Mask | None:
    """A `mask` element; None where it has no area, and so hides everything."""
    if not builder.enter(element):
        builder.notices.add("unsupported_svg", f"a mask in {builder.environment.name} refers to itself")
        return None
    style = builder.styles.of(element)
    attributes = element.attributes
    matrix = state.matrix
    units = builder.units(state)
    of_box = attributes.get("maskUnits") != "userSpaceOnUse"
    area = _area(attributes.get("x"), attributes.get("y"), attributes.get("width"), attributes.get("height"),
                 bounds, of_box, units)  # fmt: skip
    region = rectangle(*area).transformed(matrix) if area is not None else None
    if attributes.get("maskContentUnits") == "objectBoundingBox":
        matrix = multiply(matrix, box_matrix(bounds)) if bounds is not None else matrix
    nodes: list[Node] = []
    if region is not None and is_sound(matrix):
        builder.children(element, state._replace(style=style, matrix=matrix, depth=state.depth + 1), nodes)
        inner: list[Clip] = [Clip(region, False)]
        masks: list[Mask] = []
        own = _target(builder, style.clip_path, "clipPath")
        if own is not None:
            _clip(builder, own, bounds, state, inner, masks)
        above = _target(builder, style.mask, "mask")
        if above is not None:
            made = _mask(builder, above, bounds, state)
            masks += [made] if made is not None else []
        nodes = [Group(tuple(nodes), clips=tuple(inner), masks=tuple(masks))] if nodes else []
    builder.leave()
    return Mask(tuple(nodes), style.mask_type == "luminance") if nodes else None


def _area(
    x: str | None, y: str | None, width: str | None, height: str | None, bounds: Bounds | None, of_box: bool,
    units: Units,
) -> tuple[float, float, float, float] | None:  # fmt: skip
    """A mask's region in user space: a tenth more than the box on each side, unless it says otherwise."""
    if of_box:
        if bounds is None:
            return None
        unit = Units(1.0, 1.0, units.em, units.rem)
        matrix: Matrix = box_matrix(bounds)
    else:
        unit, matrix = units, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

    def one(text: str | None, percent_of: float, default: float) -> float:
        found = length(text, percent_of, unit)
        return default * percent_of if found is None else found

    left, top = one(x, unit.width, -0.1), one(y, unit.height, -0.1)
    wide, high = one(width, unit.width, 1.2), one(height, unit.height, 1.2)
    if wide <= 0 or high <= 0:
        return None
    a, _, _, d, e, f = matrix
    return left * a + e, top * d + f, wide * a, high * d
