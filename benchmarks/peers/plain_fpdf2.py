"""fpdf2 as its documentation says: fonts added to each document, `table()`, `{nb}` for the number of pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.fonts import FontFace

from benchmarks.peers.ours import BUNDLE


class _Document(FPDF):
    def footer(self) -> None:
        self.set_y(-18)
        self.set_font("DejaVu", size=7.5)
        self.cell(0, 5, f"Page {self.page_no()} of {{nb}}", align="C")


def renderer(kind: str, fonts: Path, folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """Nothing is kept between documents: fpdf2 has no place for it."""
    logo = str(BUNDLE / "logo.png")
    headings = FontFace(emphasis="BOLD", color=255, fill_color=(34, 34, 51))

    def render(record: dict[str, Any]) -> bytes:
        pdf = _Document()
        pdf.set_margins(20, 18)
        pdf.set_auto_page_break(True, 22)
        pdf.add_font("DejaVu", "", str(fonts / "DejaVuSans.ttf"))
        pdf.add_font("DejaVu", "B", str(fonts / "DejaVuSans-Bold.ttf"))
        pdf.set_font("DejaVu", size=9)
        pdf.add_page()
        pdf.image(logo, w=44)
        for party in (record["seller"], record["buyer"]):
            pdf.multi_cell(0, 4.5, "\n".join(party.values()), new_x="LMARGIN", new_y="NEXT")
            pdf.ln(6)
        pdf.set_font(style="B", size=16)
        pdf.cell(0, 8, f"{record['kind']} {record['number']}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font(style="", size=9)
        meta = f"Date: {record['date']} · Customer: {record['customer']} · Due: {record['due']}"
        pdf.cell(0, 6, meta, new_x="LMARGIN", new_y="NEXT")
        with pdf.table(
            col_widths=(14, 80, 22, 26, 28), text_align=("RIGHT", "LEFT", *["RIGHT"] * 3), borders_layout="NONE",
            cell_fill_color=(240, 242, 245), cell_fill_mode="ROWS", headings_style=headings, line_height=6,
        ) as table:  # fmt: skip
            table.row(("Pos.", "Description", "Quantity", "Unit price", "Amount"))
            for line in record["lines"]:
                table.row((line["position"], line["text"], line["quantity"], line["price"], line["amount"]))
        pdf.ln(5)
        for label, value in (("Net", record["net"]), ("VAT 19 %", record["vat"]), ("Total", record["total"])):
            pdf.set_x(120)
            pdf.cell(30, 6, label)
            pdf.cell(40, 6, value, align="R", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(6)
        pdf.multi_cell(0, 4, record["terms"])
        return bytes(pdf.output())

    return render
