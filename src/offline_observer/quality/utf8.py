"""Which of many values are UTF-8 (pure)."""

from collections.abc import Sequence


def not_utf8(values: Sequence[bytes]) -> list[int]:
    """Where values are not UTF-8."""
    if all(map(bytes.isascii, values)):
        return []
    try:
        # A line break begins a new character, so nothing that is cut at the end of a value is healed by the next.
        b"\n".join(values).decode()
    except UnicodeDecodeError:
        return [number for number, value in enumerate(values) if not _is_utf8(value)]
    return []


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
