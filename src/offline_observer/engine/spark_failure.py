"""What went wrong in Spark, in one sentence (pure)."""

import re

_LONGEST = 500
_LONGEST_PAUSE = 60.0
_MOST_DOUBLED = 10
_MISSING = "No module named 'offline_observer"
_SENTENCE = re.compile(
    r"\s*(?:: |Caused by: )?(?P<kind>[A-Za-z_][\w.$]*(?:Error|Exception|Interrupt))(?:: (?P<text>.+))?$"
)


def pause_after(failures: int, every: float) -> float:
    """How long to wait before a query is started again, seconds: twice as long with each failure, to a minute.

    Args:
        failures: How often it has failed without a batch in between.
        every: Seconds from one batch to the next.
    """
    return min(_LONGEST_PAUSE, every * 2.0 ** min(failures, _MOST_DOUBLED))


def reason_of(error: BaseException) -> str:
    """The cause of an exception of PySpark's, without the stacks of two languages that come with it."""
    text = str(error)
    if _MISSING in text:
        return (
            "this program is not installed where Spark's executors run Python; see how to bring it there in "
            "docs/spark.md"
        )
    found = [match for line in text.splitlines() if (match := _SENTENCE.match(line))]
    # A Python traceback ends with its cause; in Java's the last "Caused by" is the first.
    if found:
        kind = found[-1]["kind"].rpartition(".")[2]
        sentence = found[-1]["text"]
        if kind.endswith("Error") and sentence and "offline_observer.errors" in found[-1]["kind"]:
            return sentence[:_LONGEST]
        return f"{kind}: {sentence}"[:_LONGEST] if sentence else kind
    first = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    return first[:_LONGEST]
