"""Java artefacts for the demo and the tests: fetched once by jgo, from then on used without a network."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from offline_observer.errors import DemoError

KAFKA = ("org.apache.kafka:kafka_2.13:4.4.0", "org.slf4j:slf4j-simple:1.7.36")
SPARK_KAFKA_CONNECTOR = ("org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0",)


def cache_folder() -> Path:
    """Where downloads are kept: the user's cache folder (`XDG_CACHE_HOME` moves it)."""
    return user_cache_path("offline-observer")


def fetch_jars(coordinates: tuple[str, ...], say: Callable[[str], None]) -> list[Path]:
    """The jars of some Maven artefacts and all that they need.

    Args:
        coordinates: `group:artifact:version`, one or more.
        say: Told what is waited for, when there is something to download.

    Raises:
        DemoError: They cannot be fetched.
    """
    name = "+".join(coordinates)
    folder = cache_folder() / "java"
    listing = folder / f"{name.replace(':', '_')}.json"
    if jars := _listed(listing):
        return jars
    say(f"Fetching {coordinates[0]} and what it needs from Maven Central (once)")
    with alone(folder):
        # Another process may have fetched them meanwhile.
        if jars := _listed(listing):
            return jars
        jars = _resolve(name, folder)
        # Written only after everything is there: a download that was cut short is begun anew.
        partial = listing.with_suffix(".tmp")
        partial.write_text(json.dumps([str(jar) for jar in jars]))
        partial.replace(listing)
    return jars


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Of processes that write into one folder of the cache, one at a time; makes the folder.

    Args:
        folder: The folder.

    Raises:
        DemoError: It cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "writing.lock"):
            yield
    except OSError as error:
        raise DemoError(f"cannot write to {folder}: {error.strerror or error}") from None


def _listed(listing: Path) -> list[Path]:
    """The jars that a listing names; empty when one of them is not there, or it is not."""
    try:
        jars = [Path(jar) for jar in json.loads(listing.read_text())]
    except (OSError, ValueError):
        return []
    return jars if all(jar.is_file() for jar in jars) else []


def _resolve(name: str, folder: Path) -> list[Path]:
    # Imported late: jgo is needed by the demo only, and only until its jars are there.
    from jgo.env import EnvironmentBuilder, LinkStrategy
    from jgo.maven import MavenContext

    logging.getLogger("jgo").setLevel(logging.ERROR)
    try:
        context = MavenContext(repo_cache=folder / "repository")
        builder = EnvironmentBuilder(
            context=context, cache_dir=folder / "environments", link_strategy=LinkStrategy.HARD
        )
        environment = builder.from_endpoint(name, update=True)
    except Exception as error:  # noqa: BLE001 - jgo passes on whatever its own libraries raise
        raise DemoError(
            f"cannot fetch {name} from Maven Central: {error}; check the network and the free space in {folder}"
        ) from None
    jars = sorted([*environment.path.glob("jars/*.jar"), *environment.path.glob("modules/*.jar")])
    if not jars:
        raise DemoError(f"Maven Central gave no jar for {name}; delete {folder} and try again")
    return jars
