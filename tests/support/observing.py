"""A configuration for a test, and the observer as a process with it."""

from pathlib import Path

import yaml

from support.kafka import Cluster

# For `--once`, which reads for half of it: long enough for a busy machine, and nobody waits for the next tick.
LONG = "60s"


def write_config(
    folder: Path,
    cluster: Cluster,
    *,
    checkpoint: Path | None = None,
    dataset: str | None = None,
    every: str = "1s",
    not_empty: tuple[str, ...] = ("user_id",),
    start_from: str = "earliest",
    stalled_after: str | None = None,
) -> Path:
    """Writes an observer's configuration; its journal is `observations.db` beside it."""
    pipeline: dict[str, object] = {"name": "visits"}
    if checkpoint is not None:
        job = {"name": "passthrough", "checkpoint": str(checkpoint)}
        pipeline["job"] = {**job, "stalled_after": stalled_after} if stalled_after else job
    if dataset is not None:
        pipeline["dataset"] = {
            "topic": dataset,
            "start_from": start_from,
            "rules": [{"not_empty": list(not_empty)}],
        }
    path = folder / "observer.yaml"
    content = {
        "name": "test",
        "every": every,
        "kafka": {"bootstrap.servers": cluster.servers},
        "journal": "./observations.db",
        "pipelines": [pipeline],
    }
    path.write_text(yaml.safe_dump(content))
    return path
