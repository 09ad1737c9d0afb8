"""Compiles Java sources with the compiler of Eclipse, which is a jar: a Java without `javac` will do."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from offline_observer.demo.jars import fetch_jars
from offline_observer.demo.java import Java
from offline_observer.errors import DemoError

COMPILER = ("org.eclipse.jdt:ecj:3.46.0",)
_COMPILE_SECONDS = 120.0


def compile_java(
    sources: Sequence[Path],
    class_path: Sequence[Path],
    classes: Path,
    java: Java,
    level: int,
    say: Callable[[str], None],
) -> None:
    """Compiles some sources.

    Args:
        sources: The files.
        class_path: The jars that they need.
        classes: The folder for the classes.
        java: The Java that runs the compiler.
        level: The oldest Java that the classes are to run on; not newer than `java`.
        say: Told when the compiler must be fetched first.

    Raises:
        DemoError: They cannot be compiled; the message has what the compiler said.
    """
    (compiler,) = fetch_jars(COMPILER, say)
    command = [
        *(str(java.executable), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", str(compiler)),
        # Not --release, for which a runtime without its development kit lacks a file.
        *("-source", str(level), "-target", str(level), "-encoding", "UTF-8", "-nowarn", "-proc:none"),
        *("-cp", os.pathsep.join(str(jar) for jar in class_path), "-d", str(classes)),
        *(str(source) for source in sources),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - the demo's own program
            command, capture_output=True, text=True, timeout=_COMPILE_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise DemoError(f"the Java compiler cannot be run: {error}") from None
    if done.returncode != 0:
        raise DemoError(
            f"{', '.join(source.name for source in sources)} cannot be compiled:\n{done.stdout}{done.stderr}"
        )
