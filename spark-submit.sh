#!/usr/bin/env bash
# Submit a run to a Spark cluster:
#
#   ./spark-submit.sh [spark-submit options --] CONFIG.yaml [OVERLAY.yaml ...] [--set a.b=c] [--run-id ID] [--limit N]
#   ./spark-submit.sh --master spark://host:7077 --executor-memory 4g -- conf/invoices.yaml --run-id 2026-11
#
# The project and its dependencies travel to the workers as an archive, built here once for each state of
# uv.lock and the sources; SPARK_PDF_COMPILE=1 compiles its hot modules, which takes minutes and a C compiler, once.
# Workers need nothing preinstalled but the Python that the archive was built with, at the same
# path ($PYTHON chooses it), and Spark brings pyspark. Jars that the config's source needs are fetched and sent along.
#
# spark-submit puts what Python writes to stderr on stdout too: with --output json, the result is the last line.
# SPARK_HOME or a `spark-submit` on PATH is used; else the one of this project's environment (make setup).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SPARK_PDF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/spark-pdf}
python=${PYTHON:-python3}

[[ $# -gt 0 && $1 != -h && $1 != --help ]] || { sed -n '2,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit $(( $# == 0 ? 2 : 0 )); }

say() { echo "spark-submit.sh: $*" >&2; }

# --- arguments: before `--` spark-submit's, after it the job's ---
submit=()
if [[ " $* " == *" -- "* ]]; then
  while [[ $1 != -- ]]; do submit+=("$1"); shift; done
  shift
fi

# --- Spark ---
if [[ -z ${SPARK_HOME:-} ]]; then
  if [[ -x $root/.venv/bin/python ]] && ! command -v spark-submit >/dev/null; then
    SPARK_HOME=$("$root/.venv/bin/python" -c 'import pyspark; print(pyspark.__path__[0])')
  elif command -v spark-submit >/dev/null; then
    SPARK_HOME=$(cd "$(dirname "$(readlink -f "$(command -v spark-submit)")")/.." && pwd)
    # pip puts the script into the environment's bin and Spark into site-packages
    [[ -d $SPARK_HOME/jars ]] || SPARK_HOME=$("$(dirname "$(command -v spark-submit)")/python" -c 'import pyspark; print(pyspark.__path__[0])')
  else
    say "no Spark: set SPARK_HOME, put spark-submit on PATH, or run 'make setup'"; exit 2
  fi
fi
export SPARK_HOME
spark_python=$(printf '%s:' "$SPARK_HOME"/python/lib/*.zip)

# --- the environment, built if it is missing or stale ---
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { say "$python is older than 3.10; PYTHON names another"; exit 2; }
if ! command -v uv >/dev/null && ! compgen -G "$cache/uv-*/bin/uv" >/dev/null; then
  say "installing uv to $cache"
  mkdir -p "$cache"
  "$python" -m venv "$cache/uv-submit"
  "$cache/uv-submit/bin/pip" install -q --disable-pip-version-check uv
fi
environment() { PYTHONPATH=$root "$python" -m spark_pdf.submit.here "$@"; }
tables=(--extra delta --extra iceberg)
home=$(environment --folder "${tables[@]}")
driver=$home/bin/python
# Where the driver runs on the cluster it has only the archive; else the archive is the workers', who append to no table.
# Workers of this machine use the environment itself.
mode=client archive=
if [[ " ${submit[*]-} " == *" local"* || " ${submit[*]-} " == *"=local"* ]]; then
  mode=local
elif [[ " ${submit[*]-} " == *" cluster "* || " ${submit[*]-} " == *"--deploy-mode=cluster"* ]]; then
  mode=cluster archive=$(environment "${tables[@]}")
else
  archive=$(environment)
fi

# --- Java, for machines without ---
if [[ -z ${JAVA_HOME:-} ]] && ! command -v java >/dev/null && [[ -x $root/.venv/bin/python ]]; then
  JAVA_HOME=$("$root/.venv/bin/python" -m spark_pdf.engines.spark.java)
  export JAVA_HOME
fi

# --- jars that the source needs ---
configs=()
for argument in "$@"; do [[ $argument == *.yaml || $argument == *.yml ]] && configs+=("$argument"); done
jars=
if [[ ${#configs[@]} -gt 0 ]]; then
  jars=$(PYTHONPATH=$spark_python "$driver" -m spark_pdf.engines.spark.jars "${configs[@]}")
fi

options=()
[[ $mode == local ]] || options+=(--archives "$archive#environment")
[[ -z $jars ]] || options+=(--jars "$jars")
# A Spark that was never configured gets the project's defaults; a cluster's own are left alone.
if [[ -z ${SPARK_CONF_DIR:-} && ! -f $SPARK_HOME/conf/spark-defaults.conf && " ${submit[*]-} " != *" --properties-file "* ]]; then
  options+=(--properties-file "$root/conf/spark-defaults.conf")
fi

worker=./environment/bin/python
[[ $mode != local ]] || worker=$driver
[[ $mode != cluster ]] || driver=$worker
export PYSPARK_DRIVER_PYTHON=$driver PYSPARK_PYTHON=$worker
exec "$SPARK_HOME/bin/spark-submit" ${options[@]+"${options[@]}"} ${submit[@]+"${submit[@]}"} "$root/jobs/render_documents.py" "$@"
