import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from offline_observer.quality.as_json import as_json
from offline_observer.quality.rules.rule import Rule

AVRO: dict[str, object] = {
    "at": datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    "day": date(2024, 5, 6),
    "hour": time(23, 59),
    "price": Decimal("-12.50"),
    "count": Decimal("3.00"),
    "key": UUID(int=7),
    "raw": b"\0\xff",
    "inside": [{"day": date(2024, 1, 1)}, None, True, 1, 0.5, "x"],
}


def test_what_json_does_not_have_is_written_as_one_would() -> None:
    assert as_json(AVRO) == {
        "at": "2024-05-06T07:08:09+00:00",
        "day": "2024-05-06",
        "hour": "23:59:00",
        "price": -12.5,
        "count": 3,
        "key": "00000000-0000-0000-0000-000000000007",
        "raw": "\0\xff",
        "inside": [{"day": "2024-01-01"}, None, True, 1, 0.5, "x"],
    }
    assert json.loads(json.dumps(as_json(AVRO))) == as_json(AVRO)


def holds(schema: dict[str, object], record: dict[str, object]) -> bool:
    check = Rule("json_schema", "", {"schema": schema}).check()
    result: bool = check(record)  # type: ignore[operator]
    return result


def test_a_json_schema_holds_for_what_avro_has() -> None:
    schema: dict[str, object] = {
        "required": ["at", "price"],
        "properties": {
            "at": {"type": "string", "pattern": "^2024-"},
            "price": {"type": "number", "maximum": 0},
            "count": {"type": "integer"},
            "raw": {"type": "string", "maxLength": 2},
        },
    }
    assert holds(schema, AVRO)
    assert not holds({**schema, "properties": {"price": {"minimum": 0}}}, AVRO)
    assert not holds({"required": ["nowhere"]}, AVRO)
