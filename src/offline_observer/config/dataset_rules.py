"""The rules of a dataset in the configuration, and what is refused of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo

from offline_observer.config.values import local_path
from offline_observer.config.yaml_file import LocatedError
from offline_observer.config.yaml_messages import Location, did_you_mean, found, shown
from offline_observer.observation import broken_name, invalid_name, newest_name
from offline_observer.quality.field_tree import parents, with_parents
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.rules import RULES, Scope
from offline_observer.quality.rules.checks import Judge
from offline_observer.quality.rules.parse import parse_rules
from offline_observer.quality.rules.rule import EXPECTED_TYPES, Rule
from offline_observer.quality.summary import UNPARSEABLE
from offline_observer.quality.times import TimeForm

# A schema of more bytes than this is none that one would check every record by.
_LONGEST_SCHEMA = 5_000_000


@dataclass(frozen=True, slots=True)
class RuleList:
    """The rules of a dataset, one for each field, in the order of the file; each with its place in the list."""

    located: tuple[tuple[Location, Rule], ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules alone."""
        return tuple(rule for _, rule in self.located)


def _read_rules(value: object, info: ValidationInfo) -> RuleList:
    if isinstance(value, RuleList):
        return value
    if not isinstance(value, list | tuple):
        raise ValueError("expected a list")  # noqa: TRY004 - pydantic takes no TypeError
    entries: list[object] = []
    problems: list[tuple[Location, str]] = []
    for index, entry in enumerate(value):
        try:
            entries.append(_with_schema(entry, info))
        except ValueError as error:
            problems.append(((index, "json_schema"), str(error)))
            entries.append(None)
    rules, wrong = parse_rules(entries, did_you_mean)
    missing = {place[0] for place, _ in problems}
    problems += [(place, text) for place, text in wrong if place[0] not in missing]
    if problems:
        raise LocatedError(_with_what_is_found(problems, value))
    return RuleList(tuple(rules))


Rules = Annotated[RuleList, PlainValidator(_read_rules)]


def _with_schema(entry: object, info: ValidationInfo) -> object:
    """The rule `json_schema` with what is in the file that it names."""
    if not isinstance(entry, Mapping) or not isinstance(name := entry.get("json_schema"), str):
        return entry
    path = local_path(name, info)
    what = f"the schema {path if str(path).isprintable() else shown(str(path))}"
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LONGEST_SCHEMA + 1)
        schema = None if len(text) > _LONGEST_SCHEMA else json.loads(text)
    except OSError as error:
        raise ValueError(f"{what} cannot be read: {error.strerror}") from None
    except RecursionError:
        raise ValueError(f"{what} is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{what} is not JSON: {error}") from None
    if len(text) > _LONGEST_SCHEMA:
        raise ValueError(f"{what} has more than {_LONGEST_SCHEMA} characters")
    if not isinstance(schema, dict):
        raise ValueError(f"{what} is not a JSON object")  # noqa: TRY004 - pydantic takes no TypeError
    return {**entry, "json_schema": {"schema": schema}}


def _with_what_is_found(
    problems: list[tuple[Location, str]], value: object
) -> Iterator[tuple[Location, str]]:
    for place, text in problems:
        if text.startswith("expected ") and "found " not in text:
            there: Any = value
            try:
                for part in place:
                    there = there[part]
            except (KeyError, IndexError, TypeError):
                yield place, text
                continue
            # Of several arguments that do not go together, none is what was found.
            if (
                isinstance(there, Mapping)
                and there
                and not text.startswith((*EXPECTED_TYPES, "expected a list of fields"))
            ):
                yield place, text
            else:
                yield place, f"{text}, found {found(there, hidden=False)}"
        else:
            yield place, text


def dataset_problems(
    fields: Mapping[str, FieldType], rules: RuleList, mask: Sequence[str] = ()
) -> Iterator[tuple[Location, str]]:
    """What is wrong with the declared fields, the rules and the mask of a dataset, each with its place."""
    located = [(("rules", *place), rule) for place, rule in rules.located]
    yield from _problems_of_types(fields)
    yield from _problems_of_fields(fields, located)
    yield from _problems_of_names(fields, located)
    yield from _problems_of_newest(located)
    yield from _problems_of_mask(fields, mask)


def _problems_of_types(fields: Mapping[str, FieldType]) -> Iterator[tuple[Location, str]]:
    for field in fields:
        for parent in parents(field):
            if (declared := fields.get(parent, "object")) != "object":
                yield (
                    ("fields", field),
                    f"the field {parent!r} around it is declared as {declared}, not as object",
                )


def _problems_of_fields(
    fields: Mapping[str, FieldType], located: list[tuple[Location, Rule]]
) -> Iterator[tuple[Location, str]]:
    known = with_parents(fields)
    for place, rule in located:
        if rule.name == "no_unknown_fields" and not fields:
            yield (
                place,
                "without the dataset's fields nothing tells which are known; declare them: fields: {…}",
            )
        for field in _fields_of(rule):
            if known and field not in known:
                yield (
                    place,
                    f"the field {field!r} is not among the dataset's fields; {did_you_mean(field, known)}",
                )


def _problems_of_mask(fields: Mapping[str, FieldType], mask: Sequence[str]) -> Iterator[tuple[Location, str]]:
    known = with_parents(fields)
    around = {parent for field in fields for parent in parents(field)}
    # What is inside of these is not declared, and may be anything.
    open_fields = {field for field, kind in fields.items() if kind in ("object", "array")} - around
    for index, path in enumerate(mask):
        if known and path not in known and open_fields.isdisjoint(parents(path)):
            yield (
                ("mask", index),
                f"the field {path!r} is not among the dataset's fields; {did_you_mean(path, known)}",
            )


def _problems_of_newest(located: list[tuple[Location, Rule]]) -> Iterator[tuple[Location, str]]:
    names: dict[str, str] = {}
    forms: dict[str, TimeForm] = {}
    for place, rule in located:
        # The check of another rule may take long to make: a JSON Schema.
        check = rule.check() if RULES[rule.name].scope is Scope.DATASET else None
        if isinstance(check, Judge) and (field := check.time_field) is not None:
            other = names.setdefault(newest_name(field), field)
            if other != field:
                yield place, f"two newest times would both be {newest_name(field)} in the documents"
            form = forms.setdefault(field, check.time_form)
            if form != check.time_form:
                yield place, f"another rule reads {field} as {form}; a field's times are of one form"


def _fields_of(rule: Rule) -> Iterator[str]:
    if rule.field:
        yield rule.field
    if RULES[rule.name].scope is Scope.FIELD and (other := rule.other_field()):
        yield other
    is_of_dataset = RULES[rule.name].scope is Scope.DATASET
    if is_of_dataset and isinstance(check := rule.check(), Judge) and check.time_field:
        yield check.time_field


def _problems_of_names(
    fields: Mapping[str, FieldType], located: list[tuple[Location, Rule]]
) -> Iterator[tuple[Location, str]]:
    places: dict[str, Location] = {field: ("fields", field) for field in fields}
    # They have a count of their own, for records in which they are no objects.
    for field in fields:
        for around in parents(field):
            places.setdefault(around, ("fields", field))
    for place, rule in located:
        if rule.field:
            places.setdefault(rule.field, place)
    names: dict[str, str] = {}
    for field, place in places.items():
        other = names.setdefault(invalid_name(field), field)
        if other != field:
            yield (
                place,
                f"the fields {other!r} and {field!r} would both be {invalid_name(field)} in the documents; leave one out",
            )
    rules: dict[str, Rule] = {broken_name(UNPARSEABLE): Rule(UNPARSEABLE)}
    for place, rule in located:
        other_rule = rules.setdefault(broken_name(rule.id), rule)
        if other_rule is rule or (
            invalid_name(rule.field) in names and names[invalid_name(rule.field)] != rule.field
        ):
            continue
        if other_rule.name == rule.name and other_rule.field == rule.field and not rule.title:
            where = f" on the field {rule.field!r}" if rule.field else ""
            yield (
                place,
                f"the rule {rule.name}{where} stands here twice; give one of them a name of its own: name: …",
            )
        else:
            yield (
                place,
                f"two rules would both be {broken_name(rule.id)} in the documents; give this one another name",
            )
