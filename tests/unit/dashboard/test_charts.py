"""Charts, and the same in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import plotly.graph_objects as go

from offline_observer.dashboard.charts import EMPTY, Figure, Frame, heat_map, lines, stacked_bars, timeline
from offline_observer.dashboard.words import words_of

END = datetime(2026, 11, 25, 12, tzinfo=UTC)
FRAME = Frame(start=END - timedelta(hours=1), end=END, looked_at="?")
AT = int(FRAME.start.timestamp())


def checked(figure: Figure) -> Any:
    """What Plotly itself makes of it: it refuses what it does not know."""
    return go.Figure(figure)


def test_every_chart_is_one_that_plotly_takes() -> None:
    points = [(AT, 1.0), (AT + 60, None), (AT + 120, 3.0)]
    for figure in (
        lines(FRAME, {"a": points, "b": points}),
        lines(FRAME, {}, share=True),
        stacked_bars(FRAME, {"a": points, "b": []}, 60, "a minute"),
        heat_map(FRAME, ["t/0", "t/1"], [AT, AT + 60], [[1, None], [2, 3]]),
        heat_map(FRAME, [], [], []),
        timeline(FRAME, [("ok", AT, AT + 600), ("stalled", AT + 600, AT + 900)]),
        timeline(FRAME, []),
        EMPTY,
    ):
        checked(figure)


def test_times_are_utc_and_gaps_stay() -> None:
    (trace,) = checked(lines(FRAME, {"a": [(AT, 1.0), (AT + 60, None)]})).data
    assert trace.x[0] == "2026-11-25T11:00:00"
    assert trace.y == (1.0, None)
    assert trace.connectgaps is False


def test_a_name_is_text() -> None:
    (trace,) = checked(lines(FRAME, {"<b>%{x}": [(AT, 1.0)]})).data
    assert "<b>" not in trace.hovertemplate
    assert trace.hovertemplate.count("%{x}") == 1


def test_a_timeline_has_a_row_for_each_status_the_mildest_first() -> None:
    figure = checked(
        timeline(FRAME, [("stalled", AT + 60, AT + 120), ("ok", AT, AT + 60), ("ok", AT + 120, AT + 180)])
    )
    assert [trace.name for trace in figure.data] == ["ok", "stalled"]
    assert figure.data[0].x == (60_000, 60_000)
    assert figure.data[0].base == ("2026-11-25T11:00:00", "2026-11-25T11:02:00")


def test_words() -> None:
    figure = lines(FRAME, {"a": [(AT, 5.0), (AT + 60, 2.0)], "b": [(AT, None)]})
    assert words_of(figure) == "a: 2 now, at most 5."
    assert words_of(lines(FRAME, {"": [(AT, 0.125)]}, share=True), share=True) == "12.5% now, at most 12.5%."
    assert words_of(EMPTY) == "Nothing is known of this time."
    many = lines(FRAME, {str(number): [(AT, 1.0)] for number in range(8)})
    assert words_of(many).endswith("; and 3 more.")
