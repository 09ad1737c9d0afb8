"""The local engine: librdkafka reads, the kernel checks and sums up."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.observing.workload import FIELDS, Counts, Ends, Quality
from offline_observer.demo.visits import CONTEXT_LEAVES
from offline_observer.engine.build import KernelSettings
from offline_observer.engine.local import LocalEngine
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from offline_observer.scan.warm_up import warm_up

_WARM_UP_SECONDS = 6.0

NOT_EMPTY = tuple(Rule("not_empty", name) for name in FIELDS)

TEN_KINDS = (
    *NOT_EMPTY[:1],
    Rule("present", "user_id"),
    Rule("type", "page", {"expected": "string"}),
    Rule("one_of", "context.technical.network_type", {"values": ["LAN", "Wi-Fi", "4G", "5G"]}),
    Rule("not_one_of", "context.technical.browser", {"values": ["Netscape", "Mosaic"]}),
    Rule("length", "user_id", {"min": 6, "max": 20}),
    Rule("matches", "context.user.ip", {"pattern": r"[0-9]{1,3}(\.[0-9]{1,3}){3}"}),
    Rule("timestamp", "event_time"),
    Rule("compare", "context.user.connected_since", {"at_most": "event_time", "by": "time"}),
    Rule("unique", "visit_id"),
)
"""Ten rules, each of another kind."""

ALL_FIELDS = ("visit_id", *FIELDS, *CONTEXT_LEAVES)

THREE_RULES = KernelSettings(spec=KernelSpec(rules=NOT_EMPTY))
TEN_RULES = KernelSettings(spec=KernelSpec(rules=TEN_KINDS))
FULL_SUMMARY = KernelSettings(spec=KernelSpec(rules=NOT_EMPTY), profile=ProfileSpec(fields=ALL_FIELDS))


def an_hour() -> float:
    return 3600.0


@dataclass
class Local:
    """The engine as the observer has it: made once, and asked again and again.

    Attributes:
        name: Name in the figures.
        settings: What it is to find out.
        processes: In how many processes it reads.
    """

    name: str
    settings: KernelSettings
    processes: int = 1
    _engines: list[LocalEngine] = field(default_factory=list)

    def prepare(self, servers: str, topic: str, ends: Ends) -> None:  # noqa: ARG002 - the engine knows them
        engine = LocalEngine(
            {"bootstrap.servers": servers},
            topic,
            "read_committed",
            self.settings,
            "earliest",
            processes=self.processes,
        )
        self._engines.append(engine)
        for _ in warm_up():
            pass  # what is compiled is there for the processes to load
        # A moment of reading: connections and processes are there then, and the machine code is loaded.
        until = time.monotonic() + _WARM_UP_SECONDS
        while time.monotonic() < until:
            engine.read({}, lambda: until - time.monotonic())

    def run(self, servers: str, topic: str, ends: Ends) -> Counts:  # noqa: ARG002 - the engine knows them
        (engine,) = self._engines
        summary = engine.read({}, an_hour).summary
        if not all(rule in self.settings.spec.rules for rule in NOT_EMPTY):
            return Counts(summary.all_events)
        empty = {name: summary.broken.get(f"{name}.not_empty", 0) for name in FIELDS}
        return Counts(summary.all_events, Quality(summary.unparseable, empty))

    def close(self) -> None:
        for engine in self._engines:
            engine.close()


def local_engines() -> Sequence[Local]:
    return [
        Local("local_three_rules", THREE_RULES),
        Local("local_three_rules_two_processes", THREE_RULES, 2),
        Local("local_ten_rules", TEN_RULES),
        Local("local_full_summary", FULL_SUMMARY),
        Local("local_full_summary_two_processes", FULL_SUMMARY, 2),
    ]
