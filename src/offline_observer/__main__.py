"""The program's start: `offline-observer`, or `python -m offline_observer`.

Little is imported here, so that a Ctrl-C in the first second is met by something that can answer it.
"""

import os
import sys

from offline_observer.interrupts import HeldInterrupts

_INTERRUPTED = 130


def main() -> None:
    """Runs the program and exits with a code of the table in `errors.py`."""
    try:
        with HeldInterrupts():
            # Output that was closed by whoever started the program is not missed.
            sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, PTH123 - for good
            sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115, PTH123
            for stream in (sys.stdout, sys.stderr):
                # A terminal that cannot show a character shows its number.
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
            from offline_observer.cli.app import run_command

        code = run_command(sys.argv[1:])
    except KeyboardInterrupt:
        code = _INTERRUPTED
    # Python remembers an interrupt that came while text was run as code, as in the making of a dataclass, and would end
    # as if nobody had met it. The next text that is run makes it forget.
    exec("")  # noqa: S102
    sys.exit(code)


if __name__ == "__main__":
    main()
