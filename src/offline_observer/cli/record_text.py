"""A record that broke rules, as text for people or as JSON."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field

from offline_observer.engine.fetch import GONE, Fetched
from offline_observer.quality.content import MASK, json_text, masked, printable, readable
from offline_observer.quality.times import epoch_time
from offline_observer.time_text import format_time

HIDDEN = "not shown, because it cannot be masked; --unmasked shows it"

# Of a record so many characters are shown to people.
_LONGEST = 10_000


@dataclass(slots=True, kw_only=True)
class Sample:
    """A record that broke rules.

    Attributes:
        pipeline: The pipeline whose observation names it.
        topic: Where it stands: its topic,
        partition: its partition,
        offset: and its offset.
        timestamp: Its time, as the documents write it; None when it has none.
        rules: The ids of the rules.
        key: Its key.
        value: The record, masked; None when it cannot be parsed or had.
        text: The value of one that cannot be parsed.
        problem: Why there is less than one would like.
    """

    pipeline: str
    topic: str
    partition: int
    offset: int
    timestamp: str | None
    rules: list[str] = field(default_factory=list)
    key: str | None = None
    value: dict[str, object] | None = None
    text: str | None = None
    problem: str | None = None

    def take(
        self,
        found: Fetched,
        parse: Callable[[bytes], dict[str, object] | None],
        mask: Collection[str],
    ) -> None:
        """Takes what Kafka has at its place.

        Raises:
            SchemaRegistryError: The schema that it was written with cannot be had.
        """
        if format_time(epoch_time(found.timestamp)) != self.timestamp:
            self.problem = GONE  # the topic was made anew, and another record stands there
            return
        if found.key is not None:
            # A key has no fields that could be told apart.
            self.key = MASK if mask else readable(found.key)
        record = None if found.value is None else parse(found.value)
        if record is not None:
            try:
                shown = masked(record, mask)
                json_text(shown, indent=2)
            except RecursionError:
                record = None
            else:
                self.value = shown
        if record is None and mask:
            self.problem = HIDDEN
        elif record is None:
            self.text = readable(found.value or b"")


def json_line(sample: Sample) -> str:
    """A JSON object with all that is known; no character in it is more to a terminal than itself."""
    return json_text(asdict(sample), ascii_only=True)


def lines(sample: Sample, *, with_pipeline: bool) -> Iterator[str]:
    """The lines for people, each of which a terminal may be given."""
    time = (sample.timestamp or "no time").replace("T", " ").replace("Z", " UTC")
    prefix = f"{sample.pipeline}: " if with_pipeline else ""
    yield printable(
        f"{prefix}{sample.topic}-{sample.partition} offset {sample.offset}, {time}: {', '.join(sample.rules)}"
    )
    if sample.key is not None:
        yield f"  key {_one_line(sample.key)}"
    if sample.problem is not None:
        yield f"  {printable(sample.problem)}"
    elif sample.value is not None:
        text = printable(json_text(sample.value, indent=2))
        yield from (f"  {line}" for line in _shortened(text).split("\n"))
    else:
        yield f"  not readable: {_shortened(_one_line(sample.text or ''))}"


def _one_line(text: str) -> str:
    return printable(text).replace("\n", "\\n") or "(empty)"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters; --json has all)"
