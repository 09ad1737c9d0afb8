"""The rule `not_empty` (pure)."""

from collections.abc import Sequence

from msgspec import UNSET

from offline_observer.quality.lazy_column import LazyColumn
from offline_observer.quality.rules.checks import Column
from offline_observer.quality.rules.registry import field_rule


@field_rule("not_empty", only_kind=True)
def not_empty() -> Column:
    """The field is there, is not null, and is not a blank string.

    A string of white space only is blank. A nested field whose parent is missing, null or not an
    object is missing. `0`, `false`, `{}` and `[]` are values, not emptiness.

    Example:
        rules:
          - not_empty: [event_time, user_id, context.user.ip]
    """
    return Column(empty_at, is_not_empty=True)


def is_empty(value: object) -> bool:
    """Whether a value is missing, null, or a blank string."""
    return value is None or value is UNSET or (isinstance(value, str) and (not value or value.isspace()))


def empty_at(column: Sequence[object]) -> list[int]:
    """Where a column is empty."""
    if isinstance(column, LazyColumn):
        return column.empty(is_empty)
    try:
        # A text that begins with a printable ASCII character is not blank: one comparison from each side tells.
        suspects = [i for i, value in enumerate(column) if not value or not "!" <= value < "\x7f"]  # type: ignore[operator]
    except TypeError:  # something that is not a string
        suspects = [
            i for i, value in enumerate(column) if value.__class__ is not str or not "!" <= value < "\x7f"
        ]
    return [i for i in suspects if is_empty(column[i])]
