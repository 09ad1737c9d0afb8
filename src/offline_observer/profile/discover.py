"""The fields of records that nobody has described (pure)."""

from collections.abc import Iterable, Mapping

from offline_observer.quality.rules.parse import path_problem

# Of records with more fields, the first that come.
MOST_FIELDS = 500


def discovered_fields(records: Iterable[Mapping[str, object]], most: int = MOST_FIELDS) -> tuple[str, ...]:
    """The paths of the values in some records, in the order in which they come.

    Objects are gone into; lists are values. A key that cannot be a part of a path (it holds a dot, or is empty) is left
    out, with what is inside of it.

    Args:
        records: The records.
        most: At most so many paths.
    """
    found: dict[str, None] = {}
    around: set[str] = set()
    for record in records:
        pending: list[tuple[str, object]] = [("", record)]
        while pending and len(found) < most:
            path, value = pending.pop()
            if isinstance(value, Mapping) and (value or not path):
                if path:
                    around.add(path)
                inside = [
                    (f"{path}.{key}" if path else key, child)
                    for key, child in value.items()
                    if "." not in key and not path_problem(f"{path}.{key}" if path else key)
                ]
                pending.extend(reversed(inside))
            else:
                found[path] = None
    # What is an object in one record and null in another is known by what is inside.
    return tuple(path for path in found if path not in around)
