"""The rules, a file each. To add one: write its file, and name it here."""

from offline_observer.quality.rules import (
    compare,
    freshness,
    invalid_ratio,
    json_schema,
    length,
    matches,
    no_unknown_fields,
    not_empty,
    one_of,
    present,
    range,  # noqa: A004 - the rule's name
    row_count,
    timestamp,
    type,  # noqa: A004 - the rule's name
    unique,
)
from offline_observer.quality.rules.registry import RULES, RuleKind, Scope

__all__ = [
    "RULES",
    "RuleKind",
    "Scope",
    "compare",
    "freshness",
    "invalid_ratio",
    "json_schema",
    "length",
    "matches",
    "no_unknown_fields",
    "not_empty",
    "one_of",
    "present",
    "range",
    "row_count",
    "timestamp",
    "type",
    "unique",
]
