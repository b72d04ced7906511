"""From a page's fragments to what is painted, in order (CSS 2.2, appendix E), with its links and anchors.

In: the root fragment of a page and where it stands. Out: a `PaintGroup`; links and anchors are added to those of the
page. Within a stacking context: backgrounds of blocks in tree order, then inline content, then positioned boxes;
opacity, clips and z-index make groups of their own. Only what paints something is placed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import paints, paints_background
from spark_pdf.layout.fragments import (
    BoxFragment,
    BulletFragment,
    EdgeFragment,
    Fragment,
    ImageFragment,
    Link,
    PaintGroup,
    Placed,
    TextFragment,
)  # fmt: skip
from spark_pdf.layout.geometry import derived

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

_PLAIN, _STACKED = 1, 2


def stacks(style: Style) -> bool:
    """Whether a box is painted as a whole: positioned, translucent, or clipping."""
    kept = derived(style)
    found = kept.get("stacks")
    if found is None:
        clips = style.overflow_x != "visible" or style.overflow_y != "visible"
        found = kept["stacks"] = style.position != "static" or style.opacity < 1.0 or clips
    return found  # type: ignore[return-value]


class Painter:
    """Collects what one page paints, its links and its anchors."""

    __slots__ = ("anchors", "links")

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.anchors: dict[str, tuple[float, float]] = {}

    def page(self, fragments: list[tuple[Fragment, float, float]]) -> PaintGroup:
        """The root stacking context."""
        layer = _Layer(self)
        for fragment, x, y in fragments:
            layer.walk(fragment, x, y)
        return PaintGroup(layer.items())

    def link(self, target: str, x: float, y: float, width: float, height: float) -> None:
        """A rectangle that leads somewhere; it joins the one before it on the same line."""
        if not target or width <= 0 or height <= 0:
            return
        if self.links:
            last = self.links[-1]
            same_line = last.height == height and abs(last.y - y) < 0.01
            if last.target == target and same_line and last.x - 0.01 <= x <= last.x + last.width + 0.5:
                right = max(last.x + last.width, x + width)
                self.links[-1] = Link(target, last.x, last.y, right - last.x, height)
                return
        self.links.append(Link(target, x, y, width, height))


class _Layer:
    """One stacking context: what is painted below, at, and above its inline content."""

    __slots__ = ("above", "below", "blocks", "inline", "painter", "positioned")

    def __init__(self, painter: Painter) -> None:
        self.painter = painter
        self.below: list[tuple[int, PaintGroup]] = []
        self.blocks: list[Placed | PaintGroup] = []
        self.inline: list[Placed | PaintGroup] = []
        self.positioned: list[Placed | PaintGroup] = []
        self.above: list[tuple[int, PaintGroup]] = []

    def items(self) -> list[Placed | PaintGroup]:
        """All of it, in painting order."""
        if not (self.below or self.positioned or self.above):
            return self.blocks + self.inline
        self.below.sort(key=_z_index)
        self.above.sort(key=_z_index)
        return [
            *(group for _, group in self.below), *self.blocks, *self.inline, *self.positioned,
            *(group for _, group in self.above),
        ]  # fmt: skip

    def walk(self, fragment: Fragment, x: float, y: float) -> None:
        """Place a fragment whose parent's origin is at (x, y)."""
        kind = fragment.__class__
        x += fragment.x
        y += fragment.y
        if kind is TextFragment:
            self.inline.append(Placed(fragment, x, y))
            if fragment.link:  # type: ignore[union-attr]
                self._text_link(fragment, x, y)  # type: ignore[arg-type]
        elif kind is BoxFragment:
            self._box(fragment, x, y)  # type: ignore[arg-type]
        elif kind is ImageFragment:
            assert isinstance(fragment, ImageFragment)
            if fragment.style.visibility == "visible":
                self.inline.append(Placed(fragment, x, y))
            if fragment.link:
                self.painter.link(fragment.link, x, y, fragment.width, fragment.height)
        elif kind is EdgeFragment:
            self.blocks.append(Placed(fragment, x, y))
        elif kind is BulletFragment:
            self.inline.append(Placed(fragment, x, y))

    def _text_link(self, fragment: TextFragment, x: float, y: float) -> None:
        metrics = derived(fragment.style)["text"]
        top, bottom = metrics.ascent, metrics.descent  # type: ignore[attr-defined]
        self.painter.link(fragment.link, x, y - top, fragment.width, top + bottom)

    def _box(self, box: BoxFragment, x: float, y: float) -> None:
        style = box.style
        node = box.node
        if node is not None and node.id:
            self.painter.anchors.setdefault(node.id, (x, y))
        if stacks(style) and box.borders:
            self._stacked(box, x, y)
            return
        seen = paints(style) if box.borders else paints_background(style)
        if seen:
            inline = style.display == "inline"
            (self.inline if inline else self.blocks).append(Placed(box, x, y))
        if box.link:
            self.painter.link(box.link, x, y, box.width, box.height)
        if style.display in _ATOMIC:
            # Painted as if it were a stacking context, in its place among the inline content.
            layer = _Layer(self.painter)
            for child in box.children:
                layer.walk(child, x, y)
            if seen:
                self.inline.append(self.blocks.pop())
            self.inline += layer.items()
            return
        for child in box.children:
            self.walk(child, x, y)

    def _stacked(self, box: BoxFragment, x: float, y: float) -> None:
        style = box.style
        layer = _Layer(self.painter)
        own: list[Placed | PaintGroup] = [Placed(box, x, y)] if paints(style) else []
        if box.link:
            self.painter.link(box.link, x, y, box.width, box.height)
        for child in box.children:
            layer.walk(child, x, y)
        inner = layer.items()
        if (style.overflow_x != "visible" or style.overflow_y != "visible") and not _only_image(box):
            clip = (
                x + style.border_left_width,
                y + style.border_top_width,
                max(box.width - style.border_left_width - style.border_right_width, 0.0),
                max(box.height - style.border_top_width - style.border_bottom_width, 0.0),
            )
            inner = [PaintGroup(inner, clip=clip)] if inner else []
        if style.opacity < 1.0:
            items: list[Placed | PaintGroup] = [PaintGroup(own + inner, opacity=style.opacity)]
        else:
            items = own + inner
        if not items:
            return
        z = style.z_index if style.position != "static" and style.z_index.__class__ is int else 0
        if z:
            (self.below if z < 0 else self.above).append((z, PaintGroup(items)))
        elif style.position != "static" or style.opacity < 1.0:
            self.positioned += items
        elif style.display in _ATOMIC or style.display == "inline":
            self.inline += items
        else:
            self.blocks += own
            self.inline += inner if own or inner is not items else items


_ATOMIC = ("inline-block", "inline-table")


def _only_image(box: BoxFragment) -> bool:
    """An image fills its content box, so there is nothing to clip."""
    return len(box.children) == 1 and box.children[0].__class__ is ImageFragment


def _z_index(entry: tuple[int, PaintGroup]) -> int:
    return entry[0]
