"""Reads ranges of a topic in several processes, which share its partitions out."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Connection, wait
from typing import NamedTuple, cast

from offline_observer.engine.reader import RangesRead, ReaderHere, ReaderSettings
from offline_observer.errors import ObserverError
from offline_observer.kafka.records import OffsetRange, ReadOutcome
from offline_observer.quality.summary import merge_all

_CONTEXT = multiprocessing.get_context("spawn")
_LOOK_SECONDS = 0.1
_STOP_SECONDS = 2.0
# A process that has not answered so long after its time was over is taken for one that hangs.
_GRACE_SECONDS = 10.0


class _Read(NamedTuple):
    """Asks a process to read."""

    ranges: Mapping[int, OffsetRange]
    now: datetime
    seconds: float
    patience: float
    renew: bool


_Busy = dict[Connection, tuple[int, Mapping[int, OffsetRange]]]
"""The processes that are reading, by their connections: their numbers, and what they read."""

_STOP = "stop"
_END = "end"


class ReaderProcesses:
    """A `RangeReader` that has other processes read.

    A process that dies takes nothing along but what it was reading, which is read again.

    Args:
        settings: What each of them is built from; the limits are shared out.
        number: How many processes.

    Raises:
        ConfigError: librdkafka or the Schema Registry's client refuses a property, or a library is missing.
    """

    def __init__(self, settings: ReaderSettings, number: int) -> None:
        # What is refused is refused here, before there are processes.
        ReaderHere(settings).close()
        self._settings = ReaderSettings(
            properties=settings.properties,
            topic=settings.topic,
            isolation_level=settings.isolation_level,
            kernel=settings.kernel,
            limits=settings.limits.shared_by(number),
        )
        self._workers: list[_Worker | None] = [None] * number
        self._renew = False
        for index in range(number):
            self._worker(index)

    def _worker(self, index: int) -> "_Worker":
        """The process of this number, started if it is not there."""
        worker = self._workers[index]
        if worker is None or not worker.process.is_alive():
            if worker is not None:
                worker.connection.close()
            worker = self._workers[index] = _start(self._settings)
        return worker

    def read(
        self,
        ranges: Mapping[int, OffsetRange],
        now: datetime,
        time_left: Callable[[], float],
        patience_left: Callable[[], float],
    ) -> RangesRead:
        """Reads the ranges."""
        done: list[RangesRead] = []
        busy: _Busy = {}
        for index, share in enumerate(shared_out(ranges, len(self._workers))):
            request = _Read(share, now, time_left(), patience_left(), self._renew)
            try:
                worker = self._worker(index)
                worker.connection.send(request)
                busy[worker.connection] = index, share
            except OSError:
                done.append(self._lost(index, share))
        self._renew = False
        last = time.monotonic() + max(time_left(), patience_left(), 0.0) + _GRACE_SECONDS
        errors: list[ObserverError] = []
        is_stopped = False
        while busy and time.monotonic() < last:
            if not is_stopped and patience_left() <= 0:
                is_stopped = True
                for connection in busy:
                    with suppress(OSError):
                        connection.send(_STOP)
            for answer in self._answers(busy):
                done.append(answer) if isinstance(answer, RangesRead) else errors.append(answer)
        done += [self._lost(index, share) for index, share in busy.values()]
        if errors:
            raise errors[0]
        return RangesRead(
            merge_all(one.summary for one in done),
            ReadOutcome(
                {p: position for one in done for p, position in one.outcome.positions.items()},
                {p: problem for one in done for p, problem in one.outcome.problems.items()},
            ),
        )

    def _answers(self, busy: _Busy) -> Iterator[RangesRead | ObserverError]:
        """What the processes have answered by now; those are not busy any more."""
        for ready in wait(list(busy), _LOOK_SECONDS):
            connection = cast("Connection", ready)
            index, share = busy.pop(connection)
            try:
                yield connection.recv()
            except (EOFError, OSError):
                yield self._lost(index, share)

    def _lost(self, index: int, share: Mapping[int, OffsetRange]) -> RangesRead:
        """Nothing was read of a share. The process is ended, and begun anew with the next read."""
        worker, self._workers[index] = self._workers[index], None
        if worker is not None:
            worker.kill()
        reason = "the process that reads it ended; it is started again"
        starts = {partition: one.start for partition, one in share.items()}
        return RangesRead(merge_all(()), ReadOutcome(starts, dict.fromkeys(share, reason)))

    def renew(self) -> None:
        """Has the processes begin with new connections."""
        self._renew = True

    def close(self) -> None:
        """Ends the processes."""
        workers = [worker for worker in self._workers if worker is not None]
        for worker in workers:
            with suppress(OSError):
                worker.connection.send(_END)
        until = time.monotonic() + _STOP_SECONDS
        for worker in workers:
            worker.process.join(max(0.0, until - time.monotonic()))
            worker.kill()
        self._workers = [None] * len(self._workers)


class _Worker(NamedTuple):
    process: multiprocessing.process.BaseProcess
    connection: Connection

    def kill(self) -> None:
        if self.process.is_alive():
            self.process.kill()
            self.process.join(_STOP_SECONDS)
        self.connection.close()


def _start(settings: ReaderSettings) -> _Worker:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_work, args=(theirs, settings), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def shared_out(ranges: Mapping[int, OffsetRange], number: int) -> list[dict[int, OffsetRange]]:
    """Shares partitions out so that each part has about as many records; no part is empty.

    Args:
        ranges: Range per partition.
        number: How many parts at most.
    """
    parts: list[dict[int, OffsetRange]] = [{} for _ in range(number)]
    sizes = [0] * number
    for partition in sorted(ranges, key=lambda p: (ranges[p].start - ranges[p].end, p)):
        least = sizes.index(min(sizes))
        parts[least][partition] = ranges[partition]
        sizes[least] += ranges[partition].end - ranges[partition].start
    return [part for part in parts if part]


def _work(connection: Connection, settings: ReaderSettings) -> None:
    """A process that reads: until it is told to end, or the one that started it is gone."""
    # Ctrl-C goes to all processes of a terminal; the one that started this one says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reader: ReaderHere | None = None
    with suppress(EOFError, OSError):
        while (request := connection.recv()) != _END:
            if not isinstance(request, _Read):
                continue  # told to stop when it was done already
            answer: RangesRead | ObserverError
            try:
                reader = reader or ReaderHere(settings)
                answer = _read(reader, request, connection)
            except ObserverError as error:
                answer = error
            connection.send(answer)
    if reader is not None:
        reader.close()


def _read(reader: ReaderHere, request: _Read, connection: Connection) -> RangesRead:
    if request.renew:
        reader.renew()
    start = time.monotonic()
    is_stopped = False

    def left(seconds: float) -> float:
        nonlocal is_stopped
        if not is_stopped and connection.poll():
            is_stopped = connection.recv() in (_STOP, _END)
        return 0.0 if is_stopped else start + seconds - time.monotonic()

    return reader.read(
        request.ranges, request.now, lambda: left(request.seconds), lambda: left(request.patience)
    )
