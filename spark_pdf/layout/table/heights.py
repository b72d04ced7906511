"""How rows share the height that a table is given beyond what they need (CSS Tables 3, 3.10.5 and 3.10.6).

In: the rows as they are placed, the height there is to share, the table's own height, which percentages are of. Out:
how much higher each row becomes. Rows of bodies come first, then headers and footers; percentages are served before
rows of automatic height, and those before rows of a given height, each kind in proportion to what it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_pdf.layout.boxes import RowBox


def shares(rows: Sequence[tuple[RowBox, float]], extra: float, height: float) -> list[float]:
    """What each row gets of `extra`; `rows`: with their heights so far."""
    found = [0.0] * len(rows)
    bodies = [i for i, (row, _) in enumerate(rows) if row.group.kind == "table-row-group"]
    chosen = bodies or list(range(len(rows)))
    for i in chosen:
        percent = _percent(rows[i][0])
        if percent and extra > 0:
            found[i] = min(max(percent * height - rows[i][1], 0.0), extra)
            extra -= found[i]
    if extra <= 0:
        return found
    autos = [i for i in chosen if rows[i][1] > 0 and _is_auto(rows[i][0])]
    receivers = autos or [i for i in chosen if not _percent(rows[i][0])] or chosen
    weights = {i: rows[i][1] + found[i] for i in receivers}
    total = sum(weights.values())
    for i, weight in weights.items():
        found[i] += extra * (weight / total if total else 1 / len(receivers))
    return found


def _percent(row: RowBox) -> float:
    """The largest percentage that a row or one of its cells asks for, as a fraction."""
    found = float(row.style.height) if type(row.style.height) is Percentage else 0.0
    for cell in row.cells:
        if type(cell.style.height) is Percentage and cell.rowspan == 1:
            found = max(found, float(cell.style.height))
    return found


def _is_auto(row: RowBox) -> bool:
    return type(row.style.height) is str and all(
        type(cell.style.height) is str for cell in row.cells if cell.rowspan == 1
    )
