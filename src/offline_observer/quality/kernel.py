"""The one kernel that every engine runs: chunks of records in, a summary out (pure)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from offline_observer.quality.chunk import Chunk, ValueChunk
from offline_observer.quality.decoding import ChunkDecoder, Column, Decoded, Odd
from offline_observer.quality.distinct_sample import DistinctSampleBuilder, hash_of
from offline_observer.quality.field_tree import MOST_NAMES
from offline_observer.quality.frequent import Frequent
from offline_observer.quality.plan import KernelSpec, Plan
from offline_observer.quality.rule_check import distinct_texts, is_nothing
from offline_observer.quality.rules.rule import Severity
from offline_observer.quality.scanning import MakeScanner
from offline_observer.quality.summary import (
    OFFENDERS,
    UNPARSEABLE,
    Mergeable,
    Offender,
    Summary,
    first_offenders,
    newest_minutes,
)
from offline_observer.quality.times import AHEAD, EPOCH, LATEST, epoch_time, time_reader

# From so many records of one observation on it is worth while to have them scanned.
MANY = 50_000
# A record's content is kept with an offender up to this length, bytes.
LONGEST_CONTENT = 65_536


class ColumnSink(Protocol):
    """Takes the columns of chunk after chunk, and sums them up in its own way."""

    def add(self, chunk: Chunk, decoded: Decoded, columns: Mapping[str, Column]) -> None:
        """Takes a chunk's columns, by their paths."""

    def result(self) -> Mergeable:
        """What it came to."""


class Kernel:
    """Sums up records.

    Args:
        spec: What is to be found out.
        payload: Takes a value to the JSON text inside; None when there is none. Left out: the value is the text.
        parse: Takes a value to a whole record, for a format that is not JSON. Left out: it is JSON.
        sink: Makes what takes the columns besides the rules. Left out: nothing does.
        sink_paths: The fields that it needs.
        scanner: Makes what looks through the records of an observation that has very many. Left out: nothing does.

    Raises:
        KeyError: A rule's name is not in the registry (the configuration refuses it before).
        ValueError: A rule cannot be run as configured (likewise).
        ConfigError: A library that a rule needs is not installed.
    """

    def __init__(
        self,
        spec: KernelSpec,
        *,
        payload: Callable[[bytes], bytes | None] | None = None,
        parse: Callable[[bytes], dict[str, object] | None] | None = None,
        sink: Callable[[], ColumnSink] | None = None,
        sink_paths: Sequence[str] = (),
        scanner: MakeScanner | None = None,
    ) -> None:
        self.plan = Plan(spec, sink_paths)
        # Where rules want most values as Python has them, and nobody else does, to read them so at once is quicker.
        self.scanner = scanner if sink or not self.plan.needs_values else None
        self.spec = spec
        self.sink = sink
        self.decoder = ChunkDecoder(
            self.plan.paths,
            declared=spec.fields,
            kinds=self.plan.kinds,
            payload=payload,
            parse=parse,
            whole=bool(self.plan.records),
            first_look=None if sink else self.plan.first_look,
        )

    def start(self, now: datetime) -> "Accumulation":
        """An empty sum of records that are observed at a time."""
        return Accumulation(self, now)

    def summarize(self, chunks: Iterable[Chunk], now: datetime) -> Summary:
        """The summary of some chunks that are observed at a time."""
        total = self.start(now)
        for chunk in chunks:
            total.add(chunk)
        return total.summary()

    def __call__(self, values: Sequence[bytes | None], now: datetime = EPOCH) -> Summary:
        """The summary of values that stand nowhere in particular."""
        return self.summarize([ValueChunk(values)], now)


class Accumulation:
    """A sum of chunks under way. Made by `Kernel.start`."""

    def __init__(self, kernel: Kernel, now: datetime) -> None:
        self._decoder = kernel.decoder
        self._scanner = kernel.scanner
        self._plan = kernel.plan
        self._keep_content = kernel.spec.keep_content
        self._checks = kernel.plan.field_checks(now)
        self._sink = kernel.sink() if kernel.sink else None
        self._all_events = 0
        self._unparseable = 0
        self._tombstones = 0
        self._invalid_records = 0
        self._counts: dict[Severity, Counter[str]] = {"error": Counter(), "warn": Counter()}
        self._broken: Counter[str] = Counter()
        self._offenders: dict[str, tuple[Offender, ...]] = {}
        self._unknown_fields = 0
        self._unknown_names: Frequent[str] = Frequent(MOST_NAMES)
        self._type_drift: Counter[str] = Counter()
        self._distinct = {one.rule.id: DistinctSampleBuilder(one.keep) for one in kernel.plan.unique}
        self._newest: dict[str, datetime] = {}
        self._minutes: Counter[int] = Counter()
        self._last_minute = (now - EPOCH + AHEAD) // timedelta(minutes=1)

    def add(self, chunk: Chunk) -> None:
        """Takes a chunk."""
        if self._scanner is not None and self._all_events >= MANY:
            self._decoder.hurry(self._scanner)
        decoded = self._decoder.decode(chunk.values)
        self._all_events += len(chunk.values)
        self._tombstones += decoded.tombstones
        self._unparseable += len(decoded.unparseable)
        if decoded.unparseable:
            self._note(UNPARSEABLE, decoded.unparseable, chunk)
        columns = dict(zip(self._plan.paths, decoded.columns, strict=True))
        if decoded.at:
            self._check(chunk, decoded, columns)
        if self._plan.time_fields:
            self._look_at_times(chunk, columns)
        if self._plan.needs_minutes:
            end = (self._last_minute + 1) * 60_000
            self._minutes.update(time // 60_000 for time in chunk.timestamps() if 0 <= time < end)
            if len(self._minutes) > len(chunk.values):
                self._minutes = Counter(newest_minutes(self._minutes))
        if self._sink is not None:
            self._sink.add(chunk, decoded, columns)

    def _check(self, chunk: Chunk, decoded: Decoded, columns: Mapping[str, Column]) -> None:
        faulty: set[int] = set()
        # Per field and severity, where its rules are broken.
        rows: dict[tuple[str, Severity], list[list[int]]] = {}
        for field, rule, severity, broken in self._broken_rules(decoded, columns):
            if not broken:
                continue
            self._broken[rule] += len(broken)
            self._note(rule, [decoded.at[row] for row in broken], chunk)
            if field:
                rows.setdefault((field, severity), []).append(broken)
            if severity == "error":
                faulty.update(broken)
        for (field, severity), lists in rows.items():
            self._counts[severity][field] += len(lists[0]) if len(lists) == 1 else len(set().union(*lists))
        self._invalid_records += len(faulty)
        self._look_for_repeated(columns)

    def _broken_rules(
        self, decoded: Decoded, columns: Mapping[str, Column]
    ) -> Iterator[tuple[str, str, Severity, list[int]]]:
        """For each rule its field, id and severity, and which of the records break it."""
        for path, checks in self._checks:
            column = columns[path]
            distinct = _Once(column)
            for check in checks:
                yield path, check.id, check.severity, check.broken(column, distinct)
        for pair in self._plan.pairs:
            broken = pair.broken(columns[pair.rule.field], columns[pair.other])
            yield pair.rule.field, pair.rule.id, pair.rule.severity, broken
        for one in self._plan.records:
            broken = [row for row, record in enumerate(decoded.records or ()) if not one.holds(record)]
            yield "", one.rule.id, one.rule.severity, broken
        unknown = self._look_at_odd(decoded.odd) if decoded.odd else []
        for rule in self._plan.no_unknown_fields:
            yield "", rule.id, rule.severity, unknown

    def _look_at_odd(self, odd: Mapping[int, Odd]) -> list[int]:
        """Counts what differs from what is declared; returns which records have undeclared fields."""
        unknown = [row for row, one in sorted(odd.items()) if one.unknown]
        self._unknown_fields += len(unknown)
        names = Counter(name for row in unknown for name in set(odd[row].unknown))
        # Of a record with very many not all are named, so any other name may have come once more.
        unnamed = sum(len(odd[row].unknown) >= MOST_NAMES for row in unknown)
        self._unknown_names = self._unknown_names.add(names, unnamed)
        self._type_drift.update(path for one in odd.values() for path in one.drifted)
        return unknown

    def _look_for_repeated(self, columns: Mapping[str, Column]) -> None:
        for unique in self._plan.unique:
            values = Counter(hash_of(value) for value in columns[unique.rule.field] if not is_nothing(value))
            self._distinct[unique.rule.id].add(values)

    def _note(self, rule: str, at: Sequence[int], chunk: Chunk) -> None:
        """Keeps the first of a rule's offending records."""
        kept = self._offenders.get(rule, ())
        if len(kept) >= OFFENDERS:
            last, timestamp = kept[-1].place.timestamp, chunk.timestamp
            at = [index for index in at if timestamp(index) <= last]
            if not at:
                return
        new = (Offender(chunk.place(index), self._content(chunk.values[index])) for index in at)
        self._offenders[rule] = first_offenders((*kept, *new))

    def _content(self, value: bytes | None) -> bytes | None:
        return value if self._keep_content and value is not None and len(value) <= LONGEST_CONTENT else None

    def _look_at_times(self, chunk: Chunk, columns: Mapping[str, Column]) -> None:
        for field, form in self._plan.time_fields.items():
            if field:
                read = time_reader(form)
                times = [time for value in columns[field] if (time := read(value)) is not None]
                newest = max(times, default=None)
            else:
                stamp = max(chunk.timestamps(), default=-1)
                newest = None if stamp < 0 else epoch_time(stamp) or LATEST
            if newest is not None:
                self._newest[field] = max(newest, self._newest.get(field, newest))

    def summary(self) -> Summary:
        """The summary of all that was added."""
        return Summary(
            all_events=self._all_events,
            unparseable=self._unparseable,
            tombstones=self._tombstones,
            invalid_records=self._invalid_records,
            invalid=dict(self._counts["error"]),
            warned=dict(self._counts["warn"]),
            broken=dict(self._broken),
            offenders=dict(self._offenders),
            unknown_fields=self._unknown_fields,
            unknown_names=self._unknown_names,
            type_drift=dict(self._type_drift),
            distinct={rule: one.result() for rule, one in self._distinct.items() if one.counts},
            newest=dict(self._newest),
            minutes=newest_minutes(dict(self._minutes)),
            profile=self._sink.result() if self._sink is not None else None,
        )


class _Once:
    """The distinct texts of a column, found when they are first asked for."""

    __slots__ = ("_column", "_is_known", "_texts")

    def __init__(self, column: Column) -> None:
        self._column = column
        self._is_known = False
        self._texts: frozenset[object] | None = None

    def __call__(self) -> frozenset[object] | None:
        if not self._is_known:
            self._texts = distinct_texts(self._column)
            self._is_known = True
        return self._texts
