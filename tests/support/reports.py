"""Reports of records that a test gives, and what stands in a page."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

from offline_observer.engine.build import KernelSettings, build_kernel
from offline_observer.formats.format import FormatSettings
from offline_observer.profile.profile import Profile
from offline_observer.profile.sample import Sample
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.times import EPOCH
from offline_observer.reports.report_task import ReportFacts, ReportTask

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def profile_of(values: Iterable[bytes | None], fields: Sequence[str], masked: Sequence[str] = ()) -> Profile:
    """The numbers of some records, as the observer has them."""
    kernel = build_kernel(KernelSettings(profile=ProfileSpec(fields=fields, sample=0, masked=masked)))
    summary = kernel.summarize([ValueChunk(list(values))], EPOCH)
    assert isinstance(summary.profile, Profile)
    return summary.profile


def facts_of(count: int, **changes: object) -> ReportFacts:
    """What a report of so many records says that it is."""
    facts: dict[str, object] = {
        "dataset": "visits",
        "start": NOON,
        "end": NOON + timedelta(minutes=1),
        "records": count,
        "ranges": {0: (0, count)},
        "sampled": count,
        "shown": count,
    }
    return ReportFacts(**{**facts, **changes})  # type: ignore[arg-type]


def task_of(values: Sequence[bytes], fields: Sequence[str], mask: Sequence[str] = ()) -> ReportTask:
    """A report of some records that is to be made."""
    masked = [
        path
        for path in fields
        if any(f"{path}.".startswith(f"{one}.") or f"{one}.".startswith(f"{path}.") for one in mask)
    ]
    profile = profile_of(values, fields, masked)
    return ReportTask(
        facts=facts_of(len(values), masked=tuple(mask)),
        profile=Profile(fields=profile.fields, sample=Sample(0)),
        values=values,
        format=FormatSettings(),
        mask=tuple(mask),
    )


def records(rows: Iterable[object]) -> list[bytes]:
    """Rows as the values of records."""
    return [json.dumps(row).encode() for row in rows]


class Page(HTMLParser):
    """What one reads in a page: the cells of its tables, line by line, with the id of the part in which they stand."""

    def __init__(self, html: bytes | str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self._cell: list[str] | None = None
        self._hidden = 0
        # Rows by the id of the variable's part, and each variable's name.
        self._part: list[list[str]] | None = None
        self._variables: dict[str, list[list[str]]] = {}
        self.feed(html if isinstance(html, str) else html.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = [(name, value or "") for name, value in attrs]
        self.attributes += [(tag, name, value) for name, value in found or [("", "")]]
        for name, value in found:
            if name == "id" and value.startswith("pp_var_"):
                self._part = []
            if tag == "p" and name == "title" and self._part is not None:
                self._variables[value.strip()] = self._part
        if tag in {"script", "style"}:
            self._hidden += 1
        if tag in {"tr", "td", "th"}:
            self._end_cell()
        if tag == "tr":
            self.rows.append([])
            if self._part is not None:
                self._part.append(self.rows[-1])
        if tag in {"td", "th"}:
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._hidden -= 1
        if tag in {"td", "th", "tr", "table"}:
            self._end_cell()

    def _end_cell(self) -> None:
        if self._cell is not None and self.rows:
            self.rows[-1].append(" ".join("".join(self._cell).split()))
        self._cell = None

    def handle_data(self, data: str) -> None:
        if self._hidden:
            self.scripts.append(data)
            return
        if data.strip():
            self.texts.append(data.strip())
        if self._cell is not None:
            self._cell.append(data)

    def line(self, name: str) -> str:
        """The first line of a table that begins with a name: its second cell."""
        return next(row[1] for row in self.rows if len(row) > 1 and row[0] == name)

    def variables(self) -> dict[str, list[list[str]]]:
        """By the names of variables the lines of their tables."""
        return {name: [row for row in rows if row] for name, rows in self._variables.items()}

    @property
    def observations(self) -> int:
        """The number of observations that the library counted."""
        return int(re.sub(r"\D", "", self.line("Number of observations")))
