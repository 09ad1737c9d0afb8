"""Observe Spark Structured Streaming jobs on Kafka from outside, without touching them."""

__version__ = "0.1.0"
