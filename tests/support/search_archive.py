"""An archive of a search server's classes, with which it starts in half the time: the tests start many."""

import time
from hashlib import sha256
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from offline_observer.demo.jars import alone, cache_folder
from offline_observer.demo.java import Java
from offline_observer.demo.search_program import SearchProgram
from offline_observer.demo.search_server import SearchServer

_DUMP_SECONDS = 120.0
_KEPT_SECONDS = 7 * 24 * 3600
"""After the last use."""
_JSON = {"Content-Type": "application/json"}


def archive_options(program: SearchProgram, java: Java) -> tuple[str, ...]:
    """The Java options that use the archive, which is made when there is none yet.

    None where this Java cannot make one: it lacks the archive of its own classes, on which another is built.
    """
    base = java.home / "lib" / "server" / "classes.jsa"
    if not base.is_file():
        return ()
    folder = cache_folder() / "java" / "archives"
    release = f"{program.release.product.lower()}-{program.release.version}"
    archive = folder / f"{release}-{_fingerprint([base, *program.class_path])}.jsa"
    if not archive.is_file():
        with alone(folder):
            if not archive.is_file():
                _remove_unused(folder)
                _make(program, java, archive)
    archive.touch()
    return (f"-XX:SharedArchiveFile={archive}",) if archive.stat().st_size else ()


def _fingerprint(files: list[Path]) -> str:
    """Another one when Java would not take the archive: it looks at names, sizes and times as well."""
    seen = [f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files]
    return sha256("\n".join(seen).encode()).hexdigest()[:16]


def _remove_unused(folder: Path) -> None:
    """Each has 80 MB, and other clones of the repository may use theirs."""
    for archive in folder.glob("*.jsa"):
        if time.time() - archive.stat().st_mtime > _KEPT_SECONDS:
            archive.unlink()


def _make(program: SearchProgram, java: Java, archive: Path) -> None:
    """Lets a server do something of what the tests will want of it, and Java write down what it has loaded."""
    partial = archive.with_suffix(".tmp")
    partial.unlink(missing_ok=True)
    with TemporaryDirectory() as folder:
        options = (f"-XX:ArchiveClassesAtExit={partial}",)
        server = SearchServer(Path(folder), 0, java, program, options=options)
        try:
            server.start()
            _use(server.url)
        finally:
            server.stop(_DUMP_SECONDS)
    # Empty when Java has written none: it will not at the next time, either.
    partial.touch()
    partial.replace(archive)


def _use(url: str) -> None:
    lines = '{"index": {"_index": "used", "_id": "1"}}\n{"at": "2026-01-01", "name": "a"}\n'
    requests.post(f"{url}/_bulk?refresh=true", lines, headers=_JSON, timeout=30)
    days = {"date_histogram": {"field": "at", "calendar_interval": "day"}}
    names = {"terms": {"field": "name.keyword"}, "aggs": {"days": days}}
    requests.post(f"{url}/used/_search", dumps({"aggs": {"names": names}}), headers=_JSON, timeout=30)
