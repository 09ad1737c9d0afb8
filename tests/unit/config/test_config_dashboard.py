from typing import Any

import pytest
from pydantic import ValidationError

from offline_observer.config.dashboard import Dashboard
from offline_observer.config.model import Config


def dashboard(**more: Any) -> Dashboard | None:
    pipeline = {"name": "p", "job": {"name": "j", "checkpoint": "/c"}}
    values = {"name": "v", "kafka": {"bootstrap.servers": "a"}, "pipelines": [pipeline], "dashboard": more}
    return Config.model_validate(values).dashboard


def test_by_itself_only_this_machine_reaches_it() -> None:
    made = dashboard()
    assert made is not None
    assert (made.host, made.port, made.is_local) == ("127.0.0.1", 8765, True)


@pytest.mark.parametrize("host", ["127.0.0.2", "::1", "localhost"])
def test_addresses_of_this_machine_need_no_token(host: str) -> None:
    assert dashboard(host=host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "observer.example"])  # noqa: S104
def test_what_others_can_reach_needs_a_token(host: str) -> None:
    with pytest.raises(ValidationError, match="give it a token"):
        dashboard(host=host)
    assert dashboard(host=host, token="hunter2")  # noqa: S106


def test_what_is_refused() -> None:
    for wrong in ({"port": 70000}, {"port": -1}, {"host": ""}, {"token": " "}, {"tokens": "x"}):
        with pytest.raises(ValidationError) as caught:
            dashboard(**wrong)
        assert "hunter2" not in str(caught.value)
