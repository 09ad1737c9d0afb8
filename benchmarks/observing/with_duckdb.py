"""DuckDB: a query in SQL over each chunk of records that confluent-kafka brings."""

import duckdb

from benchmarks.observing.arrow_tables import COLUMN, tables
from benchmarks.observing.workload import FIELDS, Counts, Ends, Quality, small_part

_PIECES = 100
_THREADS = 2
_TABLE = "chunk"


def _query() -> str:
    """Counts all records, the unparseable ones, and the empty ones of each field.

    `json_transform` raises at a record that is not JSON, and takes an array or a number for an object without fields;
    so each record is parsed twice, first for its validity. Of the ways that count right this is the fastest.
    """
    wanted = ", ".join(f'"{field}":"VARCHAR"' for field in FIELDS)
    empty = ", ".join(
        f"count(*) FILTER (is_object AND coalesce(trim(record.{field}) = '', true))" for field in FIELDS
    )
    return f"""
        SELECT count(*), count(*) FILTER (NOT is_object), {empty}
        FROM (
            SELECT is_object, CASE WHEN is_object THEN json_transform({COLUMN}, '{{{wanted}}}') END AS record
            FROM (
                SELECT {COLUMN}, json_valid({COLUMN}) AND ltrim({COLUMN})[1] = '{{' AS is_object FROM {_TABLE}
            )
        )
    """  # noqa: S608 - made of constants


class DuckDb:
    """DuckDB, with as many threads as the machine of the figures has cores."""

    name = "duckdb"

    def __init__(self) -> None:
        self._connection = duckdb.connect(config={"threads": _THREADS})
        self._query = _query()

    def prepare(self, servers: str, topic: str, ends: Ends) -> None:
        self.run(servers, topic, small_part(ends))

    def run(self, servers: str, topic: str, ends: Ends) -> Counts:
        totals = [0] * (2 + len(FIELDS))
        for table in tables(servers, topic, ends, _PIECES):
            self._connection.register(_TABLE, table)
            (found,) = self._connection.execute(self._query).fetchall()
            totals = [total + more for total, more in zip(totals, found, strict=True)]
        records, unparseable, *empty = totals
        return Counts(records, Quality(unparseable, dict(zip(FIELDS, empty, strict=True))))

    def close(self) -> None:
        self._connection.close()
