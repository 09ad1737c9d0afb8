"""YAML files as plain values that remember the lines they stand on, with values of the environment.

The reader is stricter and plainer than PyYAML's own:

- Values are resolved as in the core schema of YAML 1.2: `true`, `null`, decimal numbers. What YAML 1.1
  turns into something else without a word (`yes`, `0123`, `12:30`, `2024-01-01`) stays a text.
- Keys are texts, and a key that stands twice in a mapping is an error.
- `${NAME}` and `${NAME:-default}` in a text are replaced by variables of the environment; `$$` is a `$`.
  This happens after YAML was parsed, so no value can break the syntax.
- Size, depth and what aliases expand to are limited, so no file can hang or break the program.

Messages never hold a value of the environment.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import yaml

from offline_observer.config.yaml_messages import Location, WrittenFloat, shown
from offline_observer.config.yaml_syntax import MAX_DEPTH, compose_yaml, read_text
from offline_observer.errors import ConfigError

MAX_PROBLEMS = 10
"""How many problems of a file one error lists."""

_MAX_VALUES = 50_000

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# Each integer is written in one way only, so that its text can be had back from the number. More digits
# than fit 64 bits, leading zeros and signs stay texts, which a model's number accepts as well.
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")

# A default without braces: nothing nests, and a search ends at the next brace, which keeps it linear.
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}|\$\{")
UNUSABLE = re.compile("[\0\ud800-\udfff]")
"""Finds a character that no text and no key of a file may hold."""

_SAFE_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map"))


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """What a YAML file says.

    Attributes:
        path: The file.
        value: Dictionaries with texts as keys, lists, texts, numbers, truth values and None.
        lines: The line of each value (for a value of a mapping: its key's), from 1. `()` is the whole.
        written: The texts in which something was replaced, as the file has them.
    """

    path: Path
    value: object
    lines: dict[Location, int]
    written: dict[Location, str]

    def line_of(self, location: Location) -> int:
        """The line of a value, or of the nearest value around it that exists."""
        while location not in self.lines:
            location = location[:-1]
        return self.lines[location]


def read_yaml(path: Path, environment: Mapping[str, str]) -> YamlDocument:
    """Reads a YAML file.

    Args:
        path: The file.
        environment: The variables that `${NAME}` stands for.

    Returns:
        The values and their lines. The value of an empty file is None.

    Raises:
        ConfigError: The file cannot be read, is not YAML, has a key twice, or names a variable that is
            not set. The message has a line for each problem: `FILE:LINE: what is wrong`.
    """
    text = read_text(path)
    node = compose_yaml(path, text)
    converter = _Converter(path, environment)
    value = None if node is None else converter.value(node, ())
    if converter.problems:
        raise ConfigError(list_problems(path, list(converter.problems)))
    return YamlDocument(path, value, converter.lines or {(): 1}, converter.written)


def list_problems(path: Path, problems: list[tuple[int, str]]) -> str:
    """Writes problems, each with its line, as the text of one error, in the order of the lines."""
    ordered = sorted(problems, key=lambda problem: problem[0])
    texts = [f"{path}:{line}: {text}" for line, text in ordered[:MAX_PROBLEMS]]
    if len(ordered) > MAX_PROBLEMS:
        texts.append(f"{path}: and {len(ordered) - MAX_PROBLEMS} more")
    return "\n".join(texts)


def substitute(text: str, environment: Mapping[str, str]) -> str:
    """Replaces `${NAME}`, `${NAME:-default}` and `$$` in a text.

    As in a shell, the default also stands in for a variable that is set to an empty text. A value that is
    put in is not searched again. Any other `$` is a `$`.

    Raises:
        ValueError: A variable without a default is not set, a `${` is something else, or a value is no
            text. The message names the variable and holds no value.
    """

    def replacement(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name, default = match["name"], match["default"]
        if name is None:
            raise ValueError(
                "a ${ must begin ${NAME} or ${NAME:-default}, where the default has no braces; "
                "write $${ for the characters themselves",
            )
        value = environment.get(name)
        if default is not None and not value:
            return default.replace("$$", "$")
        if value is None:
            raise ValueError(
                f"the environment variable {name} is not set; "
                f"set it, or give a default: ${{{name}:-default}}",
            )
        if UNUSABLE.search(value):
            raise ValueError(f"the value of the environment variable {name} is not UTF-8")
        return value

    return _VARIABLE.sub(replacement, text)


@dataclass(slots=True)
class _Converter:
    """Turns nodes into values, and collects what is wrong with them."""

    path: Path
    environment: Mapping[str, str]
    lines: dict[Location, int] = field(default_factory=dict)
    written: dict[Location, str] = field(default_factory=dict)
    # Keys only: a node with several aliases is visited several times, and says its problem once.
    problems: dict[tuple[int, str], None] = field(default_factory=dict)
    visited: int = 0

    def value(self, node: yaml.Node, location: Location) -> object:
        self._check_limits(node, len(location))
        self.lines.setdefault(location, _line(node))
        if node.tag not in _SAFE_TAGS:
            text = "tags are not known here; a text that begins with ! must be in quotes"
            self._problem(node, text)
            return None
        if isinstance(node, yaml.MappingNode):
            result = {}
            for key, (line, child) in self._pairs(node, len(location)).items():
                self.lines[*location, key] = line
                result[key] = self.value(child, (*location, key))
            return result
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*location, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, location) if isinstance(node, yaml.ScalarNode) else None

    def _pairs(self, node: yaml.MappingNode, depth: int) -> dict[str, tuple[int, yaml.Node]]:
        """The keys of a mapping with their lines and values; what `<<` merges in comes last."""
        pairs: dict[str, tuple[int, yaml.Node]] = {}
        merged: list[yaml.MappingNode] = []
        merges = False
        for key_node, value_node in node.value:
            self._check_limits(key_node, depth)
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag not in _SAFE_TAGS:
                self._problem(key_node, "a key must be a plain text")
            elif UNUSABLE.search(key_node.value):
                self._problem(key_node, "this key holds a character that no text may hold")
            elif key_node.value in pairs:
                first = pairs[key_node.value][0]
                self._problem(
                    key_node,
                    f"the key {shown(key_node.value)} stands here again; it is in line {first} already",
                )
            else:
                pairs[key_node.value] = (_line(key_node), value_node)
                if key_node.value == "<<" and key_node.style is None:
                    merges = True
                    merged.extend(self._to_merge(value_node))
        if merges:
            del pairs["<<"]
        for mapping in merged:
            self._check_limits(mapping, depth)
            for key, pair in self._pairs(mapping, depth + 1).items():
                pairs.setdefault(key, pair)
        return pairs

    def _to_merge(self, node: yaml.Node) -> list[yaml.MappingNode]:
        children = node.value if isinstance(node, yaml.SequenceNode) else [node]
        mappings = [child for child in children if isinstance(child, yaml.MappingNode)]
        if len(mappings) < len(children):
            self._problem(node, "<< merges a mapping, or a list of mappings, named by an alias such as *name")
        return mappings

    def _scalar(self, node: yaml.ScalarNode, location: Location) -> object:
        text = str(node.value)
        value = plain_value(text) if node.style is None else text  # no style: no quotes and no block
        if not isinstance(value, str):
            return value
        if UNUSABLE.search(text):
            self._problem(node, "this text holds a character that no text may hold")
            return None
        try:
            result = substitute(text, self.environment)
        except ValueError as error:
            self._problem(node, str(error))
            return None
        if result != text:
            self.written[location] = text
        return result

    def _check_limits(self, node: yaml.Node, depth: int) -> None:
        self.visited += 1
        if depth > MAX_DEPTH:
            self._stop(node, f"this is nested more than {MAX_DEPTH} deep; does an alias contain itself?")
        if self.visited > _MAX_VALUES:
            self._stop(node, f"the file holds, with its aliases, more than {_MAX_VALUES} values")

    def _stop(self, node: yaml.Node, text: str) -> NoReturn:
        raise ConfigError(f"{self.path}:{_line(node)}: {text}")

    def _problem(self, node: yaml.Node, text: str) -> None:
        self.problems[_line(node), text] = None


def plain_value(text: str) -> object:
    """What a text without quotes stands for in YAML 1.2's core schema, as far as it is plain."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := WrittenFloat(text)):
        return number
    return text


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
