"""`df.write.format("spark_pdf")` as a command: the config's records as a DataFrame, written under a run_id.

python -m tests.conformance.by_write CONFIG RUN_ID
"""

from __future__ import annotations

import sys
from pathlib import Path

from spark_pdf.config import load_config
from spark_pdf.engines.spark.formats import register_format
from spark_pdf.engines.spark.session import open_session


def main(path: Path, run_id: str) -> None:
    """Write all records, in ten tasks."""
    config = load_config([path])
    session = open_session(config)
    try:
        register_format(session.spark)
        records = session.spark.read.parquet(config.source.path or "").repartition(10)
        options = {"config": str(path), "run_id": run_id}
        records.write.format("spark_pdf").options(**options).mode("append").save()
    finally:
        session.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
