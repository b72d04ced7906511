"""Reftests: a test page and its reference page in, both rendered by us; out comes what is wrong, or nothing.

Test pages say what they are compared with in the manner of the web platform tests
(https://web-platform-tests.org/writing-tests/reftests.html): `<link rel="match" href="NAME-ref.html">` or
`rel="mismatch"`, and `<meta name="fuzzy" content="maxDifference=N;totalPixels=M">`. Pages are rasterised by
pdfium at 96 dpi, so that one CSS px is one pixel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pypdfium2
from PIL import Image, ImageChops

from spark_pdf.layout.document import LayoutEngine
from spark_pdf.model import RenderWarning
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.template.bundle import Bundle
from spark_pdf.text.fonts import FontSet

HERE = Path(__file__).parent
EXPECTED_FAILURES = HERE / "expected_failures.txt"
NOISE = 3
"""A channel's difference, of 255, that no test sees: what rounding leaves."""
MARKS = ("blank", "warnings")
_NO_TEST_WORDS = ("-ref", "-notref")


@dataclass
class Head:
    """What a page says of itself as a test."""

    match: list[str] = field(default_factory=list)
    mismatch: list[str] = field(default_factory=list)
    max_difference: int = NOISE
    total_pixels: int = 0
    marks: set[str] = field(default_factory=set)


class _HeadParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.head = Head()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        name, content = values.get("name"), values.get("content", "")
        if tag == "link" and values.get("rel") in ("match", "mismatch"):
            (self.head.match if values["rel"] == "match" else self.head.mismatch).append(values.get("href", ""))
        elif tag == "meta" and name == "fuzzy":
            self._fuzzy(content)
        elif tag == "meta" and name == "reftest":
            self.head.marks |= set(content.split())

    def _fuzzy(self, content: str) -> None:
        found = re.fullmatch(r"\s*(?:maxDifference=)?(?:\d+-)?(\d+)\s*;\s*(?:totalPixels=)?(?:\d+-)?(\d+)\s*", content)
        if found is None:
            raise ValueError(f"a fuzzy that says nothing: {content}")
        self.head.max_difference, self.head.total_pixels = int(found[1]), int(found[2])


def parse_head(html: str) -> Head:
    """References, tolerance and marks of a page."""
    parser = _HeadParser()
    parser.feed(html)
    return parser.head


class Rendered:
    """A page's PDF as pictures, one for each page of paper."""

    def __init__(self, pdf: bytes, warnings: tuple[RenderWarning, ...]) -> None:
        self.warnings = warnings
        self.pictures: list[Image.Image] = []
        document = pypdfium2.PdfDocument(pdf)
        for page in document:
            self.pictures.append(page.render(scale=96 / 72, rev_byteorder=True).to_pil())
            page.close()
        document.close()

    @cached_property
    def blank(self) -> bool:
        """Is there nothing but one colour on every page?"""
        return all(low == high for picture in self.pictures for low, high in picture.getextrema())


class Runner:
    """Renders pages of a folder with one set of faces, and compares them."""

    def __init__(self, root: Path = HERE) -> None:
        self.root = root
        self._fonts = FontSet()
        self._pdf = PdfEngine()
        self._rendered: dict[str, Rendered] = {}

    @cached_property
    def _bundle(self) -> Bundle:
        files = {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and path.suffix not in (".py", ".pyc", ".md", ".txt")
        }
        return Bundle.from_files({**files, "template.html": b""}, "reftests")

    def tests(self) -> list[str]:
        """Paths of the test pages: every page that is not a reference by its name."""
        pages = (path.relative_to(self.root) for path in self.root.rglob("*.html"))
        return sorted(path.as_posix() for path in pages if not path.stem.endswith(_NO_TEST_WORDS))

    def render(self, path: str) -> Rendered:
        """The page at this path; a reference of several tests is rendered once."""
        found = self._rendered.get(path)
        if found is None:
            html = self.html(path)
            # Faces of its own may not show up in other tests; a linked sheet might bring some.
            fonts = FontSet() if "@font-face" in html or "stylesheet" in html else self._fonts
            laid_out = LayoutEngine(self._bundle, fonts).lay_out(html, path)
            pdf, _ = self._pdf.write(laid_out)
            found = self._rendered[path] = Rendered(pdf, laid_out.warnings)
            laid_out.unlink()
        return found

    def html(self, path: str) -> str:
        """The text of a page."""
        return (self.root / path).read_text(encoding="utf-8")

    def check(self, path: str) -> str:
        """What is wrong with a test; the empty string if it passes. Pictures of a failure are in `failure_pictures`."""
        head = parse_head(self.html(path))
        if head.marks - set(MARKS):
            return f"unknown marks: {' '.join(sorted(head.marks - set(MARKS)))}"
        if not head.match and not head.mismatch:
            return "it names no reference: <link rel=match href=...>"
        test = self.render(path)
        if test.warnings and "warnings" not in head.marks:
            return "it is rendered with warnings: " + "; ".join(map(str, test.warnings))
        verdicts = [self._against(path, test, href, head) for href in head.match]
        if verdicts and "" not in verdicts:
            return "; ".join(verdicts)
        for href in head.mismatch:
            verdict = self._against(path, test, href, head)
            if not verdict:
                return f"it looks like {href}, and must not"
            if verdict.startswith("broken"):
                return verdict
        return ""

    def _against(self, path: str, test: Rendered, href: str, head: Head) -> str:
        target = (PurePosixPath(path).parent / href).as_posix()
        parts: list[str] = []
        for part in target.split("/"):
            parts = parts[:-1] if part == ".." else [*parts, part]
        target = "/".join(parts)
        if not (self.root / target).is_file():
            return f"broken: the reference {href} does not exist"
        if target == path or self.html(target) == self.html(path):
            return f"broken: the reference {href} is the test itself"
        reference = self.render(target)
        marks = parse_head(self.html(target)).marks
        if reference.blank and "blank" not in marks | head.marks:
            return f"broken: the reference {href} is blank (if it should be: <meta name=reftest content=blank>)"
        if reference.warnings and "warnings" not in marks:
            return f"broken: {href} is rendered with warnings: " + "; ".join(map(str, reference.warnings))
        return difference(test, reference, head)


def difference(test: Rendered, reference: Rendered, head: Head) -> str:
    """How two rendered pages differ beyond the tolerance; the empty string if they don't."""
    if len(test.pictures) != len(reference.pictures):
        return f"{len(test.pictures)} pages; the reference has {len(reference.pictures)}"
    total, largest, where = 0, 0, ""
    for number, (a, b) in enumerate(zip(test.pictures, reference.pictures, strict=True), 1):
        if a.size != b.size:
            return f"page {number} is {a.size} px large; the reference's is {b.size}"
        if a.tobytes() == b.tobytes():
            continue
        channels = ImageChops.difference(a, b).split()
        worst = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
        count = sum(worst.histogram()[NOISE + 1 :])
        if count:
            box = worst.point(lambda value: 255 if value > NOISE else 0).getbbox()
            where = where or f"page {number}, {box}"
            largest = max(largest, int(worst.getextrema()[1]))
            total += count
    if total > head.total_pixels or largest > max(head.max_difference, NOISE):
        return f"{total} pixels differ by up to {largest}, first on {where}"
    return ""


def save_pictures(runner: Runner, path: str, folder: Path) -> Path:
    """Test, first reference and their difference side by side, as one PNG."""
    head = parse_head(runner.html(path))
    sides = [runner.render(path)]
    for href in [*head.match, *head.mismatch][:1]:
        target = PurePosixPath(path).parent / href
        if (runner.root / target).is_file():
            sides.append(runner.render(target.as_posix()))
    rows = []
    for number in range(max(len(side.pictures) for side in sides)):
        row = [side.pictures[number] if number < len(side.pictures) else Image.new("RGB", (8, 8)) for side in sides]
        if len(row) == 2 and row[0].size == row[1].size:
            row.append(ImageChops.invert(ImageChops.difference(*row)))
        rows.append(row)
    width = max(sum(picture.width + 8 for picture in row) for row in rows)
    sheet = Image.new("RGB", (width, sum(max(p.height for p in row) + 8 for row in rows)), "#888")
    top = 0
    for row in rows:
        left = 0
        for picture in row:
            sheet.paste(picture, (left, top))
            left += picture.width + 8
        top += max(picture.height for picture in row) + 8
    target_file = folder / (path.replace("/", "-").removesuffix(".html") + ".png")
    target_file.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target_file)
    return target_file


def expected_failures(file: Path = EXPECTED_FAILURES) -> dict[str, str]:
    """Paths of tests that are known to fail, with the reason of each."""
    found: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            path, _, reason = line.partition(" ")
            found[path] = reason.strip()
    return found
