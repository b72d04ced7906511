"""Entry point for spark-submit: `spark-pdf stream` with the arguments that follow."""

import sys

from spark_pdf.cli.__main__ import main

if __name__ == "__main__":
    sys.argv[1:1] = ["stream"]
    main()
