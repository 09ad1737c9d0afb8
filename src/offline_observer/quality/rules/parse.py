"""Rules as a configuration writes them (pure).

```yaml
rules:
  - not_empty: [event_time, user_id]     # a rule without arguments: the fields that it is for
  - one_of: {browser: [Chrome, Firefox]} # a rule with arguments: each field with its own
    severity: warn                       # what a broken one means; error when it is left out
    name: known browsers                 # what it is called; `browser.one_of` when it is left out
  - no_unknown_fields                    # a rule on the whole record, or on the dataset
  - freshness: 5m
```
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_args

from offline_observer.errors import ObserverError
from offline_observer.quality.rules.checks import Beside, Judge
from offline_observer.quality.rules.registry import RULES, ArgumentError, RuleKind, Scope
from offline_observer.quality.rules.rule import Rule, Severity, argument_text, checked_arguments

Place = tuple[str | int, ...]
Problem = tuple[Place, str]
DidYouMean = Callable[[str, Sequence[str]], str]

_ONE_KEY = (
    "each rule is a list element of its own, with one key: - not_empty: [user_id, page]"
    " (severity and name may stand beside it)"
)
_BESIDES = ("severity", "name")
_LONGEST_NAME = 100
_LONGEST_PATH = 1000
_DEEPEST_PATH = 50


def parse_rules(
    entries: Sequence[object], did_you_mean: DidYouMean
) -> tuple[list[tuple[Place, Rule]], list[Problem]]:
    """Reads the rules of a dataset.

    Args:
        entries: The list as the file has it.
        did_you_mean: Makes the end of a message about an unknown word.

    Returns:
        The rules, one for each field, each with its place in the list; and what is wrong, each with its place.
    """
    rules: list[tuple[Place, Rule]] = []
    problems: list[Problem] = []
    for index, entry in enumerate(entries):
        for found in _entry(entry, did_you_mean):
            place = (index, *found[0])
            if isinstance(found[1], Rule):
                rules.append((place, found[1]))
            else:
                problems.append((place, found[1]))
    return rules, problems


def _entry(entry: object, did_you_mean: DidYouMean) -> Iterator[tuple[Place, Rule | str]]:
    if isinstance(entry, str):
        for place, found in _entry({entry: None}, did_you_mean):
            alone = isinstance(found, str) and found.startswith("expected ")
            yield place[1:], f"the rule {entry} cannot stand alone: {found}" if alone else found
    elif isinstance(entry, Mapping):
        try:
            name, severity, title = _heading(entry, did_you_mean)
        except _RuleError as error:
            yield error.place, str(error)
            return
        rules = list(_rules(RULES[name], entry[name]))
        if title and len(rules) > 1:
            yield ("name",), "a rule with a name is for one field; write the others as rules of their own"
            return
        for place, rule in rules:
            if isinstance(rule, Rule):
                named = Rule(rule.name, rule.field, rule.arguments, severity, title)
                problem = _problem(named)
                if problem is None:
                    yield (name, *place), named
                else:
                    where = (name, *place)
                    yield (*where, *_inside(_at(entry, where), rule.kind, problem[0])), problem[1]
            else:
                yield (name, *place), rule
    else:
        yield (), "expected a rule, such as not_empty: [user_id, page]"


class _RuleError(ValueError):
    """What is wrong with the heading of a rule, and where."""

    def __init__(self, place: Place, text: str) -> None:
        super().__init__(text)
        self.place = place


def _heading(entry: Mapping[str, object], did_you_mean: DidYouMean) -> tuple[str, Severity, str]:
    """The rule's name in the registry, its severity, and the name that it is given."""
    names = [key for key in entry if key not in _BESIDES]
    if len(names) != 1:
        raise _RuleError((), _ONE_KEY)
    (name,) = names
    if name not in RULES:
        near = did_you_mean(str(name), list(RULES))
        known = "" if near.startswith("known") else f" (known here: {', '.join(RULES)})"
        raise _RuleError((name,), f"unknown rule; {near}{known}")
    severity = entry.get("severity", "error")
    if severity not in get_args(Severity):
        raise _RuleError(("severity",), "expected warn or error")
    title = entry.get("name", "")
    if "name" in entry and not _is_name(title):
        raise _RuleError(
            ("name",),
            f"expected a name of one line and at most {_LONGEST_NAME} characters, a letter among them",
        )
    return str(name), severity, str(title)  # type: ignore[return-value]


def _is_name(title: object) -> bool:
    return (
        isinstance(title, str)
        and any(map(str.isalnum, title))
        and title.isprintable()
        and len(title) <= _LONGEST_NAME
    )


def _rules(kind: RuleKind, value: object) -> Iterator[tuple[Place, Rule | str]]:
    if kind.scope is not Scope.FIELD:
        yield from _rule(kind, "", value, ())
    elif isinstance(value, Mapping):
        if kind.arguments is None:
            yield (), f"expected a list of fields: {kind.name}: [user_id, page]"
            return
        if not value:
            yield (), "expected one field or more"
        for field, arguments in value.items():
            yield from _rule(kind, field, arguments, (field,))
    else:
        fields = [value] if isinstance(value, str) else value
        if not isinstance(fields, list | tuple) or not fields or _needs_arguments(kind):
            yield (), _expected_fields(kind)
        else:
            for position, field in enumerate(fields):
                place = () if isinstance(value, str) else (position,)
                yield from _rule(kind, field, None, place)


def _rule(kind: RuleKind, field: object, value: object, place: Place) -> Iterator[tuple[Place, Rule | str]]:
    if kind.scope is Scope.FIELD and (problem := path_problem(field)):
        is_key = bool(place) and isinstance(place[-1], str)
        yield place, problem.replace("expected", "this key must be", 1) if is_key else problem
        return
    arguments: Mapping[str, Any]
    names = set(kind.arguments.__struct_fields__) if kind.arguments else set()
    if value is None:
        arguments = {}
    elif isinstance(value, Mapping) and (kind.positional is None or set(value) <= names):
        arguments = value
    elif kind.positional is not None:
        arguments = {kind.positional: value}
    else:
        yield (
            place,
            f"expected {_arguments_text(kind)}" if names else f"the rule {kind.name} takes no arguments",
        )
        return
    try:
        arguments = plain(arguments)
    except RecursionError:
        yield place, "this is nested too deeply"
    else:
        yield place, Rule(kind.name, str(field), arguments)


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a YAML file can hold
    """The value in the plain types of Python: a YAML reader has texts and numbers of its own kinds."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def path_problem(value: object) -> str | None:
    """Why a value is not the path of a field; None when it is one."""
    if not isinstance(value, str) or not all(part.strip() for part in value.split(".")):
        return "expected the path of a field, such as user_id or context.user.ip, no part of it empty"
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "expected the path of a field, without half characters (surrogates)"
    if len(value) > _LONGEST_PATH or value.count(".") >= _DEEPEST_PATH:
        return (
            f"expected the path of a field, of at most {_LONGEST_PATH} characters and {_DEEPEST_PATH} parts"
        )
    return None


def _needs_arguments(kind: RuleKind) -> bool:
    if kind.arguments is None:
        return False
    try:
        checked_arguments(kind, {})
        kind.make()
    except (ValueError, TypeError):
        return True
    return False


def _expected_fields(kind: RuleKind) -> str:
    if _needs_arguments(kind):
        return f"expected a mapping of fields, each with {_arguments_text(kind)}"
    return "expected the name of a field, or a list of them"


def _arguments_text(kind: RuleKind) -> str:
    """What a rule takes, for a message."""
    if kind.positional and kind.arguments and len(kind.arguments.__struct_fields__) == 1:
        return argument_text(kind, kind.positional) or f"its {kind.positional}"
    names = kind.arguments.__struct_fields__ if kind.arguments else ()
    return f"a mapping of {', '.join(names)}"


def _problem(rule: Rule) -> tuple[Place, str] | None:
    """Why a rule cannot be run as configured, and which of its arguments is to blame; None when it can."""
    try:
        check = rule.check()
    except (ValueError, ObserverError) as error:
        return error.place if isinstance(error, ArgumentError) else (), str(error)
    except RecursionError:
        return (), "this is nested too deeply"
    if isinstance(check, Beside) and (path_problem(check.other) or check.other == rule.field):
        return _names_of(rule, check.other), "expected the path of another field"
    if isinstance(check, Judge) and check.time_field and (problem := path_problem(check.time_field)):
        return _names_of(rule, check.time_field), problem
    return None


def _names_of(rule: Rule, value: str) -> Place:
    """The argument that has a value."""
    return next(((name,) for name, one in rule.arguments.items() if one == value), ())


def _at(entry: object, place: Place) -> object:
    for part in place:
        entry = entry[part]  # type: ignore[index]
    return entry


def _inside(value: object, kind: RuleKind, place: Place) -> Place:
    """An argument's place in the file, where one of them may stand without its name."""
    if not place or (isinstance(value, Mapping) and place[0] in value):
        return place
    return place[1:] if place[0] == kind.positional else ()
