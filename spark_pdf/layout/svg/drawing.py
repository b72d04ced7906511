"""What SVG becomes: a frozen tree of shapes, texts, pictures and groups, in px of the box that it fills, y downwards.

Made by `builder`, drawn by `pdf`. Every transform is applied already; a tiling pattern alone has a space of its own,
whose matrix leads to that box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.shapes.matrix import Matrix

if TYPE_CHECKING:
    from spark_pdf.layout.fragments import TextFragment
    from spark_pdf.layout.images import Image
    from spark_pdf.layout.shapes.paths import Bounds, Path
    from spark_pdf.layout.values import Color
    from spark_pdf.model import RenderWarning


class Gradient(NamedTuple):
    """A gradient whose ends go on for ever (`spreadMethod` is worked into the stops).

    `coords`: x1 y1 x2 y2, or for a radial one fx fy fr cx cy r. `stops`: offsets from 0 to 1, never falling.
    """

    radial: bool
    coords: tuple[float, ...]
    stops: tuple[tuple[float, Color], ...]
    matrix: Matrix


class Tiling(NamedTuple):
    """A pattern: `nodes` within `bounds`, repeated every `step_x` and `step_y`, all in pattern space."""

    nodes: tuple[Node, ...]
    bounds: Bounds
    step_x: float
    step_y: float
    matrix: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """What a shape is filled or stroked with, and its alpha, which is not in the colour."""

    paint: Color | Gradient | Tiling
    alpha: float


class Pen(NamedTuple):
    """How a stroke is drawn. `cap`: 0 butt, 1 round, 2 square. `join`: 0 miter, 1 round, 2 bevel."""

    width: float
    cap: int
    join: int
    miter: float
    dashes: tuple[float, ...]
    offset: float


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A path, filled and stroked. `matrix`: the pen's, where it is not drawn upright; `path` is before it then."""

    path: Path
    evenodd: bool
    fill: Ink | None
    stroke: Ink | None
    pen: Pen | None
    matrix: Matrix | None = None
    stroke_first: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Words on one line. `matrix` leads from a space in which the baseline starts at the origin, y downwards.

    `size` and the fragment's spacings are in that space.
    """

    fragment: TextFragment
    size: float
    spacing: float
    matrix: Matrix
    fill: Ink | None
    stroke: Ink | None
    pen: Pen | None
    stroke_first: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A bitmap that fills the unit square, y downwards, under `matrix`."""

    image: Image
    matrix: Matrix


class Clip(NamedTuple):
    """A path outside of which nothing shows."""

    path: Path
    evenodd: bool


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """What shows through: by the luminance of `nodes`, or by their alpha."""

    nodes: tuple[Node, ...]
    luminance: bool


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Nodes under clips, masks and one opacity; `blend` is a `mix-blend-mode`, `isolated` says that it is a group."""

    nodes: tuple[Node, ...]
    opacity: float = 1.0
    clips: tuple[Clip, ...] = ()
    masks: tuple[Mask, ...] = ()
    blend: str = "normal"


Node = Shape | Text | Picture | Group


class DrawingLink(NamedTuple):
    """A rectangle of the drawing that leads somewhere."""

    target: str
    x: float
    y: float
    width: float
    height: float


class Drawing:
    """A whole SVG at one size. `drawn` belongs to `pdf`: what it remembers of it, in place of the nodes."""

    __slots__ = ("clips", "drawn", "height", "links", "nodes", "warnings", "width")

    def __init__(
        self, nodes: tuple[Node, ...], width: float, height: float, clips: bool,
        links: tuple[DrawingLink, ...] = (), warnings: tuple[RenderWarning, ...] = (),
    ) -> None:  # fmt: skip
        self.nodes = nodes
        self.width = width
        self.height = height
        self.clips = clips
        """Whether nothing shows outside of the box."""
        self.links = links
        self.warnings = warnings
        self.drawn: object | None = None
