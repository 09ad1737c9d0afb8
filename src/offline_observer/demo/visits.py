"""An endless stream of visits of a blogging platform, some of them faulty on purpose (pure).

The same seed and the same shares give the same bytes.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import msgspec

T = TypeVar("T")

TOP_LEVEL_FIELDS = ("visit_id", "event_time", "user_id", "page", "context")
# What the consumers of the visits cannot do without.
NEEDED_FIELDS = ("event_time", "user_id", "page")
CONTEXT_LEAVES = (
    "context.referral",
    "context.ad_id",
    "context.user.ip",
    "context.user.login",
    "context.user.connected_since",
    "context.technical.browser",
    "context.technical.browser_version",
    "context.technical.network_type",
    "context.technical.device_type",
    "context.technical.device_version",
)

# A duplicate repeats one of this many rows before it.
DUPLICATE_WINDOW = 100

_USERS = 5000
_LONGEST_GAP_MS = 250
_LONGEST_CONNECTION_MS = 8 * 3600 * 1000
_BLANKS = ("", " ", "   ")

_FIRST_NAMES = (
    "ada",
    "alan",
    "barbara",
    "edgar",
    "edsger",
    "grace",
    "jim",
    "katherine",
    "leslie",
    "margaret",
)
_SUBJECTS = (
    "kafka",
    "spark",
    "streaming",
    "checkpoints",
    "late-data",
    "schemas",
    "joins",
    "windows",
    "lakes",
)
_PAGES = (
    "/",
    "/about",
    "/contact",
    "/archive",
    *(f"/tags/{subject}" for subject in _SUBJECTS),
    *(
        f"/articles/{subject}-{part}"
        for subject in _SUBJECTS
        for part in ("explained", "in-practice", "pitfalls")
    ),
)
_REFERRALS = ("direct", "search", "newsletter", "social", "partner")
_ADS = ("ad-1", "ad-2", "ad-3", "ad-4", "ad-5", "none")
_BROWSERS = (
    ("Chrome", ("124.0", "125.0", "126.0")),
    ("Firefox", ("125.0", "126.0", "127.0")),
    ("Safari", ("16.6", "17.4", "17.5")),
    ("Edge", ("124.0", "125.0")),
)
_DEVICES = (
    ("PC", ("1.0", "2.0", "3.0"), ("LAN", "Wi-Fi")),
    ("Laptop", ("1.0", "2.0", "3.0"), ("LAN", "Wi-Fi", "4G")),
    ("Smartphone", ("Android 13", "Android 14", "iOS 17"), ("Wi-Fi", "4G", "5G")),
    ("Tablet", ("Android 13", "iPadOS 16", "iPadOS 17"), ("Wi-Fi", "4G")),
)
# First parts of addresses that are handed out to anyone.
_NETWORKS = tuple(part for part in range(11, 198) if part not in {100, 127, 169, 172, 192})


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """A record, and what is wrong with it.

    Attributes:
        value: The bytes to write.
        unparseable: They are not a JSON object.
        empty: Dot paths of the fields that are missing, null or blank. A missing context takes its leaves along.
        duplicate: They repeat an earlier record, faults included.
    """

    value: bytes
    unparseable: bool = False
    empty: frozenset[str] = frozenset()
    duplicate: bool = False


@dataclass(slots=True)
class GenerationReport:
    """What was written. A field's count holds parsed records only, so none is also unparseable.

    Attributes:
        all_events: Records that the broker acknowledged.
        unparseable: Those that are not a JSON object.
        duplicates: Those that repeat an earlier one; they count for their faults too.
        invalid_event_time: Those without an event time.
        invalid_user_id: Those without a user.
        invalid_page: Those without a page.
        invalid_context: Those without a context.
        failed: Records that the broker did not acknowledge. They are in no other count. One that was on its way
            when the generator was stopped may have been written all the same.
    """

    all_events: int = 0
    unparseable: int = 0
    duplicates: int = 0
    invalid_event_time: int = 0
    invalid_user_id: int = 0
    invalid_page: int = 0
    invalid_context: int = 0
    failed: int = 0

    def add(self, record: VisitRecord) -> None:
        """Counts a record that was written."""
        self.all_events += 1
        self.duplicates += record.duplicate
        if record.unparseable:
            self.unparseable += 1
        elif record.empty:
            self.invalid_event_time += "event_time" in record.empty
            self.invalid_user_id += "user_id" in record.empty
            self.invalid_page += "page" in record.empty
            self.invalid_context += "context" in record.empty

    def add_failed(self) -> None:
        """Counts a record that was not written."""
        self.failed += 1

    def to_json(self) -> dict[str, int]:
        """The report as one JSON object."""
        return asdict(self)


def visit_records(
    random: Random,
    start_time: datetime,
    *,
    duplicates: float = 0,
    missing_fields: float = 0,
    unprocessable_rows: float = 0,
) -> Iterator[VisitRecord]:
    """Makes records for ever.

    Args:
        random: The only source of chance.
        start_time: Event time of the first record; needs a time zone.
        duplicates: Percentage of rows that repeat one of the last hundred.
        missing_fields: Percentage of the other rows that miss fields, `event_time`, `user_id` or `page` among them.
        unprocessable_rows: Percentage of the other rows that are not a JSON object.

    Yields:
        One record after the other.
    """
    recent: deque[VisitRecord] = deque(maxlen=DUPLICATE_WINDOW)
    event_time = start_time.astimezone(UTC)
    while True:
        if random.random() * 100 < duplicates and recent:
            earlier = _pick(random, recent)
            record = VisitRecord(earlier.value, earlier.unparseable, earlier.empty, duplicate=True)
        else:
            # One draw for both faults: a row has one or the other, and the shares are those of all rows.
            fault = random.random() * 100
            visit = _visit(random, event_time)
            if fault < unprocessable_rows:
                record = VisitRecord(_unprocessable(random, visit), unparseable=True)
            elif fault < unprocessable_rows + missing_fields:
                empty = _empty_fields(random, visit)
                record = VisitRecord(msgspec.json.encode(visit), empty=empty)
            else:
                record = VisitRecord(msgspec.json.encode(visit))
            event_time += timedelta(milliseconds=1 + _below(random, _LONGEST_GAP_MS))
        recent.append(record)
        yield record


def _below(random: Random, bound: int) -> int:
    """A number of 0..bound-1. `randrange` is several times slower, and this is the generator's inner loop."""
    return int(random.random() * bound)


def _pick(random: Random, values: Sequence[T]) -> T:
    return values[_below(random, len(values))]


def _timestamp(time: datetime) -> str:
    return time.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _visit(random: Random, event_time: datetime) -> dict[str, Any]:
    user = _below(random, _USERS)
    browser, browser_versions = _pick(random, _BROWSERS)
    device, device_versions, networks = _pick(random, _DEVICES)
    connected_since = event_time - timedelta(milliseconds=1 + _below(random, _LONGEST_CONNECTION_MS))
    address = random.getrandbits(24)
    return {
        "visit_id": str(UUID(int=random.getrandbits(128), version=4)),
        "event_time": _timestamp(event_time),
        "user_id": f"user-{user}",
        "page": _pick(random, _PAGES),
        "context": {
            "referral": _pick(random, _REFERRALS),
            "ad_id": _pick(random, _ADS),
            "user": {
                "ip": f"{_pick(random, _NETWORKS)}.{address >> 16}.{address >> 8 & 255}.{address & 255}",
                "login": f"{_FIRST_NAMES[user % len(_FIRST_NAMES)]}{user}",
                "connected_since": _timestamp(connected_since),
            },
            "technical": {
                "browser": browser,
                "browser_version": _pick(random, browser_versions),
                "network_type": _pick(random, networks),
                "device_type": device,
                "device_version": _pick(random, device_versions),
            },
        },
    }


def _empty_fields(random: Random, visit: dict[str, Any]) -> frozenset[str]:
    """Takes fields away from a visit and returns the paths of all that are gone."""
    gone: list[str] = []
    while not any(field in gone for field in NEEDED_FIELDS):
        gone = [field for field in TOP_LEVEL_FIELDS if random.random() < 0.5]  # noqa: PLR2004 - one half
    for field in gone:
        _empty(random, visit, field, may_be_blank=field != "context")
    if "context" in gone:
        return frozenset((*gone, *CONTEXT_LEAVES))
    for path in CONTEXT_LEAVES:
        if random.random() < 0.5:  # noqa: PLR2004 - one half
            gone.append(path)
            *parents, key = path.split(".")
            holder = visit
            for parent in parents:
                holder = holder[parent]
            _empty(random, holder, key, may_be_blank=True)
    return frozenset(gone)


def _empty(random: Random, holder: dict[str, Any], key: str, *, may_be_blank: bool) -> None:
    """A field is empty in one of three ways: it is not there, it is null, it is a blank string."""
    way = _below(random, 3 if may_be_blank else 2)
    if way == 0:
        del holder[key]
    else:
        holder[key] = None if way == 1 else _pick(random, _BLANKS)


def _cut_json(random: Random, visit: dict[str, Any]) -> bytes:
    """Without its last brace an object is never whole."""
    whole = msgspec.json.encode(visit)
    return whole[: 1 + _below(random, len(whole) - 1)]


def _plain_text(_: Random, visit: dict[str, Any]) -> bytes:
    return f"ERROR visit {visit['visit_id']} could not be serialized".encode()


def _json_array(_: Random, visit: dict[str, Any]) -> bytes:
    return msgspec.json.encode([visit["visit_id"], visit["event_time"], visit["user_id"], visit["page"]])


def _json_number(random: Random, _: dict[str, Any]) -> bytes:
    return str(random.getrandbits(48)).encode()


def _csv_line(_: Random, visit: dict[str, Any]) -> bytes:
    return ",".join((visit["visit_id"], visit["event_time"], visit["user_id"], visit["page"])).encode()


_WAYS_TO_BE_UNPROCESSABLE: tuple[Callable[[Random, dict[str, Any]], bytes], ...] = (
    _cut_json,
    _plain_text,
    _json_array,
    _json_number,
    _csv_line,
)


def _unprocessable(random: Random, visit: dict[str, Any]) -> bytes:
    return _pick(random, _WAYS_TO_BE_UNPROCESSABLE)(random, visit)
