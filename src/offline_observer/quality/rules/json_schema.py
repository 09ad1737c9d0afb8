"""The rule `json_schema` (pure)."""

import re
from collections.abc import Mapping
from typing import Any

from offline_observer.errors import ConfigError
from offline_observer.quality.as_json import as_json
from offline_observer.quality.rules.registry import HoldsForRecord, record_rule


@record_rule("json_schema")
def json_schema(schema: dict[str, Any], /) -> HoldsForRecord:
    """The record is valid by a JSON Schema, which stands in a file (`json_schema: ./visit.schema.json`) or here.

    The drafts are those of the library jsonschema-rs: 4, 6, 7, 2019-09 and 2020-12, by `$schema`. Nothing is fetched:
    a `$ref` must point into the schema itself. `format` is checked where the draft says so. What Avro has and JSON has
    not is written as JSON first: times and dates in ISO 8601, decimals as numbers, bytes as texts.

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
        raise ValueError(f"{uri} is not fetched")

    try:
        validator = jsonschema_rs.validator_for(schema, retriever=refuse)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        text = _one_line(error.message if isinstance(error, jsonschema_rs.ValidationError) else error)
        if re.match(r"Resource .* is not present|Pointer .* does not exist", text):
            target = text.split("'")[1]
            raise ValueError(
                f"nothing is fetched, and the schema has no {target} inside; a $ref must point into the schema itself"
            ) from None
        where = f"at {_place(error)}, " if isinstance(error, jsonschema_rs.ValidationError) else ""
        raise ValueError(f"this is not a JSON Schema: {where}{text}") from None
    except (ValueError, OverflowError, TypeError) as error:
        raise ValueError(f"this JSON Schema cannot be used: {_one_line(error)}") from None
    is_valid = validator.is_valid

    def holds(record: Mapping[str, object]) -> bool:
        try:
            return bool(is_valid(record))
        except (ValueError, OverflowError, TypeError, RecursionError):
            pass
        try:
            return bool(is_valid(as_json(record)))
        except (ValueError, OverflowError, TypeError, RecursionError):
            # What the library cannot take (a tree of more than 255 levels) is not valid by it.
            return False

    return holds


def _place(error: Any) -> str:  # noqa: ANN401 - of the library, which is imported late
    return "".join(f"/{part}" for part in error.instance_path) or "its top"


def _one_line(error: object) -> str:
    longest = 300
    text = " ".join(str(error).split())
    return text if len(text) <= longest else f"{text[:longest]}…"
