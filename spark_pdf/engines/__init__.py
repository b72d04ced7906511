"""Engines: who runs a partition. A config goes in, a committed run comes out.

`driver` is the same for every engine; `partition` is what every worker does. An engine adds a `RecordSource`: how
records are read, counted, and handed to workers. pyspark is imported in `engines/spark` only.
"""
