"""Writes the files for Grafana, over its own of an earlier time and over no others."""

import json
from collections.abc import Iterable
from pathlib import Path

import yaml

from offline_observer.errors import ConfigError
from offline_observer.grafana.provisioning import ProvisioningFile, made_by

_WIDTH = 120


def text_of(file: ProvisioningFile) -> str:
    """A file's text: YAML or JSON, by its name."""
    if file.path.endswith(".json"):
        return json.dumps(file.content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    remarks = "".join(f"# {line}\n" for line in file.remarks)
    plain = json.loads(json.dumps(file.content))
    return remarks + yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


def write_files(files: Iterable[ProvisioningFile], folder: Path, observer: str) -> list[Path]:
    """Writes files into a folder, which is made where it is not there.

    A file that is there already is overwritten if it says that this program has made it for the same observer. If one does
    not, nothing is written.

    Args:
        files: The files.
        folder: The folder.
        observer: The observer's name.

    Returns:
        The paths of the files.

    Raises:
        ConfigError: A file is there that somebody else has made, or the folder is none.
        OSError: One cannot be written.
    """
    texts = {folder / file.path: text_of(file) for file in files}
    for path in texts:
        _check(path, observer)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Grafana looks at the folder every few seconds, and must not find half a file.
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    return list(texts)


def _check(path: Path, observer: str) -> None:
    try:
        there = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise ConfigError(f"{path}: the folder for it is a file; choose another folder: --out") from None
    if made_by(observer) not in there:
        raise ConfigError(
            f"{path} is there already, and was not made by offline-observer grafana for {observer}; nothing is written. Choose "
            "another folder, or remove it"
        )


class _Dumper(yaml.SafeDumper):
    """No aliases: each part of a file is written where it stands."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True
