"""A YAML file as a pydantic model, with errors in plain words that name the file's lines.

Works for any model. A model may do two things for better messages:

- A `ValueError` whose text begins with "expected" gets ", found …" appended. Any other text stays as it is.
- A `LocatedError` says at which value inside the model's own the problem is, and may hold several.

What stands in a field with `repr=False`, and in a `SecretStr`, is never shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from offline_observer.config.yaml_messages import Location, did_you_mean, expected, found, path_text, shown
from offline_observer.config.yaml_values import YamlDocument, list_problems, read_yaml
from offline_observer.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)

FOLDER = "folder"
"""Key of the validation context under which a model finds the folder of its file, a Path."""


class LocatedError(ValueError):
    """Problems at places inside the value that a validator was given.

    Attributes:
        problems: The places, from the validated value inwards, each with its problem.
    """

    def __init__(self, problems: Iterable[tuple[Location, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{path_text(place)}: {text}" for place, text in self.problems))


def load_yaml_model(path: Path, model: type[Model], environment: Mapping[str, str]) -> Model:
    """Reads a YAML file and makes a model of it.

    Args:
        path: The file. Its folder, absolute, is in the validation context under `FOLDER`.
        model: The model. Unknown keys are errors if it forbids them.
        environment: The variables that `${NAME}` stands for.

    Returns:
        The model.

    Raises:
        ConfigError: The file cannot be read, or something in it cannot be. One line of the message for
            each problem, ten at most: `FILE:LINE: path.to.key: what was expected, what stands there`.
    """
    document = read_yaml(path, environment)
    if not isinstance(document.value, dict):
        required = [field.alias or name for name, field in model.model_fields.items() if field.is_required()]
        needed = f"; it must begin with keys and their values: {', '.join(required)}" if required else ""
        if document.value is None:
            raise ConfigError(f"{path}: the file is empty{needed}")
        line = document.line_of(())
        raise ConfigError(f"{path}:{line}: here stands {found(document.value, hidden=True)}{needed}")
    try:
        return model.model_validate(document.value, context={FOLDER: path.absolute().parent})
    except ValidationError as error:
        problems = [problem for details in error.errors() for problem in _problems(details, document, model)]
    # Raised outside the except block, so that no traceback shows the pydantic error with its input.
    raise ConfigError(list_problems(path, _texts(problems)))


@dataclass(frozen=True, slots=True)
class _Problem:
    """What is wrong at one place of a document; `found` is empty where the text needs no such end."""

    place: Location
    line: int
    text: str
    found: str = ""


def _texts(problems: Iterable[_Problem]) -> list[tuple[int, str]]:
    """The problems, each with its line; what each member of a union expected becomes one problem."""
    together: dict[tuple[Location, int, str], list[str]] = {}
    for problem in problems:
        texts = together.setdefault((problem.place, problem.line, problem.found), [])
        if problem.text not in texts:
            texts.append(problem.text)
    result = []
    for (place, line, what), texts in together.items():
        prefix = f"{path_text(place)}: " if place else ""
        if what:
            alternatives = " or ".join(text.removeprefix("expected ") for text in texts)
            result.append((line, f"{prefix}expected {alternatives}, found {what}"))
        else:
            result += [(line, prefix + text) for text in texts]
    return result


def _problems(
    details: ErrorDetails,
    document: YamlDocument,
    model: type[BaseModel],
) -> Iterator[_Problem]:
    """The problems of one pydantic error."""
    kind, value = details["type"], details["input"]
    place = _place(details["loc"], document)
    context = details.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, LocatedError):
        for inner, text in cause.problems:
            yield _problem((*place, *inner), text, document)
    elif kind == "missing":
        # The key does not exist, so its line is that of the mapping that lacks it.
        yield _problem((*place, details["loc"][-1]), "this key is required and missing", document)
    elif kind == "extra_forbidden":
        known, _ = _inside(model, place[:-1])
        yield _problem(place, f"unknown key; {did_you_mean(str(place[-1]), known)}", document)
    elif kind == "too_short" and len(value) >= context["min_length"]:
        # Pydantic counts only the elements that are as they should be. The others have errors of their own.
        return
    else:
        keys, hidden = _inside(model, place)
        text = expected(details, keys)
        what = _found_at(place, value, document, hidden=hidden) if text.startswith("expected ") else ""
        if kind == "string_type" and isinstance(value, (int, float)):
            what += "; put it in quotes"
        yield _problem(place, text, document, what)


def _problem(place: Location, text: str, document: YamlDocument, what: str = "") -> _Problem:
    # A validator may name the index of a value that the file has without a list around it.
    while place and isinstance(place[-1], int) and place not in document.lines:
        place = place[:-1]
    return _Problem(place, document.line_of(place), text, what)


def _place(location: Location, document: YamlDocument) -> Location:
    """The part of a pydantic location that the file has: without names of union members and the like."""
    place: Location = ()
    for part in location:
        if (*place, part) in document.lines:
            place = (*place, part)
    return place


def _found_at(place: Location, value: object, document: YamlDocument, *, hidden: bool) -> str:
    if place in document.written and not hidden:
        return f"{shown(document.written[place])} (its value in the environment is not shown)"
    return found(value, hidden=hidden)


def _inside(model: type[BaseModel], place: Location) -> tuple[list[str], bool]:
    """The keys that a model knows at a place inside it, and whether what stands there is hidden."""
    annotations: list[object] = [model]
    hidden = False
    for part in place:
        inner: list[object] = []
        for option in _options(annotations):
            if _is_model(option):
                for name, field in option.model_fields.items():
                    if part in (name, field.alias):
                        inner.append(field.annotation)
                        hidden = hidden or not field.repr
            elif arguments := get_args(option):
                origin = get_origin(option)
                mapping = isinstance(origin, type) and issubclass(origin, Mapping)
                inner.append(arguments[-1] if mapping else arguments[0])
        annotations = inner
    options = list(_options(annotations))
    keys = [
        field.alias or name
        for option in options
        if _is_model(option)
        for name, field in option.model_fields.items()
    ]
    return keys, hidden or SecretStr in options or SecretBytes in options


def _options(annotations: Iterable[object]) -> Iterator[Any]:
    """The types that the annotations allow, out of their unions."""
    for annotation in annotations:
        origin = get_origin(annotation)
        if origin is Annotated:
            yield from _options(get_args(annotation)[:1])
        elif origin in (Union, UnionType):
            yield from _options(get_args(annotation))
        else:
            yield annotation


def _is_model(option: object) -> bool:
    return isinstance(option, type) and get_origin(option) is None and issubclass(option, BaseModel)
