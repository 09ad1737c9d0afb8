"""A window as it is kept beside its report, so that it can be compared or pinned later (pure)."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from offline_observer.errors import ReportError
from offline_observer.profile.profile import Profile
from offline_observer.profile.window import Window
from offline_observer.reports.report_task import ReportFacts
from offline_observer.reports.variable_kind import Kind

# Goes up with every change of what is kept.
_VERSION = b"1"

Cell = str | float | int | bool | None
"""A value of a sampled record, as the report shows it; times are texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWindow:
    """What a report was made from, with what is to be hidden left out.

    Attributes:
        facts: What it is of.
        profile: The numbers of all the window's records, without a sample.
        columns: The sample, by the fields' paths.
        kinds: What kind of variable each is.
    """

    facts: ReportFacts
    profile: Profile
    columns: Mapping[str, Sequence[Cell]]
    kinds: Mapping[str, Kind]

    def as_window(self) -> Window:
        """The window itself, without a sample."""
        facts = self.facts
        return Window(
            start=facts.start, end=facts.end, records=facts.records, ranges=facts.ranges, profile=self.profile
        )


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(KeptWindow).decode


def to_bytes(window: KeptWindow) -> bytes:
    """A window as bytes: MessagePack, compressed."""
    return _VERSION + zlib.compress(_encode(window), level=1)


def from_bytes(content: bytes) -> KeptWindow:
    """A window from its bytes.

    Raises:
        ReportError: They are none, or of another version of this program.
    """
    try:
        if content.startswith(_VERSION):
            return _decode(zlib.decompress(content[len(_VERSION) :]))
    except (msgspec.DecodeError, UnicodeDecodeError, zlib.error):
        pass
    raise ReportError("this is no window that this version of the program has kept; profile that time again")
