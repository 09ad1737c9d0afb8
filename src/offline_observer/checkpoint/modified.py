"""When a file was modified, from what a filesystem says of it (pure)."""

from collections.abc import Mapping
from datetime import UTC, datetime

# Filesystems do not agree on a name. Local and HDFS: mtime. S3: LastModified. Azure: last_modified.
# Google: updated. WebHDFS: modificationTime (ms). Memory, whose files do not change: created.
_KEYS = ("mtime", "LastModified", "last_modified", "updated", "modificationTime", "modified", "created")


def modification_time(info: Mapping[str, object]) -> datetime | None:
    """Finds a file's modification time.

    Args:
        info: What `info()` of an fsspec filesystem returns. A time is a datetime, an ISO 8601 text,
            or a number of seconds (or milliseconds, as `modificationTime`) since 1970 UTC.

    Returns:
        The time in UTC; None when there is none that makes sense. A time without a zone is UTC.
    """
    for key in _KEYS:
        if (time := _as_time(info.get(key), 1000 if key == "modificationTime" else 1)) is not None:
            return time
    return None


def _as_time(value: object, per_second: int) -> datetime | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / per_second, UTC)
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
