"""The ways to observe a topic that `benchmarks.observe` compares, one small file each."""
