"""The ways to make a report that `benchmarks.profile` compares."""
