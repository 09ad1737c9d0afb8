"""What the kernel counts, found in the simplest way: a record at a time, a rule at a time."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Any

from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.record import parse_object
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Summary
from offline_observer.quality.times import EPOCH
from support.odd_records import FIELDS, RULES, odd_records
from support.scanning import JsonScanner

MISSING = object()


@dataclass
class SimpleCounts:
    all_events: int = 0
    parsed: int = 0
    unparseable: int = 0
    tombstones: int = 0
    invalid_records: int = 0
    unknown_fields: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    type_drift: Counter[str] = field(default_factory=Counter)
    unknown_names: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)


def simple_counts(
    values: Iterable[bytes | None],
    rules: Iterable[Rule],
    fields: Mapping[str, str] | None = None,
) -> SimpleCounts:
    rules, fields = list(rules), fields or {}
    # What a declared field stands in is declared to be an object.
    parts = [path.split(".") for path in fields]
    around = {".".join(keys[:length]) for keys in parts for length in range(1, len(keys))}
    types = {**dict.fromkeys(around, "object"), **fields}
    counts = SimpleCounts()
    seen: dict[str, set[str]] = {rule.id: set() for rule in rules}
    for value in values:
        counts.all_events += 1
        if value is None:
            counts.tombstones += 1
            continue
        record = parse_object(value)
        if record is None:
            counts.unparseable += 1
            continue
        counts.parsed += 1
        unknown = unknown_paths(record, fields)
        counts.unknown_fields += bool(unknown)
        counts.unknown_names.update(unknown)
        counts.type_drift.update(
            path for path, kind in types.items() if not is_declared_type(at(record, path), kind)
        )
        broken = [rule for rule in rules if not holds(rule, record, unknown, seen)]
        for rule in broken:
            if rule.name == "unique":
                counts.repeated[rule.id] += 1
            else:
                counts.broken[rule.id] += 1
        errors = [rule for rule in broken if rule.severity == "error" and rule.name != "unique"]
        warnings = [rule for rule in broken if rule.severity == "warn" and rule.name != "unique"]
        counts.invalid_records += bool(errors)
        counts.invalid.update({rule.field for rule in errors if rule.field})
        counts.warned.update({rule.field for rule in warnings if rule.field})
    return counts


def in_chunks(values: Sequence[bytes | None], sizes: Iterator[int]) -> Iterator[ValueChunk]:
    rest = iter(values)
    first = 0
    for size in sizes:
        chunk = list(islice(rest, size))
        if not chunk:
            return
        yield ValueChunk(chunk, first_offset=first)
        first += len(chunk)


def check_counts(summary: Summary, counts: SimpleCounts) -> None:
    assert (summary.all_events, summary.unparseable, summary.tombstones) == (
        *(counts.all_events, counts.unparseable, counts.tombstones),
    )
    assert summary.all_events == counts.parsed + summary.unparseable + summary.tombstones
    assert summary.broken == counts.broken
    assert summary.invalid_records == counts.invalid_records
    assert summary.invalid == counts.invalid
    assert summary.warned == counts.warned
    assert summary.unknown_fields == counts.unknown_fields
    assert summary.type_drift == counts.type_drift
    assert {rule: one.repeated for rule, one in summary.distinct.items() if one.repeated} == counts.repeated
    names = summary.unknown_names
    for name, count in counts.unknown_names.items():
        assert names.counts.get(name, 0) <= count <= names.counts.get(name, 0) + names.error
    assert names.counts.keys() <= counts.unknown_names.keys()


def check_many(number: int) -> None:
    """Counts many records of every kind in the simplest way, and in the kernel's, which are two for very many."""
    values = list(odd_records(5, number))
    rules = [*(RULES[n] for n in (0, 1, 2, 5, 8, 11, 15)), Rule("no_unknown_fields")]
    kernel = Kernel(KernelSpec(rules=rules, fields=FIELDS))
    summary = kernel.summarize(in_chunks(values, iter([2000] * (number // 2000 + 1))), EPOCH)
    check_counts(summary, simple_counts(values, rules, FIELDS))
    fields = {name: kind for name, kind in FIELDS.items() if name not in ("o", "p")}
    kernel = Kernel(KernelSpec(rules=rules, fields=fields))
    kernel.decoder.hurry(JsonScanner)
    summary = kernel.summarize(in_chunks(values, iter([2000] * (number // 2000 + 1))), EPOCH)
    check_counts(summary, simple_counts(values, rules, fields))


def at(record: Any, path: str) -> Any:
    for key in path.split("."):
        if type(record) is not dict or key not in record:
            return MISSING
        record = record[key]
    return record


def unknown_paths(record: dict[str, Any], fields: Mapping[str, str], around: str = "") -> set[str]:
    """The paths that are neither declared nor around a declared one, in objects that have declared fields inside."""
    known = known_keys(tuple(fields), around)
    found: set[str] = set()
    for key, value in record.items() if known else ():
        if key not in known:
            found.add((around + key)[:200])
        elif type(value) is dict:
            found |= unknown_paths(value, fields, f"{around}{key}.")
    return found


@cache
def known_keys(paths: tuple[str, ...], around: str) -> set[str]:
    return {path.removeprefix(around).split(".")[0] for path in paths if path.startswith(around)}


def is_declared_type(value: Any, kind: str) -> bool:
    if value is None or value is MISSING:
        return True
    allowed: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "timestamp": (str, int, float),
        "object": (dict,),
        "array": (list,),
    }
    return type(value) in allowed[kind]


def is_time(value: Any) -> bool:
    return _time(value) is not None


def _time(value: Any) -> datetime | None:
    if type(value) is not str or not re.match(r"....-..-", value):
        return None
    try:
        time = datetime.fromisoformat(value)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def holds(rule: Rule, record: dict[str, Any], unknown: set[str], seen: dict[str, set[str]]) -> bool:
    """Whether a record keeps a rule."""
    value = at(record, rule.field)
    always = {
        "no_unknown_fields": not unknown,
        "present": value is not MISSING,
        "not_empty": value is not MISSING
        and value is not None
        and not (type(value) is str and not value.strip()),
    }
    if rule.name in always:
        return always[rule.name]
    if value is None or value is MISSING:
        return True
    if rule.name == "unique":
        before = len(seen[rule.id])
        seen[rule.id].add(repr(_sorted(value)))
        return len(seen[rule.id]) > before
    if rule.name in ("equal_to", "compare"):
        return _holds_beside(rule, value, record)
    return _holds_alone(rule.name, rule.arguments, value)


def _holds_alone(name: str, arguments: Mapping[str, Any], value: Any) -> bool:
    is_number = type(value) in (int, float)
    if name == "type":
        kind = arguments["expected"]
        return is_time(value) if kind == "timestamp" else is_declared_type(value, kind)
    if name in ("one_of", "not_one_of"):
        among = any(
            (type(one) is type(value) or (is_number and type(one) in (int, float))) and one == value
            for one in arguments["values"]
        )
        return among == (name == "one_of")
    if name == "range":
        low, high = arguments.get("min"), arguments.get("max")
        return is_number and (low is None or value >= low) and (high is None or value <= high)
    if name == "length":
        high = arguments.get("max")
        size = len(value) if type(value) in (str, list, dict) else -1
        return size >= arguments.get("min", 0) and (high is None or size <= high)
    if name == "matches":
        return type(value) is str and re.fullmatch(arguments["pattern"], value) is not None
    assert name == "timestamp"
    return is_time(value)


def _holds_beside(rule: Rule, value: Any, record: dict[str, Any]) -> bool:
    if rule.name == "equal_to":
        beside = at(record, rule.arguments["other"])
        return (
            beside is None
            or beside is MISSING
            or _sorted(value, numbers=True) == _sorted(beside, numbers=True)
        )
    ((name, other),) = [(name, one) for name, one in rule.arguments.items() if name != "by"]
    beside = at(record, other)
    if beside is None or beside is MISSING:
        return True
    if rule.arguments.get("by") == "time":
        value, beside = _time(value), _time(beside)
        if value is None or beside is None:
            return False
    else:
        both = (type(value), type(beside))
        if not (both == (str, str) or all(kind in (int, float) for kind in both)):
            return False
    order = (value > beside) - (value < beside)
    return order in {"less_than": (-1,), "at_most": (-1, 0), "greater_than": (1,), "at_least": (0, 1)}[name]


def _sorted(value: Any, *, numbers: bool = False) -> Any:
    """A value that equals another one only if all inside is of the same type; numbers of any type, if asked for."""
    if type(value) is dict:
        return ("dict", [(key, _sorted(value[key], numbers=numbers)) for key in sorted(value)])
    if type(value) is list:
        return ("list", [_sorted(one, numbers=numbers) for one in value])
    if numbers and type(value) in (int, float):
        return ("number", value)
    return (type(value).__name__, repr(value))
