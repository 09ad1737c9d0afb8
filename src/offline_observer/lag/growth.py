"""Whether a lag grows while batches are committed (pure)."""

from offline_observer.lag.lag import PartitionLag
from offline_observer.lag.look import Look
from offline_observer.lag.waiting import History, rhythm

# Over how long a lag has to grow, and in how many looks at the least.
LAGGING_SECONDS = 300.0
LEAST_LOOKS = 6
# And for a slow job, over how many of its usual intervals.
LAGGING_RHYTHMS = 6.0
# Over how many batches at the least, where the checkpoint tells of them.
LEAST_BATCHES = 3


def growth(partition: PartitionLag, look: Look, history: History) -> tuple[int, float] | None:
    """By how much the lag has grown, and in how many seconds; None when it has not.

    From the looks, as soon as there are some; until they go back far enough, and for a job that is too slow for them,
    from the checkpoint's own last batches.
    """
    window = max(LAGGING_SECONDS, LAGGING_RHYTHMS * (rhythm(look.commit_times) or 0.0))
    seen = [one for one in history if not one[0].is_from_checkpoint]
    recent = [one for one in seen if one[0].monotonic >= look.monotonic - window]
    grown = _growth_in_looks(partition, look, recent)
    goes_back = bool(recent) and look.monotonic - recent[0][0].monotonic > 0.8 * window
    if grown is not None or goes_back:
        return grown
    return _growth_by_checkpoint(partition, look, [one for one in history if one[0].is_from_checkpoint])


def _growth_in_looks(partition: PartitionLag, look: Look, recent: History) -> tuple[int, float] | None:
    """A lag that goes up and down with the batches is not one that grows.

    All of the newer half of the looks must be above all of the older half.
    """
    if len(recent) + 1 < LEAST_LOOKS or partition.lag is None:
        return None
    first_look, first = recent[0]
    _, middle = recent[len(recent) // 2]
    if middle.position in (first.position, partition.position):
        return None  # batches are not committed all the time: not lagging, but maybe on the way to stalled
    lags = [then.lag for _, then in recent if then.lag is not None] + [partition.lag]
    half = len(lags) // 2
    if min(lags[half:]) <= max(lags[:half]):
        return None
    return partition.lag - lags[0], look.monotonic - first_look.monotonic


def _growth_by_checkpoint(partition: PartitionLag, look: Look, commits: History) -> tuple[int, float] | None:
    """From the lag right after an older commit to that right after the newest one.

    Right after commits, so that what came during a batch is not taken for growth. It must be more than a batch
    finishes, and not have gone down since.
    """
    if len(commits) < 2 or partition.lag is None:  # noqa: PLR2004 - an older and the newest commit
        return None
    (old_look, old), (new_look, new) = commits[0], commits[-1]
    if old.lag is None or new.lag is None or old.position is None or new.position is None:
        return None
    if old_look.lag.batch_id is None or new_look.lag.batch_id is None:
        return None
    batches = new_look.lag.batch_id - old_look.lag.batch_id
    finished = new.position - old.position
    if batches < LEAST_BATCHES or finished <= 0 or (new.lag - old.lag) * batches <= finished:
        return None
    if partition.lag < new.lag:
        return None
    return partition.lag - old.lag, look.monotonic - old_look.monotonic
