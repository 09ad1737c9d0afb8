"""The rule `json_schema` (pure)."""

from collections.abc import Mapping
from typing import Any

from offline_observer.errors import ConfigError
from offline_observer.quality.rules.registry import HoldsForRecord, record_rule


@record_rule("json_schema")
def json_schema(schema: dict[str, Any], /) -> HoldsForRecord:
    """The record is valid by a JSON Schema, which stands in a file (`json_schema: ./visit.schema.json`) or here.

    The drafts are those of the library jsonschema-rs: 4, 6, 7, 2019-09 and 2020-12, by `$schema`. Nothing is fetched:
    a `$ref` must point into the schema itself. `format` is checked where the draft says so.

    Example:
        rules:
          - json_schema:
              schema: {type: object, required: [user_id], properties: {user_id: {type: string}}}
            name: the visits' schema
    """
    try:
        import jsonschema_rs
    except ImportError:
        raise ConfigError(
            "the rule json_schema needs a library: pip install 'offline-observer[json-schema]'"
        ) from None

    def refuse(uri: str) -> Any:  # noqa: ANN401 - it never returns
        raise ValueError(f"{uri} is not in the schema, and nothing is fetched")

    try:
        validator = jsonschema_rs.validator_for(schema, retriever=refuse)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise ValueError(
            f"this is not a JSON Schema that can be used: {str(error).splitlines()[0]}"
        ) from None
    is_valid = validator.is_valid

    def holds(record: Mapping[str, object]) -> bool:
        try:
            return bool(is_valid(record))
        except (ValueError, OverflowError, TypeError, RecursionError):
            # A value that the library cannot take (a lone surrogate, a tree that is too deep) is not valid by it.
            return False

    return holds
