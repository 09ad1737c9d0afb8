"""Consoles that show text as it is: a path with colons or brackets stays what it is."""

from rich.console import Console


class _PlainConsole(Console):
    """A console that leaves it to the program what becomes of it when nobody reads any more."""

    def on_broken_pipe(self) -> None:
        """Rich would exit with 1, which here says that the thing observed is not fine."""
        raise BrokenPipeError


def make_console(*, stderr: bool = False) -> Console:
    """A console whose lines are not broken, and in whose texts nothing is taken for markup."""
    return _PlainConsole(stderr=stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)
