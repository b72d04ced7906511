"""The command line `spark-pdf`: arguments in, calls of render, engines and manifest, text or JSON out.

    __main__.py   the entry point: the only place where errors become sentences and exit codes
    app.py        commands and their options (typer); each imports what it needs when it is called
    direct.py     the plain form of render, without typer: a document from a cold start
    console.py    what goes to stdout (results) and to stderr (all else)
    progress.py   rate and remaining time of a run, on stderr
    documents.py  render, get            runs.py      run, plan, retry, verify, erase, rollup, vacuum
    reporting.py  --result               reports.py   report
    checks.py     check                  machine.py   doctor
    starter/      what `init` writes     demo.py, sheet.py   15,000 invoices and a picture of twelve

The only importer of typer and rich.
"""
