"""The rule `no_unknown_fields` (pure)."""

from offline_observer.quality.rules.checks import NoUnknownFields
from offline_observer.quality.rules.registry import record_rule


@record_rule("no_unknown_fields")
def no_unknown_fields() -> NoUnknownFields:
    """The record has no field but those that the dataset's `fields` declare.

    What is inside a field that is declared as object or array, and has no declared fields inside, may be anything.

    Example:
        fields: {user_id: string, page: string, context: object}
        rules:
          - no_unknown_fields
    """
    return NoUnknownFields()
