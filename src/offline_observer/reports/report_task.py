"""What a report is made of: plain values, which go to the worker process as they are (pure)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from offline_observer.formats.format import FormatSettings
from offline_observer.profile.profile import Profile
from offline_observer.profile.window import Range

# Longer texts are cut where a report has them, characters.
LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """What a report says that it is.

    Attributes:
        dataset: The dataset's topic.
        start: When its window begins.
        end: When it ends.
        records: All records of the window, the unparseable ones and tombstones as well.
        ranges: Per partition the offsets that were read.
        sampled: How many records the sample has.
        shown: Of how many of those the content could be had.
        masked: Fields whose values are hidden.
        left_out: Fields that are not looked at.
    """

    dataset: str
    start: datetime
    end: datetime
    records: int
    ranges: Mapping[int, Range]
    sampled: int
    shown: int
    masked: Sequence[str] = ()
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTask:
    """A report that is to be made.

    Attributes:
        facts: What it is of.
        profile: The numbers of all the window's records, whose types the report takes over.
        values: The sampled records' values, by their places.
        format: How they are to be read. It may hold a password.
        mask: Paths of what is hidden in them.
    """

    facts: ReportFacts
    profile: Profile
    values: Sequence[bytes]
    format: FormatSettings = field(repr=False)
    mask: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeReport:
    """A report that was made.

    Attributes:
        html: The page, whole, in UTF-8.
        kept: The window as bytes, from which it can be compared later.
        seconds: How long it took.
        resident_bytes: The greatest resident memory that the worker had until then.
    """

    html: bytes
    kept: bytes
    seconds: float
    resident_bytes: int
