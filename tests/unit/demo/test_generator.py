"""The generator over a client that is made up, on a clock that is."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice, pairwise
from random import Random
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Message

from offline_observer.demo.generator import Generator, GeneratorOptions, Progress, await_topic, make_producer
from offline_observer.demo.generator_config import GenerationConfig, KafkaConfiguration
from offline_observer.demo.visits import GenerationReport, visit_records
from offline_observer.errors import BrokerError, ConfigError
from offline_observer.kafka.client import LastError

OnDelivery = Callable[[KafkaError | None, Any], None]


def config(rows: int = 30, pause: tuple[float, float] = (1, 7), kind: str = "continuous") -> GenerationConfig:
    return GenerationConfig.model_validate(
        {
            "dataset": {
                "rows": rows,
                "composition_percentage": {"duplicates": 5, "missing_fields": 10, "unprocessable_rows": 2},
            },
            "data_blocker": {
                "type": "sleep",
                "configuration": {"sleep_time_range_seconds": {"from": pause[0], "to": pause[1]}},
            },
            "entity": {"type": "visit", "configuration": {"start_time": "2024-01-01T00:00:00Z"}},
            "generator": {"type": kind},
            "writer": {"type": "kafka", "configuration": {"broker": "nowhere:1", "output_topic": "visits"}},
        }
    )


@dataclass
class World:
    """A clock, a stop at a set time, and a client that holds records back until it is polled."""

    stop_at: float = float("inf")
    capacity: int = 100_000
    reachable: bool = True
    now: float = 0.0
    queue: deque[OnDelivery] = field(default_factory=deque)
    sent: list[tuple[float, bytes]] = field(default_factory=list)
    refuse: Callable[[bytes], KafkaError | None] = lambda _: None
    fail: Callable[[int], KafkaError | None] = lambda _: None
    delivered: int = 0

    def clock(self) -> float:
        return self.now

    def is_set(self) -> bool:
        return self.now >= self.stop_at

    def wait(self, seconds: float, /) -> bool:
        self.now += seconds
        return self.is_set()

    def produce(
        self, topic: str, value: bytes, *, on_delivery: Callable[[KafkaError | None, Message], None]
    ) -> None:
        assert topic == "visits"
        if len(self.queue) >= self.capacity:
            raise BufferError
        if error := self.refuse(value):
            raise KafkaException(error)
        self.queue.append(on_delivery)
        self.sent.append((self.now, value))

    def poll(self, timeout: float) -> int:
        self.now += timeout
        served = 0
        while self.reachable and self.queue:
            self.queue.popleft()(self.fail(self.delivered), None)
            self.delivered += 1
            served += 1
        return served

    def flush(self, timeout: float) -> int:
        self.poll(0 if self.reachable else timeout)
        return len(self.queue)

    def purge(self) -> None:
        while self.queue:
            self.queue.popleft()(KafkaError(KafkaError._PURGE_QUEUE), None)


def run(
    world: World, of: GenerationConfig | None = None, **options: Any
) -> tuple[GenerationReport, list[Progress]]:
    told: list[Progress] = []
    generator = Generator(
        config=of or config(),
        options=GeneratorOptions(**{"seed": 1, **options}),
        producer=world,
        stop=world,
        on_progress=told.append,
        clock=world.clock,
    )
    return generator.run(), told


def test_bursts_and_pauses() -> None:
    world = World()
    report, told = run(world, records=300)
    times = sorted({time for time, _ in world.sent})
    assert len(world.sent) == report.all_events == 300
    assert [sum(time == moment for moment, _ in world.sent) for time in times] == [30] * 10
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert all(1 <= pause <= 7.001 for pause in pauses)
    assert len({round(pause, 6) for pause in pauses}) == len(pauses)
    assert [progress.sent for progress in told] == list(range(30, 301, 30))


def test_the_records_do_not_depend_on_the_pace() -> None:
    expected = visit_records(
        Random(1),
        config().start_time,
        duplicates=5,
        missing_fields=10,
        unprocessable_rows=2,
    )
    values = [record.value for record in islice(expected, 200)]
    for of, options in ((config(), {}), (config(rows=7, pause=(0, 0)), {}), (config(), {"rate": 50.0})):
        world = World()
        run(world, of, records=200, **options)
        assert [value for _, value in world.sent] == values


def test_one_shot_is_one_burst() -> None:
    world = World()
    report, told = run(world, config(kind="one-shot"))
    assert report.all_events == 30
    assert world.now < 1
    assert len(told) == 1
    assert run(World(), config(kind="one-shot"), rate=10)[0].all_events == 30
    assert run(World(), config(kind="one-shot"), records=4)[0].all_events == 4


@pytest.mark.parametrize("rate", [0.5, 1.0, 3.0, 50.0, 2_000.0])
def test_a_rate_is_kept_evenly(rate: float) -> None:
    world = World()
    report, told = run(world, rate=rate, duration=10)
    assert report.all_events == pytest.approx(rate * 10, abs=1 + rate * 0.03)
    assert len(told) in {9, 10}
    for second in range(1, 9):
        in_second = sum(second <= time < second + 1 for time, _ in world.sent)
        assert in_second == pytest.approx(rate, abs=1 + rate * 0.03)


def test_a_hold_up_is_not_made_up_for_with_a_flood() -> None:
    world = World(capacity=1000, reachable=False)

    def clock() -> float:
        world.reachable = world.now > 60
        return world.now

    world.clock = clock  # type: ignore[method-assign]
    report, _ = run(world, rate=500, duration=70)
    assert report.failed == 0
    assert 1000 + 8 * 500 <= report.all_events <= 1000 + 11 * 500


def test_only_acknowledged_records_count() -> None:
    def fail(index: int) -> KafkaError | None:
        return KafkaError(KafkaError._MSG_TIMED_OUT) if index % 3 == 0 else None

    report, told = run(World(fail=fail), records=90)
    assert (report.all_events, report.failed) == (60, 30)
    assert told[-1].failed > 0


def test_a_record_that_the_client_refuses_is_failed() -> None:
    too_large = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
    report, _ = run(World(refuse=lambda value: too_large if len(value) > 400 else None), records=100)
    assert report.failed > 0
    assert report.all_events + report.failed == 100


def test_a_client_that_gave_up_for_good_is_an_error() -> None:
    fatal = KafkaError(KafkaError._FATAL, "out of sequence", fatal=True)
    with pytest.raises(BrokerError, match="out of sequence"):
        run(World(refuse=lambda _: fatal), records=100)


def test_a_stop_ends_a_pause_within_a_second() -> None:
    world = World(stop_at=12.3)
    report, _ = run(world, config(pause=(60, 60)))
    assert world.now == pytest.approx(12.3, abs=0.2)
    assert report.all_events == 30


def test_a_stop_ends_the_wait_for_a_full_queue_and_what_is_queued_counts_as_failed() -> None:
    world = World(stop_at=20, capacity=100, reachable=False)
    report, _ = run(world, config(rows=1000))
    assert world.now <= 20 + 5
    assert (report.all_events, report.failed) == (0, 100)


def test_the_time_limit_cuts_a_pause() -> None:
    world = World()
    run(world, config(pause=(60, 60)), duration=5)
    assert world.now == pytest.approx(5, abs=0.01)


def kafka(**extra: str | float | bool) -> KafkaConfiguration:
    return KafkaConfiguration(broker="127.0.0.1:1", output_topic="visits", extra_producer_config=extra)


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"queue.buffering.max.ms": 2000},
        {"acks": 1},  # rules out idempotence, which is only a default
        {"enable.idempotence": False},
        {"delivery.timeout.ms": 5000},
    ],
)
def test_properties_pass_through(extra: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    producer = make_producer(kafka(**extra), LastError({}))
    producer.poll(0.05)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "extra",
    [
        {"no.such.property": 1},
        {"linger.ms": "soon"},
        {"error_cb": "x"},
        {"acks": 1, "enable.idempotence": True},
    ],
)
def test_refused_properties_are_a_configuration_error(extra: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="extra_producer_config"):
        make_producer(kafka(**extra), LastError({}))


def test_a_broker_that_is_not_there_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    errors = LastError({})
    producer = make_producer(kafka(), errors)
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1:1 "):
        await_topic(producer, kafka(), World(), errors, seconds=0.1)
    assert capfd.readouterr() == ("", "")
