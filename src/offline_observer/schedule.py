"""When ticks are due (pure): on a fixed grid, so that time does not drift and late ticks do not pile up."""


def next_tick(start: float, every: float, now: float) -> float:
    """The first time of the grid `start + k * every` that is after now.

    Args:
        start: Time of the first tick, seconds.
        every: Seconds between two ticks.
        now: The present time on the same clock. A tick that took longer than its slot skips the missed ones.
    """
    return start + every * (max(0, (now - start) // every) + 1)


# Share of the time between two ticks in which lag is measured.
_LAG_SHARE = 0.4
# However short that time is: a late tick is better than a lag that is unknown because nobody waited for it.
_LEAST_LAG_SECONDS = 5.0
_MOST_LAG_SECONDS = 30.0


def lag_seconds(every: float) -> float:
    """For how long a tick waits for the lag, seconds.

    Args:
        every: The time between two ticks, seconds.
    """
    return min(_MOST_LAG_SECONDS, max(_LEAST_LAG_SECONDS, every * _LAG_SHARE))
