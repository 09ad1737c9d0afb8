"""The rule `present` (pure)."""

from collections.abc import Sequence

from msgspec import UNSET

from offline_observer.quality.rules.checks import Column
from offline_observer.quality.rules.registry import field_rule


@field_rule("present", only_kind=True)
def present() -> Column:
    """The field is there, whatever its value; null is a value here.

    A nested field whose parent is missing, null or not an object is missing.

    Example:
        rules:
          - present: [context.ad_id]
    """
    return Column(missing_at)


def missing_at(column: Sequence[object]) -> list[int]:
    """Where a column has no value at all."""
    return [i for i, value in enumerate(column) if value is UNSET]
