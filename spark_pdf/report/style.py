"""The page's CSS: light and dark, narrow and wide, on paper."""

from __future__ import annotations

CSS = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5c6675; --paper: #fff; --card: #f5f7f9; --line: #dde2e8;
  --good: #19703d; --bad: #b3261e; --odd: #8a5a00; --bar: #3a6ea5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #98a3b3; --paper: #14181e; --card: #1d232b;
  --line: #313a45; --good: #6fce96; --bad: #ff8f86; --odd: #e8b75a; --bar: #6ea3dc; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .7rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: .9rem; margin: 0 0 .4rem; font-weight: 600; }
p { margin: .4rem 0; }
.sub, .note, figcaption { color: var(--soft); font-size: .88rem; overflow-wrap: anywhere; }
.state { display: inline-block; margin-left: .5rem; padding: .1rem .6rem; border: 1px solid currentColor;
  border-radius: 1rem; font-size: .8rem; font-weight: 600; vertical-align: .25rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .odd { color: var(--odd); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.8rem, 1fr)); gap: .6rem;
  margin: 1.3rem 0 .8rem; }
.figures div { background: var(--card); border-radius: .5rem; padding: .6rem .8rem; }
.figures b { display: block; font-size: 1.2rem; line-height: 1.3; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: .82rem; }
.sum { padding: .6rem .8rem; border-left: 3px solid currentColor; background: var(--card); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1.5rem; }
figure { margin: 0; break-inside: avoid; }
svg { display: block; width: 100%; height: auto; }
svg rect { fill: var(--bar); } svg line { stroke: var(--line); }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); }
table.facts td, td.w { overflow-wrap: anywhere; min-width: 9rem; } .wide { overflow-x: auto; }
th { font-weight: 600; color: var(--soft); font-size: .82rem; }
tr { break-inside: avoid; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
table.facts th { width: 11rem; font-weight: 400; white-space: nowrap; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 0 2rem; }
details { margin-top: .3rem; } summary { cursor: pointer; color: var(--soft); }
code, pre { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--card); border-radius: .5rem; padding: .7rem .9rem; margin: .5rem 0; white-space: pre-wrap;
  overflow-wrap: anywhere; }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --card: #f4f4f4; --line: #bbb;
  --good: #00501f; --bad: #8a0f08; --odd: #6b4600; --bar: #456; }
  body { max-width: none; padding: 0; font-size: 10pt; } h2 { break-after: avoid; }
  .charts { grid-template-columns: repeat(3, 1fr); } .two { grid-template-columns: 1fr 1fr; break-inside: avoid; }
  .figures { grid-template-columns: repeat(7, 1fr); } .figures div { padding: .4rem .5rem; }
  .figures b { font-size: 1rem; } .figures span { font-size: .72rem; }
  @page { margin: 16mm; } }
"""
