"""`python -m spark_pdf`: the command line, where no script of it is on the path."""

from spark_pdf.cli.__main__ import main

if __name__ == "__main__":
    main()
