"""Whether a lag grows while batches are committed (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from offline_observer.lag.lag import PartitionLag
from offline_observer.lag.look import Look
from offline_observer.lag.trace import Trace
from offline_observer.lag.waiting import rhythm

# Over how long a lag has to grow, and in how many looks at the least.
LAGGING_SECONDS = 300.0
LEAST_LOOKS = 6
# And for a slow job, over how many of its usual intervals.
LAGGING_RHYTHMS = 6.0
# Over how many batches at the least, where the checkpoint tells of them.
LEAST_BATCHES = 3
# How much of the window the looks have to go back for the checkpoint not to be asked.
GOES_BACK = 0.8


@dataclass(frozen=True, slots=True)
class GrowthWindow:
    """The past looks among which growth is looked for: the same for all partitions of a job.

    Attributes:
        recent: Those that were looks, oldest first.
        commits: Those from the checkpoint's own past.
        goes_back: Whether the looks go back far enough for the checkpoint not to be asked.
    """

    recent: Sequence[Trace]
    commits: Sequence[Trace]
    goes_back: bool


def growth_window(look: Look, before: Sequence[Trace]) -> GrowthWindow:
    """Picks them.

    Args:
        look: The present look.
        before: All that is kept, oldest first.
    """
    window = max(LAGGING_SECONDS, LAGGING_RHYTHMS * (rhythm(look.commit_times) or 0.0))
    recent = [
        one for one in before if not one.is_from_checkpoint and one.monotonic >= look.monotonic - window
    ]
    goes_back = bool(recent) and look.monotonic - recent[0].monotonic > GOES_BACK * window
    return GrowthWindow(recent, [one for one in before if one.is_from_checkpoint], goes_back)


def growth(partition: PartitionLag, look: Look, window: GrowthWindow) -> tuple[int, float] | None:
    """By how much the lag has grown, and in how many seconds; None when it has not.

    From the looks, as soon as there are some; until they go back far enough, and for a job that is too slow for them,
    from the checkpoint's own last batches.
    """
    grown = _growth_in_looks(partition, look, window.recent)
    if grown is not None or window.goes_back:
        return grown
    return _growth_by_checkpoint(partition, look, window.commits)


def _growth_in_looks(
    partition: PartitionLag, look: Look, recent: Sequence[Trace]
) -> tuple[int, float] | None:
    """A lag that goes up and down with the batches is not one that grows.

    All of the newer half of the looks must be above all of the older half.
    """
    if len(recent) + 1 < LEAST_LOOKS or partition.lag is None:
        return None
    first, middle = recent[0].point(partition), recent[len(recent) // 2].point(partition)
    if first is None or middle is None or partition.lag <= first.lag:
        return None
    if middle.position in (first.position, partition.position):
        return None  # batches are not committed all the time: not lagging, but maybe on the way to stalled
    found = (trace.point(partition) for trace in recent)
    lags = [point.lag for point in found if point is not None] + [partition.lag]
    half = len(lags) // 2
    if min(lags[half:]) <= max(lags[:half]):
        return None
    return partition.lag - lags[0], look.monotonic - recent[0].monotonic


def _growth_by_checkpoint(
    partition: PartitionLag, look: Look, commits: Sequence[Trace]
) -> tuple[int, float] | None:
    """From the lag right after an older commit to that right after the newest one.

    Right after commits, so that what came during a batch is not taken for growth. It must be more than a batch
    finishes, and not have gone down since.
    """
    if len(commits) < 2 or partition.lag is None:  # noqa: PLR2004 - an older and the newest commit
        return None
    old_look, new_look = commits[0], commits[-1]
    old, new = old_look.point(partition), new_look.point(partition)
    if old is None or new is None or old_look.batch_id is None or new_look.batch_id is None:
        return None
    batches = new_look.batch_id - old_look.batch_id
    finished = new.position - old.position
    if batches < LEAST_BATCHES or finished <= 0 or (new.lag - old.lag) * batches <= finished:
        return None
    if partition.lag < new.lag:
        return None
    return partition.lag - old.lag, look.monotonic - old_look.monotonic
