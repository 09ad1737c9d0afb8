"""The rule `type` (pure)."""

from offline_observer.quality.field_types import FieldType, is_of_type
from offline_observer.quality.rules.registry import Holds, field_rule


@field_rule("type", only_kind=True)
def type_(expected: FieldType, /) -> Holds:
    """The value is of a type: string, integer, number, boolean, timestamp, object or array.

    An integer is a number too; `true` is neither. `1.0` is a number and not an integer. A timestamp is what the rule
    `timestamp` can read without being told a form: a text, or a time or date of Avro. Missing and null hold.

    Example:
        rules:
          - type: {age: integer, price: number, context: object}
    """

    def holds(value: object) -> bool:
        return is_of_type(value, expected)

    return holds
