"""What a dataset of the configuration means for the engines."""

from collections.abc import Callable, Iterable, Sequence

from offline_observer.config.model import Config, Dataset
from offline_observer.engine.build import KernelSettings
from offline_observer.engine.pace import ReadLimits
from offline_observer.formats.registry import make_format
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.content import content_text
from offline_observer.quality.field_tree import is_inside
from offline_observer.quality.plan import KernelSpec


def kernel_settings(dataset: Dataset) -> KernelSettings:
    """What the dataset's kernel is built from."""
    return KernelSettings(
        spec=KernelSpec(
            rules=dataset.rule_list(), fields=dataset.fields, keep_content=dataset.samples == "content"
        ),
        format=dataset.format_settings(),
        profile=None
        if dataset.profile is None
        else ProfileSpec(
            fields=dataset.profile.fields_of(dataset.fields),
            # Without reports there is no use for a sample.
            sample=0 if dataset.profile.folder is None else dataset.profile.sample,
            masked=masked_fields(dataset.fields, dataset.mask),
        ),
    )


def masked_fields(paths: Iterable[str], mask: Sequence[str]) -> frozenset[str]:
    """Those of some fields that are masked, or are in what is, or have something inside that is."""
    return frozenset(
        path for path in paths if is_inside(path, mask) or any(is_inside(one, (path,)) for one in mask)
    )


def read_limits(config: Config, dataset: Dataset) -> ReadLimits:
    """How fast the dataset may be read. What was not read in one `every` may be read at once."""
    return ReadLimits(
        records_per_second=dataset.max_records_per_second,
        bytes_per_second=dataset.max_bytes_per_second,
        burst_seconds=config.every.total_seconds(),
    )


def contents_of(dataset: Dataset) -> Callable[[bytes], str | None] | None:
    """Makes the texts of offending records' values, masked; None when only their places are kept.

    Raises:
        ConfigError: A library is missing, or the Schema Registry's client refuses a property.
    """
    if dataset.samples != "content":
        return None
    settings = dataset.format_settings()
    return content_text(make_format(settings).parse, dataset.mask, is_text=settings.name == "json")
