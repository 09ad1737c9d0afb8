"""Alerts of the Spark engine: evaluated on the driver, told once although it is killed."""

import time

import yaml

from offline_observer.journal.alerts import read_alert_states
from support.kafka import Cluster, eventually
from support.spark_observer import MakeObserver
from support.webhook import webhook


def test_what_batches_bring_is_told_once_although_the_driver_dies(
    cluster: Cluster, make_observer: MakeObserver
) -> None:
    topic = cluster.topic(1)
    observer = make_observer(topic)
    with webhook() as receiver:
        content = yaml.safe_load(observer.config.read_text())
        content["alerts"] = [{"name": "unparseable", "when": "unparseable > 2", "every": "1s", "over": "10m"}]
        content["notify"] = {"team": {"url": receiver.url}}
        content["heartbeat"] = f"http://127.0.0.1:{receiver.port}/beat"
        observer.config.write_text(yaml.safe_dump(content))
        cluster.produce(topic, [b"{"] * 3)
        observer.start()
        eventually(lambda: receiver.titles() == ["[firing] unparseable (warn): visits"], 90)
        eventually(lambda: "/beat" in receiver.paths, 10)
        time.sleep(1)
        observer.kill()
        cluster.produce(topic, [b"{"] * 3)
        batches = len(observer.batches())
        observer.start()
        eventually(lambda: len(observer.batches()) > batches, 90)
        time.sleep(3)
        assert [row.state for row in read_alert_states(observer.journal)] == ["firing"]
        assert len(receiver.received) == 1
        code, seconds = observer.terminate()
        assert (code, seconds < 10) == (0, True)
        assert "hunter2" not in observer.log()
