"""The rule `unique` (pure)."""

from offline_observer.quality.rules.checks import Distinct
from offline_observer.quality.rules.registry import field_rule


@field_rule("unique")
def unique(*, keep: int = 100_000) -> Distinct:
    """No value comes twice in one observation.

    Up to `keep` distinct values (100,000) the number of repeated ones is exact. Of more, as many as `keep` are chosen
    by hash and counted, and the number is scaled up: approximate, and 0 only if none of the chosen came twice. The
    rule is about the set of records: it has a count of its own and is not in `invalid_<field>`. Missing and null
    values are left out. `1` and `1.0` are different values here, as `1` and `"1"` are.

    Example:
        rules:
          - unique: [visit_id]
          - unique: {user_id: {keep: 1000000}}
            severity: warn
    """
    if not 100 <= keep <= 10_000_000:  # noqa: PLR2004
        raise ValueError("expected from 100 to 10000000 values to keep")
    return Distinct(keep)
