"""The kernel of a dataset, built from plain settings wherever it is to run."""

from collections.abc import Callable
from dataclasses import dataclass, field

from offline_observer.engine.background_scanner import SCANNER
from offline_observer.errors import ConfigError
from offline_observer.formats.format import FormatSettings
from offline_observer.formats.registry import make_format
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.kernel import ColumnSink, Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.scanning import MakeScanner


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSettings:
    """What a kernel is built from. A plain value, which goes to other processes and to Spark's executors as it is.

    Attributes:
        spec: What is to be found out.
        format: How the records are to be read.
        profile: What the profile is of; None for no profile.
    """

    spec: KernelSpec = field(default_factory=KernelSpec)
    format: FormatSettings = field(default_factory=FormatSettings)
    profile: ProfileSpec | None = None


def build_kernel(settings: KernelSettings, scanner: MakeScanner | None = SCANNER) -> Kernel:
    """Builds a kernel.

    Args:
        settings: What it is built from.
        scanner: Makes what looks through very many records; None: nothing does.

    Raises:
        ConfigError: A library is missing, or the Schema Registry's client refuses a property.
    """
    record_format = make_format(settings.format)
    is_plain_json = settings.format.name == "json"
    return Kernel(
        settings.spec,
        payload=record_format.payload if record_format.is_json and not is_plain_json else None,
        parse=None if record_format.is_json else record_format.parse,
        sink=None if settings.profile is None else _profiler(settings.profile),
        scanner=scanner,
        sink_paths=() if settings.profile is None else tuple(settings.profile.fields),
    )


def _profiler(spec: ProfileSpec) -> Callable[[], ColumnSink]:
    try:
        from offline_observer.profile.profiler import Profiler
    except ImportError:
        raise ConfigError("a profile needs libraries: pip install 'offline-observer[profile]'") from None
    return lambda: Profiler(spec)
