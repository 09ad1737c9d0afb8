"""The configuration file."""

from collections.abc import Mapping
from pathlib import Path

from offline_observer.config.model import Config
from offline_observer.config.yaml_file import load_yaml_model


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """Reads the configuration of an observer.

    Args:
        path: The YAML file. Relative paths in it are relative to its folder.
        environment: The variables that `${NAME}` in the file stands for.

    Returns:
        The configuration.

    Raises:
        ConfigError: The file cannot be read, or says something that cannot be. The message has a line for
            each problem.
    """
    return load_yaml_model(path, Config, environment)
