"""How long one look at the lag of many partitions takes, against one call per partition.

One poll reads all checkpoints, asks for all offsets and computes the lag. The plain way is one
`get_watermark_offsets` per partition. Both are measured on loopback, and with 2 ms added to each answer by a small
proxy. Apart from that: the first waiting records of some topics, and the memory after many polls.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import psutil
import typer
from confluent_kafka import Consumer, Producer, TopicPartition

from benchmarks.measuring import AsJson, Rounds, interleaved, ratio, running_broker, seconds, show
from benchmarks.slow_proxy import slow_proxy
from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.clock import SystemClock
from offline_observer.demo.ports import LOOPBACK, free_ports
from offline_observer.kafka.client import LOGGER
from offline_observer.kafka.watermarks import WatermarkReader
from offline_observer.lag.first_records import FirstRecords
from offline_observer.lag.lag import JobLag, job_lag
from offline_observer.lag.meter import LagMeter

DELAY_SECONDS = 0.002
PLAIN_SAMPLE = 500  # through the proxy one call takes some milliseconds; the rest is the same again
SOME_TOPICS = 10  # of which the records are read, and the memory is measured
WAITING_RECORDS = 3
WARM_POLLS = 10
TIMEOUT = 30.0
ISOLATION = "read_uncommitted"


class Jobs:
    """Jobs that read some topics each, and a look at the lag of all of them."""

    def __init__(self, folder: Path, servers: str, inputs: list[list[str]], partitions: int) -> None:
        self.topics = [topic for names in inputs for topic in names]
        self.partitions = len(self.topics) * partitions
        self._checkpoints = [make_checkpoint(folder / names[0], names, partitions) for names in inputs]
        self._watermarks = WatermarkReader({"bootstrap.servers": servers}, ISOLATION)

    def read_checkpoints(self) -> None:
        for checkpoint in self._checkpoints:
            checkpoint.read()

    def read_offsets(self) -> None:
        self._watermarks.read(self.topics, TIMEOUT)

    def poll(self) -> list[JobLag]:
        progress = [checkpoint.read() for checkpoint in self._checkpoints]
        found = self._watermarks.read(self.topics, TIMEOUT)
        lags = [job_lag(one, found) for one in progress]
        known = sum(1 for lag in lags for partition in lag.partitions if partition.lag is not None)
        if known != self.partitions:
            raise RuntimeError(f"the lag of {known} partitions is known, of {self.partitions}")
        return lags


def make_checkpoint(folder: Path, topics: list[str], partitions: int) -> CheckpointFolder:
    offsets = json.dumps({topic: {str(number): 0 for number in range(partitions)} for topic in topics})
    for name, text in {
        "metadata": '{"id":"00000000-0000-0000-0000-000000000000"}',
        "offsets/7": f'v1\n{{"batchTimestampMs":1}}\n{offsets}',
        "commits/7": 'v1\n{"nextBatchWatermarkMs":0}',
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return CheckpointFolder(str(folder))


class PlainWay:
    """One call per partition."""

    def __init__(self, servers: str, topics: list[str], partitions: int) -> None:
        self._consumer = Consumer({"bootstrap.servers": servers, "group.id": "benchmark"}, logger=LOGGER)
        self._partitions = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]
        self._consumer.list_topics(
            timeout=TIMEOUT
        )  # it knows the leaders, and is not timed for learning them

    def poll(self, most: int | None = None) -> None:
        for partition in self._partitions[:most]:
            self._consumer.get_watermark_offsets(partition, TIMEOUT)

    def close(self) -> None:
        self._consumer.close()


def main(
    *,
    topics: Annotated[int, typer.Option(min=1, help="Topics, each with a checkpoint of its own.")] = 100,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of each topic.")] = 100,
    rounds: Rounds = 5,
    polls: Annotated[int, typer.Option(min=1, help="Polls before the memory is looked at.")] = 1000,
    as_json: AsJson = False,
) -> None:
    """Measure one poll of all offsets and checkpoints beside one call per partition."""
    port, behind_proxy, proxy_port, controller = free_ports(4)
    # A second listener, whose clients are told to come by the proxy.
    listeners = {"PLAINTEXT": port, "SLOW": behind_proxy, "CONTROLLER": controller}
    properties = {
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
        "listeners": ",".join(f"{name}://{LOOPBACK}:{number}" for name, number in listeners.items()),
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port},SLOW://{LOOPBACK}:{proxy_port}",
        "listener.security.protocol.map": ",".join(f"{name}:PLAINTEXT" for name in listeners),
        "inter.broker.listener.name": "PLAINTEXT",
    }
    names = [f"topic-{number:03}" for number in range(topics)]
    with (
        TemporaryDirectory() as folder,
        running_broker(port, properties, heap="2g") as broker,
        slow_proxy(proxy_port, behind_proxy, DELAY_SECONDS),
    ):
        for start in range(0, topics, 10):  # the broker takes its time for each thousand partitions
            broker.create_topics(dict.fromkeys(names[start : start + 10], partitions))
        fast, slow = broker.bootstrap_servers, f"{LOOPBACK}:{proxy_port}"
        one_each = [[name] for name in names]
        some = Jobs(Path(folder) / "some", fast, [names[:SOME_TOPICS]], partitions)
        # First of all, for what the larger polls leave behind would hide what the many polls add.
        one_job = str(Path(folder) / "some" / names[0])
        meter = LagMeter(one_job, {"bootstrap.servers": fast}, ISOLATION, SystemClock())
        memory = memory_of(meter, polls)
        on_loopback = poll_beside_plain(Jobs(Path(folder) / "fast", fast, one_each, partitions), fast, rounds)
        with_delay = poll_beside_plain(
            Jobs(Path(folder) / "slow", slow, one_each, partitions), slow, rounds, most=PLAIN_SAMPLE
        )
        behind = first_records(some, fast, rounds)
    result = {
        "benchmark": "lag",
        "partitions": topics * partitions,
        "topics": topics,
        "checkpoints": topics,
        "rounds": rounds,
        "loopback": on_loopback,
        "with_2_ms": with_delay,
        "seconds_behind": behind,
        **memory,
    }
    show(result, as_json=as_json)


def poll_beside_plain(jobs: Jobs, servers: str, rounds: int, most: int | None = None) -> dict[str, object]:
    """Seconds of one poll, of its parts, and of the plain way, which may be measured for some partitions only."""
    measured = min(most or jobs.partitions, jobs.partitions)
    plain = PlainWay(servers, jobs.topics, jobs.partitions // len(jobs.topics))
    jobs.poll()  # connects
    plain.poll(1)
    taken = interleaved(
        rounds,
        {
            "poll": jobs.poll,
            "plain": lambda: plain.poll(measured),
            "offsets": jobs.read_offsets,
            "checkpoints": jobs.read_checkpoints,
        },
    )
    plain.close()
    taken["plain"] = [one * jobs.partitions / measured for one in taken["plain"]]
    return {
        **seconds(taken),
        "plain_measured_partitions": measured,
        "ratio": ratio(taken, above="plain", below="poll"),
    }


def first_records(jobs: Jobs, servers: str, rounds: int) -> dict[str, object]:
    """Seconds that it takes to read the first waiting record of each partition, and to ask for it again."""
    producer = Producer({"bootstrap.servers": servers, "linger.ms": "50"}, logger=LOGGER)
    for topic in jobs.topics:
        for number in range(jobs.partitions // len(jobs.topics)):
            for _ in range(WAITING_RECORDS):
                producer.produce(topic, b"{}", partition=number)
    producer.flush(TIMEOUT)
    (lag,) = jobs.poll()
    taken: dict[str, list[float]] = {"first_read": [], "second_read": []}
    for _ in range(rounds):
        reader = FirstRecords({"bootstrap.servers": servers}, ISOLATION)

        def read(reader: FirstRecords = reader) -> None:
            found = len(reader.read(lag, lambda: TIMEOUT))
            if found != jobs.partitions:
                raise RuntimeError(f"{found} first records were read, of {jobs.partitions}")

        for name, times in interleaved(1, {"first_read": read, "second_read": read}).items():
            taken[name] += times
        reader.close()
    return {"partitions": jobs.partitions, "topics": len(jobs.topics), **seconds(taken)}


def memory_of(meter: LagMeter, polls: int) -> dict[str, object]:
    """The memory of this process after many looks at a job, and how it compares with that after the first ten."""
    partitions = 0
    process = psutil.Process()
    after: dict[int, int] = {}
    for count in range(1, polls + 1):
        partitions = len(meter.measure(TIMEOUT).partitions)
        if count in {min(WARM_POLLS, polls), polls}:
            after[count] = process.memory_info().rss
    meter.close()
    first, last = after[min(WARM_POLLS, polls)], after[polls]
    return {
        "memory": {
            "polls": polls,
            "partitions": partitions,
            "bytes_after_10": first,
            "bytes_after_all": last,
        },
        "memory_ratio": round(last / first, 3),
    }


if __name__ == "__main__":
    typer.run(main)
