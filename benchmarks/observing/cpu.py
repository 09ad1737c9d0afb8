"""The processor time of a workload, apart from the broker's."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class CpuSeconds:
    """Seconds of processor time, user and system.

    Attributes:
        observing: Of this process and all that descends from it, but for the broker: the Spark driver, its Java, its
            Python workers. Those that have ended are counted by the one who started them. Java's compiler and garbage
            collector are in it, and all threads.
        broker: Of the broker.
    """

    observing: float
    broker: float

    def since(self, before: "CpuSeconds") -> "CpuSeconds":
        """What was added."""
        return CpuSeconds(self.observing - before.observing, self.broker - before.broker)


def cpu_seconds(broker: int) -> CpuSeconds:
    """What was used up to now.

    Args:
        broker: Its process id.
    """
    this = psutil.Process()
    family = [this, *this.children(recursive=True)]
    brokers = {broker, *(process.pid for process in psutil.Process(broker).children(recursive=True))}
    used = {process.pid: _used(process) for process in family}
    of_brokers = sum(seconds for pid, seconds in used.items() if pid in brokers)
    return CpuSeconds(sum(used.values()) - of_brokers, of_brokers)


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0  # it has just ended: its parent counts it from now on
    return float(times.user + times.system + times.children_user + times.children_system)
