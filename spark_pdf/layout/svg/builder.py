"""The walk over an SVG tree: from elements and styles to a `Drawing`. SVG 2, chapters 5, 8, 10, 13 and 16.

In: the outermost `svg` element, its style, the size of its box in px, an `Environment`. Out: the drawing. Anything
that SVG says is not to be rendered is passed over; what is not supported is reported and passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.dom import Element
from spark_pdf.layout.paint.stacking import is_transformed
from spark_pdf.layout.paint.transforms import matrix_of
from spark_pdf.layout.shapes.matrix import (
    IDENTITY,
    Matrix,
    inverse,
    is_similar,
    is_sound,
    multiply,
    scale_of,
    translated,
)
from spark_pdf.layout.shapes.numbers import Units, ViewBox, fit, held, length, number, numbers, transform, view_box
from spark_pdf.layout.shapes.paths import (
    Bounds,
    Path,
    ellipse,
    joined,
    parse_path,
    polyline,
    rectangle,
    transformed_bounds,
)  # fmt: skip
from spark_pdf.layout.svg.drawing import Drawing, DrawingLink, Group, Ink, Node, Pen, Picture, Shape, Text
from spark_pdf.layout.svg.environment import Environment, Notices, State, Styles, href_of, local_id
from spark_pdf.layout.svg.servers import gradient
from spark_pdf.layout.values import Color, PaintServer, Percentage, Url

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

MOST_NODES = 100_000
"""Elements that one drawing may come to: `use` within `use` multiplies."""
MOST_DEPTH = 100
"""Elements within elements, those of `use` included."""

_CAPS = {"butt": 0, "round": 1, "square": 2}
_JOINS = {"miter": 0, "miter-clip": 0, "arcs": 0, "round": 1, "bevel": 2}
_SHAPES = frozenset(("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"))
_WITH_MARKERS = frozenset(("path", "line", "polyline", "polygon"))
_DRAWN = frozenset(("path", "polyline", "polygon"))
_CONTAINERS = frozenset(("g", "a", "svg", "symbol", "use", "switch", "text", "image"))
_MOVING = frozenset(("animate", "animateTransform", "animateMotion", "animateColor", "set"))


class Builder:
    """The work on one drawing."""

    __slots__ = ("_using", "count", "environment", "links", "notices", "rem", "styles")

    def __init__(self, environment: Environment, root: Element, style: Style) -> None:
        self.environment = environment
        self.notices = Notices(environment.name)
        self.styles = Styles(environment.stylist, root, style)
        self.rem = style.root_font_size
        self.links: list[DrawingLink] = []
        self.count = 0
        self._using: list[Element] = []

    def build(self, root: Element, style: Style, width: float, height: float) -> Drawing:
        """The drawing of the outermost `svg` element in a box of this size."""
        matrix, size = _viewport(root, width, height)
        nodes: list[Node] = []
        if is_sound(matrix) and width > 0 and height > 0:
            # Its opacity, and clip-path by CSS, are those of the box that it fills.
            self.children(root, State(style, matrix, *size), nodes)
        clips = style.overflow_x != "visible"
        return Drawing(tuple(nodes), width, height, clips, tuple(self.links), self.notices.taken())

    def children(self, element: Element, state: State, out: list[Node]) -> None:
        """All children in order."""
        for child in element.children:
            if child.__class__ is not str:
                self.element(child, state, out)  # type: ignore[arg-type]

    def element(self, element: Element, state: State, out: list[Node]) -> None:
        """One element with all that belongs to it."""
        tag = element.tag
        if tag not in _SHAPES and tag not in _CONTAINERS:
            self._passed_over(tag)
            return
        if tag == "symbol" or not self.admits(state.depth):
            return
        style = self.environment.stylist.style(element, state.style)
        if style.display == "none":
            return
        attributes = element.attributes
        matrix = state.matrix
        if "transform" in attributes or is_transformed(style):
            matrix = multiply(matrix, self._transform(element, style, state))
            if not is_sound(matrix):
                return
        inner = State(style, matrix, state.width, state.height, state.link, state.depth + 1, state.context)
        nodes: list[Node] = []
        self._content(element, inner, nodes)
        if nodes:
            self.composed(element, inner, nodes, out)

    def _content(self, element: Element, inner: State, nodes: list[Node]) -> None:
        """What an element draws, without its clip, mask and opacity."""
        tag = element.tag
        if tag in _SHAPES:
            if inner.style.visibility == "visible":
                self._shape(element, inner, nodes)
        elif tag in ("g", "a"):
            self._group(element, inner, nodes)
        elif tag == "text":
            self._text(element, inner, nodes)
        elif tag == "use":
            self.use(element, inner, nodes)
        elif tag == "svg":
            self.viewport(element, inner, nodes, None)
        elif tag == "image":
            self._image(element, inner, nodes)
        else:
            self._switch(element, inner, nodes)

    def _transform(self, element: Element, style: Style, state: State) -> Matrix:
        """The `transform` attribute, or what CSS says in its place (CSS Transforms 1, chapters 5, 6 and 8)."""
        if not is_transformed(style):
            return transform(element.attributes["transform"])
        box = (0.0, 0.0, state.width, state.height)
        if style.transform_box != "view-box":
            trial: list[Node] = []
            links = len(self.links)
            untransformed = state._replace(style=style, matrix=IDENTITY, depth=state.depth + 1)
            self._content(element, untransformed, trial)
            del self.links[links:]
            bounds = bounds_of(trial) or (0.0, 0.0, 0.0, 0.0)
            box = (bounds[0], bounds[1], bounds[2] - bounds[0], bounds[3] - bounds[1])
        return matrix_of(style, box)

    def admits(self, depth: int) -> bool:
        """Whether there is room for one more element at this depth."""
        self.count += 1
        if self.count > MOST_NODES or depth > MOST_DEPTH:
            self.notices.add("unsupported_svg", f"{self.environment.name} has too much in it to be drawn whole")
            return False
        return True

    def composed(self, element: Element, state: State, nodes: list[Node], out: list[Node]) -> None:
        """Put nodes under the element's clip, mask and opacity."""
        from spark_pdf.layout.svg.clips import clip_and_mask

        style = state.style
        if "filter" in element.attributes and element.attributes["filter"].strip() not in ("none", ""):
            self.notices.unsupported("'filter'", "its element is drawn without it")
        if style.clip_path is None and style.mask is None:
            opacity = style.opacity
            if style.mix_blend_mode != "normal":
                out.append(Group(tuple(nodes), opacity, blend=style.mix_blend_mode))
            elif opacity >= 1.0:
                out += nodes
            elif opacity > 0.0:
                out.append(_faded(nodes, opacity))
            return
        clips, masks, shown = clip_and_mask(self, element, state, nodes)
        if shown and style.opacity > 0:
            out.append(Group(tuple(nodes), style.opacity, clips, masks, style.mix_blend_mode))

    def _passed_over(self, tag: str) -> None:
        if tag == "foreignObject":
            self.notices.unsupported("'foreignObject'", "it is left out")
        elif tag in _MOVING:
            self.notices.unsupported("animation", "the drawing is shown as it starts")
        elif tag == "script":
            self.notices.unsupported("'script'", "it is left out")

    # Containers

    def _group(self, element: Element, state: State, out: list[Node]) -> None:
        if element.tag == "a":
            target = href_of(element)
            if target:
                first = len(out)
                self.children(element, state._replace(link=target), out)
                self._linked(target, out[first:])
                return
        self.children(element, state, out)

    def _linked(self, target: str, nodes: list[Node]) -> None:
        bounds = bounds_of(nodes)
        if bounds is not None:
            left, top, right, bottom = bounds
            self.links.append(DrawingLink(target, left, top, right - left, bottom - top))

    def viewport(
        self, element: Element, state: State, out: list[Node], size: tuple[float | None, float | None] | None
    ) -> None:
        """A nested `svg`, or a `symbol` that `use` shows; `size` is what `use` says of it."""
        from spark_pdf.layout.svg.clips import clipped

        x = y = 0.0
        if element.tag == "svg":
            x, y = self.length(element, "x", state, 0), self.length(element, "y", state, 1)
        width = size[0] if size is not None and size[0] is not None else None
        height = size[1] if size is not None and size[1] is not None else None
        if width is None:
            width = self.length(element, "width", state, 0, state.width)
        if height is None:
            height = self.length(element, "height", state, 1, state.height)
        if width <= 0 or height <= 0:
            return
        placed = translated(state.matrix, x, y)
        inner, (inner_width, inner_height) = _viewport(element, width, height)
        matrix = multiply(placed, inner)
        if not is_sound(matrix):
            return
        nodes: list[Node] = []
        self.children(element, state._replace(matrix=matrix, width=inner_width, height=inner_height), nodes)
        if nodes and state.style.overflow_x != "visible":
            clipped(nodes, rectangle(0.0, 0.0, width, height).transformed(placed), out)
        else:
            out += nodes

    def use(self, element: Element, state: State, out: list[Node]) -> None:
        """Another element, shown here as a child of this one (SVG 2, 5.5)."""
        name = local_id(href_of(element))
        target = self.environment.find(name) if name else None
        if target is None:
            if href_of(element) and name is None:
                self.notices.unsupported("'use' of another file", "it is left out")
            return
        if target in self._using or self._is_above(target, element):
            self.notices.add("unsupported_svg", f"'use' in {self.environment.name} refers to itself; it is left out")
            return
        x, y = self.length(element, "x", state, 0), self.length(element, "y", state, 1)
        state = state._replace(matrix=translated(state.matrix, x, y), depth=state.depth + 1)
        self._using.append(target)
        if target.tag in ("svg", "symbol"):
            style = self.environment.stylist.style(target, state.style)
            if style.display != "none" or target.tag == "symbol":
                units = self.units(state)
                size = (
                    length(element.attributes.get("width"), state.width, units),
                    length(element.attributes.get("height"), state.height, units),
                )
                nodes: list[Node] = []
                inner = state._replace(style=style)
                if target.tag == "symbol" and "transform" in target.attributes:
                    matrix = multiply(state.matrix, transform(target.attributes["transform"]))
                    inner = inner._replace(matrix=matrix)
                if is_sound(inner.matrix) and self.admits(state.depth):
                    self.viewport(target, inner, nodes, size)
                if nodes:
                    self.composed(target, inner, nodes, out)
        else:
            self.element(target, state, out)
        self._using.pop()

    @staticmethod
    def _is_above(target: Element, element: Element) -> bool:
        above: Element | None = element
        while above is not None:
            if above is target:
                return True
            above = above.parent
        return False

    def _switch(self, element: Element, state: State, out: list[Node]) -> None:
        """The first child whose conditions hold (SVG 2, 5.10)."""
        for child in element.children:
            if isinstance(child, str) or child.tag not in _SHAPES | _CONTAINERS:
                continue
            if self.holds(child):
                self.element(child, state, out)
                return

    def holds(self, element: Element) -> bool:
        """`requiredExtensions` and `systemLanguage`."""
        attributes = element.attributes
        if attributes.get("requiredExtensions", "").strip():
            return False
        languages = attributes.get("systemLanguage")
        if languages is None:
            return True
        own = (self.environment.language or "en").lower()
        wanted = [language.strip().lower() for language in languages.split(",")]
        return any(language and (own == language or own.startswith(f"{language}-")) for language in wanted)

    # Leaves

    def _shape(self, element: Element, state: State, out: list[Node]) -> None:
        path = self.path(element, state)
        if path is None or not path.ops:
            return
        style = state.style
        markers = element.tag in _WITH_MARKERS and (
            style.marker_start is not None or style.marker_mid is not None or style.marker_end is not None
        )
        referring = style.fill.__class__ is PaintServer or style.stroke.__class__ is PaintServer
        bounds = path.bounds() if referring else None
        fill = self.ink(style.fill, style.fill_opacity, bounds, state) if element.tag != "line" else None
        stroke = self.ink(style.stroke, style.stroke_opacity, bounds, state)
        pen = self.pen(element, state, path) if stroke is not None else None
        if pen is None:
            stroke = None
        order = style.paint_order
        if fill is not None and element.tag in _DRAWN:
            filled = path.with_area()
            if not filled.ops:
                fill = None
            elif filled is not path and stroke is not None:
                out.append(painted(filled, style.fill_rule == "evenodd", fill, None, None, state.matrix, False))
                fill = None
        if fill is not None or stroke is not None:
            first = stroke is not None and fill is not None and order.index("stroke") < order.index("fill")
            evenodd = style.fill_rule == "evenodd"
            if style.vector_effect == "none":
                out.append(painted(path, evenodd, fill, stroke, pen, state.matrix, first))
            else:  # non-scaling-stroke: its width is of the drawing's box, whatever the transforms
                out.append(Shape(path.transformed(state.matrix), evenodd, fill, stroke, pen, None, first))
        if markers:
            from spark_pdf.layout.svg.markers import draw_markers

            draw_markers(self, path, state, fill, stroke, out)

    def path(self, element: Element, state: State) -> Path | None:
        """The path of a basic shape or `path`, in its own space."""
        tag = element.tag
        if tag == "path":
            return parse_path(element.attributes.get("d", ""))
        if tag == "rect":
            return self._rectangle(element, state)
        if tag in ("circle", "ellipse"):
            cx, cy = self.length(element, "cx", state, 0), self.length(element, "cy", state, 1)
            if tag == "circle":
                rx = ry = self.length(element, "r", state, 2)
            else:
                rx, ry = self._radii(element, state)
            return ellipse(cx, cy, rx, ry) if rx > 0 and ry > 0 else None
        if tag == "line":
            x1, y1 = self.length(element, "x1", state, 0), self.length(element, "y1", state, 1)
            x2, y2 = self.length(element, "x2", state, 0), self.length(element, "y2", state, 1)
            return Path("ML", (x1, y1, x2, y2))
        if tag in ("polyline", "polygon"):
            return polyline(numbers(element.attributes.get("points", "")), tag == "polygon")
        return None

    def _rectangle(self, element: Element, state: State) -> Path | None:
        width, height = self.length(element, "width", state, 0), self.length(element, "height", state, 1)
        if width <= 0 or height <= 0:
            return None
        x, y = self.length(element, "x", state, 0), self.length(element, "y", state, 1)
        rx, ry = self._radii(element, state)
        return rectangle(x, y, width, height, rx, ry)

    def _radii(self, element: Element, state: State) -> tuple[float, float]:
        """`rx` and `ry`: one that is missing or `auto` is as the other."""
        units = self.units(state)
        rx = length(element.attributes.get("rx"), state.width, units)
        ry = length(element.attributes.get("ry"), state.height, units)
        rx = None if rx is not None and rx < 0 else rx
        ry = None if ry is not None and ry < 0 else ry
        return (rx if rx is not None else ry or 0.0), (ry if ry is not None else rx or 0.0)

    def _text(self, element: Element, state: State, out: list[Node]) -> None:
        from spark_pdf.layout.svg.text import TextLayout

        TextLayout(self, element, state).place(out)

    def _image(self, element: Element, state: State, out: list[Node]) -> None:
        from spark_pdf.layout.svg.clips import clipped

        source = href_of(element)
        if not source or state.style.visibility != "visible":
            return
        image = self.environment.image(Url(source, self.environment.base))
        if isinstance(image, str):
            self.notices.add("missing_image", image)
            return
        x, y = self.length(element, "x", state, 0), self.length(element, "y", state, 1)
        width = self.length(element, "width", state, 0, -1.0)
        height = self.length(element, "height", state, 1, -1.0)
        natural = image.width or 1.0, image.height or 1.0
        if width < 0:
            width = natural[0] if height < 0 else height * natural[0] / natural[1]
        if height < 0:
            height = width * natural[1] / natural[0]
        if width <= 0 or height <= 0:
            return
        placed = translated(state.matrix, x, y)
        box = ViewBox(0.0, 0.0, *natural)
        fitted, slices = fit(box, width, height, element.attributes.get("preserveAspectRatio"))
        matrix = multiply(multiply(placed, fitted), (natural[0], 0.0, 0.0, natural[1], 0.0, 0.0))
        if not is_sound(matrix):
            return
        if slices:
            clipped([Picture(image, matrix)], rectangle(0.0, 0.0, width, height).transformed(placed), out)
        else:
            out.append(Picture(image, matrix))

    # Lengths, inks, pens

    def units(self, state: State) -> Units:
        """What relative lengths are of here."""
        return Units(state.width, state.height, state.style.font_size, self.rem)

    def length(self, element: Element, name: str, state: State, axis: int, default: float = 0.0) -> float:
        """An attribute's length. `axis`: 0 of the viewport's width, 1 of its height, 2 of its diagonal."""
        text = element.attributes.get(name)
        if text is None:
            return default
        try:
            return held(float(text))
        except ValueError:
            units = self.units(state)
            percent_of = state.width if axis == 0 else state.height if axis == 1 else units.diagonal
            found = length(text, percent_of, units)
            return default if found is None else found

    def ink(self, paint: Color | PaintServer | str, opacity: float, bounds: Bounds | None, state: State) -> Ink | None:
        """What `fill` or `stroke` paints with, None for nothing."""
        if paint.__class__ is Color:
            alpha = paint.alpha * opacity
            return Ink(paint, alpha) if alpha > 0 else None
        if isinstance(paint, str):
            found = None if paint == "none" else state.context[0 if paint == "context-fill" else 1]
            return Ink(found.paint, found.alpha * opacity) if found is not None and opacity > 0 else None
        assert isinstance(paint, PaintServer)
        name = local_id(paint.url.url)
        server = self.environment.find(name) if name else None
        if server is None or opacity <= 0:
            return self.ink(paint.fallback, opacity, bounds, state) if server is None else None
        if server.tag in ("linearGradient", "radialGradient"):
            made = gradient(server, self.environment, self.styles, bounds, state.matrix, self.units(state))
            if made.__class__ is Color:
                return self.ink(made, opacity, bounds, state)
            return Ink(made, opacity) if made is not None else None
        if server.tag == "pattern":
            from spark_pdf.layout.svg.patterns import tiling

            tiles = tiling(self, server, bounds, state)
            return Ink(tiles, opacity) if tiles is not None else None
        return self.ink(paint.fallback, opacity, bounds, state)

    def enter(self, element: Element) -> bool:
        """Begin with an element that is drawn by reference; False where it is being drawn already."""
        if element in self._using or len(self._using) > MOST_DEPTH:
            return False
        self._using.append(element)
        return True

    def leave(self) -> None:
        """The end of what `enter` began."""
        self._using.pop()

    def pen(self, element: Element, state: State, path: Path | None) -> Pen | None:
        """The stroke's geometry in the element's own space; None where it is invisible."""
        style = state.style
        diagonal = self.units(state).diagonal if style.stroke_width.__class__ is Percentage else 0.0
        width = style.stroke_width * diagonal if diagonal else float(style.stroke_width)
        if width <= 0:
            return None
        dashes: tuple[float, ...] = ()
        offset = 0.0
        if style.stroke_dasharray:
            diagonal = self.units(state).diagonal
            dashes = tuple([v * diagonal if v.__class__ is Percentage else float(v) for v in style.stroke_dasharray])
            shift = style.stroke_dashoffset
            offset = shift * diagonal if shift.__class__ is Percentage else float(shift)
            said = number(element.attributes.get("pathLength"), 0.0)
            if said > 0 and path is not None:
                factor = path.length() / said
                dashes = tuple([dash * factor for dash in dashes])
                offset *= factor
            if sum(dashes) <= 1e-9:
                dashes = ()
            elif len(dashes) % 2:
                dashes *= 2
        return Pen(
            width, _CAPS[style.stroke_linecap], _JOINS[style.stroke_linejoin], style.stroke_miterlimit, dashes, offset
        )


def painted(
    path: Path, evenodd: bool, fill: Ink | None, stroke: Ink | None, pen: Pen | None, matrix: Matrix, first: bool
) -> Shape:
    """A shape with its matrix worked in, as far as its stroke allows."""
    if pen is None or is_similar(matrix):
        if pen is not None:
            pen = scaled_pen(pen, scale_of(matrix))
        return Shape(path.transformed(matrix), evenodd, fill, stroke, pen, None, first)
    return Shape(path, evenodd, fill, stroke, pen, matrix, first)


def scaled_pen(pen: Pen, factor: float) -> Pen:
    """The pen where all lengths are `factor` times as long."""
    if factor == 1.0:
        return pen
    dashes = tuple([dash * factor for dash in pen.dashes])
    return pen._replace(width=pen.width * factor, dashes=dashes, offset=pen.offset * factor)


def _viewport(element: Element, width: float, height: float) -> tuple[Matrix, tuple[float, float]]:
    """The matrix from an `svg`'s or `symbol`'s user space to its viewport, and what percentages are of in it."""
    box = view_box(element.attributes.get("viewBox"))
    if box is None:
        return IDENTITY, (width, height)
    matrix, _ = fit(box, width, height, element.attributes.get("preserveAspectRatio"))
    return matrix, (box.width, box.height)


def _faded(nodes: list[Node], opacity: float) -> Node:
    """Nodes under an opacity. One that paints once needs no group for it."""
    if len(nodes) == 1:
        node = nodes[0]
        if isinstance(node, Shape) and (node.fill is None) is not (node.stroke is None):
            fill = Ink(node.fill.paint, node.fill.alpha * opacity) if node.fill is not None else None
            stroke = Ink(node.stroke.paint, node.stroke.alpha * opacity) if node.stroke is not None else None
            return Shape(node.path, node.evenodd, fill, stroke, node.pen, node.matrix, node.stroke_first)
    return Group(tuple(nodes), opacity)


def bounds_of(nodes: list[Node] | tuple[Node, ...]) -> Bounds | None:
    """The box around nodes, in px; without strokes."""
    found: Bounds | None = None
    for node in nodes:
        if isinstance(node, Shape):
            own = node.path.bounds()
            if own is not None and node.matrix is not None:
                own = transformed_bounds(own, node.matrix)
        elif isinstance(node, Text):
            own = text_bounds(node)
        elif isinstance(node, Picture):
            own = transformed_bounds((0.0, 0.0, 1.0, 1.0), node.matrix)
        else:
            own = bounds_of(node.nodes)
            for clip in node.clips:
                edge = clip.path.bounds()
                if own is not None and edge is not None:
                    own = (max(own[0], edge[0]), max(own[1], edge[1]), min(own[2], edge[2]), min(own[3], edge[3]))
        found = joined(found, own)
    return found


def text_bounds(node: Text) -> Bounds:
    """The box of a text: its advance, from ascent to descent."""
    face = next((run.face for word in node.fragment.words for run in word.runs), None)
    up, down = (face.ascent, face.descent) if face is not None else (0.8, 0.2)
    return transformed_bounds((0.0, -up * node.size, node.fragment.width, down * node.size), node.matrix)


def own_bounds(nodes: list[Node], matrix: Matrix) -> Bounds | None:
    """The box around nodes in the space that `matrix` leads from."""
    found = bounds_of(nodes)
    return transformed_bounds(found, inverse(matrix)) if found is not None else None
