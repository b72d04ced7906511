"""Where boxes of flex, grid and multi-column containers stand: helpers of their tests."""

from __future__ import annotations

import io

from PIL import Image as Pillow

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, PaintGroup, TextFragment

Area = tuple[float, float, float, float]
PAGE = "<style>@page { size: 220px 120px; margin: 10px } body { margin: 0; font: 10px/12px Arimo } p { margin: 0 } "


class _Files:
    """A bundle of one image, 40 by 20."""

    def read(self, url: str, base: str = "") -> bytes:
        if url != "a.png":
            raise BundleError(f"{url} is not in the bundle")
        out = io.BytesIO()
        Pillow.new("RGB", (40, 20), "red").save(out, "PNG")
        return out.getvalue()


def _walk(group: PaintGroup, areas: dict[str, Area], texts: list[tuple[float, float, str]]) -> None:
    for item in group.items:
        if isinstance(item, PaintGroup):
            _walk(item, areas, texts)
        elif isinstance(item.fragment, BoxFragment):
            box, node = item.fragment, item.fragment.node
            if node is not None and node.id:
                areas.setdefault(
                    node.id,
                    (round(item.x - 10, 1), round(item.y - 10, 1), round(box.width, 1), round(box.height, 1)),
                )
        elif isinstance(item.fragment, TextFragment):
            text = "".join(word.text for word in item.fragment.words)
            # The baseline of a 12px line in 10px Arimo lies 9.465px below its top.
            texts.append((round(item.y - 9.465 - 10, 1), round(item.x - 10, 1), text))


def pages(body: str, css: str = "") -> list[tuple[dict[str, Area], list[tuple[str, float, float]]]]:
    """Of each page: border boxes by id (x, y, width, height in the page area), and (text, x, top) of its lines.

    Boxes are seen that have a background, which every box with an id has here.
    """
    html = f"{PAGE} [id] {{ background: #eee }} {css}</style>{body}"
    found = []
    for page in LayoutEngine(_Files()).lay_out(html).pages:  # type: ignore[arg-type]
        areas: dict[str, Area] = {}
        texts: list[tuple[float, float, str]] = []
        _walk(page.body, areas, texts)
        found.append((areas, [(text, x, y) for y, x, text in sorted(texts)]))
    return found


def item_areas(kind: str, css: str, items: list[str]) -> list[Area]:
    """Border boxes of the items of a container 200px wide: their styles are given, their texts are a, b, c ..."""
    inside = "".join(
        f"<div id={name} style='{style}'>{name}</div>" for name, style in zip("abcdef", items, strict=False)
    )
    areas = pages(f'<div style="display: {kind}; {css}">{inside}</div>', "@page { size: 220px 420px }")[0][0]
    return [areas[name] for name in "abcdef"[: len(items)]]
