"""What one sees of a running observer: a calm live table, or a plain line per tick where there is no terminal."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import wrap
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from offline_observer.cli import document_text
from offline_observer.cli.console import make_console
from offline_observer.cli.export_text import ExportNews, export_remarks
from offline_observer.cli.lag_text import STATUS_STYLES
from offline_observer.cli.options import short_path
from offline_observer.cli.tally import Tally
from offline_observer.config.model import Config
from offline_observer.observation import Document
from offline_observer.observer import Tick

_LEAST_ROWS = 5
# Lines of the screen that are not rows: title, headings, remarks and a little air.
_OTHER_LINES = 9


class View(Protocol):
    """Shows ticks as they come."""

    def on_tick(self, tick: Tick) -> None:
        """Shows one tick."""

    def note(self, text: str) -> None:
        """Shows a sentence."""

    def print_summary(self) -> None:
        """Shows what all ticks came to."""


class _Base:
    def __init__(self, config: Config, console: Console) -> None:
        self._config = config
        self._console = console
        self._tally = Tally()

    def print_summary(self) -> None:
        for line in self._tally.lines(self._config.journal):
            self._console.print(line)


class PlainView(_Base):
    """One line per observation."""

    def __init__(self, config: Config, console: Console) -> None:
        super().__init__(config, console)
        self._export_news = ExportNews()

    def on_tick(self, tick: Tick) -> None:
        """Prints the tick's observations."""
        self._tally.add(tick)
        for document in tick.documents:
            self.note(document_text.line(document))
        for error in tick.errors:
            self.note(f"not written: {error}")
        for health in tick.exports:
            for sentence in self._export_news.of(health):
                self.note(sentence)

    def note(self, text: str) -> None:
        """Prints a sentence. That a log's disk is full ends nothing; that its reader has gone does."""
        try:
            self._console.print(text)
        except BrokenPipeError:
            raise
        except OSError:
            return


class LiveView(_Base):
    """A table that grows to the height of the screen, and what there is to say of the newest tick below it."""

    def __init__(self, config: Config, console: Console, live: Live) -> None:
        super().__init__(config, console)
        self._live = live
        self._documents: deque[Document] = deque(maxlen=max(_LEAST_ROWS, console.height - _OTHER_LINES))
        self._newest: Tick | None = None
        self._draw()

    def on_tick(self, tick: Tick) -> None:
        """Redraws the table with the tick's observations."""
        self._tally.add(tick)
        self._documents.extend(tick.documents)
        self._newest = tick
        self._draw()

    def note(self, text: str) -> None:
        """Prints a sentence above the table."""
        self._live.console.print(text)

    def _draw(self) -> None:
        every = f"{self._config.every.total_seconds():g} s"
        title = Text.assemble(
            (f"{self._config.name}", "bold"), f"  every {every}, journal {short_path(self._config.journal)}"
        )
        parts: list[Text | Table] = [title]
        parts.append(self._table() if self._documents else Text("waiting for the first observation"))
        lines = (line for remark in self._remarks() for line in wrap(remark, self._console.width - 1))
        parts.extend(Text(line, style="yellow") for line in lines)
        parts.append(Text("Ctrl-C stops", style="dim"))
        self._live.update(Group(*parts), refresh=True)

    def _table(self) -> Table:
        headings = document_text.columns(self._documents)
        if len(self._config.pipelines) == 1:
            headings.remove("pipeline")
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in headings:
            left = heading.startswith(("time", "pipeline", "status", "lag"))
            table.add_column(heading, justify="left" if left else "right", no_wrap=True, vertical="bottom")
        for document in self._documents:
            style = STATUS_STYLES.get(str(document.get("job_status")), "")
            cells = document_text.row(document, headings)
            table.add_row(
                *(Text(c, style if h == "status" else "") for h, c in zip(headings, cells, strict=True))
            )
        return table

    def _remarks(self) -> list[str]:
        if self._newest is None:
            return []
        found = [f"not written: {error}" for error in self._newest.errors]
        for document in self._newest.documents:
            several = len(self._config.pipelines) > 1
            prefix = f"{document['pipeline']}: " if several else ""
            found.extend(prefix + remark for remark in document_text.remarks(document))
        for health in self._newest.exports:
            found.extend(export_remarks(health))
        return found


@contextmanager
def show(config: Config) -> Iterator[View]:
    """The view that fits where the output goes."""
    console = make_console()
    if not console.is_terminal:
        yield PlainView(config, console)
        return
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        yield LiveView(config, console, live)
