from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec import UNSET

from offline_observer.profile.field_builder import FieldBuilder
from offline_observer.reports.variable_kind import Kind, variable_kind

TIME = "2024-05-01T12:00:00Z"


def kind_of(values: Sequence[object]) -> Kind:
    builder = FieldBuilder()
    builder.add(values)
    return variable_kind(builder.result())


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([], Kind.UNSUPPORTED),
        ([None, None], Kind.UNSUPPORTED),
        ([UNSET], Kind.UNSUPPORTED),
        (["a", "b"] * 50, Kind.CATEGORICAL),
        (["", " "], Kind.CATEGORICAL),
        ([f"user_{number}" for number in range(2000)], Kind.TEXT),
        # A few hundred different ones of very many are categories.
        ([f"page_{number % 300}" for number in range(30_000)], Kind.CATEGORICAL),
        ([f"page_{number % 300}" for number in range(600)], Kind.TEXT),
        ([1, 2], Kind.NUMERIC),
        ([1.5, 2, None], Kind.NUMERIC),
        ([10**400, -(2**70), float("inf")], Kind.NUMERIC),
        ([Decimal("1.50")], Kind.NUMERIC),
        (["1", "2"], Kind.CATEGORICAL),
        ([True, False, None], Kind.BOOLEAN),
        (["true", "false"], Kind.CATEGORICAL),
        ([True, 1], Kind.CATEGORICAL),
        ([TIME], Kind.DATE_TIME),
        ([TIME, None, UNSET, "", "  "], Kind.DATE_TIME),
        (["2024-05-01", "2024-05-01T12:00:00+02:00"], Kind.DATE_TIME),
        (["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"], Kind.DATE_TIME),
        ([TIME, "soon"], Kind.CATEGORICAL),
        ([TIME, 5], Kind.CATEGORICAL),
        ([datetime(2024, 1, 1, tzinfo=UTC), date(2024, 1, 1)], Kind.DATE_TIME),
        ([datetime(2024, 1, 1, tzinfo=UTC), TIME], Kind.DATE_TIME),
        (["20240501", "2024-W01"], Kind.CATEGORICAL),
        ([[1], [2]], Kind.CATEGORICAL),
        ([{"a": number} for number in range(500)], Kind.TEXT),
        (["a", 1, None, {"b": 1}], Kind.CATEGORICAL),
        ([UUID(int=number) for number in range(500)], Kind.TEXT),
        ([b"\x00", b"\xff"], Kind.CATEGORICAL),
    ],
)
def test_the_kind_of_a_field(values: Sequence[object], kind: Kind) -> None:
    assert kind_of(values) is kind


def test_the_kind_is_that_of_all_the_windows_records_however_they_came() -> None:
    one, other = FieldBuilder(), FieldBuilder()
    one.add(["1", "2"])
    other.add([1, 2])
    assert variable_kind(one.result().merge(other.result())) is Kind.CATEGORICAL
    assert variable_kind(other.result()) is Kind.NUMERIC
