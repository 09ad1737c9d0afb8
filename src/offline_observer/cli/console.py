"""Consoles that show text as it is: a path with colons or brackets stays what it is."""

from rich.console import Console, RenderableType
from rich.measure import Measurement

_WIDEST = 1000


class PlainConsole(Console):
    """A console that leaves it to the program what becomes of it when nobody reads any more."""

    def on_broken_pipe(self) -> None:
        """Rich would exit with 1, which here says that the thing observed is not fine."""
        raise BrokenPipeError

    def print_whole(self, table: RenderableType) -> None:
        """Prints a table with every cell whole; a narrow terminal breaks the lines."""
        needed = Measurement.get(self, self.options.update(max_width=_WIDEST), table).maximum
        self.width = max(self.width, needed)
        self.print(table)


def make_console(*, stderr: bool = False) -> PlainConsole:
    """A console whose lines are not broken, and in whose texts nothing is taken for markup."""
    return PlainConsole(stderr=stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)
