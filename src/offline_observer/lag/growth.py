"""Whether a lag grows while batches are committed (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from offline_observer.lag.lag import PartitionLag
from offline_observer.lag.look import Look
from offline_observer.lag.trace import Trace
from offline_observer.lag.waiting import rhythm

# Over how long a lag has to grow; where it grows slowly, over all that is kept.
WINDOWS_SECONDS = (300.0, 900.0)
# In how many batches at the least.
LEAST_LOOKS = 6
# How much of the shorter window the looks have to go back for the checkpoint not to be asked.
GOES_BACK_SECONDS = 240.0
# A job with longer batches than this is judged by the checkpoint's own past: the looks see too few of them.
SLOW_RHYTHM_SECONDS = 45.0
# Over how many batches at the least, where the checkpoint tells of them; and for how many it stays worth asking.
LEAST_BATCHES = 3
FRESH_RHYTHMS = 6.0


def is_slow(look: Look) -> bool:
    """Whether a job's batches are so long that the looks that are kept do not tell how its lag goes."""
    return (rhythm(look.commit_times) or 0.0) > SLOW_RHYTHM_SECONDS


def first_sights(traces: Sequence[Trace]) -> list[Trace]:
    """The looks that were the first to see a batch committed."""
    return [after for earlier, after in pairwise(traces) if None is not earlier.batch_id != after.batch_id]


def goes_back(traces: Sequence[Trace], now: float) -> bool:
    """Whether looks have seen enough to tell how a lag goes."""
    firsts = first_sights(traces)
    return len(firsts) >= LEAST_LOOKS and now - firsts[0].monotonic >= GOES_BACK_SECONDS


@dataclass(frozen=True, slots=True)
class GrowthWindow:
    """The past looks among which growth is looked for: the same for all partitions of a job.

    Attributes:
        after_commits: Per window the looks that were the first to see a batch committed, oldest first. The lag of a
            batch job goes up and down with its batches; right after commits it can be compared.
        commits: Those from the checkpoint's own past, where the looks are not enough.
    """

    after_commits: Sequence[Sequence[Trace]]
    commits: Sequence[Trace]


def growth_window(look: Look, before: Sequence[Trace]) -> GrowthWindow:
    """Picks them.

    Args:
        look: The present look.
        before: All that is kept, oldest first.
    """
    seen = [one for one in before if not one.is_from_checkpoint]
    if goes_back(seen, look.monotonic) and not is_slow(look):
        firsts = first_sights(seen)
        windows = [
            [one for one in firsts if one.monotonic >= look.monotonic - seconds]
            for seconds in WINDOWS_SECONDS
        ]
        return GrowthWindow(windows, ())
    commits = [one for one in before if one.is_from_checkpoint]
    fresh = max(WINDOWS_SECONDS[0], FRESH_RHYTHMS * (rhythm(look.commit_times) or 0.0))
    if commits and commits[-1].monotonic < look.monotonic - fresh:
        return GrowthWindow((), ())
    return GrowthWindow((), commits)


def growth(partition: PartitionLag, look: Look, window: GrowthWindow) -> tuple[int, float] | None:
    """By how much the lag has grown, and in how many seconds; None when it has not.

    From the looks, as soon as they go back far enough; until then, and for a job that is too slow for them, from the
    checkpoint's own last batches.
    """
    for traces in window.after_commits:
        grown = _growth_in_looks(partition, look, traces)
        if grown is not None:
            return grown
    return _growth_by_checkpoint(partition, look, window.commits)


def _growth_in_looks(
    partition: PartitionLag, look: Look, traces: Sequence[Trace]
) -> tuple[int, float] | None:
    """From the older half of the commits to the newer one: more than is finished from one to the next."""
    if len(traces) < LEAST_LOOKS or partition.lag is None:
        return None
    first, last = traces[0].point(partition), traces[-1].point(partition)
    if first is None or last is None or last.position <= first.position or last.lag <= first.lag:
        return None
    found = [point.lag for trace in traces if (point := trace.point(partition)) is not None]
    half = len(found) // 2
    older, newer = median(found[:half]), median(found[half:])
    margin = (last.position - first.position) / (len(traces) - 1)
    # It has grown from half to half, does not go up and down all the time, and is not on the way back.
    if (
        newer - older <= margin
        or min(found[half:]) <= older
        or min(found[-2:]) <= older + margin
        or last.lag < newer - margin
    ):
        return None
    return last.lag - first.lag, look.monotonic - traces[0].monotonic


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
