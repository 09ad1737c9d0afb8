"""Benchmarks: `python -m benchmarks.NAME [--json]`. Each compares with the plain way in the same run."""
