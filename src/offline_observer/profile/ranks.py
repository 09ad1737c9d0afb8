"""The quantiles in a document (pure)."""

from collections.abc import Mapping

RANKS: Mapping[str, float] = {
    "p01": 0.01,
    "p05": 0.05,
    "p25": 0.25,
    "p50": 0.5,
    "p75": 0.75,
    "p95": 0.95,
    "p99": 0.99,
}
"""By name, the share of values that are not greater."""
