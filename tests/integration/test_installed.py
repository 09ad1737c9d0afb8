"""Records are read and judged with nothing but what everybody has installed."""

from pathlib import Path

from support.installed import run_installed
from support.kafka import Cluster
from support.observing import LONG, write_config
from support.program import journal_documents
from support.written_checkpoint import WrittenCheckpoint


def test_without_any_extra_records_are_judged_and_the_lag_is_known(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    # So many that they would be scanned where the library for it is there.
    cluster.produce(topic, [b"{}", b'{"user_id":"u"}', b"not json"] * 20_000)
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    checkpoint.batch(0, {topic: {0: 10}})
    config = write_config(tmp_path, cluster, checkpoint=checkpoint.folder, dataset=topic, every=LONG)
    done = run_installed([], "run", "-c", str(config), "--once")
    assert (done.returncode, done.stderr) == (0, "")
    (document,) = journal_documents(tmp_path / "observations.db")
    names = ["all_events", "unparseable", "invalid_user_id", "max_lag"]
    assert [document[name] for name in names] == [60_000, 20_000, 20_000, 59_990]
