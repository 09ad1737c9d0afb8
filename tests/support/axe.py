"""axe-core, which finds what keeps people out of a page: https://github.com/dequelabs/axe-core."""

import base64
import hashlib
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filelock import FileLock

from offline_observer.demo.jars import cache_folder
from support.browser import program
from support.page import Page

_VERSION = "4.11.0"
_SHA512 = "ilYanEU8vxxBexpJd8cWM4ElSQq4QctCLKih0TSfjIfCQTeyH/6zVrmIJfLPrKTKJRbiG+cfnZbQIjAlJmF1jQ=="


def _script() -> str:
    """The library, fetched by npm when it is not here."""
    folder = cache_folder() / "axe-core"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"axe-{_VERSION}.min.js"
    with FileLock(folder / "fetching.lock"):
        if not path.exists():
            _fetch(path)
    return path.read_text()


def _fetch(path: Path) -> None:
    with TemporaryDirectory(dir=path.parent) as name:
        done = subprocess.run(
            [program("npm", "npm"), "pack", f"axe-core@{_VERSION}", "--silent"],
            cwd=name,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == 0, done.stderr
        package = Path(name) / done.stdout.split()[-1]
        found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
        assert found == _SHA512, f"another axe-core than is known: {found}"
        with tarfile.open(package) as archive:
            archive.extract("package/axe.min.js", name, filter="data")
        (Path(name) / "package" / "axe.min.js").replace(path)


def serious_faults(page: Page) -> list[str]:
    """What axe-core finds that is serious or worse: its name, and where it is."""
    # Not by a script element: the page's own policy lets none in.
    page.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": _script()})
    found: dict[str, Any] = page.driver.execute_async_script(
        "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(done)"
    )
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: {fault['nodes'][0]['html'][:300]} and {len(fault['nodes']) - 1} more"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
