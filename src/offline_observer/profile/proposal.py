"""A rule that is proposed for a field, and how many records it takes (pure)."""

from dataclasses import dataclass

from offline_observer.profile.field_summary import FieldSummary
from offline_observer.quality.rules.rule import Severity

# Of n records in which something never happened, it happens in less than 3/n of all, with a confidence of 95%.
# Fewer say nothing: less than 30%.
LEAST = 10
# Below it (3%) only what can be seen in each value is proposed, as a warning.
FEW = 100
# From it on (0.3%) what is gathered from the values that came may be an error.
ENOUGH = 1_000
# A list of more values than these is not read by anybody.
MOST_VALUES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A rule on one field.

    Attributes:
        name: The rule's name in the registry.
        argument: What it is given beside the field; None for nothing.
        severity: Its severity.
        evidence: A sentence of what speaks for it, with figures.
        broken: How many of the seen records break it all the same, as the evidence says: those with a blank text.
    """

    name: str
    argument: object = None
    severity: Severity
    evidence: str
    broken: int = 0


def value_count(field: FieldSummary) -> int:
    """How many values there are, blank ones included."""
    return sum(field.types.values())


def seen_in_each(count: int) -> Severity:
    """The severity of what was looked at in each value."""
    return "warn" if count < FEW else "error"
