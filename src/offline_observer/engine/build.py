"""The kernel of a dataset, built from plain settings wherever it is to run."""

from dataclasses import dataclass, field

from offline_observer.formats.format import FormatSettings, RecordFormat
from offline_observer.formats.registry import make_format
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSettings:
    """What a kernel is built from. A plain value, which goes to other processes and to Spark's executors as it is.

    Attributes:
        spec: What is to be found out.
        format: How the records are to be read.
    """

    spec: KernelSpec = field(default_factory=KernelSpec)
    format: FormatSettings = field(default_factory=FormatSettings)


def build_kernel(settings: KernelSettings, record_format: RecordFormat | None = None) -> Kernel:
    """Builds a kernel.

    Args:
        settings: What it is built from.
        record_format: The records' format, where it is made already.

    Raises:
        ConfigError: A library is missing, or the Schema Registry's client refuses a property.
    """
    record_format = record_format or make_format(settings.format)
    is_plain_json = settings.format.name == "json"
    return Kernel(
        settings.spec,
        payload=record_format.payload if record_format.is_json and not is_plain_json else None,
        parse=None if record_format.is_json else record_format.parse,
    )
