"""The condition of an alert, from its text (pure)."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from offline_observer.alert.measure import MEASURES, Measure, Shape, Unit
from offline_observer.config.duration import parse_duration

DidYouMean = Callable[[str, Iterable[str]], str]
"""Makes the end of a message about an unknown word from the word and the known ones."""

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_LONGEST = 500
# A measure, the field that it is asked of, and what is said of it.
_TEXT = re.compile(r"(?P<measure>\w+)\s*(?:\((?P<field>[^()]*)\))?\s*(?P<rest>.*)", re.DOTALL)
_COMPARISON = re.compile(r"(?P<operator>>=|<=|==|!=|>|<)\s*(?P<value>[^<>=!\s].*)", re.DOTALL)
_LIST = re.compile(r"(?P<word>in|not\s+in)\s*\[(?P<list>[^\[\]]*)\]")
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][-+]?[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Condition:
    """When an alert holds.

    Attributes:
        measure: What it is about.
        field: Of which field; None for all of the dataset, or where there is none.
        operator: How a number is compared: `>`, `>=`, `<`, `<=`, `==`, `!=`; None for a status and for no data.
        value: With what; seconds for times, from 0 to 1 for shares. None likewise.
        statuses: The statuses in which it holds, in the order of their severity; empty for a number.
    """

    measure: Measure
    field: str | None = None
    operator: str | None = None
    value: float | None = None
    statuses: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = self.measure.name if self.field is None else f"{self.measure.name}({self.field})"
        if self.statuses:
            return f"{name} in [{', '.join(self.statuses)}]"
        return name if self.operator is None else f"{name} {self.operator} {number_text(self.value)}"

    def holds(self, value: float | str) -> bool:
        """Whether it holds for a number, or for a status. A condition on no data holds for no number: 0 observations."""
        if self.statuses:
            return value in self.statuses
        if self.operator is None or self.value is None:
            return value == 0
        return not isinstance(value, str) and _COMPARE[self.operator](value, self.value)


def number_text(value: float | None) -> str:
    """A number as one would write it: `15`, `0.2`."""
    return "" if value is None else repr(int(value)) if value == int(value) else repr(value)


def parse_condition(text: str, did_you_mean: DidYouMean) -> Condition:
    """Reads a condition, such as `max_lag > 15`, `status in [stalled, data_loss]` or `no_data`.

    Args:
        text: The condition.
        did_you_mean: Ends a message about an unknown word.

    Returns:
        The condition. `status != ok` and `status not in [ok]` become the other statuses.

    Raises:
        ValueError: It is none. The message is a sentence that says what to write.
    """
    match = _TEXT.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError("expected a condition, such as max_lag > 15 or status in [stalled, data_loss]")
    measure = MEASURES.get(match["measure"])
    if measure is None:
        raise ValueError(
            f"nothing is measured that is called {match['measure']!r}; {did_you_mean(match['measure'], MEASURES)}"
        )
    field = _field(measure, match["field"])
    rest = match["rest"].strip()
    if measure.shape is Shape.ABSENCE:
        if rest:
            raise ValueError(f"{measure.name} is compared with nothing; write when: {measure.name}")
        return Condition(measure)
    if measure.statuses:
        return Condition(measure, statuses=_statuses(measure, rest, did_you_mean))
    comparison = _COMPARISON.fullmatch(rest)
    if comparison is None:
        raise ValueError(_expected_comparison(measure, field, rest))
    value = _value(measure, comparison["value"].strip())
    return Condition(measure, field, comparison["operator"], value)


def _field(measure: Measure, text: str | None) -> str | None:
    if text is None:
        return None
    if not measure.takes_field:
        with_field = " and ".join(name for name, one in MEASURES.items() if one.takes_field)
        raise ValueError(f"{measure.name} is not of a field; {with_field} can be asked of one")
    if not text.strip():
        raise ValueError(f"name the field: {measure.name}(user_id), or write {measure.name} without ( )")
    return text.strip()


def _expected_comparison(measure: Measure, field: str | None, rest: str) -> str:
    name = measure.name if field is None else f"{measure.name}({field})"
    if re.match(r"=(?!=)", rest):
        return f"two numbers are compared with ==, not with =: {name} == …"
    if re.match(r"(?:not\s+)?in\b", rest):
        return f"{name} is a number, which > >= < <= == or != compare with another"
    example = {Unit.SHARE: "0.2", Unit.SECONDS: "300"}.get(measure.unit, "15")
    return f"expected {name} to be compared with a number by > >= < <= == or !=, as in {name} > {example}"


def _value(measure: Measure, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        if measure.unit is not Unit.SECONDS:
            raise ValueError(f"{measure.name} is compared with a number, not with {text[:60]!r}")
        try:
            return parse_duration(text).total_seconds()
        except ValueError:
            raise ValueError(
                f"{measure.name} is compared with seconds, or with a duration such as 5m, not with {text[:60]!r}"
            ) from None
    value = float(text)
    if value < 0:
        raise ValueError(f"{measure.name} is never negative, and is compared with 0 or more")
    if measure.unit is Unit.SHARE and value > 1:
        raise ValueError(f"{measure.name} is a share from 0 to 1: 0.2 is a fifth")
    return value


def _statuses(measure: Measure, rest: str, did_you_mean: DidYouMean) -> tuple[str, ...]:
    listed, compared = _LIST.fullmatch(rest), _COMPARISON.fullmatch(rest)
    if listed is not None:
        words = [word.strip() for word in listed["list"].split(",")]
        is_negative = listed["word"] != "in"
    elif compared is not None and compared["operator"] in ("==", "!="):
        words = [compared["value"].strip()]
        is_negative = compared["operator"] == "!="
    else:
        some = measure.statuses[-2:]
        raise ValueError(
            f"expected {measure.name} in [{', '.join(some)}], or {measure.name} == {some[0]}; "
            f"it is one of {', '.join(measure.statuses)}"
        )
    for word in words:
        if word not in measure.statuses:
            raise ValueError(
                f"there is no {measure.name} {word[:60]!r}; {did_you_mean(word, measure.statuses)}"
            )
    found = tuple(status for status in measure.statuses if (status in words) is not is_negative)
    if not found or len(found) == len(measure.statuses):
        raise ValueError(f"this is said of {'every' if found else 'no'} {measure.name}; name some of them")
    return found
