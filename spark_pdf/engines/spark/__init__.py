"""Spark as an engine: the only importer of pyspark.

In: a config, or a DataFrame. Out: a `RecordSource` whose partitions are rendered by the executors. Importing this
package imports neither pyspark nor Java; opening a source does.
"""
