"""What Dash's elements are made with."""

from collections.abc import Iterable, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

Element = Component | str | None
"""What can stand in another element."""


def aria(**words: str) -> dict[str, Any]:
    """What is said of an element to whoever does not see it: `aria(labelledby="x")`."""
    return {f"aria-{name}": word for name, word in words.items()}


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[Element]], empty: str) -> Element:
    """A table, or what is said in place of one that has no rows."""
    made = list(rows)
    if not made:
        return html.P(empty, className="empty")
    head = html.Thead(html.Tr([html.Th(heading, scope="col") for heading in headings]))
    body = [
        html.Tr(
            [html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]
        )  # the first one names the row
        for row in made
    ]
    return html.Div(
        html.Table([html.Caption(caption), head, html.Tbody(body)]),
        className="table",
        tabIndex=0,
        role="region",
        **aria(label=caption),
    )
