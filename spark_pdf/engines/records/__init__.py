"""Records of engines without Spark: read through Arrow, queried and ordered by DuckDB, one Parquet file for all."""
