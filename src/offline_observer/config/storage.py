"""Options of a checkpoint's filesystem, in the configuration and on the command line.

They hold credentials: nothing here puts a value into a message.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from offline_observer.config.yaml_file import LocatedError
from offline_observer.config.yaml_messages import Location, WrittenFloat
from offline_observer.config.yaml_values import plain_value, substitute

_SET_BY_THE_OBSERVER = frozenset(
    {"asynchronous", "cache_timeout", "dircache", "listings_expiry_time", "loop", "max_paths"}
    | {"skip_instance_cache", "use_listings_cache"}
)
# A credential is a text, also one that looks like a number.
_TEXT = re.compile(r"(?:^|_)(?:key|secret|token|password|user|username|credential|account_name)$|^profile$")
_MOST_DEEP = 10


def _mapping(value: object) -> dict[str, Any]:
    # Checked here, before pydantic does, because nothing that stands under `storage` may be repeated.
    if not isinstance(value, Mapping):
        raise ValueError(  # noqa: TRY004 - pydantic takes no TypeError
            "this must be a mapping of options for the checkpoint's filesystem, such as key: and secret: for s3://",
        )
    return _checked(value)


def _checked(value: Mapping[Any, object]) -> dict[str, Any]:
    if problems := list(_problems(value, ())):
        raise LocatedError(problems)
    return {str(key): _plain(str(key), inner) for key, inner in value.items()}


def _problems(value: Mapping[Any, object], place: Location) -> Iterator[tuple[Location, str]]:
    for key, inner in value.items():
        here = (*place, str(key))
        if not isinstance(key, str) or not key:
            yield here, "an option's name must be a text"
        elif not place and key in _SET_BY_THE_OBSERVER:
            yield here, "the observer sets this option itself: it keeps no listing, and its own connections"
        elif len(place) > _MOST_DEEP:
            yield here, "this is nested too deep for an option"
        elif isinstance(inner, Mapping):
            yield from _problems(inner, here)
        elif not _is_plain(inner):
            yield here, "an option must be a text, a number, true, false, null, a list or a mapping"


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(element) for element in value)
    return value is None or isinstance(value, str | bool | int | float)


def _plain(key: str, value: object) -> object:
    if isinstance(value, Mapping):
        return {inner_key: _plain(inner_key, inner) for inner_key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain("", element) for element in value]
    if isinstance(value, WrittenFloat):
        return value.text if _TEXT.search(key) else float(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and _TEXT.search(key):
        return str(value)
    return value


StorageOptions = Annotated[dict[str, Any], BeforeValidator(_mapping)]
"""Options for fsspec, by name; nested ones as they are."""


def parse_storage(pairs: Iterable[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Options from a command line: `KEY=VALUE`, where dots in a key nest.

    A value is read as in the configuration: `true`, `null` and numbers are such, all else is text, and
    `${NAME}` is taken from the environment, so that a credential need not stand on the command line.

    Args:
        pairs: The options as given.
        environment: The variables that `${NAME}` stands for.

    Returns:
        The options.

    Raises:
        ValueError: One of them is none. The message names keys only.
    """
    options: dict[str, Any] = {}
    for pair in pairs:
        key, found, text = pair.partition("=")
        names = key.split(".")
        if not found or not all(names):
            # What stands there instead may be a secret: it is not repeated.
            raise ValueError(
                "expected KEY=VALUE, where dots in the key nest: client_kwargs.region_name=eu-west-1"
            )
        try:
            substituted = substitute(text, environment)
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from None
        inner = options
        for name in names[:-1]:
            inner = inner.setdefault(name, {})
            if not isinstance(inner, dict):
                raise ValueError(f"{key}: {name} has a value already")  # noqa: TRY004
        if isinstance(inner.get(names[-1]), dict):
            raise ValueError(f"{key}: there are options below it already")  # noqa: TRY004
        # As in the configuration, what comes from the environment stays a text.
        inner[names[-1]] = plain_value(text) if substituted == text else substituted
    try:
        return _checked(options)
    except LocatedError as error:
        raise ValueError(str(error)) from None
