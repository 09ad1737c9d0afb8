"""The program as it is where only some of the project's extras are installed.

Libraries that are of none of them cannot be found, as if they were not there. Started as a program: `installed.py EXTRA,EXTRA`,
then the program's own arguments.
"""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib import metadata
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import DistributionFinder
from types import ModuleType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NAME = "offline-observer"


def extras() -> list[str]:
    """The names of the project's extras."""
    return metadata.metadata(NAME).get_all("Provides-Extra") or []


def run_installed(
    installed: Sequence[str], *arguments: str, seconds: float = 90
) -> "subprocess.CompletedProcess[str]":
    """Runs a command where only these extras are installed."""
    return subprocess.run(
        [sys.executable, __file__, ",".join(installed), *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def _distributions(name: str, wanted: frozenset[str]) -> set[str]:
    """A distribution with some extras, and all that it requires, by their canonical names."""
    found: set[tuple[str, frozenset[str]]] = set()
    left = [(canonicalize_name(name), wanted)]
    while left:
        one = left.pop()
        if one in found:
            continue
        found.add(one)
        try:
            required = metadata.requires(one[0]) or []
        except metadata.PackageNotFoundError:
            continue  # for another platform
        for requirement in map(Requirement, required):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in (one[1] or {""})):
                left.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return {name for name, _ in found}


class _Installed:
    """Finds what is installed; takes the place of Python's own finder."""

    def __init__(self, distributions: set[str]) -> None:
        self._hidden = {
            module
            for module, names in metadata.packages_distributions().items()
            if distributions.isdisjoint(map(canonicalize_name, names))
        }

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in self._hidden:
            return None
        return PathFinder.find_spec(name, path, target)

    def find_distributions(self, context: DistributionFinder.Context) -> Iterable[metadata.Distribution]:
        """For libraries that ask for another's version."""
        return PathFinder.find_distributions(context)


def _main() -> None:
    installed = _Installed(_distributions(NAME, frozenset(filter(None, sys.argv[1].split(",")))))
    # This file's folder is not where the program looks.
    sys.path.pop(0)
    sys.meta_path[sys.meta_path.index(PathFinder)] = installed
    sys.argv = [NAME, *sys.argv[2:]]
    from offline_observer.__main__ import main

    main()


if __name__ == "__main__":
    _main()
