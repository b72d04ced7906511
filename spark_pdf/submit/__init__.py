"""A run that is started elsewhere: a config and a platform in, its job followed to the run's own exit code out.

    archive.py      build_archive(target) -> Path                the environment, for the machines of the platform
    staging.py      stage(config, run_id) -> Staged              environment, bundle and config in a store, by content
    attempts.py     Attempts(store, run_id)                      which job belongs to a run, so that it starts once
    platforms.py    Platform: request, start, find, look, cancel
    emr_serverless.py emr_step.py databricks.py kubernetes.py    the platforms, each the only user of its SDK's calls
    follow.py       submit(config, platform, run_id) -> Ending   all of it

The job is `spark-pdf run CONFIG --run-id ID --result URI`. Platforms tell SUCCESS and FAILED; what the run itself said,
exit code included, it has left at that URI.
"""
