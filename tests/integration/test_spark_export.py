"""The Spark engine with an exporter and a journal that may go with the driver: a batch is done when it has arrived."""

import yaml

from support.exporting import seen
from support.kafka import Cluster, eventually
from support.search import SearchCluster
from support.search_proxy import SearchProxy
from support.spark_observer import MakeObserver, Visits


def test_a_batch_is_committed_only_when_its_observation_has_arrived(
    cluster: Cluster, elasticsearch: SearchCluster, search_prefix: str, make_observer: MakeObserver
) -> None:
    index = search_prefix + "s"
    visits = Visits(cluster, cluster.topic(2))
    visits.write(50)
    observer = make_observer(visits.topic)
    proxy = SearchProxy(elasticsearch.url)
    proxy.start()
    proxy.stop()  # it is away when the observer comes
    content = yaml.safe_load(observer.config.read_text())
    content["spark"].pop("durable_journal")
    content["export"] = {"elasticsearch": {"url": proxy.url, "index": index, "replicas": 0}}
    observer.config.write_text(yaml.safe_dump(content))
    commits = observer.checkpoint / "commits"
    try:
        observer.start()
        eventually(lambda: len(observer.batches()) == 1, 120, "the first batch in the journal")
        assert not any(commits.glob("[0-9]*")), "Spark has not committed it"
        # The driver goes, and its disk with it.
        observer.kill()
        for path in observer.folder.glob("observations.db*"):
            path.unlink()
        proxy.start()
        observer.start()
        eventually(lambda: any(commits.glob("[0-9]*")), 120, "Spark's commit")
        visits.write(30)
        eventually(
            lambda: sum(int(one["all_events"] or 0) for one in found(elasticsearch, index)) == 80,
            90,
            "all records",
        )
        ids = [identity for identity in elasticsearch.ids(index) if identity.startswith("visits-")]
        assert len(ids) == len(set(ids))
        code, seconds = observer.terminate()
        assert code == 0
        assert seconds < 20
    finally:
        proxy.stop()
    assert "Traceback" not in observer.log()


def found(cluster: SearchCluster, index: str) -> list[dict[str, int | None]]:
    """The observations of batches."""
    if not seen(cluster, index):
        return []
    return [one for one in cluster.documents(index).values() if one.get("all_events") is not None]
