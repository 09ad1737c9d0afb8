"""What Grafana makes of an alert rule: its expressions, and its state from one look to the next."""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from support.grafana_queries import Series, duration

Labels = tuple[tuple[str, str], ...]
Numbers = dict[Labels, float | None]
"""A number for each set of labels; None where there is none. Empty: no data at all."""

Fetch = Callable[[Mapping[str, Any], datetime, datetime], list[Series]]
"""Asks for the series of a query of a rule, from a time to another."""

_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b if b else float("nan"),
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_EVALUATORS: dict[str, Callable[[float, float], float]] = {"gt": operator.gt, "lt": operator.lt}


def numbers_of(rule: Mapping[str, Any], fetch: Fetch, now: datetime) -> Numbers:
    """What the rule's condition says at a time: other than 0 where it holds."""
    series: dict[str, list[Series]] = {}
    numbers: dict[str, Numbers] = {}
    for node in rule["data"]:
        model, ref = node["model"], node["refId"]
        start, end = (now - timedelta(seconds=node["relativeTimeRange"][key]) for key in ("from", "to"))
        match model.get("type"):
            case "reduce":
                numbers[ref] = {
                    _labels(one): _reduce(model["reducer"], one) for one in series[model["expression"]]
                }
            case "threshold":
                (condition,) = model["conditions"]
                numbers[ref] = _compare(numbers[model["expression"]], condition["evaluator"])
            case "math":
                numbers[ref] = _calculate(model["expression"], numbers)
            case "classic_conditions":
                numbers[ref] = _classic(model, series)
            case _:
                series[ref] = fetch(node, start, end)
    return numbers[rule["condition"]]


def _labels(series: Series) -> Labels:
    return tuple(sorted(series.labels.items()))


def _reduce(reducer: str, series: Series) -> float | None:
    known = [value for value in series.values() if value is not None]
    match reducer:
        case "sum":
            return sum(known)
        case "last":
            return known[-1] if known else None
        case "max":
            return max(known, default=None)
    raise AssertionError(reducer)


def _compare(numbers: Numbers, evaluator: Mapping[str, Any]) -> Numbers:
    compare, (limit,) = _EVALUATORS[evaluator["type"]], evaluator["params"]
    return {
        labels: None if value is None else float(compare(value, limit)) for labels, value in numbers.items()
    }


def _classic(model: Mapping[str, Any], series: Mapping[str, list[Series]]) -> Numbers:
    (condition,) = model["conditions"]
    found = series[condition["query"]["params"][0]]
    values = [_reduce(condition["reducer"]["type"], one) for one in found]
    known: Numbers = {(("", str(index)),): value for index, value in enumerate(values) if value is not None}
    if not known:
        return {}
    return {(): max(value or 0.0 for value in _compare(known, condition["evaluator"]).values())}


def _calculate(expression: str, numbers: Mapping[str, Numbers]) -> Numbers:
    tree = ast.parse(re.sub(r"\$(\w+)", r"\1", expression), mode="eval").body
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    # Only numbers of the same labels are calculated with one another.
    common = [labels for labels in numbers[names[0]] if all(labels in numbers[name] for name in names)]
    return {labels: _value(tree, {name: numbers[name][labels] for name in names}) for labels in common}


def calculated(expression: str, series: Mapping[str, Series]) -> list[float | None]:
    """What a panel's expression makes of series, point by point."""
    tree = ast.parse(re.sub(r"\$(\w+)", r"\1", expression), mode="eval").body
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    points = zip(*(series[name].values() for name in names), strict=True)
    return [_value(tree, dict(zip(names, values, strict=True))) for values in points]


def _value(tree: ast.AST, values: Mapping[str, float | None]) -> float | None:
    match tree:
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
            a, b = _value(left, values), _value(right, values)
            return None if a is None or b is None else float(_OPERATORS[type(op)](a, b))
    raise AssertionError(ast.dump(tree))


@dataclass
class Watch:
    """The states of a rule, from look to look: `normal`, `pending`, `firing`, `no data`, by labels.

    A series that is not there any more is normal after two looks. No data at all is an alert without labels, and is treated
    by `noDataState`; as with Grafana 10 and newer, it has to stay as well.
    """

    rule: Mapping[str, Any]
    fetch: Fetch
    since: dict[Labels, datetime] = field(default_factory=dict)
    gone: dict[Labels, int] = field(default_factory=dict)
    states: dict[Labels, str] = field(default_factory=dict)

    def look(self, now: datetime) -> dict[Labels, str]:
        numbers = numbers_of(self.rule, self.fetch, now)
        if not any(value is not None for value in numbers.values()):
            kind = self.rule["noDataState"]
            if kind == "NoData":
                self.since.clear()
                self.states = {(): "no data"}
                return self.states
            numbers = {(): 1.0 if kind == "Alerting" else 0.0}
        for labels in list(self.states):
            self.gone[labels] = 0 if labels in numbers else self.gone.get(labels, 0) + 1
            if self.gone[labels] >= 2:
                self.since.pop(labels, None)
                del self.states[labels]
        for labels, value in numbers.items():
            self.states[labels] = self._state(labels, now) if value else self._normal(labels)
        return dict(self.states)

    def _normal(self, labels: Labels) -> str:
        self.since.pop(labels, None)
        return "normal"

    def _state(self, labels: Labels, now: datetime) -> str:
        since = self.since.setdefault(labels, now)
        stays = timedelta(milliseconds=duration(self.rule["for"]))
        return "firing" if now - since >= stays else "pending"


def watched(
    rule: Mapping[str, Any],
    fetch: Fetch,
    start: datetime,
    minutes: int,
    every: timedelta = timedelta(minutes=1),
) -> Iterator[tuple[int, dict[Labels, str]]]:
    """The states of a rule minute by minute."""
    watch = Watch(rule, fetch)
    for minute in range(minutes + 1):
        yield minute, watch.look(start + minute * every)
