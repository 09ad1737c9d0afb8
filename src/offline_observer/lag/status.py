"""The statuses of a job and its partitions (pure).

| status | when |
|---|---|
| `ok` | the committed offset is within what the broker holds |
| `starting` | nothing is committed yet |
| `lagging` | records wait and their number grows, while batches are committed |
| `stalled` | records wait and no batch has been committed for longer than the job's own rhythm allows |
| `data_loss` | records expired before the job read them: committed offset < earliest offset, now or within a day |
| `rewound` | the topic was truncated or made anew (committed offset > end offset, or another topic id), or the checkpoint |
| `unknown` | the broker or the checkpoint does not say |
"""

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """Health of a partition or a job, from the mildest to the worst."""

    OK = "ok"
    STARTING = "starting"
    LAGGING = "lagging"
    UNKNOWN = "unknown"
    STALLED = "stalled"
    REWOUND = "rewound"
    DATA_LOSS = "data_loss"


_SEVERITY = {status: rank for rank, status in enumerate(Status)}

FINE = frozenset({Status.OK, Status.STARTING})
"""Statuses that need nobody's attention."""


def worst(statuses: Iterable[Status]) -> Status | None:
    """The worst of some statuses; None when there is none."""
    return max(statuses, key=_SEVERITY.__getitem__, default=None)
