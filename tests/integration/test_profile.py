"""The numbers of a window, against another tool's over the same records; and nothing is lost or counted twice."""

import json
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
import yaml

from offline_observer.profile.ranks import RANKS
from support.kafka import Cluster, eventually
from support.observing import LONG, write_config
from support.program import journal_documents, run_program, start_program

FIELDS = {
    "user_id": "string",
    "page": "string",
    "amount": "number",
    "event_time": "timestamp",
    "context.ip": "string",
}


def visits(count: int, seed: int) -> list[bytes]:
    random = Random(seed)

    def visit(number: int) -> dict[str, object]:
        record: dict[str, object] = {
            "user_id": f"user_{random.randrange(5000)}",
            "page": f"/articles/{int(40 * random.random() ** 2)}",
            "amount": random.choice([random.gauss(100, 20), random.randrange(500)]),
            "event_time": f"2024-05-06T{number % 24:02}:{number % 60:02}:{number % 59:02}.{number % 1000:03}Z",
            "context": {"ip": f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"},
        }
        if random.random() < 0.1:
            record[random.choice(list(record))] = None
        if random.random() < 0.05:
            del record[random.choice(list(record))]
        if random.random() < 0.05:
            record["page"] = random.choice(["", "  "])
        return record

    return [json.dumps(visit(number)).encode() for number in range(count)]


def with_profile(config: Path, every: str, tick: str = "1s") -> None:
    content = yaml.safe_load(config.read_text())
    content["every"] = tick
    dataset = content["pipelines"][0]["dataset"]
    dataset["fields"] = FIELDS
    dataset["profile"] = {"every": every}
    config.write_text(yaml.safe_dump(content))


def profiles(folder: Path) -> list[dict[str, Any]]:
    return journal_documents(folder / "observations.db", kind="profile")


def table(values: list[bytes]) -> pl.DataFrame:
    rows = [json.loads(value) for value in values]
    for row in rows:
        row["context.ip"] = (row.pop("context", None) or {}).get("ip")
        if row.get("amount") is not None:
            row["amount"] = float(row["amount"])
    types = {path: pl.Float64 if kind == "number" else pl.String for path, kind in FIELDS.items()}
    return pl.DataFrame([{path: row.get(path) for path in FIELDS} for row in rows], schema=types)


def test_the_numbers_are_those_of_polars(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(2)
    values = visits(30_000, 1)
    for partition in (0, 1):
        cluster.produce(topic, values[partition::2], partition=partition)
    cluster.produce(topic, [b"not json", b""])
    config = write_config(tmp_path, cluster, dataset=topic)
    # One window: that of the day, which another length ends.
    with_profile(config, "1d", tick=LONG)
    done = run_program("run", "-c", str(config), "--once")
    assert done.returncode == 0, done.stderr
    assert journal_documents(tmp_path / "observations.db")[-1]["dataset_behind"] == 0
    with_profile(config, "3s")
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    documents = {one["field"]: one for one in profiles(tmp_path)}
    assert set(documents) == set(FIELDS)
    exact = table(values)
    for path, kind in FIELDS.items():
        found, column = documents[path], exact[path]
        filled = column.drop_nulls()
        assert (found["window_records"], found["records"]) == (30_002, 30_000)
        assert found["missing"] + found["null"] == column.null_count()
        assert found["distinct"] == pytest.approx(column.drop_nulls().n_unique(), rel=0.03)
        if kind == "number":
            assert (found["min"], found["max"]) == (filled.min(), filled.max())
            ordered = filled.sort()
            for name, rank in RANKS.items():
                below = ordered.search_sorted(found[name]) / len(ordered)
                assert below == pytest.approx(rank, abs=0.02), name
            continue
        lengths = filled.str.len_chars()
        blank = int((filled.str.strip_chars() == "").sum())
        assert found["blank"] == blank
        assert found["completeness"] == (len(filled) - blank) / 30_000
        assert found["types"] == {"string": len(filled)}
        assert (found["length_min"], found["length_max"]) == (lengths.min(), lengths.max())
        assert found["length_mean"] == pytest.approx(lengths.mean())
        assert (found["first"], found["last"]) == (filled.min(), filled.max())
        if kind == "timestamp":
            assert (found["earliest"], found["latest"]) == (filled.min(), filled.max())
    counts = exact["page"].drop_nulls().value_counts().rows()
    wanted = sorted(((count, page) for page, count in counts), key=lambda one: (-one[0], one[1]))[:10]
    assert [(one["count"], one["value"]) for one in documents["page"]["frequent"]] == wanted


def test_a_killed_observer_goes_on_with_its_window(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    config = write_config(tmp_path, cluster, dataset=topic)
    with_profile(config, "1d")
    journal = tmp_path / "observations.db"
    values = visits(4000, 2)
    for part in range(4):
        cluster.produce(topic, values[part * 1000 : part * 1000 + 1000])
        observer = start_program("run", "-c", str(config), log=tmp_path / f"{part}.log")
        try:
            eventually(
                lambda wanted=1000 * (part + 1): (  # type: ignore[misc]
                    journal.exists()
                    and sum(one["all_events"] or 0 for one in journal_documents(journal)) == wanted
                ),
                30,
                "the records",
            )
        finally:
            observer.kill()
            observer.wait()
    assert profiles(tmp_path) == [], "the day is not over"
    # Another length ends the window under way.
    with_profile(config, "3s")
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    documents = {one["field"]: one for one in profiles(tmp_path)}
    exact = table(values)
    assert {one["window_records"] for one in documents.values()} == {4000}
    assert documents["user_id"]["distinct"] == pytest.approx(
        exact["user_id"].drop_nulls().n_unique(), rel=0.03
    )
    for path in FIELDS:
        assert documents[path]["missing"] + documents[path]["null"] == exact[path].null_count()


def test_drift_is_seen_in_the_window_in_which_it_begins(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    config = write_config(tmp_path, cluster, dataset=topic)
    with_profile(config, "3s")
    random = Random(3)

    def records(user_missing: float, pages: list[str]) -> list[bytes]:
        return [
            json.dumps(
                {
                    "user_id": None if random.random() < user_missing else f"u{random.randrange(50)}",
                    "page": random.choice(pages),
                }
            ).encode()
            for _ in range(2000)
        ]

    before, after = ["PC", "Laptop", "Tablet"], ["PC", "PC", "PC", "Watch"]
    observer = start_program("run", "-c", str(config), log=tmp_path / "observer.log")
    try:
        for number, kind in enumerate((records(0.05, before), records(0.05, before), records(0.5, after)), 1):
            cluster.produce(topic, kind)
            # All of it is in windows that are over: so none of them has some of what comes next.
            eventually(
                lambda most=2000 * number: (  # type: ignore[misc]
                    (tmp_path / "observations.db").exists()
                    and sum(one["records"] for one in profiles(tmp_path) if one["field"] == "page") == most
                ),
                30,
                "the end of the window",
            )
    finally:
        observer.terminate()
        observer.wait()
    documents = profiles(tmp_path)
    drifted = [one for one in documents if one["field"] == "page" and one["new_values"]]
    assert [one["new_values"] for one in drifted] == [["Watch"]]
    assert sorted(drifted[0]["vanished_values"]) == ["Laptop", "Tablet"]
    assert drifted[0]["drift"] > 0.3
    (user,) = [
        one
        for one in documents
        if one["field"] == "user_id" and one["window_start"] == drifted[0]["window_start"]
    ]
    assert user["drift_completeness"] == pytest.approx(-0.45, abs=0.05)
    before_it = [one for one in documents if one["window_start"] < drifted[0]["window_start"]]
    assert all(one["drift"] is None or one["drift"] < 0.1 for one in before_it)
    assert any(one["drift"] is not None for one in before_it)
    shown = [one["drift_max"] for one in journal_documents(tmp_path / "observations.db")]
    assert drifted[0]["drift"] in shown
