"""A sample's records as columns for a report (pure)."""

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import UNSET

from offline_observer.profile.profile import Profile
from offline_observer.quality.as_json import as_json
from offline_observer.quality.content import Parse, json_text, masked
from offline_observer.quality.field_tree import is_inside
from offline_observer.quality.times import read_time
from offline_observer.reports.kept_window import Cell
from offline_observer.reports.report_task import LONGEST_SHOWN
from offline_observer.reports.variable_kind import Kind, variable_kind

# The distance of two numbers, and what a histogram divides it by, must be a number yet: beyond that they count as infinite.
_LARGEST = 1e300
# What pandas can tell as a time, to the nanosecond.
_FIRST_YEAR, _LAST_YEAR = 1678, 2261
_TEXTS = frozenset({str, type(None), type(UNSET)})


def sample_columns(
    values: Iterable[bytes], profile: Profile, parse: Parse, mask: Collection[str] = ()
) -> tuple[dict[str, list[Cell]], dict[str, Kind]]:
    """The columns of a sample, and what kind of variable each is.

    Args:
        values: The records' values.
        profile: The numbers of the window. Its fields are the columns.
        parse: Parses a value.
        mask: Paths of what is hidden.

    Returns:
        Per field a cell for each record, None where it is null or missing; and the kinds.

    Raises:
        ObserverError: A value cannot be read now.
    """
    records = [record for value in values if (record := parse(value)) is not None]
    if mask:
        records = [masked(record, mask) for record in records]
    columns: dict[str, list[Cell]] = {}
    kinds: dict[str, Kind] = {}
    found_at: dict[str, list[object]] = {"": list(records)}
    for path, field in profile.fields.items():
        found = _values_at(path, found_at)
        # Of what is hidden nothing is known but whether it is there.
        is_hidden = is_inside(path, mask)
        kind = Kind.CATEGORICAL if is_hidden else variable_kind(field)
        columns[path], kinds[path] = _column(found, kind)
    return columns, kinds


def _values_at(path: str, known: dict[str, list[object]]) -> list[object]:
    """The values at a path, of each record; UNSET where there is none. What is around it is looked at once."""
    if path not in known:
        parent, _, key = path.rpartition(".")
        known[path] = [
            around.get(key, UNSET) if isinstance(around, dict) else UNSET
            for around in _values_at(parent, known)
        ]
    return known[path]


def _column(values: list[object], kind: Kind) -> tuple[list[Cell], Kind]:
    """The cells of a field. A value that is not of the kind makes a text of them all."""
    there = [value for value in values if value is not None and value is not UNSET]
    if not there:
        return [None] * len(values), Kind.UNSUPPORTED
    if kind in _CELLS:
        try:
            return _each(values, _CELLS[kind]), kind
        except ValueError:
            kind = Kind.TEXT
    return _each(values, _text), Kind.TEXT if kind is Kind.UNSUPPORTED else kind


def _each(values: list[object], cell: Callable[[object], Cell]) -> list[Cell]:
    # Most texts come again and again.
    if _TEXTS.issuperset(map(type, values)):
        cells: dict[object, Cell] = {value: cell(value) for value in set(values) if isinstance(value, str)}
        return list(map(cells.get, values))
    return [None if value is None or value is UNSET else cell(value) for value in values]


def _text(value: object) -> Cell:
    if isinstance(value, str) and len(value) <= LONGEST_SHOWN and value.isascii():
        return value
    if not isinstance(value, str):
        try:
            value = json_text(as_json(value))
        except RecursionError:
            value = "(nested too deeply)"
    if len(value) > LONGEST_SHOWN:
        value = value[: LONGEST_SHOWN - 1] + "…"
    return value.encode(errors="backslashreplace").decode()


def _number(value: object) -> Cell:
    value = as_json(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("no number")  # noqa: TRY004 - as all that is not of a kind
    if abs(value) > _LARGEST:
        return float("inf") if value > 0 else float("-inf")
    return value if isinstance(value, int) and abs(value) < 1 << 53 else float(value)


def _boolean(value: object) -> Cell:
    if not isinstance(value, bool):
        raise ValueError("no boolean")  # noqa: TRY004
    return value


def _time(value: object) -> Cell:
    if isinstance(value, str) and not value.strip():
        return None
    time = read_time(value)
    if time is None or not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        raise ValueError("no time that can be charted")
    return time.replace(tzinfo=None).isoformat()


_CELLS: Mapping[Kind, Callable[[object], Cell]] = {
    Kind.NUMERIC: _number,
    Kind.BOOLEAN: _boolean,
    Kind.DATE_TIME: _time,
}
