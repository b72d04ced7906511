"""The run report: one HTML page that says what became of a run, for whoever is on call and whoever audits.

In: a config and a run, or what the ids of several runs begin with. Out: a page without scripts and without anything
from elsewhere, the same bytes for the same manifest. It names documents by their ids, unless told not to, and holds
nothing of a record otherwise: of failures and warnings it shows kind and place in the template, never their sentences.

    tally    rows of the manifest, batch by batch, to sums of a bounded size
    facts    run.json, waves, plans, commits: what the run's own files say
    page     facts and tally to HTML              charts   a histogram in SVG          style   the page's CSS
    writing  where a report goes

Reading it costs a pass over the run's rows. Everything is added up in integers, or kept in an order of its own, so
that it does not matter in which order a table gives its rows.
"""
