"""Grafana's expressions on the results of queries, for panels and alert rules (pure)."""

from typing import Literal

from grafana_foundation_sdk.builders import expr
from grafana_foundation_sdk.models.dashboard import DataSourceRef

EXPRESSIONS = DataSourceRef(type_val="__expr__", uid="__expr__")

Reducer = Literal["sum", "mean", "min", "max", "count", "last", "median"]

# Grafana's words; it has none for the others before version 11.
_THRESHOLDS: dict[str, Literal["gt", "lt"]] = {">": "gt", "<": "lt"}


def has_threshold(operator: str) -> bool:
    """Whether all versions of Grafana know the comparison as a threshold."""
    return operator in _THRESHOLDS


def reduced(ref: str, source: str, reducer: Reducer) -> expr.TypeReduce:
    """One number of each series. Points without a number are no points."""
    settings = expr.ExprTypeReduceSettings().mode("dropNN")
    return (
        expr.TypeReduce()
        .ref_id(ref)
        .expression(source)
        .reducer(reducer)
        .settings(settings)
        .datasource(EXPRESSIONS)
    )


def calculated(ref: str, expression: str) -> expr.TypeMath:
    """What is calculated from series or numbers of the same labels."""
    return expr.TypeMath().ref_id(ref).expression(expression).datasource(EXPRESSIONS)


def compared(ref: str, source: str, operator: str, value: float) -> expr.TypeThreshold | expr.TypeMath:
    """1 where the comparison holds, else 0."""
    if not has_threshold(operator):
        return calculated(ref, f"${source} {operator} {_number(value)!r}")
    evaluator = (
        expr.ExprTypeThresholdConditionsEvaluator().type(_THRESHOLDS[operator]).params([_number(value)])
    )
    condition = expr.ExprTypeThresholdConditions().evaluator(evaluator)
    return expr.TypeThreshold().ref_id(ref).expression(source).conditions([condition]).datasource(EXPRESSIONS)


def classic(ref: str, source: str, operator: str, value: float, reducer: Reducer) -> dict[str, object]:
    """The condition as alerts of old have it: of all series of a query together, with no labels."""
    condition = {
        "type": "query",
        "evaluator": {"type": _THRESHOLDS[operator], "params": [_number(value)]},
        "operator": {"type": "and"},
        "query": {"params": [source]},
        "reducer": {"type": reducer, "params": []},
    }
    return {
        "refId": ref,
        "type": "classic_conditions",
        "datasource": {"type": EXPRESSIONS.type_val, "uid": EXPRESSIONS.uid},
        "conditions": [condition],
    }


def share(count: str, whole: str) -> str:
    """A share as an expression; 0 of nothing is 0, where a division would give what is no number.

    Args:
        count: An expression for the part.
        whole: An expression for the whole.
    """
    return f"{count} / (({whole}) + (({whole}) == 0))"


def _number(value: float) -> float:
    return int(value) if value == int(value) else value
