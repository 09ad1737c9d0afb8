"""What kind of variable a field is in a report (pure).

By the summary of all the window's records, not by the sample's looks: so the same field has the same kind in each report.
"""

from enum import StrEnum

from offline_observer.profile.field_summary import FieldSummary

# Texts of so few different ones are categories: their counts tell more than single texts do.
_FEW = 100
# Or of so small a share of different ones, up to so many.
_SHARE = 0.05
_SOME = 1000

_NUMBERS = frozenset({"integer", "number"})


class Kind(StrEnum):
    """Kinds of variables, by the library's names."""

    CATEGORICAL = "Categorical"
    TEXT = "Text"
    NUMERIC = "Numeric"
    BOOLEAN = "Boolean"
    DATE_TIME = "DateTime"
    UNSUPPORTED = "Unsupported"


def variable_kind(field: FieldSummary) -> Kind:
    """The kind of a field. What has values of several types is shown as texts."""
    types = {name for name, count in field.types.items() if count}
    if not types:
        return Kind.UNSUPPORTED
    if types <= _NUMBERS:
        return Kind.NUMERIC
    if types == {"boolean"}:
        return Kind.BOOLEAN
    texts = field.texts.count - field.texts.blank
    times = field.times.count
    if types <= {"timestamp", "string"} and times and times == texts + field.types.get("timestamp", 0):
        return Kind.DATE_TIME
    distinct = field.distinct.estimate
    few = distinct <= _FEW or (distinct <= _SOME and distinct <= _SHARE * field.filled)
    return Kind.CATEGORICAL if few else Kind.TEXT
