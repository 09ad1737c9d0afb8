"""Sums up the texts of one field, many at a time (pure)."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from operator import mul

import numpy as np
from numpy.typing import NDArray

from offline_observer.profile.distinct import DistinctBuilder
from offline_observer.profile.field_summary import FREQUENT, LONGEST_TEXT, Texts, greatest, least, shortened
from offline_observer.profile.numbers_builder import NumbersBuilder
from offline_observer.profile.time_texts import seconds_of
from offline_observer.quality.frequent import Frequent, cut_to
from offline_observer.quality.lazy_column import SummedTexts

# So many texts are looked at for one thing after the other: few enough to stay in the processor's caches meanwhile.
_BLOCK = 256
# So many blank texts are remembered.
_BLANKS = 16
# Times are looked for while at least one text of so many was one.
_HOPE = 200
# After that, while one of so many looks like one. They are from all over: texts that are known for long come first.
_PROBE = 16


class TextsBuilder:
    """Takes texts by their counts.

    Args:
        distinct: Takes each of them as well.
        times: Takes those that are times, as seconds since 1970.
    """

    def __init__(self, distinct: DistinctBuilder, times: NumbersBuilder) -> None:
        self._distinct = distinct
        self._times = times
        self._count = 0
        self._blank = 0
        self._least: str | None = None
        self._greatest: str | None = None
        self._shortest: int | None = None
        self._longest: int | None = None
        self._characters = 0
        self._frequent: Frequent[str] = Frequent(FREQUENT)
        # Some of the blank ones: what was there before will be there again.
        self._blanks: set[str] = set()
        # Texts that were tried for times without success, since the last one that was.
        self._tried = 0

    def add(self, counts: dict[str, int]) -> None:
        """Takes texts, at least one, and uses the counts up."""
        # Apart from the others, which are often of one length, and come once each.
        if blanks := {text: counts.pop(text) for text in self._blanks if text in counts}:
            self._take(list(blanks), list(blanks.values()))
        if counts:
            self.add_different(list(counts), list(counts.values()))

    def add_different(self, texts: Sequence[str], repeats: Sequence[int]) -> None:
        """Takes texts that differ from each other, at least one, each as often as it came."""
        all_once = self._take(texts, repeats)
        if self._tried < _HOPE or any(map(_looks_like_a_time, texts[:: max(1, len(texts) // _PROBE)])):
            self._add_times(texts, None if all_once else repeats)

    def add_summed(self, summed: SummedTexts) -> None:
        """Takes what texts came to, but for how many are distinct."""
        self._count += summed.total
        self._least = least(self._least, shortened(summed.least))
        self._greatest = greatest(self._greatest, shortened(summed.greatest))
        self._shortest = least(self._shortest, summed.shortest)
        self._longest = greatest(self._longest, summed.longest)
        self._characters += summed.characters
        kept = cut_to(kept_counts(summed.repeated), FREQUENT, 0)
        # Those that came once are left out.
        self._frequent = self._frequent.add(kept.counts, max(1, kept.error))
        self._times.add(summed.seconds, summed.weights)

    def registers(self) -> NDArray[np.uint8]:
        """The registers of HyperLogLog, 2^14, that count the distinct ones of those."""
        return self._distinct.registers()

    def _take(self, texts: Sequence[str], repeats: Sequence[int]) -> bool:
        """Adds to the sums; returns whether each came once."""
        total = sum(repeats)
        self._count += total
        longest = 0
        are_writable = True
        for start in range(0, len(repeats), _BLOCK):
            block = texts[start : start + _BLOCK]
            here = repeats[start : start + _BLOCK]
            first, last = min(block), max(block)
            # A blank text begins with a character below "!" or beyond ASCII.
            if first < "!" or last >= "\x7f":
                self._take_blanks(block, here)
            if not self._distinct.add_texts(block):
                are_writable = False
                block = [_writable(text) for text in block]
                first, last = min(block), max(block)
            self._least = least(self._least, shortened(first))
            self._greatest = greatest(self._greatest, shortened(last))
            lengths = set(map(len, block))
            shortest, longest_here = min(lengths), max(lengths)
            longest = max(longest, longest_here)
            self._shortest = least(self._shortest, shortest)
            self._characters += (
                shortest * sum(here) if shortest == longest_here else sum(map(mul, map(len, block), here))
            )
        self._longest = greatest(self._longest, longest)
        all_once = total == len(repeats)
        if all_once and len(texts) > FREQUENT:
            # The cut takes one off each, and nothing is left.
            before = self._frequent
            self._frequent = Frequent(before.limit, before.counts, before.error + 1)
        else:
            counts = dict(zip(texts, repeats, strict=True))
            is_short = are_writable and longest <= LONGEST_TEXT
            # What is cut off before would be cut off later; the error is the same, the sums are smaller.
            self._frequent = self._frequent.merge(
                cut_to(counts if is_short else kept_counts(counts), FREQUENT, 0)
            )
        return all_once

    def _take_blanks(self, texts: Sequence[str], repeats: Sequence[int]) -> None:
        blanks = [number for number, text in enumerate(texts) if not text or text.isspace()]
        self._blank += sum(repeats[number] for number in blanks)
        self._blanks.update(texts[number] for number in blanks[: max(0, _BLANKS - len(self._blanks))])

    def _add_times(self, texts: Sequence[str], repeats: Sequence[int] | None) -> None:
        seconds, is_time = seconds_of(texts)
        if not is_time.any():
            self._tried += len(texts)
            return
        self._tried = 0
        if is_time.all():
            self._times.add(seconds, repeats)
        else:
            weights = None if repeats is None else np.asarray(repeats)[is_time].tolist()
            self._times.add(seconds[is_time], weights)

    def result(self) -> Texts:
        """The sums."""
        return Texts(
            count=self._count,
            blank=self._blank,
            least=self._least,
            greatest=self._greatest,
            shortest=self._shortest,
            longest=self._longest,
            characters=self._characters,
            frequent=self._frequent,
        )


def _looks_like_a_time(text: str) -> bool:
    """As `read_iso` has it: a time begins as 2024-01-01."""
    return text[4:5] == "-" and text[7:8] == "-"


def kept_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by shortened texts that can be written; what makes long ones different stays."""
    kept: dict[str, int] = {}
    for text, count in counts.items():
        name = _name(text)
        kept[name] = kept.get(name, 0) + count
    return kept


def _writable(text: str) -> str:
    """A text with question marks for its lone surrogates, which no UTF-8 can hold."""
    return text.encode(errors="replace").decode()


def _name(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return _writable(text)
    mark = blake2b(text.encode(errors="surrogatepass"), digest_size=6).hexdigest()
    return f"{_writable(text[: LONGEST_TEXT - 14])}… {mark}"
