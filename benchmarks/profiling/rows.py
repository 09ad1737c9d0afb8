"""The rows that are profiled: the same records for all ways."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.observing.local_engine import ALL_FIELDS
from benchmarks.observing.wide_visits import DISTINCT, make_visits

COLUMNS = ALL_FIELDS
TIMES = ("event_time", "context.user.connected_since")
"""Those of the columns that are times."""
MOST_ROWS = DISTINCT * 9 // 10
# A sample of a window has no unparseable records. The generator makes about one of ten, as each has all faults.
_SPARE_SHARE = 9
_SPARE = 100


@dataclass(frozen=True, slots=True)
class Rows:
    """Some records.

    Attributes:
        values: Their bytes.
        file: The same as lines.
    """

    values: list[bytes]
    file: Path


def make_values(count: int) -> list[bytes]:
    """The values of the first visits that can be parsed.

    Raises:
        RuntimeError: There are too few of them.
    """
    visits = make_visits(count + count // _SPARE_SHARE + _SPARE)
    values = [visit.value for visit in visits if not visit.unparseable][:count]
    if len(values) < count:
        raise RuntimeError(
            f"of {len(visits)} visits only {len(values)} can be parsed, and {count} are wanted"
        )
    return values


@contextmanager
def rows_on_disk(values: list[bytes]) -> Iterator[Rows]:
    """The records, and a file of them that is gone afterwards."""
    with TemporaryDirectory(prefix="rows-") as folder:
        file = Path(folder) / "rows.json"
        file.write_bytes(b"\n".join(values) + b"\n")
        yield Rows(values, file)
