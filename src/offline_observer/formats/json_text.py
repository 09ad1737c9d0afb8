"""The format `json`: a record's value is the text of one JSON object (pure)."""

from offline_observer.quality.record import parse_object


class JsonFormat:
    """Plain JSON."""

    is_json: bool = True

    def payload(self, value: bytes) -> bytes | None:
        """The value itself."""
        return value

    def parse(self, value: bytes) -> dict[str, object] | None:
        """The object; None when the value is not exactly one."""
        return parse_object(value)
