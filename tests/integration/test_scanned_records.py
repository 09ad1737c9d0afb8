"""Very many records on a real broker: scanned in one process and in two, they come to what they come to one by one."""

from random import Random

import pytest

from offline_observer.demo.visits import CONTEXT_LEAVES, visit_records
from offline_observer.engine.background_scanner import SCANNER
from offline_observer.engine.build import KernelSettings, build_kernel
from offline_observer.engine.local import LocalEngine
from offline_observer.profile.profile import Profile
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.kernel import MANY
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Summary
from offline_observer.quality.times import EPOCH
from support.kafka import Cluster, eventually
from support.scanning import JsonScanner

NAMES = ("visit_id", "event_time", "user_id", "page", *CONTEXT_LEAVES)
FIELDS: dict[str, FieldType] = dict.fromkeys(NAMES, "string")
RULES = (
    *(Rule("not_empty", name) for name in ("event_time", "user_id", "context.user.ip")),
    Rule("one_of", "context.technical.network_type", {"values": ["4G", "5G"]}),
    Rule("timestamp", "event_time"),
    Rule("unique", "visit_id"),
    Rule("no_unknown_fields"),
)
PROFILE = ProfileSpec(fields=NAMES, sample=500)
SETTINGS = [
    KernelSettings(spec=KernelSpec(rules=RULES), profile=PROFILE),
    KernelSettings(spec=KernelSpec(rules=RULES, fields=FIELDS), profile=PROFILE),
    KernelSettings(spec=KernelSpec(rules=RULES[:3])),
]
PART = MANY + 20_000


@pytest.fixture(scope="module")
def values() -> list[bytes | None]:
    stream = visit_records(Random(1), EPOCH, duplicates=2, missing_fields=10, unprocessable_rows=1)
    values: list[bytes | None] = [next(stream).value for _ in range(2 * PART)]
    values[::100] = [None] * len(values[::100])
    # A new field, another type, escapes: what goes the exact way.
    values[7::50] = [
        b'{"page":%d,"new":1,"user_id":"\\u00e9"}' % number for number, _ in enumerate(values[7::50])
    ]
    return values


@pytest.fixture(scope="module")
def topic(cluster: Cluster, values: list[bytes | None]) -> str:
    topic = cluster.topic(2)
    for partition in (0, 1):
        cluster.produce(topic, values[partition * PART : (partition + 1) * PART], partition=partition)
    return topic


def exact_part(summary: Summary) -> list[object]:
    found: list[object] = [
        *(summary.all_events, summary.unparseable, summary.tombstones, summary.invalid_records),
        *(summary.invalid, summary.broken, summary.unknown_fields, summary.unknown_names),
        *(summary.type_drift, summary.distinct),
    ]
    profile = summary.profile if isinstance(summary.profile, Profile) else Profile()
    for name, field in profile.fields.items():
        texts, times = field.texts, field.times
        found.append(
            (
                *(name, field.missing, field.null, dict(field.types), field.distinct.estimate),
                *(texts.count, texts.blank, texts.least, texts.greatest, texts.shortest, texts.longest),
                *(texts.characters, times.count, times.least, times.greatest),
            )
        )
    return found


@pytest.mark.parametrize("number", range(len(SETTINGS)))
def test_they_come_to_the_same_as_one_by_one(
    cluster: Cluster, topic: str, values: list[bytes | None], number: int
) -> None:
    settings = SETTINGS[number]
    plain = build_kernel(settings)
    plain.scanner = None
    chunks = [
        ValueChunk(values[start : start + 500], topic, start // PART, start % PART)
        for start in range(0, len(values), 500)
    ]
    expected = plain.summarize(chunks, EPOCH)
    assert expected.all_events == 2 * PART
    eventually(lambda: isinstance(SCANNER(["a"]), JsonScanner))
    for processes in (1, 2):
        engine = LocalEngine(
            {"bootstrap.servers": cluster.servers},
            topic,
            "read_committed",
            settings,
            "earliest",
            processes=processes,
        )
        try:
            # At the second time each process has had the time to load what is compiled.
            for _ in range(2):
                read = engine.read({}, lambda: 60.0)
                assert (read.error, read.behind) == (None, 0)
                assert exact_part(read.summary) == exact_part(expected)
                if isinstance(read.summary.profile, Profile) and isinstance(expected.profile, Profile):
                    places = [
                        {(one.partition, one.offset) for one in profile.sample.records}
                        for profile in (read.summary.profile, expected.profile)
                    ]
                    assert places[0] == places[1]
        finally:
            engine.close()
