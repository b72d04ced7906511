"""The corpus against stored origins of the reference engine: no score may fall. README.md says how they are renewed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fidelity.cases import LEAST, MEAN, SCORES, Case, all_cases
from tests.fidelity.metric import compare, dump_origins, glyph_origins, load_origins

EXPECTED = json.loads(SCORES.read_text(encoding="utf-8"))
SLACK = 0.0002
"""What rounding stored origins to tenths of a point may move."""


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_case_agrees_with_its_reference(case: Case) -> None:
    rendition = case.render()
    found = compare(glyph_origins(rendition.pdf), load_origins(case.reference))
    assert found.score >= EXPECTED[case.name] - SLACK
    assert found.pages[0] == found.pages[1]
    unseen = [str(warning) for warning in rendition.warnings if warning.code != "font_alias"]
    assert not unseen, "a case uses what is not supported"


def test_scores_are_those_of_the_corpus() -> None:
    assert sorted(EXPECTED) == [case.name for case in all_cases()]


def test_scores_are_good_enough() -> None:
    assert min(EXPECTED.values()) >= LEAST
    assert sum(EXPECTED.values()) / len(EXPECTED) >= MEAN


def test_adapted_references_say_why() -> None:
    for case in all_cases():
        if case.adapted:
            assert "section" in case.note, f"{case.name}: where in which specification?"


def test_cases_bring_the_licences_of_their_fonts() -> None:
    for case in all_cases():
        fonts = [path for path in case.folder.rglob("*") if path.suffix in (".woff", ".ttf", ".otf")]
        for font in fonts:
            assert list(font.parent.glob("LICENSE-*.txt")), f"{case.name}: {font.name}"


def test_origins_survive_being_stored(tmp_path: Path) -> None:
    pages = [{"a": [(1.04, 700.0), (3.0, 5.0)], '"': [(0.0, 0.5)]}, {}]
    dump_origins(pages, tmp_path / "x.json")
    assert load_origins(tmp_path / "x.json") == [{'"': [(0.0, 0.5)], "a": [(3.0, 5.0), (1.0, 700.0)]}, {}]


def test_compare_counts_each_glyph_once() -> None:
    spots = [(float(x), 10.0) for x in range(0, 100, 10)]
    assert compare([{"a": spots}], [{"a": spots}]).score == 1.0
    assert compare([{"a": spots[:5]}], [{"a": spots}]).recall == 0.5
    assert compare([{"a": [*spots, *spots]}], [{"a": spots}]).precision == 0.5
    assert compare([{"a": [(x + 2.5, y) for x, y in spots]}], [{"a": spots}]).score == 0.0
    assert compare([{"a": [(x + 1.5, y) for x, y in spots]}], [{"a": spots}]).score == 1.0
    assert compare([{"b": spots}], [{"a": spots}]).score == 0.0
    assert compare([{}, {"a": spots}], [{"a": spots}]).score == 0.0
