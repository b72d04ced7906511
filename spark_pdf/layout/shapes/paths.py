"""Paths: path data and basic shapes as lines and cubic Bézier curves (SVG 2, chapters 9 and 10, and B.2).

In: the text of `d`, or a shape's geometry. Out: a `Path`. Path data that is not valid is drawn up to where it is not.
"""

from __future__ import annotations

import math
import re

from spark_pdf.layout.shapes.matrix import Matrix
from spark_pdf.layout.shapes.numbers import held

KAPPA = 0.5522847498
_POINTS = {"M": 1, "L": 1, "C": 3, "c": 3, "Z": 0}
_VALID = re.compile(r"[\s,MmZzLlHhVvCcSsQqTtAa0-9eE+.\-]*")
_SEGMENT = re.compile(r"([MmZzLlHhVvCcSsQqTtAa])([^MmZzLlHhVvCcSsQqTtAa]*)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_ARC = re.compile(
    r"[\s,]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)[\s,]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)[\s,]*"
    r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)[\s,]*([01])[\s,]*([01])[\s,]*"
    r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)[\s,]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
)
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2}

Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Path:
    """Operators M, L, C, Z, one letter each, and all their points, x and y in turn.

    A "c" is a curve whose end is no vertex of the path: a piece of an arc, at which no marker stands.
    """

    __slots__ = ("ops", "points")

    def __init__(self, ops: str, points: tuple[float, ...]) -> None:
        self.ops = ops
        self.points = points

    def transformed(self, matrix: Matrix) -> Path:
        """The path with every point transformed."""
        a, b, c, d, e, f = matrix
        points = self.points
        xs, ys = points[::2], points[1::2]
        out = [0.0] * len(points)
        if b == 0.0 and c == 0.0:
            out[::2] = [a * x + e for x in xs]
            out[1::2] = [d * y + f for y in ys]
        else:
            out[::2] = [a * x + c * y + e for x, y in zip(xs, ys, strict=True)]
            out[1::2] = [b * x + d * y + f for x, y in zip(xs, ys, strict=True)]
        return Path(self.ops, tuple(out))

    def with_area(self) -> Path:
        """The subpaths that enclose something: PDF shows the others as hairlines, SVG does not (8.5.3.3.1)."""
        ops, points = self.ops, self.points
        kept_ops: list[str] = []
        kept_points: list[float] = []
        start = at = begin = 0
        for index in range(len(ops) + 1):
            if index == len(ops) or (ops[index] == "M" and index):
                if not _is_flat(points[begin:at]):
                    kept_ops.append(ops[start:index])
                    kept_points += points[begin:at]
                start, begin = index, at
            if index < len(ops):
                at += 2 * _POINTS[ops[index]]
        return self if len(kept_points) == len(points) else Path("".join(kept_ops), tuple(kept_points))

    def bounds(self) -> Bounds | None:
        """The exact box around it, None if it is empty."""
        if not self.points:
            return None
        xs, ys = list(self.points[::2]), list(self.points[1::2])
        if "C" in self.ops or "c" in self.ops:
            xs, ys = self._extremes()
        return min(xs), min(ys), max(xs), max(ys)

    def _extremes(self) -> tuple[list[float], list[float]]:
        """Ends of all segments, and where curves turn in x or y."""
        xs: list[float] = []
        ys: list[float] = []
        at, points = 0, self.points
        for op in self.ops:
            count = _POINTS[op]
            if count == 3:
                for values, axis in ((xs, 0), (ys, 1)):
                    p0, p1, p2, p3 = (points[at + axis + shift] for shift in (-2, 0, 2, 4))
                    if not min(p0, p3) <= p1 <= max(p0, p3) or not min(p0, p3) <= p2 <= max(p0, p3):
                        values += [_cubic(p0, p1, p2, p3, t) for t in _turns(p0, p1, p2, p3)]
            if count:
                at += 2 * count
                xs.append(points[at - 2])
                ys.append(points[at - 1])
        return xs, ys

    def segments(self) -> list[tuple[str, tuple[float, float], tuple[float, ...]]]:
        """(operator, where it starts, its points) of each; Z has the point that it leads back to."""
        found: list[tuple[str, tuple[float, float], tuple[float, ...]]] = []
        start = current = (0.0, 0.0)
        at = 0
        for op in self.ops:
            size = 2 * _POINTS[op]
            points = self.points[at : at + size] if size else start
            found.append((op, current, points))
            at += size
            current = (points[-2], points[-1])
            if op == "M":
                start = current
        return found

    def length(self) -> float:
        """How long it is; curves as sixteen chords, which is exact to a thousandth."""
        total = 0.0
        for op, (x, y), points in self.segments():
            if op in "LZ":
                total += math.hypot(points[0] - x, points[1] - y)
            elif op in "Cc":
                x1, y1, x2, y2, x3, y3 = points
                before = (x, y)
                for step in range(1, 17):
                    t = step / 16
                    here = (_cubic(x, x1, x2, x3, t), _cubic(y, y1, y2, y3, t))
                    total += math.hypot(here[0] - before[0], here[1] - before[1])
                    before = here
        return total


def _is_flat(points: tuple[float, ...]) -> bool:
    """Whether all points lie on one line."""
    x, y = points[0], points[1]
    dx = dy = 0.0
    for index in range(2, len(points), 2):
        px, py = points[index] - x, points[index + 1] - y
        if dx == dy == 0.0:
            dx, dy = px, py
        elif abs(dx * py - dy * px) > 1e-9 * (abs(dx) + abs(dy)) * (abs(px) + abs(py)):
            return False
    return True


def _cubic(p0: float, p1: float, p2: float, p3: float, t: float) -> float:
    u = 1 - t
    return u * u * u * p0 + 3 * u * u * t * p1 + 3 * u * t * t * p2 + t * t * t * p3


def _turns(p0: float, p1: float, p2: float, p3: float) -> list[float]:
    """Where the derivative of a cubic is zero, between 0 and 1."""
    a, b, c = -p0 + 3 * p1 - 3 * p2 + p3, 2 * (p0 - 2 * p1 + p2), p1 - p0
    if abs(a) < 1e-12:
        roots = [-c / b] if b else []
    else:
        inside = b * b - 4 * a * c
        root = math.sqrt(inside) if inside >= 0 else 0.0
        roots = [(-b + root) / (2 * a), (-b - root) / (2 * a)] if inside >= 0 else []
    return [t for t in roots if 0 < t < 1]


def joined(bounds: Bounds | None, more: Bounds | None) -> Bounds | None:
    """The box around both."""
    if bounds is None or more is None:
        return bounds or more
    return min(bounds[0], more[0]), min(bounds[1], more[1]), max(bounds[2], more[2]), max(bounds[3], more[3])


def transformed_bounds(bounds: Bounds, matrix: Matrix) -> Bounds:
    """The box around a transformed box."""
    a, b, c, d, e, f = matrix
    left, top, right, bottom = bounds
    xs = [a * x + c * y + e for x in (left, right) for y in (top, bottom)]
    ys = [b * x + d * y + f for x in (left, right) for y in (top, bottom)]
    return min(xs), min(ys), max(xs), max(ys)


# Basic shapes (SVG 2, chapter 10)


def rectangle(x: float, y: float, width: float, height: float, rx: float = 0.0, ry: float = 0.0) -> Path:
    """A rectangle, its corners rounded."""
    right, bottom = x + width, y + height
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    if rx <= 0 or ry <= 0:
        return Path("MLLLZ", (x, y, right, y, right, bottom, x, bottom))
    h, v = rx * (1 - KAPPA), ry * (1 - KAPPA)
    return Path(
        "MLCLCLCLCZ",
        (
            x + rx, y, right - rx, y,
            right - h, y, right, y + v, right, y + ry, right, bottom - ry,
            right, bottom - v, right - h, bottom, right - rx, bottom, x + rx, bottom,
            x + h, bottom, x, bottom - v, x, bottom - ry, x, y + ry,
            x, y + v, x + h, y, x + rx, y,
        ),
    )  # fmt: skip


def ellipse(cx: float, cy: float, rx: float, ry: float) -> Path:
    """An ellipse, from three o'clock on clockwise."""
    h, v = rx * KAPPA, ry * KAPPA
    return Path(
        "MCCCCZ",
        (
            cx + rx, cy,
            cx + rx, cy + v, cx + h, cy + ry, cx, cy + ry,
            cx - h, cy + ry, cx - rx, cy + v, cx - rx, cy,
            cx - rx, cy - v, cx - h, cy - ry, cx, cy - ry,
            cx + h, cy - ry, cx + rx, cy - v, cx + rx, cy,
        ),
    )  # fmt: skip


def polyline(values: list[float], close: bool) -> Path:
    """Straight lines through points; an odd last number is passed over."""
    count = len(values) // 2
    if not count:
        return Path("", ())
    return Path("M" + "L" * (count - 1) + ("Z" if close else ""), tuple(values[: 2 * count]))


# Path data


def parse_path(text: str) -> Path:
    """Path data as a path."""
    valid = _VALID.match(text)
    if valid is not None and valid.end() < len(text):
        text = text[: valid.end()]
    reader = _Reader()
    for letter, arguments in _SEGMENT.findall(text):
        if not reader.ops and letter not in "Mm":
            break
        if not reader.read(letter, arguments):
            break
    return Path("".join(reader.ops), tuple(reader.points))


class _Reader:
    """Path data on its way to absolute coordinates."""

    __slots__ = ("closed", "control", "last", "ops", "points", "start_x", "start_y", "x", "y")

    def __init__(self) -> None:
        self.ops: list[str] = []
        self.points: list[float] = []
        self.x = self.y = self.start_x = self.start_y = 0.0
        self.control = (0.0, 0.0)
        self.last = ""  # the command before, in upper case
        self.closed = False

    def read(self, letter: str, arguments: str) -> bool:
        """One command with all its repetitions; False where the path ends because it is not valid."""
        command = letter.upper()
        if command == "Z":
            self.ops.append("Z")
            self.x, self.y = self.start_x, self.start_y
            self.last, self.closed = "Z", True
            return not arguments.strip(" \t\r\n\f,")
        relative = letter != command
        if command == "A":
            return self._arcs(arguments, relative)
        values = [float(found) for found in _NUMBER.findall(arguments)]
        takes = _TAKES[command]
        whole = len(values) - len(values) % takes
        for at in range(0, whole, takes):
            self._one(command, values[at : at + takes], relative)
            if command == "M":
                command = "L"
        return whole == len(values) and whole > 0

    def _one(self, command: str, values: list[float], relative: bool) -> None:
        x, y = self.x, self.y
        if command == "H":
            points = [held(values[0] + (x if relative else 0.0)), y]
        elif command == "V":
            points = [x, held(values[0] + (y if relative else 0.0))]
        elif relative:
            points = [held(value + (y if index % 2 else x)) for index, value in enumerate(values)]
        else:
            points = [held(value) for value in values]
        if command == "M":
            self.start_x, self.start_y = points
            self.ops.append("M")
            self.closed = False
        else:
            self._go_on()
            if command in "LHV":
                self.ops.append("L")
            else:
                points = self._curve(command, points)
                self.ops.append("C")
        self.points += points
        self.x, self.y = points[-2], points[-1]
        self.last = command

    def _go_on(self) -> None:
        """What follows a closed subpath without a move starts where that one did."""
        if self.closed:
            self.ops.append("M")
            self.points += (self.x, self.y)
            self.closed = False

    def _curve(self, command: str, points: list[float]) -> list[float]:
        x, y = self.x, self.y
        if command in "CS":
            if command == "S":
                mirrored = self._mirrored("CS")
                points = [*mirrored, *points]
            self.control = (points[2], points[3])
            return points
        if command == "T":
            cx, cy = self._mirrored("QT")
            points = [cx, cy, *points]
        cx, cy, ex, ey = points
        self.control = (cx, cy)
        return [x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3, ex + (cx - ex) * 2 / 3, ey + (cy - ey) * 2 / 3, ex, ey]

    def _mirrored(self, kinds: str) -> tuple[float, float]:
        if self.last and self.last in kinds:
            return held(2 * self.x - self.control[0]), held(2 * self.y - self.control[1])
        return self.x, self.y

    def _arcs(self, arguments: str, relative: bool) -> bool:
        at = 0
        while True:
            found = _ARC.match(arguments, at)
            if found is None:
                break
            at = found.end()
            rx, ry, turn, large, sweep, x, y = (held(float(value)) for value in found.groups())
            if relative:
                x, y = held(x + self.x), held(y + self.y)
            self._go_on()
            curves = arc_curves(self.x, self.y, rx, ry, turn, bool(large), bool(sweep), x, y)
            if curves:
                self.ops.append("c" * (len(curves) // 6 - 1) + "C")
                self.points += curves
            else:
                self.ops.append("L")
                self.points += (x, y)
            self.x, self.y, self.last = x, y, "A"
        return at > 0 and not arguments[at:].strip(" \t\r\n\f,")


def arc_curves(
    x1: float, y1: float, rx: float, ry: float, degrees: float, large: bool, sweep: bool, x2: float, y2: float
) -> list[float]:
    """An elliptical arc as cubic curves of at most a quarter each; none where it is a straight line (SVG 2, B.2)."""
    rx, ry = abs(rx), abs(ry)
    if rx < 1e-9 or ry < 1e-9 or (x1 == x2 and y1 == y2):
        return []
    turn = math.radians(math.fmod(degrees, 360))
    cosine, sine = math.cos(turn), math.sin(turn)
    dx, dy = (x1 - x2) / 2, (y1 - y2) / 2
    px, py = cosine * dx + sine * dy, -sine * dx + cosine * dy
    excess = (px / rx) * (px / rx) + (py / ry) * (py / ry)
    if excess > 1:
        rx, ry = rx * math.sqrt(excess), ry * math.sqrt(excess)
    below = (rx * py) * (rx * py) + (ry * px) * (ry * px)
    above = (rx * ry) * (rx * ry) - below
    factor = math.sqrt(max(above, 0.0) / below) if below else 0.0
    if large == sweep:
        factor = -factor
    qx, qy = factor * rx * py / ry, -factor * ry * px / rx
    cx, cy = cosine * qx - sine * qy + (x1 + x2) / 2, sine * qx + cosine * qy + (y1 + y2) / 2
    start = math.atan2((py - qy) / ry, (px - qx) / rx)
    extent = math.atan2((-py - qy) / ry, (-px - qx) / rx) - start
    if sweep and extent < 0:
        extent += 2 * math.pi
    elif not sweep and extent > 0:
        extent -= 2 * math.pi
    count = max(1, math.ceil(abs(extent) / (math.pi / 2) - 1e-9))
    return _arc_pieces(cx, cy, rx, ry, cosine, sine, start, extent / count, count, (x2, y2))


def _arc_pieces(
    cx: float, cy: float, rx: float, ry: float, cosine: float, sine: float, start: float, step: float, count: int,
    end: tuple[float, float],
) -> list[float]:  # fmt: skip
    reach = 4 / 3 * math.tan(step / 4)
    out: list[float] = []

    def place(u: float, v: float) -> None:
        out.append(cx + cosine * rx * u - sine * ry * v)
        out.append(cy + sine * rx * u + cosine * ry * v)

    for index in range(count):
        a, b = start + index * step, start + (index + 1) * step
        cos_a, sin_a, cos_b, sin_b = math.cos(a), math.sin(a), math.cos(b), math.sin(b)
        place(cos_a - reach * sin_a, sin_a + reach * cos_a)
        place(cos_b + reach * sin_b, sin_b - reach * cos_b)
        place(cos_b, sin_b)
    out[-2:] = end  # exactly, whatever rounding made of it
    return out
