"""What the two clients have in common."""

from base64 import b64decode
from typing import Any

import pytest

from offline_observer.config.export import SearchExport
from offline_observer.export.search_server import login_headers

URL = "http://127.0.0.1:9"
WORD = "geheim\u2019"


def settings(**more: Any) -> SearchExport:
    return SearchExport.model_validate({"url": URL, **more})


def test_who_asks_is_said_in_utf_8_whatever_the_letters() -> None:
    assert login_headers(settings()) == {}
    assert login_headers(settings(api_key="c2VjcmV0\n")) == {"authorization": "ApiKey c2VjcmV0"}
    (login,) = login_headers(settings(username="jörg", password=f"{WORD}\n")).values()
    scheme, _, text = login.partition(" ")
    assert scheme == "Basic"
    assert b64decode(text).decode() == f"jörg:{WORD}\n"


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
def test_a_login_in_any_letters_makes_a_client(product: str) -> None:
    made = settings(username="jörg", password=WORD)
    if product == "elasticsearch":
        from offline_observer.export.elasticsearch import ElasticsearchServer

        ElasticsearchServer(made).close()
    else:
        from offline_observer.export.opensearch import OpenSearchServer

        OpenSearchServer(made).close()
