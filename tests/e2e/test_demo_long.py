"""Two minutes of the demo, as the numbers that it is to show are stated for."""

import json
from pathlib import Path

import pytest

from support.program import journal_documents, run_program

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def test_the_share_of_faulty_records_over_two_minutes(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    done = run_program("demo", "--for", "2m", "--data-dir", str(folder), seconds=400)
    assert (done.returncode, done.stderr) == (0, "")
    documents = journal_documents(folder / "observations.db")
    assert len(documents) == 13
    total = {
        key: sum(document[key] for document in documents)
        for key in documents[0]
        if key == "all_events" or key.startswith("invalid_")
    }
    shares = {key: count / total["all_events"] for key, count in total.items() if key != "all_events"}
    unparseable = sum(document["unparseable"] for document in documents) / total["all_events"]
    print(json.dumps({"records": total["all_events"], "unparseable": unparseable, **shares}))
    assert total["all_events"] > 400
    for field in ("event_time", "user_id", "page"):
        assert 0.03 <= shares[f"invalid_{field}"] <= 0.09
    assert 0.002 <= unparseable <= 0.025


def test_under_load_the_observer_keeps_up(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    done = run_program(
        "demo", "--for", "1m", "--rate", "5000", "--seed", "4", "--data-dir", str(folder), seconds=400
    )
    assert (done.returncode, done.stderr) == (0, "")
    documents = journal_documents(folder / "observations.db")
    print(json.dumps([[d["all_events"], d["dataset_behind"], d["max_lag"]] for d in documents]))
    assert sum(document["all_events"] for document in documents) > 200_000
    assert documents[-1]["dataset_behind"] == 0
