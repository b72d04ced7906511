"""The local engine: processes on one machine. No Spark, no Java."""
