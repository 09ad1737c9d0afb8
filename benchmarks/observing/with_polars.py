"""polars: expressions over each chunk of records that confluent-kafka brings."""

from collections.abc import Iterator

import polars as pl

from benchmarks.observing.arrow_tables import COLUMN, tables
from benchmarks.observing.workload import FIELDS, Counts, Ends, Quality, small_part

_PIECES = 20
_RECORD = pl.Struct(dict.fromkeys(FIELDS, pl.String))
_WHITE_SPACE = " \t\r\n"


def _objects(texts: pl.Series) -> Iterator[pl.DataFrame]:
    """The fields of the texts that are JSON.

    `json_decode` raises when one of many is not, and so does `read_ndjson`, whatever its `ignore_errors` says. What
    makes it raise is found by halving. `json_path_match` does not raise, but takes three times as long.
    """
    try:
        yield texts.str.json_decode(_RECORD).struct.unnest()
    except pl.exceptions.ComputeError:
        if len(texts) > 1:
            half = len(texts) // 2
            yield from _objects(texts[:half])
            yield from _objects(texts[half:])


class Polars:
    """polars with its own choice of threads."""

    name = "polars"

    def prepare(self, servers: str, topic: str, ends: Ends) -> None:
        self.run(servers, topic, small_part(ends))

    def run(self, servers: str, topic: str, ends: Ends) -> Counts:
        records = objects = 0
        empty = dict.fromkeys(FIELDS, 0)
        fields = pl.col(FIELDS)
        is_empty = (fields.is_null() | (fields.str.strip_chars() == "")).sum()
        for table in tables(servers, topic, ends, _PIECES):
            texts = pl.DataFrame(table)[COLUMN].str.strip_chars(_WHITE_SPACE)
            records += len(texts)
            # What cannot be an object is told by its first and last character: nearly all that would be halved for.
            likely = texts.filter(texts.str.starts_with("{") & texts.str.ends_with("}"))
            for found in _objects(likely):
                objects += len(found)
                for field, count in zip(FIELDS, found.select(is_empty).row(0), strict=True):
                    empty[field] += count
        return Counts(records, Quality(records - objects, empty))

    def close(self) -> None:
        """There is nothing to let go of."""
