"""Facts and tally to one HTML page. In: `Subject`. Out: text, the same for the same values, whatever day it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from spark_pdf.model import FAILURE_CODES
from spark_pdf.report.charts import Bar, histogram
from spark_pdf.report.facts import RunFacts
from spark_pdf.report.going_on import commands, queries
from spark_pdf.report.style import CSS
from spark_pdf.report.tally import Failures, Tally
from spark_pdf.report.text import code, facts, milliseconds, moment, number, safe, table, whole
from spark_pdf.wording import duration, plural, size

STAGES = {
    "contract": "contract", "template": "template", "render": "layout and PDF", "limit_cpu": "limits",
    "limit_pages": "limits", "limit_bytes": "limits", "limit_pixels": "limits", "key": "storing",
    "worker_killed": "worker",
}  # fmt: skip
"""Where a record was when it failed."""

_MOST_RUNS = 100
_MOST_KINDS = 30
_MOST_PINNED = 4000  # characters


@dataclass(frozen=True, slots=True)
class Place:
    """Where output and manifest are, as the config says."""

    output: str
    manifest: str
    format: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about: one run, or several whose ids begin with `runs`. `ids`: whether documents are named."""

    name: str
    facts: Sequence[RunFacts]
    tally: Tally
    place: Place
    runs: str | None = None
    ids: bool = True

    @property
    def one(self) -> RunFacts | None:
        """The run, if it is one."""
        return None if self.runs is not None else self.facts[0]

    @property
    def began(self) -> datetime | None:
        """When the first run began."""
        return min((one.run.created_at for one in self.facts if one.run is not None), default=None)

    @property
    def ended(self) -> datetime | None:
        """When the last was committed."""
        return max((one.committed_at for one in self.facts if one.committed_at is not None), default=None)


def page(subject: Subject) -> str:
    """The whole page."""
    named = f"Runs {subject.runs}…" if subject.runs is not None else f"Run {subject.facts[0].run_id}"
    sections = (
        ("Failures", _failures(subject)),
        ("Warnings", _warnings(subject)),
        ("Documents", _documents(subject)),
        ("Runs" if subject.runs is not None else "Waves and times", _times(subject)),
        ("What it was made of", _pinned(subject)),
        ("Where it is", _where(subject)),
        ("Going on", commands(subject)),
    )
    body = "".join(f"<section><h2>{title}</h2>{text}</section>\n" for title, text in sections if text)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">\n'
        f"<title>{safe(named)}</title>\n<style>{CSS}</style></head>\n<body>\n"
        f"{_head(subject, named)}<main>\n{body}</main>\n</body></html>\n"
    )


def _head(subject: Subject, named: str) -> str:
    state = subject.one.state if subject.one is not None else "committed"
    mood = {"committed": "good", "failed": "bad", "vacuumed": "bad"}.get(state, "odd")
    tally = subject.tally
    sums = list(tally.runs.values())
    figures = [
        ("documents", number(tally.documents), ""),
        ("failures", number(tally.failed), "bad" if tally.failed else ""),
        ("skipped", number(sum(one.skipped for one in subject.facts)), ""),
        ("pages", number(sum(run.pages for run in sums)), ""),
        ("stored", size(sum(run.bytes for run in sums)), ""),
    ]
    if subject.began is not None and subject.ended is not None and subject.one is not None:
        seconds = max((subject.ended - subject.began).total_seconds(), 0.001)
        figures += [
            ("begin to commit", duration(seconds), ""),
            ("documents/s", f"{tally.documents / seconds:,.0f}", ""),
        ]
    cells = "".join(f'<div><b class="{mood}">{value}</b><span>{name}</span></div>' for name, value, mood in figures)
    parts = (safe(subject.name), moment(subject.began), moment(subject.ended))
    return (
        f'<header><h1>{safe(named)} <span class="state {mood}">{safe(state)}</span></h1>'
        f'<p class="sub">{" · ".join(part for part in parts if part)}</p>'
        f'<div class="figures">{cells}</div>{_balance(subject)}</header>\n'
    )


def _balance(subject: Subject) -> str:
    """Input = documents + failures + skipped, or by how much it is not."""
    tally = subject.tally
    known = [one for one in subject.facts if one.counted is not None]
    rows = sum(tally.runs[one.run_id].rows for one in known if one.run_id in tally.runs)
    counted, skipped = sum(one.counted or 0 for one in known), sum(one.skipped for one in known)
    gone = f" + {number(tally.gone)} erased or expired" if tally.gone else ""
    said = (
        f"{plural(tally.documents, 'document')} + {plural(tally.failed, 'failure')} + {number(skipped)} skipped{gone}"
    )
    wrong = [one.run_id for one in known if _short(tally, one)]
    if not known:
        said = "records were not counted apart from them (a queue’s batches), or the run’s files are gone"
        return f'<p class="sum odd">Nothing is known to hold the rows against: {said}.</p>'
    if not wrong:
        of = "" if len(known) == len(subject.facts) else f" (of {len(known)} of {len(subject.facts)} runs)"
        return f'<p class="sum good">Reconciled: {plural(counted, "record")} counted{of} = {said}.</p>'
    off = counted - rows - skipped
    which = f" Not reconciled: {', '.join(map(code, wrong[:10]))}." if subject.one is None else ""
    if subject.one is not None and subject.one.state != "committed":
        return (
            f'<p class="sum odd">Not finished: {plural(counted, "record")} counted; so far {said}: '
            f"{number(off)} have no committed outcome.</p>"
        )
    sum_of = f"{plural(counted, 'record')} counted, {said}"
    return f'<p class="sum bad">Does not add up: {sum_of}: off by {off:+,}.{which}</p>'


def _short(tally: Tally, one: RunFacts) -> int:
    rows = tally.runs[one.run_id].rows if one.run_id in tally.runs else 0
    return (one.counted or 0) - rows - one.skipped


def _failures(subject: Subject) -> str:
    def row(error: str, found: Failures) -> list[str]:
        places = "<br>".join(f"{code(place)}&nbsp;{number(count)}" for place, count in found.places.ordered()[:8])
        more = len(found.places.counts) - 8
        places += f"<br>and {more} places more" if more > 0 else ""
        ids = [", ".join(map(code, found.ids))] if subject.ids else []
        says = ": ".join(text for text in (STAGES.get(error, ""), FAILURE_CODES.get(error, "")) if text)
        return [f'{code(error)}<br><span class="note">{safe(says)}</span>', number(found.count), places, *ids]

    ordered = sorted(subject.tally.failures.items(), key=lambda item: (-item[1].count, item[0]))
    head = ["code", "#failures", "in the template", *(["~documents, such as"] if subject.ids else [])]
    return table(head, (row(*item) for item in ordered))


def _warnings(subject: Subject) -> str:
    kinds = subject.tally.warnings
    rows = [(safe(kind), code(place) if place else "", number(count)) for (kind, place), count in kinds.ordered()]
    if not rows:
        return ""
    hidden = sum(count for _, count in kinds.ordered()[_MOST_KINDS:]) + kinds.others
    more = f'<p class="note">and {number(hidden)} of other kinds</p>' if hidden else ""
    said = f"<p>Documents with warnings: {number(subject.tally.warned)}.</p>"
    return said + table(["kind", "in the template", "#warnings"], rows[:_MOST_KINDS]) + more


def _documents(subject: Subject) -> str:
    tally = subject.tally
    if not tally.documents:
        return ""
    cost = tally.render_ms.bars() if tally.render_us else []
    charts = (
        ("Pages", histogram(list(_page_bars(tally.pages)), "pages of a document"), _page_words(tally.pages)),
        ("Bytes", histogram(_bars(tally.bytes.bars(), size), "bytes of a document"),
         _percentiles(tally, "bytes")),
        ("CPU time", histogram(_bars(cost, milliseconds), "CPU time of a document"),
         _percentiles(tally, "render_ms")),
    )  # fmt: skip
    drawn = "".join(
        f"<figure><h3>{name}</h3>{svg}<figcaption>{said}</figcaption></figure>" for name, svg, said in charts if svg
    )
    cpu = duration(tally.render_us / 1_000_000)
    notes = (
        f'<p class="note">Documents by pages, by bytes and by the CPU time that rendering took ({cpu} in all). '
        "Percentiles are upper edges of fixed buckets, up to 2.4 % above the value.</p>"
    )
    return f'<div class="charts">{drawn}</div>{notes}{_extremes(subject)}'


def _extremes(subject: Subject) -> str:
    if not subject.ids:
        return ""
    slow = table(["~slowest", "#CPU"], ((code(one), milliseconds(value)) for value, one in subject.tally.slowest))
    large = table(["~largest", "#bytes"], ((code(one), size(value)) for value, one in subject.tally.largest))
    return f'<div class="two"><div>{slow}</div><div>{large}</div></div>'


def _page_bars(pages: Counter[int]) -> Iterator[Bar]:
    """One bar for each number up to 10, then wider ones."""
    edges = [*range(1, 11), 15, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000]
    first = 0
    found: list[Bar] = []
    for edge in [*edges, max([*pages, edges[-1] + 1])]:
        count = sum(some for number_of, some in pages.items() if first < number_of <= edge)
        label = str(edge) if edge == first + 1 else f"{first + 1}-{edge}"
        found.append((label, f"{label} pages", count))
        first = edge
    last = max((at for at, bar in enumerate(found) if bar[2]), default=-1)
    begin = min((at for at, bar in enumerate(found) if bar[2]), default=0)
    yield from found[begin : last + 1]


def _page_words(pages: Counter[int]) -> str:
    total, seen, said = pages.total(), 0, []
    for fraction, name in ((0.5, "median"), (0.95, "95 %")):
        seen = 0
        for value in sorted(pages):
            seen += pages[value]
            if seen >= fraction * total:
                said.append(f"{name} {value:,}")
                break
    return f"{', '.join(said)}, most {max(pages, default=0):,}"


def _bars(bars: Sequence[tuple[float, float, int]], unit: object) -> list[Bar]:
    assert callable(unit)
    return [(unit(start), f"{unit(start)} to {unit(end)}", count) for start, end, count in bars]


def _percentiles(tally: Tally, name: str) -> str:
    spread, unit = (tally.bytes, size) if name == "bytes" else (tally.render_ms, milliseconds)
    parts = [(0.5, "median"), (0.95, "95 %"), (0.99, "99 %"), (0.999, "99.9 %")]
    said = [f"{word} {unit(spread.percentile(fraction))}" for fraction, word in parts]
    return f"{', '.join(said)}, most {unit(spread.greatest)}"


def _times(subject: Subject) -> str:
    one = subject.one
    if one is None:
        return _runs(subject)
    rows = []
    by_wave = subject.tally.by_wave
    for count, wave in enumerate(one.waves, 1):
        file, plan = wave.file, wave.plan
        planned = "sealed" if plan is not None and plan.sealed else number(plan.records) if plan is not None else ""
        rows.append(
            [
                number(count), moment(file.started_at) if file else "", moment(file.heartbeat_at) if file else "",
                code(file.driver_id) if file else "", number(plan.partitions) if plan is not None else "", planned,
                number(by_wave.get((count, "document"), 0)), number(by_wave.get((count, "failure"), 0)),
            ]
        )  # fmt: skip
    head = ["#wave", "began", "last heartbeat", "driver", "#tasks", "#planned", "#documents", "#failures"]
    times = facts(
        [
            ("begun", moment(subject.began)),
            ("committed", moment(subject.ended) or "not (yet)"),
            ("attempts to commit", number(one.commits) if one.commits > 1 else ""),
        ]
    )
    return times + table(head, rows)


def _runs(subject: Subject) -> str:
    rows = []
    ordered = sorted(subject.facts, key=lambda one: (subject.tally.runs[one.run_id].committed_at or one.run_id,))
    for one in ordered[-_MOST_RUNS:]:
        run = subject.tally.runs[one.run_id]
        rows.append(
            [
                code(one.run_id), moment(run.committed_at), number(run.documents), number(run.failed),
                number(one.skipped), size(run.bytes),
            ]
        )  # fmt: skip
    more = len(subject.facts) - len(rows)
    said = f"<p>{number(len(subject.facts))} committed runs" + (
        f", the last {len(rows)} of them:</p>" if more else "</p>"
    )
    return said + table(["run", "committed", "#documents", "#failures", "#skipped", "#bytes"], rows)


def _pinned(subject: Subject) -> str:
    runs = [one for one in subject.facts if one.run is not None]
    tally = subject.tally
    templates = tally.templates.ordered() or [
        ((str(one.detail("template") or ""), one.run.pin.bundle), 0) for one in runs if one.run is not None
    ]
    renderers = [name for name, _ in tally.renderers.ordered()] or _each(
        one.run.pin.renderer_version for one in runs if one.run is not None
    )
    one = subject.one
    retry, baseline = (one.detail("retry_of"), one.detail("baseline")) if one is not None else (None, None)
    return facts(
        [
            ("template", "<br>".join(f"{safe(name)} {code(digest)}" for (name, digest), _ in templates[:20])),
            ("renderer", "<br>".join(map(code, renderers[:20]))),
            ("engine", ", ".join(map(safe, _each(one.detail("engine") for one in runs))) or "not recorded"),
            ("source", _source(subject, runs)),
            ("retry of", code(retry) if retry else ""),
            ("compared with", _baseline(baseline)),
            ("config, SHA-256", "<br>".join(map(code, _each(one.run.pin.config for one in runs if one.run)[:20]))),
        ]
    )


def _each(values: Iterator[object] | Sequence[object]) -> list[str]:
    return sorted({str(value) for value in values if value})


def _baseline(baseline: object) -> str:
    if not isinstance(baseline, dict):
        return ""
    latest = f", latest run {code(baseline['latest'])}" if baseline.get("latest") else ""
    return f"{safe(baseline.get('mode', ''))}: {plural(int(baseline.get('rows', 0)), 'row')} of the manifest{latest}"


def _source(subject: Subject, runs: Sequence[RunFacts]) -> str:
    said = _each(one.run.pin.source_summary for one in runs if one.run is not None)
    if subject.one is None:
        return f"{len(_each(one.run.pin.source for one in runs if one.run is not None)):,} snapshots, one for each run"
    prints = _each(one.run.pin.source for one in runs if one.run is not None)
    pinned = json.dumps(subject.one.detail("source") or {}, indent=1, sort_keys=True, ensure_ascii=False, default=str)
    shown = whole(pinned[:_MOST_PINNED] + ("\n…" if len(pinned) > _MOST_PINNED else ""))
    more = f"<details><summary>as pinned in run.json</summary><pre>{shown}</pre></details>" if pinned != "{}" else ""
    return "<br>".join([*(whole(text) for text in said), *map(code, prints)]) + more


def _folders(tally: Tally) -> Iterator[str]:
    """Where packs are: a run's own, or those that runs share."""
    for folder, count in tally.folders.ordered():
        yield f"{number(count)}: {code(f'{folder}/')}"
    if tally.folders.others:
        yield f"{number(tally.folders.others)} in other folders"


def _where(subject: Subject) -> str:
    place, tally = subject.place, subject.tally
    prefix = subject.runs if subject.runs is not None else f"{subject.facts[0].run_id}/"
    objects = f"{place.output}/documents/*/{prefix}"
    return facts(
        [
            ("packs", "<br>".join(_folders(tally))),
            ("objects", f"{number(tally.single)}: {code(objects)}" if tally.single else ""),
            ("the run’s files", code(f"{place.output}/_runs/{prefix}")),
            ("manifest", f"{code(place.manifest)} ({safe(place.format)})"),
        ]
    ) + queries(subject)
