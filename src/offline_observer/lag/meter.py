"""Measures a job's lag: the checkpoint first, the broker after."""

from collections.abc import Mapping

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.errors import BrokerError
from offline_observer.kafka.watermarks import WatermarkReader
from offline_observer.lag.lag import JobLag, job_lag, lag_without_broker, topics_of


class LagMeter:
    """Measures one job.

    Args:
        checkpoint: Path or URL of the job's checkpoint folder.
        properties: librdkafka properties of the cluster that the job reads.
        isolation_level: The job's own: Spark reads uncommitted unless it is told otherwise.
        storage: What the filesystem of a checkpoint's URL takes, credentials among it.

    Raises:
        ConfigError: librdkafka refuses a property.
    """

    def __init__(
        self,
        checkpoint: str,
        properties: Mapping[str, str],
        isolation_level: str,
        storage: Mapping[str, object] | None = None,
    ) -> None:
        self._folder = CheckpointFolder(checkpoint, storage)
        self._watermarks = WatermarkReader(properties, isolation_level)

    def measure(self, timeout: float) -> JobLag:
        """Reads the checkpoint, then the watermarks of the topics that it names.

        Args:
            timeout: Seconds that each step with the broker may take.

        Raises:
            CheckpointError: There is no checkpoint, or it cannot be read.
            BrokerError: No broker answered.
        """
        # In this order a batch that commits in between makes the lag too large for a moment; the other order
        # would make it negative.
        progress = self._folder.read()
        return job_lag(progress, self._watermarks.read(topics_of(progress), timeout))

    def observe(self, timeout: float) -> JobLag:
        """The same, but a broker that does not answer leaves what the checkpoint said.

        Raises:
            CheckpointError: There is no checkpoint, or it cannot be read.
        """
        progress = self._folder.read()
        try:
            return job_lag(progress, self._watermarks.read(topics_of(progress), timeout))
        except BrokerError as error:
            return lag_without_broker(progress, str(error))
