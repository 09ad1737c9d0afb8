"""Types of arguments in words (pure)."""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

_WORDS: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    list: "list of values",
    dict: "mapping",
}


def type_words(hint: Any) -> str:  # noqa: ANN401 - a type, or what stands for one
    """What an argument of a type has to be, in words.

    Args:
        hint: The annotation of a function's parameter. Of an `Annotated` the first text in it is taken.
    """
    origin = get_origin(hint)
    if origin is Annotated:
        return next(one for one in get_args(hint)[1:] if isinstance(one, str))
    if origin is Literal:
        *others, last = map(str, get_args(hint))
        return f"{', '.join(others)} or {last}" if others else last
    if origin in (Union, UnionType):
        members = [one for one in get_args(hint) if one is not NoneType]
        if int in members and float in members:
            members.remove(int)
        return ", or ".join(map(type_words, members))
    return _WORDS[origin or hint]
