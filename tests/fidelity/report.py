"""Pictures of a case: ours, the reference, the difference, side by side, and a page that shows all cases."""

from __future__ import annotations

import html
import subprocess
from pathlib import Path

from PIL import Image, ImageChops

_SEEN = 48
"""A channel's difference, of 255, that an eye sees."""


def page_pictures(pdf: Path, folder: Path, dpi: int = 72) -> list[Image.Image]:
    """The pages of a PDF, by poppler."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("page-*.png"):
        old.unlink()
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", str(pdf), str(folder / "page")], check=True)
    return [Image.open(path).convert("RGB") for path in sorted(folder.glob("page-*.png"))]


def contact_sheet(ours: list[Image.Image], reference: list[Image.Image], target: Path) -> float:
    """Write ours, the reference and the difference as one PNG, a row for each page. Returns the share of pixels that
    differ to the eye."""
    rows, different, total = [], 0, 0
    for i in range(max(len(ours), len(reference))):
        a = ours[i] if i < len(ours) else None
        b = reference[i] if i < len(reference) else None
        size = (a or b or Image.new("RGB", (8, 8))).size
        a, b = a or Image.new("RGB", size, "#ddd"), b or Image.new("RGB", size, "#ddd")
        width, height = max(a.width, b.width), max(a.height, b.height)
        difference = ImageChops.difference(_grown(a, width, height), _grown(b, width, height))
        different += sum(difference.convert("L").histogram()[_SEEN:])
        total += width * height
        rows.append((a, b, ImageChops.invert(difference)))
    width = max(sum(picture.width + 6 for picture in row) for row in rows)
    sheet = Image.new("RGB", (width, sum(max(p.height for p in row) + 6 for row in rows)), "#666")
    top = 0
    for row in rows:
        left = 0
        for picture in row:
            sheet.paste(picture, (left, top))
            left += picture.width + 6
        top += max(picture.height for picture in row) + 6
    sheet.save(target)
    return different / max(total, 1)


def _grown(picture: Image.Image, width: int, height: int) -> Image.Image:
    grown = Image.new("RGB", (width, height), "white")
    grown.paste(picture, (0, 0))
    return grown


def write_index(rows: list[dict[str, object]], target: Path) -> None:
    """The page that shows all cases."""
    parts = [
        "<!DOCTYPE html><meta charset=utf-8><title>Fidelity</title><style>body{font:14px sans-serif;margin:2em}"
        "table{border-collapse:collapse}td,th{padding:.2em .8em;text-align:left;border-bottom:1px solid #ddd}"
        "img{max-width:100%}.bad{color:#b00}</style><h1>Ours, the reference, the difference</h1><table><tr>"
        + "".join(f"<th>{name}" for name in rows[0])
    ]
    for row in rows:
        cells = "".join(f"<td>{html.escape(str(value))}" for value in row.values())
        parts.append(f"<tr{' class=bad' if row['wrong'] else ''}>{cells}")
    parts.append("</table>")
    for row in rows:
        name = html.escape(str(row["case"]))
        parts.append(
            f"<h2 id={name}>{name}, {row['score']}</h2><p>{html.escape(str(row['note']))}<p><img src='{name}.png'>"
        )
    target.write_text("\n".join(parts), encoding="utf-8")
