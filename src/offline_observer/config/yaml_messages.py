"""The words of messages about a YAML file: what was expected, what stands there, and where."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

Location = tuple[str | int, ...]
"""The way to a value: keys of mappings and indices of lists, from the outside in."""


class WrittenFloat(float):
    """A number with a fraction that remembers how it was written: `1.10` is not `1.1` in a text."""

    text: str

    def __new__(cls, text: str) -> "WrittenFloat":
        """Reads the number from its text."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def shown(text: str) -> str:
    """A text in quotes, for a message: without control characters, and not too long."""
    limit = 60
    return repr(text if len(text) <= limit else f"{text[: limit - 1]}…")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the known word nearest to it, or the known words."""
    words = list(known)
    # The search is quadratic in the word's length; no known word is this long.
    near = difflib.get_close_matches(word, words, n=1) if len(word) <= 100 else []  # noqa: PLR2004
    if near:
        return f"did you mean {near[0]!r}?"
    if not words:
        return "nothing is known here"
    listed = 20
    return f"known here: {', '.join(words[:listed])}{' and more' if len(words) > listed else ''}"


def path_text(place: Location) -> str:
    """A place in a document as text: `pipelines[0].dataset.topic`."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            # What is too long or unprintable would break the message's line.
            key = part if part.isprintable() and len(part) <= 60 else shown(part)  # noqa: PLR2004
            text += f".{key}" if text else key
    return text


def found(value: object, *, hidden: bool) -> str:
    """What stands in a file, for a message.

    Args:
        value: A value as read from YAML.
        hidden: Say only of which kind the value is.
    """
    if isinstance(value, (Mapping, list, tuple)):
        kind = "mapping" if isinstance(value, Mapping) else "list"
        return f"a {kind}" if value else f"an empty {kind}"
    if value is None or value == "":
        return "nothing" if value is None else "an empty text"
    if hidden:
        return "a text" if isinstance(value, str) else "a number, or true or false"
    if isinstance(value, str):
        return shown(_without_password(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"the number {value.text if isinstance(value, WrittenFloat) else value}"


def _without_password(text: str) -> str:
    return re.sub(r"(?<=://)[^/@\s]*(?=@)", "…", text)


_EXPECTED: Mapping[str, str] = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "bytes_type": "a text",
    "dict_type": "a mapping of keys to values",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "int_type": "a whole number",
    "list_type": "a list",
    "mapping_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "none_required": "nothing",
    "path_type": "a path",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "string_type": "a text",
    "timezone_aware": "a time with its zone, such as 2024-01-01T00:00:00Z",
    "tuple_type": "a list",
}
_EXPECTED_WITH: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "enum": lambda context: str(context["expected"]).replace("'", ""),
    "greater_than": lambda context: f"a value above {context['gt']}",
    "greater_than_equal": lambda context: f"{context['ge']} or more",
    "less_than": lambda context: f"a value below {context['lt']}",
    "less_than_equal": lambda context: f"{context['le']} or less",
    "literal_error": lambda context: str(context["expected"]).replace("'", ""),
    "multiple_of": lambda context: f"a multiple of {context['multiple_of']}",
    "string_pattern_mismatch": lambda context: f"a text of the form {context['pattern']}",
    "string_too_long": lambda context: f"a text of at most {context['max_length']} characters",
    "string_too_short": lambda context: f"a text of at least {context['min_length']} characters",
    "too_long": lambda context: f"{context['max_length']} values or fewer",
    "too_short": lambda context: f"{context['min_length']} or more values",
    "union_tag_invalid": lambda context: (
        f"{context['discriminator']} to be one of {context['expected_tags']}"
    ),
    "union_tag_not_found": lambda context: f"the key {context['discriminator']}",
}
_KINDS_OF_TIME: Mapping[str, str] = {
    "date_": "a date such as 2024-01-01",
    "datetime_": "a time such as 2024-01-01T00:00:00Z",
    "time_delta_": "a duration such as PT10S",
    "url_": "a URL such as http://localhost:9200",
}


def expected(details: ErrorDetails, keys: list[str]) -> str:
    """A pydantic error in plain words.

    Args:
        details: The error.
        keys: The keys that the model knows at this place, for a message that a mapping is missing.

    Returns:
        A text that begins with "expected", or, for the error of a validator, the validator's own text.
    """
    kind = details["type"]
    context = details.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(context["error"])
    if kind in _EXPECTED_WITH:
        return f"expected {_EXPECTED_WITH[kind](context)}"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}" + (f" ({', '.join(keys)})" if keys else "")
    for start, text in _KINDS_OF_TIME.items():
        if kind.startswith(start):
            return f"expected {text}"
    return re.sub(r"^\w+ should (?:be|have|match)\b", "expected", details["msg"])
