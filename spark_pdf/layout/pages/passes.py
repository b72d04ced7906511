"""Documents whose flow shows what pages they have: laid out until what is shown holds (CSS Content 3, 2.6).

In: a function that makes boxes from what is known of the pages. Out: pages, after as many passes as it takes, eight at
most. A pass asks questions while it makes boxes, and answers them by the facts of the pass before; when all its
answers are those of its own facts, it was the last. Documents that ask nothing never come here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from spark_pdf.model import RenderWarning

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import BlockBox
    from spark_pdf.layout.fragments import Page
    from spark_pdf.layout.generation.generate import Generator
    from spark_pdf.layout.pages.facts import Facts, Question
    from spark_pdf.layout.pages.pages import PageMaker

_MOST = 8
"""Passes, after which the document stays as it is."""
_KEPT = 500
"""A pass keeps so many of its pages, in the hope that it is the last; of longer documents the last pass is repeated."""

Made = tuple["Generator", "BlockBox"]


def dependent_pages(
    first: Made,
    generate: Callable[[Facts | None, frozenset[str]], Made],
    maker_of: Callable[[Generator, BlockBox], PageMaker],
    warn: Callable[[RenderWarning], None],
) -> Iterator[Page]:
    """The pages of a document that asks about its pages. `first`: its boxes as they are made with nothing known."""
    asked: dict[Question, Any] = first[0].paged.asked
    first[0].unlink()
    facts: Facts | None = None
    for number in range(_MOST):
        wanted = frozenset(question[1] for question in asked if question[0] in ("target", "text"))
        generator, root = generate(facts, wanted)
        kept: list[Page] | None = []
        last = number == _MOST - 1
        for page in maker_of(generator, root).pages():
            if last:
                yield page
            elif kept is not None:
                kept.append(page)
                kept = kept if len(kept) <= _KEPT else None
        asked, found = generator.paged.asked, generator.paged.found
        holds = facts is not None and all(found.answer(question) == answer for question, answer in asked.items())
        if last and not holds:
            text = f"the document does not come to rest: what it says of its pages is not theirs after {_MOST} layouts"
            warn(RenderWarning("unsettled_pages", text))
        if last:
            return
        if holds:
            if kept is None:
                generator.unlink()
                yield from maker_of(*generate(facts, wanted)).pages()
            else:
                yield from kept
            return
        facts = found
        generator.unlink()
