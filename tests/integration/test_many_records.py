"""A million records of every kind, against a count that is made in the simplest way."""

import pytest

from support.simple_quality import check_many


@pytest.mark.long
def test_a_million_records() -> None:
    check_many(1_000_000)
