"""The manifest: what became of every record, each exactly once.

In: entries of task attempts. Out: task manifests, one atomic append to the table, and answers about a run. The protocol
is in ARCHITECTURE.md and docs/manifest.md. Only this package imports deltalake and pyiceberg, each in one module and
only when it is used.

    schema   the columns                          table     what a manifest table can do; opens one
    runs     run.json, waves, plans, seals        parquet   delta   iceberg
    tasks    task manifests: written once         commit    the job commit
    digest   order-independent digests            resume    what earlier waves have done
"""
