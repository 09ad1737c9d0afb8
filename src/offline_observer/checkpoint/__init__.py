"""Reading Spark's checkpoint: parsers (pure) and the folder reader."""
