import pickle
import sys

import pytest

from offline_observer.errors import ConfigError
from offline_observer.formats.format import FormatSettings
from offline_observer.formats.registry import FORMATS, make_format


def test_every_format_is_made() -> None:
    made = {name: make_format(FormatSettings(name, {"url": "mock://made"})) for name in FORMATS}
    assert {name: one.is_json for name, one in made.items()} == {
        "json": True,
        "json_schema_registry": True,
        "avro": False,
    }
    assert all(one.parse(b"\0") is None for one in made.values())


def test_the_default_is_json() -> None:
    assert make_format(FormatSettings()).parse(b'{"a": 1}') == {"a": 1}


def test_settings_go_to_other_processes_and_show_no_secret() -> None:
    settings = FormatSettings("avro", {"url": "http://h", "basic.auth.user.info": "a:hunter2"})
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301
    assert repr(settings) == "FormatSettings(name='avro')"


def test_an_unknown_format() -> None:
    with pytest.raises(ConfigError, match="known are json, json_schema_registry, avro"):
        make_format(FormatSettings("xml"))


def test_properties_that_are_refused() -> None:
    with pytest.raises(ConfigError, match="schema_registry: url: "):
        make_format(FormatSettings("avro"))


@pytest.mark.parametrize("missing", ["fastavro", "confluent_kafka.schema_registry"])
def test_an_extra_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for module in [name for name in sys.modules if name.startswith("offline_observer.formats.avro")]:
        monkeypatch.delitem(sys.modules, module)
    for module in [name for name in sys.modules if name == missing or name.startswith(f"{missing}.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ConfigError) as caught:
        make_format(FormatSettings("avro", {"url": "http://h"}))
    assert missing in str(caught.value)
    assert str(caught.value).endswith("pip install 'offline-observer[schema-registry]'")
    # The others need nothing of it.
    assert make_format(FormatSettings("json_schema_registry")).is_json
