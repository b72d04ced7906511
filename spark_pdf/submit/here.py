"""The environment for a cluster of machines like this one: what `spark-submit.sh` sends, and what its driver runs in.

    python -m spark_pdf.submit.here [--folder] [--extra delta ...]

In: the Python that runs this, which all machines have at the same path; it needs none of the project's dependencies.
Out: on stdout, the path of the archive, or of a folder of this machine's. SPARK_PDF_COMPILE=1 compiles the hot modules.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from spark_pdf.errors import SparkPdfError, UsageError
from spark_pdf.submit.archive import Target, build_archive, build_folder


def own_target(extras: Sequence[str] = ()) -> Target:
    """Machines like this one, with this Python: not that of a virtual environment, which others do not have."""
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    if not python.exists():
        raise UsageError(f"there is no {python}; name another Python: PYTHON=/usr/bin/python3.11 ./spark-submit.sh ...")
    compiled = bool(os.environ.get("SPARK_PDF_COMPILE"))
    return Target(platform.machine(), str(python), None, tuple(sorted(extras)), compiled)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the path. The exit code is the error's."""
    parser = argparse.ArgumentParser(prog="python -m spark_pdf.submit.here", description=__doc__)
    parser.add_argument("--folder", action="store_true", help="a folder, for a driver on this machine")
    parser.add_argument("--extra", action="append", default=[], help="an extra of the project")
    asked = parser.parse_args(arguments)
    build = build_folder if asked.folder else build_archive
    try:
        print(build(own_target(asked.extra), lambda text: print(f"spark-pdf: {text}", file=sys.stderr)))
    except SparkPdfError as error:
        print(f"spark-pdf: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
