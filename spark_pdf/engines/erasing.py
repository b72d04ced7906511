"""Erase documents wherever this config leaves their records: the one way for `spark-pdf erase` and for DELETE.

In: a config and document ids. Out: an `EraseReport`. To what `manifest.erase` knows of, output and table, it brings
the dead letters of the queue's broker; `unseen` of the report says what could not be looked at.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack

from spark_pdf.config import Config
from spark_pdf.errors import ConfigError, QueueError, UsageError
from spark_pdf.manifest.dead_letters import Letters
from spark_pdf.manifest.erase import EraseReport, erase


def erase_everywhere(config: Config, document_ids: Collection[str]) -> EraseReport:
    """`manifest.erase.erase`, and the queue's dead letters."""
    letters: list[Letters] = []
    unseen: list[str] = []
    with ExitStack() as stack:
        if config.queue.broker is not None:
            try:
                from spark_pdf.engines.celery.erasing import dead_queue

                letters.append(stack.enter_context(dead_queue(config)))
            except ImportError:
                unseen.append(f"{config.name}.dead: pip install 'spark-pdf[celery]'")
            except (QueueError, ConfigError) as error:
                unseen.append(f"{config.name}.dead: {error}")
        try:
            return erase(config, document_ids, letters=letters, unseen=unseen)
        except UsageError as error:
            raise UsageError("; not looked at: ".join([str(error), *unseen])) from None
