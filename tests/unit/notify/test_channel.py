"""A channel on a real receiver: what arrives, and why something does not, without its URL."""

import logging
import smtplib
import subprocess
import sys
from collections.abc import Callable
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from io import StringIO

import pytest

from offline_observer.notify.channel import Channel, DeliveryError, is_usable, secret_parts
from support.webhook import Webhook, webhook


def refusal(channel: Channel) -> str:
    with pytest.raises(DeliveryError) as caught:
        channel.send("t", "b", "firing", "warn")
    return str(caught.value)


def test_what_arrives_is_plain_text_with_a_mark() -> None:
    with webhook() as receiver:
        channel = Channel("team", receiver.url)
        for kind, severity in (
            ("firing", "critical"),
            ("firing", "warn"),
            ("resolved", "critical"),
            ("test", "info"),
        ):
            channel.send("[firing] *a* <b>", "line 1\n_line_ 2 & {x}", kind, severity)
        assert [one["type"] for one in receiver.received] == ["failure", "warning", "success", "info"]
        assert receiver.received[0]["title"] == "[firing] *a* <b>"
        assert receiver.received[0]["message"] == "line 1\n_line_ 2 & {x}"
        assert receiver.paths[0] == "/hunter2-path"


def test_a_reason_is_told_without_the_url(capfd: pytest.CaptureFixture[str]) -> None:
    receiver = Webhook()
    receiver.start()
    url = f"json://admin:hunter2@127.0.0.1:{receiver.port}/hunter2-path?+X-Token=hunter2header"
    channel = Channel("team", url)
    receiver.status = 500
    assert "500" in refusal(channel)
    receiver.stop()
    texts = [refusal(channel), refusal(channel)]
    assert "127.0.0.1" in texts[0], "the host may be told"
    assert "hunter2" not in "".join(texts)
    assert capfd.readouterr() == ("", "")


def test_what_apprise_logs_goes_nowhere() -> None:
    code = (
        "import logging\n"
        "from offline_observer.notify.channel import Channel, DeliveryError, is_usable\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "is_usable('slack://hunter2')\n"
        "try:\n"
        "    Channel('team', 'json://a:hunter2@127.0.0.1:9/hunter2').send('t', 'b', 'firing', 'warn')\n"
        "except DeliveryError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert "127.0.0.1" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert "apprise" not in done.stderr


def test_what_a_library_logs_of_a_request_goes_nowhere_and_what_others_log_with_it_does() -> None:
    said = StringIO()
    handler = logging.StreamHandler(said)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with webhook() as receiver:
            Channel("team", receiver.url).send("t", "b", "firing", "warn")
            assert receiver.paths == ["/hunter2-path"]
        logging.getLogger("urllib3.connectionpool").debug("somebody else's request")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert "hunter2" not in said.getvalue()
    assert "somebody else's request" in said.getvalue()


def test_a_service_that_raises_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel("team", "json://127.0.0.1:9/hunter2-path")

    def notify(**_: object) -> bool:
        raise RuntimeError("odd: json://127.0.0.1:9/hunter2-path\x1b[0m and https://x/y")

    monkeypatch.setattr(channel._service, "notify", notify)
    text = refusal(channel)
    assert text == "RuntimeError: odd: … [0m and …"


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        ("json://127.0.0.1/x", True),
        ("mailto://user:password@example.com", True),
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", True),
        ("http://127.0.0.1/x", False),
        ("slack://x", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_what_apprise_can_make_something_of(url: str, usable: bool) -> None:
    assert is_usable(url) is usable
    if not usable:
        with pytest.raises(ValueError, match="the channel team") as caught:
            Channel("team", url)
        assert not url or url not in str(caught.value)


def test_the_parts_of_a_url_that_are_secret() -> None:
    found = secret_parts("slack://TokenAAA/TokenBBB/TokenCCC?x=y")
    assert {"TokenAAA", "TokenBBB", "TokenCCC"} <= set(found)
    found = secret_parts("mailto://user:pass%21word@example.com")
    assert {"user", "pass%21word", "pass!word"} <= set(found)
    assert "example.com" not in found
    assert secret_parts("http://[broken")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mailto://user:hunter%2F2@example.com", "hunter/2"),
        ("mailto://user:h%40%2Funter@example.com", "h@/unter"),
        ("json://example.com/x?token=hunter+two", "hunter two"),
        ("json://example.com/x?token=hunter%2Btwo", "hunter+two"),
        ("mailto://user:hunter\\two@example.com", repr("hunter\\two")[1:-1]),
        ("mailto://user:hünter@example.com", "h%C3%BCnter"),
    ],
)
def test_a_secret_is_not_told_as_it_was_meant_or_written_otherwise(
    url: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = Channel("team", url)

    def notify(**_: object) -> bool:
        raise RuntimeError(f"not {told} here")

    monkeypatch.setattr(channel._service, "notify", notify)
    assert refusal(channel) == "RuntimeError: not … here"


def test_a_text_is_a_text_also_in_an_email(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[EmailMessage] = []

    class Server:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def sendmail(self, *arguments: object, **__: object) -> None:
            sent.append(message_from_string(str(arguments[2]), policy=default))

        def __getattr__(self, _: str) -> Callable[..., None]:
            return lambda *_, **__: None

    monkeypatch.setattr(smtplib, "SMTP", Server)
    monkeypatch.setattr(smtplib, "SMTP_SSL", Server)
    channel = Channel("team", "mailto://user:hunter2@example.com?to=team@example.com")
    channel.send("title", "line 1\nline <2> & *more*", "firing", "warn")
    (mail,) = sent
    assert mail["Subject"] == "title"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().rstrip() == "line 1\nline <2> & *more*"


def test_a_slack_message_is_plain() -> None:
    channel = Channel("team", "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
    assert channel._service.notify_format == "text"


def test_a_message_that_is_longer_than_a_service_takes_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel("team", "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")
    sent: list[str] = []

    def send(body: str, **_: object) -> bool:
        sent.append(body)
        return True

    monkeypatch.setattr(channel._service, "send", send)
    channel.send("[firing] lag", "the worst\n" + 3000 * "x", "firing", "warn")
    (body,) = sent
    assert body.startswith("the worst\n")
    assert 1000 < len(body) <= 2000


def test_a_message_to_teams_is_not_cut_where_only_apprise_thinks_it_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "https://prod-0.westus.logic.azure.com:443/workflows/643e69f83c8944/triggers/manual/paths/invoke?sig=KODuebWbDG"
    channel = Channel("team", url)
    sent: list[str] = []

    def send(body: str, **_: object) -> bool:
        sent.append(body)
        return True

    monkeypatch.setattr(channel._service, "send", send)
    channel.send("t", 3000 * "x", "firing", "warn")
    assert [len(one) for one in sent] == [3000]
