"""The journal as JSON, for scripts."""

import json
from datetime import datetime, timedelta
from http import HTTPStatus

from offline_observer.clock import Clock
from offline_observer.dashboard.snapshot import read_healths
from offline_observer.dashboard.view import read_moment
from offline_observer.dashboard.watched import PageOf
from offline_observer.journal.alert_text import state_json
from offline_observer.journal.alerts import read_alert_states
from offline_observer.journal.reading import opened
from offline_observer.journal.trends import read_between, read_pipelines
from offline_observer.observation import Document
from offline_observer.time_text import format_time
from offline_observer.web.site import Page, Request, text_page

_JSON = "application/json"
_KINDS = ("observation", "partition", "profile")
_DEFAULT_MOST, _MOST = 100, 10_000
_DEFAULT_BACK = timedelta(hours=1)


class Api:
    """Answers with what the journal holds.

    Args:
        page: What it is about.
        clock: The clock.
    """

    def __init__(self, page: PageOf, clock: Clock) -> None:
        self._page = page
        self._clock = clock

    def jobs(self, _request: Request) -> Page:
        """How each job and each dataset is.

        Raises:
            JournalError: The journal cannot be read.
        """
        now = self._clock.now()
        with opened(self._page.journal) as (connection, _):
            healths = read_healths(connection, self._page, now)
        return _page(
            {
                "at": format_time(now),
                "observer": self._page.name,
                "jobs": [
                    {
                        "pipeline": one.pipeline,
                        "kind": one.kind,
                        "name": one.name,
                        "status": one.status,
                        "reason": one.reason,
                        "since": format_time(one.since),
                        "last_observation": format_time(one.at),
                        "is_fine": one.is_fine,
                        **one.numbers,
                    }
                    for one in healths
                ],
            }
        )

    def alerts(self, _request: Request) -> Page:
        """How each alert is, those that are raised first.

        Raises:
            JournalError: The journal cannot be read.
        """
        return _page({"alerts": [state_json(one) for one in read_alert_states(self._page.journal)]})

    def observations(self, request: Request) -> Page:
        """The newest documents of a time, oldest first.

        Its parameters are `pipeline` (all), `kind` (`observation`), `from` (an hour before), `to` (now) and `limit` (100).

        Raises:
            JournalError: The journal cannot be read.
        """
        try:
            kind, start, end, most = _wanted(request, self._clock.now())
        except ValueError as error:
            return text_page(str(error), HTTPStatus.BAD_REQUEST)
        times = (format_time(start), format_time(end))
        found: list[tuple[str, Document]] = []
        with opened(self._page.journal) as (connection, _):
            named = request.query.get("pipeline")
            for pipeline in [named] if named else read_pipelines(connection):
                newest_first = list(read_between(connection, pipeline, kind, times, most))
                found.extend(reversed(newest_first))
                found.sort(key=lambda one: str(one[1].get("@timestamp")))
                # At once: of many pipelines all of them would be too many.
                del found[:-most]
        return _page({"observations": [{"id": identity, **document} for identity, document in found]})


def _wanted(request: Request, now: datetime) -> tuple[str, datetime, datetime, int]:
    """The kind, the times and the number that are asked for.

    Raises:
        ValueError: One of the parameters is not understood.
    """
    unknown = sorted({*request.query} - {"pipeline", "kind", "from", "to", "limit"})
    if unknown:
        raise ValueError(
            f"there is no parameter {unknown[0][:60]!r}; there are pipeline, kind, from, to, limit"
        )
    kind = request.query.get("kind", "observation")
    if kind not in _KINDS:
        raise ValueError(f"kind is one of {', '.join(_KINDS)}")
    end = _time(request, "to") or now
    start = _time(request, "from") or end - _DEFAULT_BACK
    text = request.query.get("limit", str(_DEFAULT_MOST))
    if not text.isdecimal() or not 1 <= int(text[:9]) <= _MOST:
        raise ValueError(f"limit is a number from 1 to {_MOST}")
    return kind, start, end, int(text)


def _time(request: Request, name: str) -> datetime | None:
    text = request.query.get(name)
    if text is None:
        return None
    # A plus sign in an address is a blank, unless it is written as %2B.
    time = read_moment(text.strip().replace(" ", "+"))
    if time is None:
        raise ValueError(f"{name} is a time such as 2026-01-01T00:00:00Z")
    return time


def _page(value: object) -> Page:
    return Page(json.dumps(value, separators=(",", ":")).encode(), _JSON)
