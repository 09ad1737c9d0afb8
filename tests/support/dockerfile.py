"""Reads a Dockerfile: its stages and their instructions."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    """One instruction: `RUN`, and what follows it, on one line."""

    name: str
    text: str

    def exec_form(self) -> list[str]:
        """The program and its arguments; it fails for what a shell would run."""
        arguments: list[str] = json.loads(self.text[self.text.index("[") :])
        assert all(isinstance(argument, str) for argument in arguments)
        return arguments


@dataclass(frozen=True)
class Stage:
    """A stage: what it begins from, and what it does."""

    base: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, name: str) -> list[Instruction]:
        return [one for one in self.instructions if one.name == name]

    def last(self, name: str) -> Instruction:
        return self.all(name)[-1]


def read_dockerfile(path: Path) -> dict[str, Stage]:
    """The stages by name, in the order of the file."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    stages: dict[str, Stage] = {}
    for line in joined.splitlines():
        if not line.strip():
            continue
        name, text = line.strip().split(maxsplit=1)
        if name == "FROM":
            base, stage = re.fullmatch(r"(\S+) AS (\S+)", text).groups()  # type: ignore[union-attr]
            stages[stage] = Stage(base)
        else:
            stages[stage].instructions.append(Instruction(name, " ".join(text.split())))
    return stages
