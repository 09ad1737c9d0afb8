import pytest

from offline_observer.profile.discover import discovered_fields


@pytest.mark.parametrize(
    ("records", "paths"),
    [
        ([], ()),
        ([{}], ()),
        ([{"b": 1, "a": None}], ("b", "a")),
        ([{"a": 1}, {"b": 2, "a": 3}], ("a", "b")),
        ([{"o": {"x": 1, "p": {"y": 2}}, "z": 3}], ("o.x", "o.p.y", "z")),
        # Lists are values, and so is an object in which nothing ever was.
        ([{"l": [{"x": 1}], "e": {}}], ("l", "e")),
        # What is an object in one record is known by what is inside, whatever it is in others.
        ([{"o": None}, {"o": {"x": 1}}, {"o": "text"}], ("o.x",)),
        # Names that no path can have.
        ([{"a.b": 1, "": 2, "\ud800": 3, "c": {"d.e": 1, "f": 2}}], ("c.f",)),
    ],
)
def test_the_paths_are_those_of_the_values(records: list[dict[str, object]], paths: tuple[str, ...]) -> None:
    assert discovered_fields(records) == paths


def test_no_more_paths_than_asked_for() -> None:
    records = [{f"f{number}": number for number in range(100)}]
    assert discovered_fields(records, most=3) == ("f0", "f1", "f2")
