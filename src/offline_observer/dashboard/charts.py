"""The page's charts, as Plotly's figures (pure).

They are plain dictionaries: https://plotly.com/javascript/reference/. What colour text and grid have is the style sheet's affair.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from offline_observer.dashboard.palette import HEAT, SIGNS, STATUS_COLOURS, line

Figure = dict[str, object]

Points = Sequence[tuple[int, float | None]]
"""Times, in seconds since 1970, with a number each; None where nothing is known."""


EMPTY: Figure = {
    "data": [],
    "layout": {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
        "annotations": [
            {
                "text": "Nothing is known of this time.",
                "showarrow": False,
                "xref": "paper",
                "yref": "paper",
                "x": 0.5,
                "y": 0.5,
            }
        ],
    },
}
"""A chart of which nothing is known."""


# More names than that do not fit beside a heat map.
_MOST_NAMED_ROWS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a chart shows, whatever is in it.

    Attributes:
        start: Where its time begins.
        end: Where it ends.
        looked_at: What changes when something else is looked at: then what was zoomed is so no more.
    """

    start: datetime
    end: datetime
    looked_at: str


def shown(figure: Figure) -> Figure:
    """A chart, or the empty one in place of axes with nothing in them."""
    data = figure["data"]
    return (
        figure
        if isinstance(data, Sequence) and any(trace.get("z") or _has_numbers(trace) for trace in data)
        else EMPTY
    )


def _has_numbers(trace: Mapping[str, Sequence[object]]) -> bool:
    return any(value is not None for value in trace.get("y", ()))


def lines(
    frame: Frame,
    by_name: Mapping[str, Points],
    *,
    unit: str = "",
    share: bool = False,
    from_zero: bool = True,
) -> Figure:
    """Lines, one for each name. Where nothing is known there is a gap."""
    data = []
    for number, (name, points) in enumerate(by_name.items()):
        colour, dash = line(number)
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if _has_single(points) else "lines",
                "name": _escaped(name),
                "x": [_time(at) for at, _ in points],
                "y": [value for _, value in points],
                "line": {"color": colour, "dash": dash, "width": 2, "shape": "linear"},
                "connectgaps": False,
                "hovertemplate": f"{_template(unit, share=share)}<extra>{_escaped(name)}</extra>",
            }
        )
    axis: Figure = {"tickformat": ".0%"} if share else {"exponentformat": "SI"}
    if from_zero:
        axis["rangemode"] = "tozero"
    return {
        "data": data,
        "layout": _layout(frame, axis, legend=len(data) > 1 or bool(data and data[0]["name"])),
    }


def stacked_bars(frame: Frame, by_name: Mapping[str, Points], bucket: int, unit: str) -> Figure:
    """Bars upon each other, one colour for each name."""
    data = []
    for number, (name, points) in enumerate(by_name.items()):
        colour, _ = line(number)
        data.append(
            {
                "type": "bar",
                "name": _escaped(name),
                # A bar stands in the middle of its time.
                "x": [_time(at + bucket // 2) for at, _ in points],
                "y": [value for _, value in points],
                "width": bucket * 900,
                "marker": {"color": colour, "pattern": {"shape": _PATTERNS[number % len(_PATTERNS)]}},
                "hovertemplate": f"{_template(unit, share=False)}<extra>{_escaped(name)}</extra>",
            }
        )
    layout = _layout(frame, {"rangemode": "tozero", "exponentformat": "SI"}, legend=True)
    layout["barmode"] = "stack"
    return {"data": data, "layout": layout}


def heat_map(
    frame: Frame, rows: Sequence[str], times: Sequence[int], cells: Sequence[Sequence[float | None]]
) -> Figure:
    """A row for each name, a column for each time."""
    data = [
        {
            "type": "heatmap",
            "x": [_time(at) for at in times],
            "y": list(rows),
            "z": cells,
            "colorscale": [list(stop) for stop in HEAT],
            "hoverongaps": False,
            "colorbar": {"thickness": 10, "tickformat": "~s", "outlinewidth": 0},
            "hovertemplate": "%{y}<br>%{x}<br>%{z:,.0f} records<extra></extra>",
        }
    ]
    layout = _layout(
        frame,
        {"type": "category", "showticklabels": len(rows) <= _MOST_NAMED_ROWS, "autorange": "reversed"},
        legend=False,
    )
    return {"data": data, "layout": layout}


def timeline(frame: Frame, spans: Iterable[tuple[str, int, int]]) -> Figure:
    """When there was which status: a row for each, as a name for every colour.

    Args:
        frame: What is shown.
        spans: A status, and from when to when it was, in seconds since 1970.
    """
    by_status: dict[str, list[tuple[int, int]]] = {}
    for status, start, end in spans:
        by_status.setdefault(status, []).append((start, end))
    # The order of the statuses, the mildest on top.
    names = [name for name in STATUS_COLOURS if name in by_status]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": [f"{SIGNS[name]} {name}"] * len(by_status[name]),
            "base": [_time(start) for start, _ in by_status[name]],
            "x": [(end - start) * 1000 for start, end in by_status[name]],
            "marker": {"color": STATUS_COLOURS[name]},
            "width": 0.6,
            "hovertemplate": f"{name} from %{{base}}<extra></extra>",
        }
        for name in names
    ]
    layout = _layout(frame, {"type": "category", "autorange": "reversed"}, legend=False)
    layout["barmode"] = "overlay"
    return {"data": data, "layout": layout}


# As many colours as can be told apart where they touch come without.
_PATTERNS = ("", "", "", "", "", "/", "x", ".", "\\", "-")


def _has_single(points: Points) -> bool:
    """Whether a point stands alone between gaps, where a line shows nothing; two points make no line to be seen, either."""
    known = [False, *(value is not None for _, value in points), False]
    alone = (
        here and not before and not after
        for before, here, after in zip(known, known[1:], known[2:], strict=False)
    )
    return len(points) <= 2 or any(alone)  # noqa: PLR2004 - as it says


def _layout(frame: Frame, yaxis: Figure, *, legend: bool) -> Figure:
    return {
        "autosize": True,
        "margin": {"l": 48, "r": 12, "t": 8, "b": 44},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "inherit", "size": 12},
        "hovermode": "closest",
        "dragmode": "zoom",
        "showlegend": legend,
        "legend": {"orientation": "h", "y": -0.32, "yanchor": "top", "x": 0},
        "uirevision": frame.looked_at,
        "xaxis": {
            "type": "date",
            "range": [frame.start.isoformat(), frame.end.isoformat()],
            "showgrid": False,
            "zeroline": False,
            "ticklabelstandoff": 4,
        },
        "yaxis": {"fixedrange": True, "zeroline": False, "automargin": True, **yaxis},
    }


def _template(unit: str, *, share: bool) -> str:
    return "%{x}<br>%{y:.1%}" if share else f"%{{x}}<br>%{{y:,.4~g}} {unit}"


def _escaped(text: str) -> str:
    """A name in Plotly's legends and templates, which take a little HTML and braces for more than they are."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
