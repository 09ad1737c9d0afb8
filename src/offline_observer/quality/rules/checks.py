"""What the function of a rule may return besides a plain function of a value (pure)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from offline_observer.quality.times import TimeForm

Verdict = bool | None
"""Whether a rule on the dataset holds; None while that is not known."""


@dataclass(frozen=True, slots=True)
class Column:
    """A check of many values at once, for a rule that missing and null values break.

    Attributes:
        broken: Takes a column of values; returns where the rule is broken.
        is_not_empty: It holds for every text that begins with a printable ASCII character.
    """

    broken: Callable[[Sequence[object]], list[int]]
    is_not_empty: bool = False


@dataclass(frozen=True, slots=True)
class AtTime:
    """A check that depends on when the records are observed.

    Attributes:
        at: Takes that time; returns the check of a value.
    """

    at: Callable[[datetime], Callable[[object], bool]]


@dataclass(frozen=True, slots=True)
class Beside:
    """A check of a field beside another one of the same record; neither is missing or null.

    Attributes:
        other: Path of the other field.
        holds: Takes the field's value, then the other's.
    """

    other: str
    holds: Callable[[object, object], bool]


@dataclass(frozen=True, slots=True)
class Distinct:
    """A check that counts values which were there before.

    Attributes:
        keep: So many distinct values are told apart exactly; of more, a share that is chosen by hash.
    """

    keep: int


@dataclass(frozen=True, slots=True)
class NoUnknownFields:
    """The check that a record has no field but the declared ones, which the decoder makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a dataset at the end of an observation.

    Attributes:
        at: When.
        valid: Parsed records that broke no rule of severity `error`, in this observation; None when it was not read.
        faulty: Records that broke one, or could not be parsed; None when the dataset was not read.
        newest: Per time field the newest time that was ever seen; under `""` the newest record's own.
        is_current: Everything that the topic holds has been seen.
        last_minute: Records of the newest minute that is over and was wholly observed; None when there is none yet.
    """

    at: datetime
    valid: int | None
    faulty: int | None
    newest: Mapping[str, datetime]
    is_current: bool
    last_minute: int | None


@dataclass(frozen=True, slots=True)
class Judge:
    """A check of the dataset.

    Attributes:
        verdict: Takes what was seen; returns whether the rule holds, and one sentence that says what was found.
        time_field: The time field whose newest value it needs; `""` for the records' own time.
        time_form: How the field's values are written.
        needs_minutes: Whether it needs the number of records per minute.
    """

    verdict: Callable[[Seen], tuple[Verdict, str]]
    time_field: str | None = None
    time_form: TimeForm = "iso"
    needs_minutes: bool = False
