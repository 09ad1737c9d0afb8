"""From a file to the nodes of YAML, or to a message that says where it is not YAML."""

from pathlib import Path

import yaml

from offline_observer.errors import ConfigError

MAX_DEPTH = 40
"""How deep values may be nested."""

_MAX_BYTES = 512 * 1024


def read_text(path: Path) -> str:
    """Reads a UTF-8 file.

    Raises:
        ConfigError: The file is not there, not readable, too large, or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; check the path") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: this is a folder; give the path of the YAML file itself") from None
    except PermissionError:
        raise ConfigError(f"{path}: this user may not read the file; change its permissions") from None
    except (OSError, ValueError) as error:  # a path with a null character is a ValueError
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{path}: the file cannot be read: {reason}") from None
    if len(content) > _MAX_BYTES:
        raise ConfigError(f"{path}: the file is larger than {_MAX_BYTES // 1024} KiB; is it the right one?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: this is not UTF-8; save the file as UTF-8 text") from None


class _Loader(yaml.BaseLoader):
    """PyYAML's parser, which makes nothing but texts, with a limit on depth."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            problem = f"this is nested more than {MAX_DEPTH} deep"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=self.get_mark())
        event = self.peek_event()  # type: ignore[no-untyped-call]
        node = super().compose_node(parent, index)
        if isinstance(event, yaml.ScalarEvent) and event.tag and isinstance(node, yaml.ScalarNode):
            node.style = "'"  # !!str 5 says what '5' says
        self.depth -= 1
        return node


def compose_yaml(path: Path, text: str) -> yaml.Node | None:
    """Parses a text into nodes, every one a text, list or mapping; None when it holds nothing.

    Raises:
        ConfigError: The text is not YAML. The message is `FILE:LINE:COLUMN: what is wrong`, and does not
            repeat what stands there.
    """
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        problem = f"the character {text[error.position]!a} is not allowed in YAML"
        raise ConfigError(f"{path}:{line}:{column}: {problem}") from None
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or loader.get_mark()
        problem = _syntax_problem(error)
        if text[mark.index - 1 : mark.index + 1] == "${":
            problem = "between [ ] or { } a text with ${NAME} must be in quotes"
    except (ValueError, OverflowError):  # PyYAML lets chr() refuse an escape such as "\UFFFFFFFF"
        mark = loader.get_mark()
        problem = "this escape stands for no character"
    # Raised outside the except blocks, so that PyYAML's error, which repeats the text, is not its context.
    raise ConfigError(f"{path}:{mark.line + 1}:{mark.column + 1}: {problem}")


def _syntax_problem(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "this is not YAML"
    # PyYAML repeats the names of aliases, anchors and tags. What looks like one may be a password that
    # begins with * or & or !, so these messages are replaced.
    for word, sign in (("alias", "*"), ("anchor", "&"), ("tag", "!")):
        if word in f"{problem} {error.context}":
            return f"this {word} cannot be understood; a text that begins with {sign} must be in quotes"
    if r"'\t'" in problem:
        return "there is a tab where YAML allows only spaces; indent with spaces"
    if problem.startswith("mapping values"):
        return "a second colon in one line, or a line indented too far; a text with ': ' must be in quotes"
    if problem == "but found another document":
        return "a second document begins here (---); the file must be one document"
    context = f"{error.context}: " if error.context else ""
    if context and error.context_mark is not None:
        context = f"{error.context} that begins in line {error.context_mark.line + 1}: "
    return f"this is not YAML: {context}{problem}"
