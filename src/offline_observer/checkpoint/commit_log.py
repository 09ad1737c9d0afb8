"""Which batches a listing of `offsets/` or `commits/` holds, known from the names alone (pure).

A batch is finished when `commits/<batch>` exists, as in Spark's `CommitLog`. What stands in that file
(`v1` with the next watermark, `v2` with the ids of state) has nothing to do with offsets, so it is never
read: a listing says all.
"""

import re
from collections.abc import Iterable

_LARGEST_BATCH_ID = 2**63 - 1  # a Long in Spark

# No leading zeros: Spark never writes them, and "007" would pass for a second batch 7.
_batch_name = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def batch_ids(names: Iterable[str]) -> frozenset[int]:
    """Picks the batch ids out of the names of a log folder's files.

    Hadoop's checksums (`.7.crc`), files that are being written (`.7.<uuid>.tmp`) and anything else that
    is not a whole number from 0 to 2^63-1 are left out.

    Args:
        names: File names without folders, in any order.

    Returns:
        The batch ids. They need not be without gaps.
    """
    matches = _batch_name.fullmatch  # looked up once: a folder can hold 100,000 names
    return frozenset(batch for name in names if matches(name) and (batch := int(name)) <= _LARGEST_BATCH_ID)
