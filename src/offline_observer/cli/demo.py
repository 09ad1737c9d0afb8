"""`offline-observer demo`: the visits scenario on this machine."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from offline_observer.cli.console import make_console
from offline_observer.cli.options import duration_option, short_path
from offline_observer.cli.view import show
from offline_observer.config.model import Config
from offline_observer.errors import ConfigError
from offline_observer.stop import stop_on_signals

app = typer.Typer(name="demo", invoke_without_command=True)


@app.callback()
def demo(
    context: typer.Context,
    duration: Annotated[
        str | None,
        typer.Option("--for", help="Stop after observing for this long: 60s, 5m.", metavar="DURATION"),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget what earlier demos in the folder wrote.")
    ] = False,
    data_dir: Annotated[
        Path, typer.Option(help="Folder for all that the demo writes.", metavar="DIR")
    ] = Path("demo-data"),
    port: Annotated[
        int | None,
        typer.Option(
            help="The broker's port; 9092, or a free one when that is taken.",
            metavar="PORT",
            min=1,
            max=65535,
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Generate the same records each time.", metavar="N")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="Records per second, without pauses.", metavar="R", min=0.001, max=1e7),
    ] = None,
    elasticsearch: Annotated[
        bool,
        typer.Option("--elasticsearch", help="Start an Elasticsearch, too, and send the observations there."),
    ] = False,
) -> None:
    """Run the visits scenario here: Kafka, a data generator, a Spark job, and the observer that watches it.

    Everything is real and listens on the loopback interface only. Ctrl-C stops it all.
    """
    if context.invoked_subcommand is not None:
        return
    length = duration_option(duration)
    try:
        from offline_observer.demo.demo import Demo, DemoOptions, StoppedEarlyError
    except ImportError as error:
        raise ConfigError(
            f"the demo needs packages that are not installed ({error.name}): pip install 'offline-observer[demo]'"
        ) from None

    options = DemoOptions(
        data_dir=data_dir,
        fresh=fresh,
        port=port,
        seed=seed,
        rate=rate,
        duration=length,
        elasticsearch=elasticsearch,
    )
    console = make_console()
    with stop_on_signals() as stop:
        running = Demo(options, stop, console.print)
        view = None
        try:
            config = running.start()
            for hint in _hints(config, running.checkpoint, running.job_pid):
                console.print(hint)
            with show(config) as view:
                running.observe(config, view.on_tick, view.note)
        except StoppedEarlyError:
            console.print("Stopped before everything was running")
        finally:
            if running.anything_started:
                console.print("Stopping the job, the generator and the broker")
            running.close()
        if view is not None:
            view.print_summary()


def _hints(config: Config, checkpoint: Path, job_pid: int | None) -> list[str]:
    """Commands to try in another terminal meanwhile."""
    started_as = Path(sys.argv[0])
    if shutil.which("offline-observer"):
        program = "offline-observer"
    elif started_as.name == "__main__.py":
        program = f"{shlex.quote(sys.executable)} -m offline_observer"
    else:
        program = shlex.quote(short_path(started_as.absolute()))
    servers = config.kafka["bootstrap.servers"]
    return [
        "Meanwhile, in another terminal:",
        f"  {program} lag --checkpoint {shlex.quote(short_path(checkpoint))} --bootstrap-servers {servers}",
        f"  {program} observations --journal {shlex.quote(short_path(config.journal))} --last 5",
        f"  kill {job_pid}  # the Spark job: watch its lag grow",
        *_elasticsearch(config),
        *_reports(config),
    ]


def _elasticsearch(config: Config) -> list[str]:
    """Where the observations are."""
    found = config.export.elasticsearch
    return (
        [] if found is None else [f"  curl '{found.url[0]}/{config.index_of(found)}/_search?pretty&size=1'"]
    )


def _reports(config: Config) -> list[str]:
    """Where the reports will be."""
    return [
        "What the data look like, for a browser, from the end of the first window on:\n"
        f"  {short_path(dataset.profile.folder / f'{dataset.topic}_latest.html')}"
        for pipeline in config.pipelines
        if (dataset := pipeline.dataset) and dataset.profile and dataset.profile.folder
    ]


try:
    from offline_observer.cli.generate import generate
except ImportError:  # the packages of the demo are not installed
    pass
else:
    app.command()(generate)
