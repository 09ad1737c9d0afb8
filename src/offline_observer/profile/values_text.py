"""A field's values in a few words (pure)."""

import json
from collections.abc import Mapping, Sequence

from offline_observer.observation import Document
from offline_observer.time_text import value_text

SHOWN = 3
"""So many values are named."""

_LONGEST = 24
_HEAD = 8
# A value that fewer of the records have is not among the most frequent ones that are shown.
_NOTABLE = 0.01


def values_text(document: Document) -> str:
    """What the values are, in a few words: times and numbers from the least to the greatest, else the most frequent."""
    for first, last in (("earliest", "latest"), ("min", "max")):
        if document.get(first) is not None:
            middle = document.get("p50") if first == "min" else None
            return " ... ".join(
                value_text(one) for one in (document[first], middle, document[last]) if one is not None
            )
    frequent, records = document.get("frequent"), document.get("records")
    if isinstance(frequent, Sequence) and frequent and isinstance(records, int) and records:
        shown = [
            f"{short(one['value'])} {one['count'] / records:.0%}"
            for one in frequent
            if isinstance(one, Mapping) and str(one["value"]).strip() and one["count"] / records >= _NOTABLE
        ]
        if shown:
            return ", ".join(shown[:SHOWN])
    first_text, last_text = document.get("first"), document.get("last")
    return "" if first_text is None else f"{short(first_text)} ... {short(last_text)}"


def short(value: object) -> str:
    """A value, shortened in its middle where it is long."""
    printable = "".join(character if character.isprintable() else "?" for character in str(value))
    if not printable.strip():
        return json.dumps(printable)
    # What texts that begin alike differ by is at their ends.
    return (
        printable
        if len(printable) <= _LONGEST
        else f"{printable[:_HEAD]}…{printable[_HEAD + 1 - _LONGEST :]}"
    )
