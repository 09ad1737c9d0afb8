"""What Dash's elements are made with."""

from typing import Any

from dash.development.base_component import Component

Element = Component | str | None
"""What can stand in another element."""


def aria(**words: str) -> dict[str, Any]:
    """What is said of an element to whoever does not see it: `aria(labelledby="x")`."""
    return {f"aria-{name}": word for name, word in words.items()}
