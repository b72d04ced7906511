"""Collapsed borders that were decided for an earlier table are those that this table would come to on its own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, EdgeFragment, PaintGroup, TextFragment

CSS = """<style>@page { size: 300px 120px; margin: 10px } body { margin: 0; font: 10px/12px Arimo }
table { border-collapse: collapse } td { border: 1px solid #111; padding: 1px } .a { border-top: 3px double red }
.b { border: 0 } .c { border-left: 5px solid blue } .d { border: hidden } tbody.e { border-bottom: 4px solid }
</style>"""

CELL = st.tuples(st.sampled_from("  abcd"), st.sampled_from(("", "", "", " colspan=2", " rowspan=2")))
ROW = st.tuples(st.sampled_from("  abc"), st.lists(CELL, min_size=1, max_size=3))
GROUP = st.tuples(
    st.sampled_from(("thead", "tbody", "tbody", "tfoot")), st.sampled_from("  ae"), st.lists(ROW, max_size=3)
)
TABLE = st.lists(GROUP, max_size=3)


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise BundleError(url)


def _markup(table) -> str:
    parts = []
    for tag, group, rows in table:
        parts.append(f"<{tag} class={group.strip() or 'z'}>")
        for row, cells in rows:
            parts.append(f"<tr class={row.strip() or 'z'}>")
            parts += [f"<td class={kind.strip() or 'z'}{span}>x" for kind, span in cells]
        parts.append(f"</{tag}>")
    return "<table>" + "".join(parts) + "</table>"


def _described(group: PaintGroup) -> list[object]:
    found: list[object] = []
    for item in group.items:
        if isinstance(item, PaintGroup):
            found += _described(item)
        else:
            fragment = item.fragment
            found.append((type(fragment).__name__, item.x, item.y, fragment.width))
            if isinstance(fragment, EdgeFragment):
                found.append((fragment.line, fragment.color, fragment.height))
            elif isinstance(fragment, BoxFragment):
                found.append(fragment.height)
            elif isinstance(fragment, TextFragment):
                found.append(fragment.words[0].text)
    return found


def _pages(engine: LayoutEngine, body: str) -> list[object]:
    return [_described(page.body) for page in engine.lay_out(CSS + body).pages]


@settings(max_examples=60, deadline=None)
@given(st.lists(TABLE, min_size=2, max_size=6))
def test_what_is_remembered_changes_no_border(tables):
    engine = LayoutEngine(_Nothing())
    for table in [*tables, *tables]:
        body = _markup(table)
        assert _pages(engine, body) == _pages(LayoutEngine(_Nothing()), body)


def test_groups_that_begin_elsewhere_are_another_table():
    engine = LayoutEngine(_Nothing())
    row = "<tr><td>x"
    bodies = (
        "<tbody class=e>" + row + row + "<tbody class=e>" + row,
        "<tbody class=e>" + row + "<tbody class=e>" + row + row,
    )
    seen = [_pages(engine, f"<table>{body}</table>") for body in bodies]
    assert seen == [_pages(LayoutEngine(_Nothing()), f"<table>{body}</table>") for body in bodies]
    assert seen[0] != seen[1]
