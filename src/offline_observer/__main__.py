"""The program's start: `offline-observer`, or `python -m offline_observer`.

Little is imported here, so that a Ctrl-C in the first second is met by something that can answer it.
"""

import os
import sys
from typing import TextIO, cast

_INTERRUPTED = 130


def main() -> None:
    """Runs the program and exits with a code of the table in `errors.py`."""
    try:
        # Output that was closed by whoever started the program is not missed.
        sys.stdout = sys.stdout or cast("TextIO", open(os.devnull, "w"))  # noqa: SIM115, PTH123 - for good
        sys.stderr = sys.stderr or cast("TextIO", open(os.devnull, "w"))  # noqa: SIM115, PTH123
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a character shows its number.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        from offline_observer.cli.app import run_command

        code = run_command(sys.argv[1:])
    except KeyboardInterrupt:
        code = _INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
