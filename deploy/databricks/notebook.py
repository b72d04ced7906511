# Databricks notebook source
# MAGIC %md
# MAGIC # Documents from a table
# MAGIC Import this file into a workspace (*Import* in a folder's menu). It runs on serverless, shared and dedicated
# MAGIC compute.
# MAGIC Every row becomes one committed document or one explained failure; the same `run_id` again resumes, or does
# MAGIC nothing.

# COMMAND ----------

# MAGIC %md
# MAGIC The wheel has to be in the volume: `uv build --wheel`, then
# MAGIC `databricks fs cp dist/spark_pdf-0.1.0-py3-none-any.whl dbfs:/Volumes/main/documents/spark_pdf/`.

# COMMAND ----------

# MAGIC %pip install "/Volumes/main/documents/spark_pdf/spark_pdf-0.1.0-py3-none-any.whl"

# COMMAND ----------

# MAGIC %restart_python

# COMMAND ----------

# What the notebook is asked for: a job's parameters, or the widgets above it.
for name, default in {
    "table": "main.billing.orders",
    "id": "o_orderkey",
    "template": "/Volumes/main/documents/spark_pdf/templates/invoice",
    "output": "s3://bucket/invoices",
    "rendered": "main.documents.rendered",
    "run_id": "first-look",
    "limit": "20",
}.items():
    dbutils.widgets.text(name, default)
asked = {
    name: dbutils.widgets.get(name) for name in ("table", "id", "template", "output", "rendered", "run_id", "limit")
}

# COMMAND ----------

# MAGIC %md ## One document, here, before anything else

# COMMAND ----------

from spark_pdf import Template

template = Template.load(asked["template"])
sample = template.sample()
if sample is not None:
    rendition = template.render(sample)
    print(f"{rendition.pages} page(s), {len(rendition.pdf):,} bytes; warnings: {[str(w) for w in rendition.warnings]}")

# COMMAND ----------

# MAGIC %md ## All of them, into a table: executors need no way to the object store

# COMMAND ----------

from spark_pdf.config import parse_config
from spark_pdf.engines.driver import run

config = parse_config(
    {
        "name": "invoices",
        "source": {"table": asked["table"]},
        "template": asked["template"],
        "document": {"id": asked["id"]},
        "output": {"uri": asked["output"], "table": asked["rendered"]},
        "limits": {"failed_fraction": 0.01},
        **({"limit": int(asked["limit"])} if asked["limit"] else {}),
    }
)
rendered = run(config, asked["run_id"])
print(f"{rendered.state}: {rendered.documents:,} documents, {rendered.failed:,} failures, {rendered.pages:,} pages")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Into packs and the manifest, on compute that may write there
# MAGIC As a job, this is a second task on another cluster: `spark-pdf unpack CONFIG --run-id ID`.

# COMMAND ----------

from spark_pdf.engines.spark.table import unpack
from spark_pdf.manifest.verify import verify

committed = unpack(config, asked["run_id"])
print(f"{committed.state}: {committed.documents:,} documents below {committed.output}")
report = verify(config, asked["run_id"])
assert report.ok, report.findings
