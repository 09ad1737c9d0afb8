"""`offline-observer acknowledge`: the operator knows; the status of a job is again what it is now."""

from pathlib import Path
from typing import Annotated

import typer

from offline_observer.cli.options import config_and_journal
from offline_observer.errors import ConfigError, JournalError
from offline_observer.journal.jobs import acknowledge as write_acknowledgement
from offline_observer.journal.jobs import read_jobs
from offline_observer.lag.incident import Incident
from offline_observer.lag.memory import JobMemory, memory_from_json


def acknowledge(
    job: Annotated[
        list[str] | None,
        typer.Argument(help="The jobs, as the configuration names them.", metavar="JOB", show_default=False),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The configuration that names the journal.", metavar="FILE"),
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="The journal itself.", metavar="FILE")] = None,
    every: Annotated[bool, typer.Option("--all", help="All jobs.")] = False,
) -> None:
    """Take what is past off the status of jobs: records that expired unread, a topic or checkpoint made anew.

    A loss gives the status data_loss for a day, so that nobody misses it. Once it is acknowledged, the status is again
    what it is now. What happens after that is shown as ever. An observer that is running takes it up with its next tick.
    """
    _, path = config_and_journal(config, journal)
    if bool(job) == every:
        raise ConfigError("name the jobs, or all of them with --all")
    known = read_jobs(path)
    for name in job or known:
        if name not in known:
            jobs = ", ".join(known) or "none"
            raise ConfigError(f"the journal {path} has no job {name!r}; jobs that it knows: {jobs}")
    for name in dict.fromkeys(job or known):
        memory = _memory(path, name, *known[name])
        if not memory.open_incidents():
            typer.echo(f"{name}: there is nothing to acknowledge")
            continue
        write_acknowledgement(path, name, memory.next_number - 1)
        for incident in memory.open_incidents():
            typer.echo(f"{name}: acknowledged: {_line(incident)}")


def _memory(path: Path, name: str, text: str, through: int) -> JobMemory:
    try:
        return memory_from_json(text, through)
    except ValueError:
        raise JournalError(
            f"what the journal {path} holds of the job {name} cannot be read; use the program that wrote it"
        ) from None


def _line(incident: Incident) -> str:
    return f"{incident.place}: {incident.sentence()}" if incident.place else incident.sentence()
