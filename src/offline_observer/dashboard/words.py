"""Charts in words, for whoever does not see them (pure)."""

from collections.abc import Mapping, Sequence
from html import unescape

from offline_observer.dashboard.charts import Figure

_NAMED = 5


def words_of(figure: Figure, *, share: bool = False) -> str:
    """The newest and the largest number of what a chart shows, a sentence."""
    data = figure.get("data")
    said = []
    for trace in data if isinstance(data, Sequence) else ():
        if not isinstance(trace, Mapping) or trace.get("type") not in ("scatter", "bar") or "base" in trace:
            continue
        values = [value for value in trace.get("y", ()) if isinstance(value, int | float)]
        if values:
            name = f"{unescape(str(trace['name']))}: " if trace.get("name") else ""
            said.append(
                f"{name}{_number(values[-1], share=share)} now, at most {_number(max(values), share=share)}"
            )
    if not said:
        return "Nothing is known of this time."
    more = f"; and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return "; ".join(said[:_NAMED]) + more + "."


def _number(value: float, *, share: bool) -> str:
    return f"{value:.1%}" if share else f"{value:,.4g}"
