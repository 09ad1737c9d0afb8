"""Which names of a log folder are batches."""

import pytest

from offline_observer.checkpoint.commit_log import batch_ids


def test_batches_are_found_among_everything_else() -> None:
    names = [
        "10",
        "9",
        ".9.crc",
        ".11.3f2c0b6e-7a63-4c52-9d4e-0e9a7d2f8f11.tmp",
        "0",
        "_SUCCESS",
        "9.compact",
    ]
    assert batch_ids(names) == {0, 9, 10}


@pytest.mark.parametrize("name", ["", "00", "07", "-1", "+1", "1.0", "1e3", " 1", "1\n", "1_0", "٣", "²"])
def test_odd_names_are_not_batches(name: str) -> None:
    assert batch_ids([name]) == frozenset()


def test_a_batch_id_is_a_long() -> None:
    assert batch_ids([str(2**63 - 1), str(2**63), "9" * 10_000]) == {2**63 - 1}
