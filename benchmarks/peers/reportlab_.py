"""ReportLab's platypus: flowables, one `Table` with a style, page numbers by the usual canvas that counts first."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Image, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from benchmarks.peers.ours import BUNDLE

DARK = colors.HexColor("#222233")
GREY = colors.HexColor("#555555")


class NumberedCanvas(Canvas):
    """Writes "Page x of y" when the number of pages is known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._states: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - ReportLab's name
        """Keep the page for later."""
        self._states.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Number the pages, then write."""
        for state in self._states:
            self.__dict__.update(state)
            self.setFont("DejaVu", 7.5)
            self.setFillColor(GREY)
            self.drawCentredString(A4[0] / 2, 11 * mm, f"Page {self._pageNumber} of {len(self._states)}")
            super().showPage()
        super().save()


def renderer(kind: str, fonts: Path, folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """Fonts registered and styles made once, as in any service."""
    pdfmetrics.registerFont(TTFont("DejaVu", str(fonts / "DejaVuSans.ttf")))
    pdfmetrics.registerFont(TTFont("DejaVu-Bold", str(fonts / "DejaVuSans-Bold.ttf")))
    logo = str(BUNDLE / "logo.png")
    body = ParagraphStyle("body", fontName="DejaVu", fontSize=9, leading=12.15, alignment=TA_LEFT)
    small = ParagraphStyle("small", body, fontSize=8, leading=10.8, textColor=GREY)
    head = ParagraphStyle("head", body, fontName="DejaVu-Bold", fontSize=16, leading=21)
    lines_style = TableStyle([
        ("FONT", (0, 0), (-1, 0), "DejaVu-Bold", 9), ("FONT", (0, 1), (-1, -1), "DejaVu", 9),
        ("BACKGROUND", (0, 0), (-1, 0), DARK), ("TEXTCOLOR", (0, 0), (-1, 0), colors.white),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), (colors.white, colors.HexColor("#f0f2f5"))),
        ("ALIGN", (0, 0), (-1, -1), "RIGHT"), ("ALIGN", (1, 0), (1, -1), "LEFT"),
    ])  # fmt: skip
    totals_style = TableStyle([
        ("FONT", (0, 0), (-1, 1), "DejaVu", 9), ("FONT", (0, 2), (-1, 2), "DejaVu-Bold", 9),
        ("ALIGN", (1, 0), (1, -1), "RIGHT"), ("LINEABOVE", (0, 2), (-1, 2), 1, DARK),
    ])  # fmt: skip
    header = ("Pos.", "Description", "Quantity", "Unit price", "Amount")

    def render(record: dict[str, Any]) -> bytes:
        seller, buyer = record["seller"], record["buyer"]
        rows = [header, *((r["position"], r["text"], r["quantity"], r["price"], r["amount"]) for r in record["lines"])]
        story = [
            Image(logo, 44 * mm, 13.2 * mm, hAlign="LEFT"),
            Spacer(0, 4 * mm),
            Paragraph("<br/>".join(escape(seller[k]) for k in ("name", "street", "city")), small),
            Spacer(0, 8 * mm),
            Paragraph("<br/>".join(escape(buyer[k]) for k in ("name", "street", "city")), body),
            Spacer(0, 10 * mm),
            Paragraph(f"{record['kind']} {record['number']}", head),
            Paragraph(f"Date: {record['date']} · Customer: {record['customer']} · Due: {record['due']}", body),
            Spacer(0, 6 * mm),
            Table(rows, (14 * mm, 80 * mm, 22 * mm, 26 * mm, 28 * mm), style=lines_style, repeatRows=1),
            Spacer(0, 5 * mm),
            Table(
                (("Net", record["net"]), ("VAT 19 %", record["vat"]), ("Total", record["total"])),
                (30 * mm, 40 * mm), style=totals_style, hAlign="RIGHT",
            ),
            Spacer(0, 8 * mm),
            Paragraph(escape(record["terms"]), small),
        ]  # fmt: skip
        out = io.BytesIO()
        document = SimpleDocTemplate(
            out, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm, topMargin=18 * mm, bottomMargin=22 * mm,
            title=f"{record['kind']} {record['number']}",
        )  # fmt: skip
        document.build(story, canvasmaker=NumberedCanvas)
        return out.getvalue()

    return render
