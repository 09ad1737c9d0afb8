"""The scenario's compose file, and its services' command lines."""

from pathlib import Path
from typing import Any

import yaml

from offline_observer.config.yaml_values import substitute

ROOT = Path(__file__).parents[2]
VISITS = ROOT / "examples" / "visits"
COMPOSE = VISITS / "compose.yaml"


def services() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return loaded


def words(value: list[str]) -> list[str]:
    """What a container is given of a command line: `$$` is a `$` there."""
    return [substitute(word, {}) for word in value]


def binds(service: dict[str, Any]) -> dict[str, Path]:
    """What of the repository is mounted, by its place in the container."""
    split = [volume.split(":") for volume in service.get("volumes", ())]
    return {target: VISITS / source for source, target, *_ in split if source.startswith(".")}


def broker_properties(ports: dict[int, int]) -> dict[str, str]:
    """The broker's properties as its image makes them of the environment, for a broker on this machine.

    Args:
        ports: By each port that the file names the one to take.
    """
    properties = {}
    for name, value in services()["kafka"]["environment"].items():
        if name.startswith("KAFKA_") and name not in ("KAFKA_HEAP_OPTS", "KAFKA_LOG_DIRS"):
            # The image's rule; none of these has an underscore or a dash, which would be written __ and ___.
            text = str(value).replace("://:", "://127.0.0.1:").replace("kafka:", "127.0.0.1:")
            for port, other in ports.items():
                text = text.replace(f":{port}", f":{other}")
            properties[name.removeprefix("KAFKA_").lower().replace("_", ".")] = text
    return properties
