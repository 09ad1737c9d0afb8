"""What a dataset of the configuration means for the engines."""

from collections.abc import Callable

from offline_observer.config.model import Dataset
from offline_observer.engine.build import KernelSettings
from offline_observer.formats.registry import make_format
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.content import content_text
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
        else ProfileSpec(fields=tuple(dataset.fields), sample=dataset.profile.sample),
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
