"""The types of fields by the values that were seen (pure)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from offline_observer.observation import invalid_name
from offline_observer.profile.field_summary import FieldSummary
from offline_observer.profile.profile import Profile
from offline_observer.quality.field_tree import parents
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.rules.parse import path_problem

_TYPES: Mapping[str, FieldType] = {**{name: name for name in get_args(FieldType)}, "bytes": "string"}


@dataclass(frozen=True, slots=True)
class SeenType:
    """The type to declare a field with.

    Attributes:
        type: The type.
        doubt: A sentence where not all values are of it, or there were none; `""` where they are.
    """

    type: FieldType
    doubt: str = ""


def type_of_all(field: FieldSummary) -> FieldType | None:
    """The one type that all values of a field are of; integers and other numbers are numbers.

    None where there are several, one that cannot be declared, or no value.
    """
    types = {_TYPES.get(name) for name in field.types}
    if types == {"integer", "number"}:
        return "number"
    return types.pop() if len(types) == 1 else None


def all_are_times(field: FieldSummary) -> bool:
    """Whether all values of a field, one at the least, are ISO 8601 texts or times of Avro."""
    return 0 < field.times.count == sum(field.types.values())


def seen_types(profile: Profile) -> dict[str, SeenType]:
    """The types to declare the fields of a profile with, by their paths.

    Left out are fields that no record has, objects of whose fields others are in the profile, and what
    `nameable_paths` leaves out.
    """
    around = {parent for path in profile.fields for parent in parents(path)}
    return {
        path: _seen_type(profile.fields[path])
        for path in nameable_paths(profile.fields)
        if path not in around and profile.fields[path].missing < profile.fields[path].records
    }


def nameable_paths(paths: Iterable[str], used: Collection[str] = ()) -> Iterator[str]:
    """The paths that a configuration can hold together.

    Left out is what is no path of a field, and a path whose counts would have the name of those of another one: of
    `a.b` and `a_b` the first that comes stays.

    Args:
        paths: The paths.
        used: Paths that the configuration has already.
    """
    names: dict[str, str] = {}
    for path in used:
        names.setdefault(invalid_name(path), path)
    for path in paths:
        if path_problem(path) or "\0" in path:  # which no file of YAML holds
            continue
        own = {invalid_name(one): one for one in (*parents(path), path)}
        if all(names.get(name, one) == one for name, one in own.items()):
            names.update(own)
            yield path


def _seen_type(field: FieldSummary) -> SeenType:
    values = sum(field.types.values())
    if not values:
        return SeenType("string", "only null was seen; of which type it is otherwise is not known")
    if all_are_times(field):
        return SeenType("timestamp")
    if one := type_of_all(field):
        return SeenType(one)
    most = max(field.types, key=lambda name: field.types[name])
    listed = ", ".join(f"{name} {count:,}" for name, count in sorted(field.types.items()))
    return SeenType(_TYPES.get(most, "string"), f"of several types: {listed} of {values:,} values")
