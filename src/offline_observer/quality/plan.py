"""What a kernel has to look at, from the rules and the declared fields (pure)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from offline_observer.quality.field_types import FieldType
from offline_observer.quality.first_look import FirstLook, not_empty_look
from offline_observer.quality.rule_check import Distinct, FieldCheck, beside, by_value
from offline_observer.quality.rules.checks import AtTime, Beside, Column, Judge, NoUnknownFields
from offline_observer.quality.rules.checks import Distinct as DistinctCheck
from offline_observer.quality.rules.registry import HoldsForRecord, Scope
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.times import TimeForm


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSpec:
    """What a kernel is to find out. A plain value, which goes to other processes as it is.

    Attributes:
        rules: The dataset's rules. Each has an id of its own.
        fields: The declared fields and their types; empty when records may have any.
        keep_content: The offending records' values are kept along with their places.
    """

    rules: Sequence[Rule] = ()
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    keep_content: bool = False


@dataclass(frozen=True, slots=True)
class PairCheck:
    """A rule on two fields."""

    rule: Rule
    other: str
    broken: Callable[[Sequence[object], Sequence[object]], list[int]]


@dataclass(frozen=True, slots=True)
class UniqueCheck:
    """A rule on the distinct values of a field."""

    rule: Rule
    keep: int


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """A rule on whole records."""

    rule: Rule
    holds: HoldsForRecord


class Plan:
    """The rules sorted by what they need.

    Args:
        spec: What is to be found out.
        more_paths: Fields that are needed besides.

    Raises:
        KeyError: A rule's name is not in the registry (the configuration refuses it before).
        ValueError: A rule cannot be run as configured (likewise).
    """

    def __init__(self, spec: KernelSpec, more_paths: Sequence[str] = ()) -> None:
        self.by_field: dict[str, list[tuple[Rule, object]]] = {}
        self.pairs: list[PairCheck] = []
        self.unique: list[UniqueCheck] = []
        self.records: list[RecordCheck] = []
        self.no_unknown_fields: list[Rule] = []
        # The form of each.
        self.time_fields: dict[str, TimeForm] = {}
        self.needs_minutes = False
        self._kinds: dict[str, bool] = {}
        for rule in spec.rules:
            self._take(rule)
        for path in (*more_paths, *(one for one in self.time_fields if one)):
            self._kinds[path] = False
        self.paths = list(self._kinds)

    @property
    def kinds(self) -> frozenset[str]:
        """Paths of whose objects only the kind matters."""
        return frozenset(path for path, only_kind in self._kinds.items() if only_kind)

    def _take(self, rule: Rule) -> None:
        check = rule.check()
        if rule.kind.scope is Scope.FIELD:
            only_kind = rule.kind.only_kind
            self._kinds[rule.field] = self._kinds.get(rule.field, True) and only_kind
        match check:
            case Beside(other, holds):
                self._kinds[other] = False
                self.pairs.append(PairCheck(rule, other, beside(holds)))
            case DistinctCheck(keep):
                self.unique.append(UniqueCheck(rule, keep))
            case NoUnknownFields():
                self.no_unknown_fields.append(rule)
            case Judge():
                self.needs_minutes = self.needs_minutes or check.needs_minutes
                if check.time_field is not None:
                    self.time_fields[check.time_field] = check.time_form
            case _ if rule.kind.scope is Scope.RECORD:
                self.records.append(RecordCheck(rule, check))  # type: ignore[arg-type]
            case _:
                self.by_field.setdefault(rule.field, []).append((rule, check))

    @property
    def first_look(self) -> Callable[[Sequence[str]], FirstLook] | None:
        """A first look that lets records pass in which no rule is broken; None when there is none for these rules."""
        return not_empty_look if self.by_field and not self.needs_values else None

    @property
    def needs_values(self) -> bool:
        """Whether a rule looks at the values of fields, and not only whether they are empty."""
        checks = [check for checks in self.by_field.values() for _, check in checks]
        return bool(self.pairs or self.unique or self.records or any(self.time_fields)) or not all(
            isinstance(one, Column) and one.is_not_empty for one in checks
        )

    def field_checks(self, now: datetime) -> list[tuple[str, list[FieldCheck]]]:
        """The checks of each field, for records that are observed at a time."""
        return [(path, [_field_check(*one, now) for one in checks]) for path, checks in self.by_field.items()]


def _field_check(rule: Rule, check: object, now: datetime) -> FieldCheck:
    broken: Callable[[Sequence[object], Distinct], list[int]]
    match check:
        case Column():
            of_column = check.broken
            broken = lambda column, _: of_column(column)  # noqa: E731
        case AtTime():
            broken = by_value(check.at(now))
        case _:
            broken = by_value(check)  # type: ignore[arg-type]
    return FieldCheck(id=rule.id, severity=rule.severity, broken=broken)
