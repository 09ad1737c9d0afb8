"""The content of records as text to be shown, with fields masked (pure)."""

import json
from collections.abc import Callable, Collection, Sequence

from offline_observer.errors import ObserverError

MASK = "***"
"""What stands in the place of a masked value."""

LONGEST_TEXT = 2_000
"""Characters of a content."""

_CUT = "…"

Parse = Callable[[bytes], "dict[str, object] | None"]
"""Takes a record's value to the record; None when it cannot be parsed."""


def masked(record: dict[str, object], paths: Collection[str]) -> dict[str, object]:
    """A record with the values at some paths replaced; the record itself stays as it is.

    Nothing gets around a mask by standing somewhere else: of a list on the way each element is masked, what stands in
    the place of an object on the way is masked itself, and a key may hold dots (`{"user.ip": …}`). Null stays null.

    Args:
        record: The record.
        paths: Dot paths. That of an object or a list masks all that is inside.
    """
    for path in paths:
        record = _in_object(record, path.split("."))
    return record


def _in_object(value: dict[str, object], keys: Sequence[str]) -> dict[str, object]:
    changed: dict[str, object] = {}
    for length in range(1, len(keys) + 1):
        key = ".".join(keys[:length])
        if key in value:
            changed[key] = _masked(value[key], keys[length:])
    return {**value, **changed} if changed else value


def _masked(value: object, keys: Sequence[str]) -> object:
    if value is None:
        return None
    if keys and isinstance(value, dict):
        return _in_object(value, keys)
    if keys and isinstance(value, list):
        return [_masked(one, keys) for one in value]
    return MASK


def content_text(parse: Parse, mask: Collection[str], *, is_text: bool) -> Callable[[bytes], str | None]:
    """What makes a text of a record's value.

    Args:
        parse: Parses a value. An `ObserverError` means that it cannot be done now.
        mask: Paths of the fields that are masked.
        is_text: The values of readable records are texts, which are shown as they are when nothing is masked.

    Returns:
        A function that returns the text, cut where it is long; None for a value that cannot be masked because it cannot
        be parsed.
    """

    def text(value: bytes) -> str | None:
        if is_text and not mask:
            return cut(readable(value))
        try:
            record = parse(value)
        except ObserverError:  # the schema that it needs cannot be had now
            record = None
        if record is None:
            return None if mask else cut(readable(value))
        try:
            return cut(json_text(masked(record, mask)))
        except RecursionError:
            return None

    return text


def readable(value: bytes) -> str:
    r"""Bytes as text; those that are not UTF-8 as `\xff`."""
    return value.decode(errors="backslashreplace")


def json_text(value: object, indent: int | None = None, *, ascii_only: bool = False) -> str:
    r"""A value as JSON; values that JSON has no form for as texts, half characters as `\ud800`.

    Args:
        value: The value.
        indent: Blanks per level; None: all in one line.
        ascii_only: Everything but printable ASCII is escaped.

    Raises:
        RecursionError: It is nested too deeply.
    """
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=ascii_only, separators=separators, indent=indent, default=_other)
    if ascii_only:
        return text.replace("\x7f", "\\u007f")
    return text.encode(errors="backslashreplace").decode()


def _other(value: object) -> str:
    return readable(value) if isinstance(value, bytes) else str(value)


def cut(text: str) -> str:
    """A text up to the longest that is kept; a longer one ends with a mark."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + _CUT


def printable(text: str) -> str:
    r"""A text that a terminal can be given: what it would not print as it is becomes `\x1b`, `\u202e`.

    Line breaks stay.
    """
    if all(line.isprintable() for line in text.split("\n")):
        return text
    return "".join(one if one.isprintable() or one == "\n" else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004
