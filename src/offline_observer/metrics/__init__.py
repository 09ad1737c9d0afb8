"""The observations as metrics for Prometheus."""
