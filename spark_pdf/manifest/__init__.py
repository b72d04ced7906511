"""The manifest: what became of every record, each exactly once.

In: entries of task attempts. Out: task manifests, one atomic append to the table, and answers about a run. The protocol
is in ARCHITECTURE.md and docs/manifest.md. Only this package imports deltalake and pyiceberg, each in one module and
only when it is used.

    schema   the columns, ManifestEntry           table     what a manifest table can do; open_table, current_view
    runs     run.json: what a run is pinned to    parquet   delta   iceberg     the formats
    waves    drivers, plans, seals                commit    commit_job: the one append of a run
    tasks    task manifests: written once         resume    what earlier waves have done
    digest   order-independent digests
"""
