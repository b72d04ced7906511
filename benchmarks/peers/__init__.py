"""The same two documents by ours and by others: an invoice on one page, a statement over about five.

`data` makes the records, `bundle/` has our template (which WeasyPrint gets too), one module per peer draws the
document as its manual recommends. `compare` runs them in turns in one process, so that ratios hold when the machine's
speed drifts.
"""
