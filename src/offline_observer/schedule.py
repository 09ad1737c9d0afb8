"""When ticks are due (pure): on a fixed grid, so that time does not drift and late ticks do not pile up."""


def next_tick(start: float, every: float, now: float) -> float:
    """The first time of the grid `start + k * every` that is after now.

    Args:
        start: Time of the first tick, seconds.
        every: Seconds between two ticks.
        now: The present time on the same clock. A tick that took longer than its slot skips the missed ones.
    """
    return start + every * (max(0, (now - start) // every) + 1)
