"""The ids by which Grafana knows what is provisioned (pure). They depend on names alone."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

_LONGEST = 40  # Grafana's own limit
_HASH = 8


def uid(*names: str) -> str:
    """An id of letters, digits, _ and -; with a part of a hash where the names do not fit or hold something else."""
    plain = "_".join(names)
    made = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-")
    # A space is the one thing that many names have.
    is_exact = made == plain.replace(" ", "-")
    return made if is_exact and len(made) <= _LONGEST else _with_hash(made, plain)


def distinct_uids(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """An id for each of some names that differ; those whose ids would be the same have a part of a hash."""
    made = {name: uid(prefix, name) for name in names}
    counts = Counter(made.values())
    return {
        name: one if counts[one] == 1 else _with_hash(one, f"{prefix}_{name}") for name, one in made.items()
    }


def _with_hash(made: str, plain: str) -> str:
    digest = hashlib.sha256(plain.encode()).hexdigest()[:_HASH]
    return f"{made[: _LONGEST - _HASH - 1]}-{digest}"
