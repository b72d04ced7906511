"""Template bundles: a folder, an archive or a URI in; HTML text for a record, and the contract, out.

    bundle.py       Bundle.load(path), .html(record), .contract, .read(url), .hash, .sample()
    loading.py      load_bundle(uri, options)           from object stores
    settings.py     template.toml
    page.py         the compiled template; errors with file, line and field, never data
    environment.py  the sandbox: Jinja2, where nothing reaches beyond bundle and record
    compiling.py    what a template becomes: Jinja2's code, with bounds and shorter ways written in
    filters.py      money, number, percent, date, datetime, time in a locale
    contract.py     what a bundle needs of a record (analysis.py), checked against a schema (schema_check.py)
    record.py       plain records from Arrow and Spark; record_hash

The only importer of jinja2 and babel.
"""
