"""The rule `invalid_ratio` (pure)."""

from offline_observer.quality.rules.checks import Judge, Seen, Verdict
from offline_observer.quality.rules.registry import ArgumentError, dataset_rule


@dataset_rule("invalid_ratio")
def invalid_ratio(below: float, /) -> Judge:
    """Of an observation's records, less than a share is faulty: `invalid_ratio: 0.05`.

    Faulty is what could not be parsed or broke a rule of severity `error`, each record once; tombstones are left out.
    Holds when there were no records.

    Example:
        rules:
          - invalid_ratio: 0.05
    """
    if not 0 < below <= 1:
        raise ArgumentError(("below",), "expected a share above 0 and up to 1, such as 0.05")

    def verdict(seen: Seen) -> tuple[Verdict, str]:
        if seen.valid is None or seen.faulty is None:
            return None, "the dataset was not read"
        total = seen.valid + seen.faulty
        share = seen.faulty / total if total else 0.0
        return (
            share < below,
            f"{seen.faulty} of {total} records are faulty ({share:.1%}), allowed are less than {below:.1%}",
        )

    return Judge(verdict)
