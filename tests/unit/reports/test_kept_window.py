import zlib

import pytest

from offline_observer.errors import ReportError
from offline_observer.formats.json_text import JsonFormat
from offline_observer.reports.kept_window import KeptWindow, from_bytes, to_bytes
from offline_observer.reports.sample_table import sample_columns
from support.reports import facts_of, profile_of, records


def window(mask: tuple[str, ...] = ()) -> KeptWindow:
    values = records(
        {
            "text": f"é{number}",
            "half": "\ud800",
            "number": number * 0.5,
            "huge": 10**400,
            "flag": number % 2 == 0,
            "time": "2024-05-01T12:00:00+02:00",
            "nothing": None,
            "user": {"ip": "192.0.2.77", "mail": "a@example.org"},
        }
        for number in range(50)
    )
    fields = ["text", "half", "number", "huge", "flag", "time", "nothing", "user.ip", "user.mail"]
    profile = profile_of(values, fields, [path for path in fields if path in mask])
    columns, kinds = sample_columns(values, profile, JsonFormat().parse, mask)
    facts = facts_of(50, ranges={0: (0, 20), 3: (7, 37)}, masked=mask, left_out=("x",))
    return KeptWindow(facts=facts, profile=profile, columns=columns, kinds=kinds)


def test_it_comes_back_as_it_was() -> None:
    before = window()
    after = from_bytes(to_bytes(before))
    assert after.facts.ranges == before.facts.ranges
    assert after.facts.start == before.facts.start
    assert (after.columns, after.kinds) == (before.columns, before.kinds)
    assert after.profile == before.profile
    assert to_bytes(after) == to_bytes(before)


def test_what_is_masked_is_not_in_it() -> None:
    for mask in ((), ("user.ip", "user.mail")):
        content = zlib.decompress(to_bytes(window(mask))[1:])
        assert (b"example.org" in content) is (not mask)
        assert (b"192.0.2" in content) is (not mask)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1",
        b"0" + to_bytes(window())[1:],
        to_bytes(window())[:-9],
        b"1" + zlib.compress(b"x"),
        b"<html>",
    ],
)
def test_what_is_none_is_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(ReportError, match=r"no window that this version .* profile that time again"):
        from_bytes(content)
