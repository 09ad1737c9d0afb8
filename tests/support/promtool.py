"""Prometheus's own tool: taken out of Debian's package when it is not installed."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

from offline_observer.demo.jars import cache_folder


def promtool() -> str:
    """Its path; Debian's package is fetched where it is missing. Nothing is installed, and no service is started."""
    if found := shutil.which("promtool"):
        return found
    folder = cache_folder() / "promtool"
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "promtool"
    with FileLock(folder / "fetching.lock"):
        if not program.exists():
            _fetch(program)
    return str(program)


def _fetch(program: Path) -> None:
    with TemporaryDirectory(dir=program.parent) as name:
        for attempt in (1, 2):
            done = subprocess.run(
                ["apt-get", "download", "prometheus"], cwd=name, capture_output=True, check=False, timeout=300
            )
            if done.returncode == 0:
                break
            assert attempt == 1, (
                f"this test needs promtool: apt-get install prometheus: {done.stderr.decode()}"
            )
            subprocess.run(["apt-get", "update"], capture_output=True, check=False, timeout=300)
        (package,) = Path(name).glob("prometheus_*.deb")
        subprocess.run(["dpkg-deb", "-x", package.name, "x"], cwd=name, check=True, timeout=120)
        (Path(name) / "x" / "usr" / "bin" / "promtool").replace(program)


def run_promtool(*arguments: str, text: str | None = None) -> str:
    """What it says; it must be content."""
    done = subprocess.run(
        [promtool(), *arguments], input=text, capture_output=True, text=True, check=False, timeout=60
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said
