"""Entry point for spark-submit: `spark-pdf run` with the arguments that follow, or `retry ...`."""

import sys

from spark_pdf.cli.__main__ import main

if __name__ == "__main__":
    if sys.argv[1:2] not in (["run"], ["retry"]):
        sys.argv[1:1] = ["run"]
    main()
