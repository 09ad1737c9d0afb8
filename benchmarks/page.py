"""How long the page takes over a journal of a million rows: a refresh by the view, and until a browser shows something.

Half of the rows are of a job with two partitions, half of one with a thousand. A refresh is a request of the page's own, to the
last byte of its answer. `documents` is what one chart, the errors per minute of 30 days, takes when SQLite adds it up from the
documents themselves, beside `series`, which is how the page reads it. The browser is Debian's Chromium, by chromedriver.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import requests
import typer
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from benchmarks.large_journal import FEW, MANY, make_large_journal
from benchmarks.measuring import AsJson, Rounds, interleaved, ratio, seconds, show
from offline_observer.clock import SystemClock
from offline_observer.config.dashboard import Dashboard
from offline_observer.dashboard.watched import PageOf
from offline_observer.journal.reading import opened
from offline_observer.journal.trends import read_buckets
from offline_observer.web.observer_site import serve_journal

VIEWS = {
    f"{job}_{length}": f"?job={job}_job&range={length}"
    for job in (FEW, MANY)
    for length in ("15m", "1h", "6h", "24h", "7d", "30d")
}
WANTED_REFRESH, WANTED_PAINT = 0.3, 2.0
_DRAWN = "return document.querySelectorAll('#lag .trace').length > 0 && document.querySelectorAll('#ticks .trace').length > 0"
_BY_DOCUMENTS = """
SELECT unixepoch(json_extract(document, '$."@timestamp"')) / 21600 * 21600 AS bucket,
    sum(json_extract(document, '$.invalid_user_id')), sum(json_extract(document, '$.invalid_page')),
    sum(json_extract(document, '$.invalid_event_time')), sum(json_extract(document, '$.invalid_context'))
FROM observations WHERE kind = 'observation' AND pipeline = ? GROUP BY bucket
"""


class Refresh:
    """Asks the page as a browser does."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        (asked,) = self._session.get(f"{url}/_dash-dependencies", timeout=60).json()
        self._output = asked["output"]
        names = (one.rsplit(".", 1) for one in self._output.strip(".").split("..."))
        self._outputs = [{"id": name, "property": part} for name, part in names]

    def __call__(self, search: str) -> int:
        """A refresh; the bytes of its answer."""
        question = {
            "output": self._output,
            "outputs": self._outputs,
            "inputs": [
                {"id": "address", "property": "search", "value": search},
                {"id": "clock", "property": "n_intervals", "value": 1},
            ],
            "changedPropIds": ["clock.n_intervals"],
            # As a browser that has nothing yet: all of it is sent.
            "state": [{"id": "had", "property": "data", "value": None}],
        }
        answer = self._session.post(f"{self._url}/_dash-update-component", json=question, timeout=60)
        answer.raise_for_status()
        return len(answer.content)


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = shutil.which("chromium") or ""
    for option in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--window-size=1400,900",
    ):
        options.add_argument(option)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def seen(url: str, rounds: int) -> dict[str, float]:
    """Seconds until a browser that has nothing of the page yet shows something, and until its charts are drawn."""
    painted: list[float] = []
    drawn: list[float] = []
    with browser() as driver:
        for _ in range(rounds):
            driver.execute_cdp_cmd("Network.clearBrowserCache", {})
            began = time.perf_counter()
            driver.get(f"{url}/?job={FEW}_job&range=24h")
            while not driver.execute_script(_DRAWN) and time.perf_counter() - began < 60:  # noqa: PLR2004
                time.sleep(0.02)
            drawn.append(time.perf_counter() - began)
            paint = "return performance.getEntriesByName('first-contentful-paint')[0].startTime"
            painted.append(float(driver.execute_script(paint)) / 1000)
    return {"first_paint_seconds": round(median(painted), 3), "charts_drawn_seconds": round(median(drawn), 3)}


def by_documents(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return len(connection.execute(_BY_DOCUMENTS, (FEW,)).fetchall())
    finally:
        connection.close()


def by_series(path: Path) -> int:
    end = int(datetime.now(UTC).timestamp())
    with opened(path) as (connection, _):
        return len(read_buckets(connection, FEW, "invalid_field", (end - 30 * 86400, end), 21600, 21600))


def measure(rows: int, rounds: int) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "observations.db"
        began = time.perf_counter()
        count = make_large_journal(path, rows, datetime.now(UTC) + timedelta(seconds=30))
        made = time.perf_counter() - began
        page = PageOf(name="large", journal=path, every=timedelta(seconds=10))
        server = serve_journal(page, Dashboard(port=0), SystemClock())
        try:
            refresh = Refresh(server.url)
            sizes = {name: refresh(search) for name, search in VIEWS.items()}
            taken = interleaved(rounds, {name: lambda s=search: refresh(s) for name, search in VIEWS.items()})  # type: ignore[misc]
            in_browser = seen(server.url, rounds)
        finally:
            server.close()
        ways = interleaved(
            rounds, {"documents": lambda: by_documents(path), "series": lambda: by_series(path)}
        )
        slowest = max(median(times) for times in taken.values())
        return {
            "benchmark": "page",
            "rows": count,
            "bytes": path.stat().st_size,
            "rounds": rounds,
            "made_seconds": round(made, 1),
            "refresh_seconds": {name: round(median(times), 4) for name, times in taken.items()},
            "refresh_bytes": sizes,
            "slowest_refresh_seconds": round(slowest, 4),
            "wanted_refresh_seconds": WANTED_REFRESH,
            **in_browser,
            "wanted_first_paint_seconds": WANTED_PAINT,
            **seconds(ways),
            "documents / series": ratio(ways, "documents", "series"),
        }


def main(
    rows: Annotated[int, typer.Option(min=1000, help="Rows of the journal.")] = 1_000_000,
    rounds: Rounds = 7,
    json_: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Write the JSON object here, too.", dir_okay=False)] = None,
) -> None:
    """Measure the page over a large journal."""
    result = measure(rows, rounds)
    if out:
        out.write_text(json.dumps(result, indent=1) + "\n")
    show(result, as_json=json_)


if __name__ == "__main__":
    typer.run(main)
