"""Forms of texts that are known by a name, and names of fields that say what is in them (pure)."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from offline_observer.profile.field_summary import LONGEST_TEXT, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class TextForm:
    """A form of texts.

    Attributes:
        name: What one of them is called, with its article.
        pattern: Matches one. Each character in one way only, so that no text takes long.
        shortest: Length of the shortest, characters.
        longest: Length of the longest.
        least_known: So many known texts tell the form of all. Where anything else would most likely be the first or the
            last in the order of characters, or of another length, these two are enough.
        is_id: One of them tells a thing from all others.
    """

    name: str
    pattern: str
    shortest: int
    longest: int
    least_known: int
    is_id: bool = False


FORMS = (
    TextForm(
        name="a UUID",
        pattern="[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        shortest=36,
        longest=36,
        least_known=2,
        is_id=True,
    ),
    TextForm(
        name="an IPv4 address",
        pattern=r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}",
        shortest=7,
        longest=15,
        least_known=2,
    ),
    TextForm(
        name="a web address",
        pattern=r"https?://\S+",
        shortest=9,
        longest=LONGEST_TEXT,
        least_known=2,
    ),
    TextForm(
        name="an e-mail address",
        pattern=r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+",
        shortest=5,
        longest=LONGEST_TEXT,
        # They begin with any letter, as most texts do, so that first and last say little of those between.
        least_known=10,
    ),
)


def known_texts(texts: Texts) -> Collection[str]:
    """Those of a field's texts that its summary keeps; lone surrogates in them are question marks."""
    ends = (texts.least, texts.greatest)
    return {*texts.frequent.counts, *(one for one in ends if one is not None)}


def are_all_known(texts: Texts) -> bool:
    """Whether a summary keeps each of its texts, as they are but for lone surrogates."""
    frequent = texts.frequent
    return (
        texts.count > 0
        and not frequent.error
        and sum(frequent.counts.values()) == texts.count
        and (texts.longest or 0) <= LONGEST_TEXT
    )


def form_of(texts: Texts) -> TextForm | None:
    """The form that all known texts of a field have, when they tell it of all."""
    known = known_texts(texts)
    if texts.shortest is None or texts.longest is None:
        return None
    for form in FORMS:
        is_told = are_all_known(texts) or len(known) >= form.least_known
        fits = form.shortest <= texts.shortest and texts.longest <= form.longest
        if known and is_told and fits and all(re.fullmatch(form.pattern, one) for one in known):
            return form
    return None


_TIME_WORDS = frozenset(
    {
        "at",
        "created",
        "date",
        "ended",
        "epoch",
        "expires",
        "finished",
        "modified",
        "since",
        "started",
        "time",
        "timestamp",
        "ts",
        "until",
        "updated",
        "when",
    }
)
_ID_WORDS = frozenset(
    {"guid", "id", "identifier", "key", "no", "nr", "number", "offset", "seq", "sequence", "uuid"}
)


def sounds_like_a_time(path: str) -> bool:
    """Whether a field's name says that it is a time: `event_time`, `createdAt`."""
    return not _TIME_WORDS.isdisjoint(_words(path))


def sounds_like_an_id(path: str) -> bool:
    """Whether a field's name says that it tells records apart: `visit_id`, `orderNumber`."""
    return not _ID_WORDS.isdisjoint(_words(path))


def _words(path: str) -> list[str]:
    """The words of the last part of a path, in small letters."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", path.rpartition(".")[2])]
