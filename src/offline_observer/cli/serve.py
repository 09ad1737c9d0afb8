"""`offline-observer serve`: the page of a journal, whether an observer writes it or not."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from offline_observer.cli.options import config_and_journal
from offline_observer.clock import SystemClock
from offline_observer.config.dashboard import Dashboard, dashboard_problems
from offline_observer.dashboard.watched import PageOf, page_of
from offline_observer.errors import ConfigError
from offline_observer.journal.reading import opened
from offline_observer.journal.trends import read_observer
from offline_observer.journal.upgrade import bring_up_to_date_if_free, say_if_it_takes_long
from offline_observer.stop import stop_on_signals
from offline_observer.web.observer_site import serve_journal

_LOOK_SECONDS = 0.5


def serve(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", help="The configuration that names the journal and the address.", metavar="FILE"
        ),
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="The journal itself.", metavar="FILE")] = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="The address; any other than this machine's needs a token.",
            metavar="HOST",
            show_default="127.0.0.1",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="The port; 0 for any that is free.", min=0, max=65535, metavar="PORT", show_default="8765"
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="OBSERVER_TOKEN",
            help="What a browser is to give as the password; better in the environment, where nobody sees it.",
            metavar="TOKEN",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show a journal as a page in the browser, until stopped. `run` shows its own by itself.

    The journal is only read: an observer may be running meanwhile, here or not.
    """
    page, dashboard = _what(config, journal, host, port, token)
    say_if_it_takes_long(page.journal, typer.echo)
    bring_up_to_date_if_free(page.journal)
    if config is None:
        with opened(page.journal) as (connection, _):
            page = replace(page, name=read_observer(connection) or page.name)
    clock = SystemClock()
    with stop_on_signals() as stop:
        server = serve_journal(page, dashboard, clock)
        try:
            typer.echo(f"page at {server.url}, Ctrl-C stops")
            while not clock.wait(stop, _LOOK_SECONDS):
                pass
        finally:
            server.close()


def _what(
    config: Path | None, journal: Path | None, host: str | None, port: int | None, token: str | None
) -> tuple[PageOf, Dashboard]:
    loaded, path = config_and_journal(config, journal)
    page = page_of(loaded) if loaded else PageOf(name=path.stem, journal=path)
    dashboard = (loaded.dashboard if loaded else None) or Dashboard()
    said: dict[str, object] = {
        name: value for name, value in (("host", host), ("port", port)) if value is not None
    }
    if token is not None and dashboard.token is None:
        said["token"] = SecretStr(token)
    if host == "":
        raise ConfigError("--host: name an address, such as 127.0.0.1")
    whole = dashboard.model_copy(update=said)
    for _, problem in dashboard_problems(whole):
        raise ConfigError(f"{problem} (without a configuration: OBSERVER_TOKEN in the environment)")
    return page, whole
