"""Which partitions of its topics a job does not read at all (pure).

A job that subscribes to topics takes a new partition up with the next batch that it plans. One that reads chosen
partitions (`assign`) never takes up the others, and nothing in its checkpoint says so: that batch after batch is planned
without them does.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from offline_observer.lag.lag import JobLag, PartitionLag
from offline_observer.lag.look import Look

Unplanned = Mapping[str, Mapping[int, datetime]]
"""Per topic and partition that is in no batch: when it was first seen."""

# Until Spark 3.3 a job learns of new partitions with its consumer's metadata, which may be five minutes old.
_TAKEN_UP_WITHIN = timedelta(minutes=6)


def unplanned_partitions(look: Look, known: Unplanned) -> dict[str, dict[int, datetime]]:
    """The partitions of a running job that are in no batch, with those that were known before."""
    # A topic that cannot be described now keeps what was known of it.
    found = {name: dict(one) for name, one in known.items() if look.topic_ids.get(name) is None}
    for one in look.lag.partitions:
        if _is_unplanned(one, look.lag):
            since = known.get(one.topic, {}).get(one.partition, look.at)
            found.setdefault(one.topic, {})[one.partition] = since
    return found


def without_partitions_of_others(look: Look, unplanned: Unplanned) -> Look:
    """The look without the partitions that the job has left out long enough, and with a warning that names them."""
    planned_at = look.planned_at
    if planned_at is None or not unplanned:
        return look

    def is_left_out(one: PartitionLag) -> bool:
        since = unplanned.get(one.topic, {}).get(one.partition)
        return since is not None and planned_at - since > _TAKEN_UP_WITHIN

    left_out = [one for one in look.lag.partitions if is_left_out(one)]
    if not left_out:
        return look
    first = f"{left_out[0].topic}-{left_out[0].partition}"
    more = f" and {len(left_out) - 1} more" if len(left_out) > 1 else ""
    warning = (
        f"{first}{more} left out: in none of the batches that were planned since they are there; "
        "so it is with a job that reads chosen partitions (assign)"
    )
    kept = tuple(one for one in look.lag.partitions if not is_left_out(one))
    return replace(look, lag=replace(look.lag, partitions=kept, warnings=(*look.lag.warnings, warning)))


def _is_unplanned(one: PartitionLag, lag: JobLag) -> bool:
    return lag.batch_id is not None and one.committed_offset is None and one.planned_offset is None
