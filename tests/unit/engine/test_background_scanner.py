"""The quick way for many records, as an engine comes to it."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest

from offline_observer.engine.background_scanner import BackgroundScanner
from offline_observer.engine.build import KernelSettings, build_kernel
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.decoding import ChunkDecoder
from offline_observer.quality.kernel import MANY, Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.scanning import Scanner
from offline_observer.quality.times import EPOCH
from offline_observer.scan.scanner import JsonScanner


def wait_for(scanner: BackgroundScanner, seconds: float = 120) -> Scanner:
    until = time.monotonic() + seconds
    while (made := scanner(["a"])) is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    return made


def test_it_is_there_after_a_while() -> None:
    scanner = BackgroundScanner()
    assert scanner(["a"]) is None
    scanned = wait_for(scanner).scan([b'{"a":1}', b"x"], lambda _: None)
    assert scanned is not None
    assert (list(scanned.columns[0]), scanned.bad) == ([1], [1])
    assert isinstance(scanner(["b"]), JsonScanner)


def test_preparations_that_were_stopped_begin_anew() -> None:
    scanner = BackgroundScanner()
    scanner(["a"])
    scanner.stop()
    assert scanner._thread is not None
    scanner._thread.join(60)
    assert not scanner._thread.is_alive()
    wait_for(scanner)


def test_the_end_of_the_process_ends_the_preparations() -> None:
    program = """if True:
        import itertools, sys, time, types
        from offline_observer.engine.background_scanner import BackgroundScanner
        endless = types.ModuleType("endless")
        endless.warm_up = lambda: map(time.sleep, itertools.repeat(0.01))
        endless.JsonScanner = None
        sys.modules["offline_observer.scan.scanner"] = endless
        sys.modules["offline_observer.scan.warm_up"] = endless
        BackgroundScanner()(["a"])
    """
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0


def test_without_numba_there_is_none_and_no_more_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "offline_observer.scan.warm_up", None)
    scanner = BackgroundScanner()
    assert scanner(["a"]) is None
    thread = scanner._thread
    assert thread is not None
    thread.join(60)
    assert scanner(["a"]) is None
    assert scanner._thread is thread


def test_it_is_asked_for_when_there_are_many_records_and_counts_go_on() -> None:
    asked: list[Sequence[str]] = []

    def make(paths: Sequence[str], _: object) -> Scanner | None:
        asked.append(paths)
        return JsonScanner(paths) if len(asked) == 3 else None

    kernel = Kernel(KernelSpec(rules=[Rule("not_empty", "a")]), scanner=make)
    chunk = [json.dumps({"a": "" if number % 10 else "x"}).encode() for number in range(1000)]
    total = kernel.start(EPOCH)
    chunks = MANY // 1000 + 10
    for number in range(chunks):
        assert bool(asked) == (number > MANY // 1000)
        total.add(ValueChunk(chunk, first_offset=number * 1000))
    assert asked == [["a"]] * 3
    summary = total.summary()
    assert (summary.all_events, summary.broken) == (chunks * 1000, {"a.not_empty": chunks * 900})


def test_it_is_not_used_for_what_it_cannot_do() -> None:
    for decoder in (
        ChunkDecoder(["a"], whole=True),
        ChunkDecoder(["a"], parse=lambda _: {}),
        ChunkDecoder(['a"b']),
    ):
        decoder.hurry(pytest.fail)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rules", "has_profile", "is_scanned"),
    [
        (["not_empty"], False, True),
        (["not_empty", "present"], False, False),
        (["not_empty", "present"], True, True),
        ([], True, True),
    ],
)
def test_it_is_used_where_it_is_quicker(rules: list[str], has_profile: bool, is_scanned: bool) -> None:
    settings = KernelSettings(
        spec=KernelSpec(rules=[Rule(name, "a") for name in rules]),
        profile=ProfileSpec(fields=("a",)) if has_profile else None,
    )
    assert (build_kernel(settings).scanner is not None) == is_scanned
