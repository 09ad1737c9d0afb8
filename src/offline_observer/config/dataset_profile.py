"""The profile of a dataset in the configuration, and what is refused of it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from pydantic import Field

from offline_observer.config.strict_model import StrictModel
from offline_observer.config.values import Duration, FieldPath, Folder, Window
from offline_observer.config.yaml_messages import Location, did_you_mean
from offline_observer.quality.field_tree import is_inside, with_parents
from offline_observer.quality.field_types import FieldType


class Profile(StrictModel):
    """What is to be known of a dataset's shape, window by window.

    Attributes:
        every: How long a window is: a time, or how many records it has at the least.
        leave_out: Fields that are not looked at.
        folder: Where the reports go; None: none are made, only the numbers.
        sample: Of how many records of a window its report is made, at most.
        keep: How many reports are kept.
        max_bytes: How large they may be together.
        time_limit: How long making one may take.
    """

    every: Window = timedelta(minutes=5)
    leave_out: tuple[FieldPath, ...] = ()
    folder: Folder | None = None
    sample: int = Field(default=10_000, ge=1, le=1_000_000)
    keep: int = Field(default=48, ge=1)
    max_bytes: int = Field(default=500_000_000, ge=1)
    time_limit: Duration = timedelta(minutes=1)

    def fields_of(self, fields: Mapping[str, FieldType]) -> tuple[str, ...]:
        """Those of a dataset's fields that are looked at."""
        return tuple(path for path in fields if not is_inside(path, self.leave_out))


def profile_problems(
    profile: Profile | None, fields: Mapping[str, FieldType]
) -> Iterator[tuple[Location, str]]:
    """What is wrong with a dataset's profile, with its place."""
    if profile is None:
        return
    if not fields:
        yield (
            ("profile",),
            "a profile is of the dataset's fields; name them with their types: fields: {user_id: string, ...}",
        )
        return
    known = with_parents(fields)
    for index, path in enumerate(profile.leave_out):
        if path not in known:
            yield (
                ("profile", "leave_out", index),
                f"the field {path!r} is not among the dataset's fields; {did_you_mean(path, known)}",
            )
    if not profile.fields_of(fields):
        yield ("profile", "leave_out"), "no field is left to make a profile of"
