"""Columns as a data frame, and what the report's library is to take them for (pure but for its libraries)."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import pandas as pd

from offline_observer.reports.kept_window import Cell
from offline_observer.reports.variable_kind import Kind

# What the library names a column of its own, and what it names it after.
_TAKEN = ("index", "df_index")


def data_frame(columns: Mapping[str, Sequence[Cell]], kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """The columns as a data frame, each of the type that its kind has in pandas."""
    return pd.DataFrame({path: _series(cells, kinds[path]) for path, cells in columns.items()})


def column_names(paths: Iterable[str]) -> dict[str, str]:
    """By the fields' paths the names that columns have in a report: each once, as HTML, without half characters.

    The library takes a column `index` for the index, whence it gets a blank that no page shows; and it puts names into
    the page as they are.
    """
    names: dict[str, str] = {}
    taken: set[str] = set(_TAKEN)
    for path in paths:
        name = escape(path.encode(errors="backslashreplace").decode())
        while name in taken:
            name += " "
        taken.add(name)
        names[path] = name
    return names


def _series(cells: Sequence[Cell], kind: Kind) -> "pd.Series[object]":
    if kind is Kind.NUMERIC:
        if all(isinstance(cell, int) for cell in cells):
            return pd.Series(cells, dtype="int64")
        return pd.Series(cells, dtype="float64")
    if kind is Kind.DATE_TIME:
        return pd.to_datetime(pd.Series(cells, dtype="object"), format="ISO8601")
    return pd.Series(cells, dtype="object")
