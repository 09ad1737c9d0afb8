"""A real browser without a window and without a network, which opens a file."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import gettempdir

from filelock import FileLock

_SECONDS = 120
# Where names are looked up there is no one, and what would be asked for by an address goes to a port that is closed.
_OFFLINE = ("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9")


def chromium() -> str:
    """Chromium's path; it is installed when it is missing and can be."""
    return program("chromium", "chromium")


def program(name: str, package: str) -> str:
    """A program's path; Debian's package of it is installed when it is missing and can be."""
    found = shutil.which(name)
    if found is None and os.getuid() == 0 and shutil.which("apt-get"):
        with FileLock(Path(gettempdir()) / "tests-apt-get.lock"):
            found = shutil.which(name) or _installed(name, package)
    assert found is not None, f"this test needs {name}: apt-get install {package}"
    return found


def _installed(name: str, package: str) -> str | None:
    for command in (["update"], ["install", "-y", "--no-install-recommends", package]):
        subprocess.run(
            ["apt-get", *command],
            check=False,
            capture_output=True,
            timeout=600,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    return shutil.which(name)


def _run(folder: Path, page: Path, *options: str) -> bytes:
    done = subprocess.run(
        [
            chromium(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={folder / 'browser'}",
            *_OFFLINE,
            *options,
            page.as_uri(),
        ],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_SECONDS,
    )
    return done.stdout


def dom_of(folder: Path, page: Path) -> str:
    """The document that the browser has made of a page, after its scripts have run."""
    return _run(folder, page, "--virtual-time-budget=2000", "--dump-dom").decode()


def screenshot_of(folder: Path, page: Path) -> bytes:
    """A picture of a page, as PNG."""
    path = folder / "screenshot.png"
    _run(folder, page, "--window-size=1200,1600", "--hide-scrollbars", f"--screenshot={path}")
    return path.read_bytes()
