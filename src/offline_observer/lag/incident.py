"""What happened to a job and is to be remembered for a while, though a later look no longer shows it (pure)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from offline_observer.lag.status import Status
from offline_observer.time_text import records_text


class IncidentKind(StrEnum):
    """Kinds of incidents."""

    EXPIRED = "expired"
    MAYBE_EXPIRED = "maybe_expired"
    BEYOND_END = "beyond_end"
    TOPIC_ANEW = "topic_anew"
    CHECKPOINT_ANEW = "checkpoint_anew"


_STATUS = {
    IncidentKind.EXPIRED: Status.DATA_LOSS,
    IncidentKind.BEYOND_END: Status.REWOUND,
    IncidentKind.TOPIC_ANEW: Status.REWOUND,
    IncidentKind.CHECKPOINT_ANEW: Status.REWOUND,
}
# How long it is shown after a look has last seen it: what is lost is still lost in the morning.
_KEPT = {
    IncidentKind.EXPIRED: timedelta(days=1),
    IncidentKind.MAYBE_EXPIRED: timedelta(minutes=10),
    IncidentKind.BEYOND_END: timedelta(minutes=10),
    IncidentKind.TOPIC_ANEW: timedelta(minutes=10),
    IncidentKind.CHECKPOINT_ANEW: timedelta(minutes=10),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One thing that happened.

    Attributes:
        number: Counts the incidents of a job; acknowledgements name them by it.
        kind: What happened.
        since: When a look first saw it.
        last: When a look last saw it.
        present: Whether the newest look sees it.
        topic: The topic; None for the checkpoint as a whole.
        partition: The partition, likewise.
        position: Where the job was, the first offset that it had not finished.
        records: How many records expired at this position.
        records_before: How many had expired at earlier positions that are on record with it.
        query_id: Of a checkpoint that was made anew, the query that writes it now.
    """

    number: int
    kind: IncidentKind
    since: datetime
    last: datetime
    present: bool = True
    topic: str | None = None
    partition: int | None = None
    position: int | None = None
    records: int = 0
    records_before: int = 0
    query_id: str | None = None

    @property
    def status(self) -> Status | None:
        """The status that it gives; None for what is not certain: that is a warning."""
        return _STATUS.get(self.kind)

    @property
    def place(self) -> str:
        """Topic and partition as people write them; empty for the checkpoint as a whole."""
        return "" if self.topic is None else f"{self.topic}-{self.partition}"

    def is_kept_at(self, now: datetime) -> bool:
        """Whether it is still shown. A clock that stepped far back ends it, too: it cannot be told how old it is."""
        return self.present or abs(now - self.last) <= _KEPT[self.kind]

    def sentence(self) -> str:
        """What happened, without the place."""
        when = f"{self.since:%Y-%m-%d %H:%M:%S} UTC"
        records = self.records + self.records_before
        match self.kind:
            case IncidentKind.EXPIRED:
                return f"{records_text(records)} expired before the job read them, seen at {when}"
            case IncidentKind.MAYBE_EXPIRED:
                return (
                    f"up to {records_text(records)} may have expired before the job read them: "
                    f"retention overtook the job between two looks, the later at {when}"
                )
            case IncidentKind.BEYOND_END:
                return f"the job was beyond the end (topic truncated or made anew) at {when}"
            case IncidentKind.TOPIC_ANEW if self.present:
                return f"the topic was made anew, and the job is still where it was in the old one; seen at {when}"
            case IncidentKind.TOPIC_ANEW:
                return f"the topic was made anew, seen at {when}"
            case IncidentKind.CHECKPOINT_ANEW:
                return (
                    f"the checkpoint was made anew: another query ({self.query_id}) writes it, seen at {when}"
                )
