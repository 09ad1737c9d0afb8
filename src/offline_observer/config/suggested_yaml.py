"""Suggested rules and fields as YAML to paste into a dataset. Needs the extra `profile`."""

import math
from collections.abc import Iterable, Mapping, Sequence
from textwrap import indent as indented
from textwrap import wrap
from typing import Any

import yaml

from offline_observer.config.yaml_values import UNUSABLE, plain_value
from offline_observer.profile.profile import Profile
from offline_observer.profile.seen_types import seen_types
from offline_observer.profile.suggest import Suggestion
from offline_observer.quality.content import printable

# Lines are broken here where they can be, characters.
_WIDTH = 100
# A longer number would be read as a text.
_DIGITS = 19


class _Dumper(yaml.SafeDumper):
    """Writes what the configuration's reader, which knows YAML 1.2, takes for what it was."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - as the library calls it
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    # Of line breaks and the like only double quotes keep all, and YAML 1.1 takes 1e5 for a text.
    is_plain = isinstance(plain_value(text), str)
    style = '"' if not text.isprintable() or text != text.strip() else None if is_plain else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


class _RuleDumper(_Dumper):
    """Writes a list or mapping that holds no other in one line, also where a text in it needs quotes."""

    def represent_sequence(
        self, tag: str, sequence: Iterable[Any], flow_style: bool | None = None
    ) -> yaml.SequenceNode:
        node = super().represent_sequence(tag, sequence, flow_style)
        node.flow_style = all(isinstance(one, yaml.ScalarNode) for one in node.value)
        return node

    def represent_mapping(
        self,
        tag: str,
        mapping: Any,  # noqa: ANN401 - as the library calls it
        flow_style: bool | None = None,
    ) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = all(isinstance(one, yaml.ScalarNode) for _, one in node.value)
        return node


def suggestions_yaml(suggested: Sequence[Suggestion], indent: int = 0) -> str:
    """Suggestions as the entries of a list, to be pasted below `rules:`; each with its evidence as a comment above.

    Args:
        suggested: The suggestions.
        indent: So many spaces stand before each line.

    Returns:
        The text, with a line break at its end; empty for none.

    Raises:
        ValueError: A value cannot stand in a configuration: half of a surrogate pair, a null character, a number that
            is not finite or has too many digits.
    """
    parts: list[str] = []
    for one in suggested:
        parts += _comment(one.evidence)
        parts.append(_dump([_written(one.rule)], indent, _RuleDumper))
    return indented("".join(parts), " " * indent)


def fields_yaml(profile: Profile, indent: int = 0) -> str:
    """The fields of a profile with the types that were seen, as the `fields:` of a dataset.

    A comment stands above a field whose values are of several types, or all null.

    Args:
        profile: The profile.
        indent: So many spaces stand before each line.

    Raises:
        ValueError: A path cannot stand in a configuration.
    """
    types = seen_types(profile)
    if not types:
        return " " * indent + "fields: {}\n"
    parts: list[str] = []
    for path, seen in types.items():
        parts += _comment(seen.doubt)
        parts.append(_dump({_key(path): seen.type}, indent, _Dumper))
    return indented("fields:\n" + indented("".join(parts), "  "), " " * indent)


def _comment(text: str) -> Iterable[str]:
    return [f"# {line}\n" for line in wrap(printable(text.replace("\n", " ")), _WIDTH)]


def _dump(value: object, indent: int, dumper: type[_Dumper]) -> str:
    return yaml.dump(
        value,
        Dumper=dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=max(_WIDTH - indent, _WIDTH // 2),
    )


def _written(value: object) -> object:
    """A value with what the configuration's reader would replace in its texts written so that it stays."""
    if isinstance(value, Mapping):
        return {_key(key): _written(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_written(one) for one in value]
    if isinstance(value, str):
        text = _key(value)
        # In keys nothing is replaced.
        return text.replace("$", "$$") if "${" in text or "$$" in text else text
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"a configuration holds no number such as {value}")
    if isinstance(value, int) and abs(value) >= 10**_DIGITS:
        raise ValueError(f"a configuration holds no number of more than {_DIGITS} digits")
    return value


def _key(text: str) -> str:
    if UNUSABLE.search(text):
        raise ValueError(f"no text of a configuration may hold what {text!a} holds")
    return text
