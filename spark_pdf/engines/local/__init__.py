"""The local engine: processes on one machine, records through Arrow, SQL in DuckDB. No Spark, no Java."""
