"""What is in the journal comes to a real server, whatever becomes of that: none missing, none twice, none changed."""

import signal
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from offline_observer.clock import SystemClock
from offline_observer.demo.search_release import ELASTICSEARCH_8
from offline_observer.export import sender
from offline_observer.export.exporter import Exporter
from offline_observer.export.exports import Exports
from offline_observer.export.index_template import TEMPLATE_VERSION
from offline_observer.journal.exports import progress_of, read_refused
from offline_observer.journal.journal import Entry, Journal
from offline_observer.stop import Stop
from support.exporting import (
    assert_same,
    away_and_back,
    exporter_of,
    fill,
    missing_kafka_config,
    observation,
    seen,
)
from support.kafka import eventually
from support.program import run_program, start_program
from support.search import MakeSearchServer, SearchCluster
from support.search_proxy import SearchProxy

StartExports = Callable[..., Exports]
BULK = "_bulk"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "observations.db")
    yield made
    made.close()


@pytest.fixture
def start(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartExports]:
    """Starts exporters of the journal, which try again soon."""
    monkeypatch.setattr(sender, "_FIRST_PAUSE", 0.1)
    monkeypatch.setattr(sender, "_LONGEST_PAUSE", 0.5)
    made: list[Exports] = []

    def begin(*exporters: Exporter, **more: Any) -> Exports:
        made.append(Exports(exporters, journal, SystemClock(), more.get("keep")))
        return made[-1]

    yield begin
    for one in made:
        one.close()


@pytest.fixture
def proxy(elasticsearch: SearchCluster) -> Iterator[SearchProxy]:
    with SearchProxy(elasticsearch.url) as made:
        yield made


def arrives(exports: Exports, seconds: float = 60) -> None:
    """Waits until everything has arrived, through whatever goes wrong meanwhile."""
    eventually(lambda: exports.finish(seconds, Stop()), seconds, "all documents")


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
def test_all_documents_arrive_in_indices_of_their_kind_and_month(
    product: str, request: pytest.FixtureRequest, search_prefix: str, journal: Journal, start: StartExports
) -> None:
    cluster: SearchCluster = request.getfixturevalue(product)
    fill(journal, 100)
    exports = start(exporter_of(product, cluster.url, search_prefix + "stats"))
    arrives(exports)
    assert_same(cluster, search_prefix + "stats", journal.path)
    assert cluster.indices(f"{search_prefix}*") == [
        f"{search_prefix}stats-2026.10",
        f"{search_prefix}stats-2026.11",
        f"{search_prefix}stats_partitions-2026.10",
        f"{search_prefix}stats_partitions-2026.11",
    ]
    fields = cluster.done("GET", f"/{search_prefix}stats-2026.11/_mapping")
    mapped = fields[f"{search_prefix}stats-2026.11"]["mappings"]["properties"]
    assert mapped["seconds_behind"] == {"type": "double"}
    assert mapped["invalid_user_id"] == {"type": "long"}
    assert mapped["lag_per_partition"]["properties"]["1"] == {"type": "long"}
    assert mapped["job"]["type"] == "keyword"
    # What comes later comes soon.
    fill(journal, 1, first=100)
    eventually(lambda: seen(cluster, search_prefix + "stats") == 101, 20)
    (health,) = exports.health()
    assert (health.backlog, health.refused, health.error) == (0, 0, None)


def test_what_is_written_anew_replaces_itself(
    elasticsearch: SearchCluster, search_prefix: str, journal: Journal, start: StartExports
) -> None:
    exports = start(exporter_of("elasticsearch", elasticsearch.url, search_prefix + "s"))
    for events in (10, 12):
        journal.append(
            Entry(pipeline="visits", document=observation(0, all_events=events), identity="visits-q-7")
        )
        arrives(exports)
    assert_same(elasticsearch, search_prefix + "s", journal.path)
    assert elasticsearch.documents(search_prefix + "s")["visits-q-7"]["all_events"] == 12


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
def test_a_document_that_is_refused_is_set_aside_and_holds_up_nothing(
    product: str, request: pytest.FixtureRequest, search_prefix: str, journal: Journal, start: StartExports
) -> None:
    cluster: SearchCluster = request.getfixturevalue(product)
    fill(journal, 5)
    bad = journal.append(Entry(pipeline="visits", document=observation(5, max_lag="many")))
    odd = journal.append(Entry(pipeline="visits", document=observation(6, reason="\ud800")))
    fill(journal, 5, first=7)
    exports = start(exporter_of(product, cluster.url, search_prefix + "s"))
    arrives(exports)
    (health,) = exports.health()
    assert health.error is None
    refused = {one.item.identity: one.reason for one in read_refused(journal.path, product)}
    assert bad in refused
    assert "max_lag" in refused[bad]
    assert health.refused == len(refused)
    assert set(refused) <= {bad, odd}, "OpenSearch and Elasticsearch may judge half a character differently"
    assert_same(cluster, search_prefix + "s", journal.path, but=set(refused))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, "es_rejected_execution_exception"),
        (503, "unavailable_shards_exception"),
        (500, "exception"),
        (502, ""),
        (401, "security_exception"),
    ],
)
def test_a_server_that_does_not_take_them_gets_them_later(
    status: int,
    error: str,
    elasticsearch: SearchCluster,
    proxy: SearchProxy,
    search_prefix: str,
    journal: Journal,
    start: StartExports,
) -> None:
    fill(journal, 20)
    body = (
        f'{{"error": {{"type": "{error}", "reason": "not now"}}, "status": {status}}}' if error else "<html>"
    )
    proxy.answer_next(
        8, status, body, path=BULK, headers={"content-type": "application/json"} if error else {}
    )
    exports = start(exporter_of("elasticsearch", proxy.url, search_prefix + "s"))
    eventually(lambda: exports.health()[0].error is not None, 20)
    assert (str(status) if error else "no JSON") in str(exports.health()[0].error)
    assert exports.health()[0].backlog == 60
    arrives(exports)
    assert_same(elasticsearch, search_prefix + "s", journal.path)
    assert exports.health()[0].error is None


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
@pytest.mark.parametrize("status", [200, 302, 400])
def test_what_answers_in_the_server_s_place_refuses_no_document_and_settles_none(
    status: int,
    product: str,
    request: pytest.FixtureRequest,
    search_prefix: str,
    journal: Journal,
    start: StartExports,
) -> None:
    cluster: SearchCluster = request.getfixturevalue(product)
    with SearchProxy(cluster.url) as proxy:
        fill(journal, 20)
        page = {"content-type": "text/html", "x-elastic-product": "Elasticsearch"}
        proxy.answer_next(8, status, "<html>", path=BULK, headers=page)
        exports = start(exporter_of(product, proxy.url, search_prefix + "s"))
        eventually(lambda: exports.health()[0].error is not None, 20)
        assert exports.health()[0].backlog == 60
        arrives(exports)
    assert exports.health()[0].refused == 0
    assert_same(cluster, search_prefix + "s", journal.path)


@pytest.mark.parametrize("where", ["before", "after", "middle"])
def test_a_connection_that_is_cut_loses_nothing_and_doubles_nothing(
    where: Any,
    elasticsearch: SearchCluster,
    proxy: SearchProxy,
    search_prefix: str,
    journal: Journal,
    start: StartExports,
) -> None:
    fill(journal, 50)
    proxy.cut_next(2, where, path=BULK)
    exports = start(exporter_of("elasticsearch", proxy.url, search_prefix + "s", bulk_documents=40))
    arrives(exports)
    assert_same(elasticsearch, search_prefix + "s", journal.path)


def test_a_server_that_is_slow_is_waited_for_and_what_it_did_is_not_doubled(
    elasticsearch: SearchCluster,
    proxy: SearchProxy,
    search_prefix: str,
    journal: Journal,
    start: StartExports,
) -> None:
    fill(journal, 20)
    # More than once: else it may be over before the test has looked.
    proxy.delay_next(3, 3.0, path=BULK)
    exports = start(exporter_of("elasticsearch", proxy.url, search_prefix + "s", timeout="1s"))
    eventually(lambda: "in time" in str(exports.health()[0].error), 20)
    arrives(exports)
    assert_same(elasticsearch, search_prefix + "s", journal.path)


def test_what_is_larger_than_is_taken_goes_in_smaller_bulks_and_then_at_full_size_for_that_server(
    elasticsearch: SearchCluster,
    proxy: SearchProxy,
    search_prefix: str,
    journal: Journal,
    start: StartExports,
) -> None:
    fill(journal, 100)
    proxy.largest = 6_000
    exports = start(exporter_of("elasticsearch", proxy.url, search_prefix + "s"))
    arrives(exports)
    assert_same(elasticsearch, search_prefix + "s", journal.path)
    (health,) = exports.health()
    assert health.refused == 0


def test_a_document_that_is_larger_than_is_taken_is_set_aside(
    elasticsearch: SearchCluster,
    proxy: SearchProxy,
    search_prefix: str,
    journal: Journal,
    start: StartExports,
) -> None:
    fill(journal, 3)
    large = journal.append(Entry(pipeline="visits", document=observation(3, reason="x" * 50_000)))
    fill(journal, 3, first=4)
    # The client packs what it sends: so many letters become few.
    proxy.largest = 1_200
    exports = start(exporter_of("elasticsearch", proxy.url, search_prefix + "s"))
    arrives(exports)
    refused = {one.item.identity for one in read_refused(journal.path, "elasticsearch")}
    assert refused <= {large}
    assert_same(elasticsearch, search_prefix + "s", journal.path, but=refused)


def test_a_full_disk_and_a_closed_index_hold_up_until_they_are_no_more(
    elasticsearch: SearchCluster, search_prefix: str, journal: Journal, start: StartExports
) -> None:
    index = f"{search_prefix}s-2026.10"
    fill(journal, 5)
    exports = start(exporter_of("elasticsearch", elasticsearch.url, search_prefix + "s"))
    arrives(exports)
    for close, mend in (
        (
            lambda: elasticsearch.set(index, blocks__read_only_allow_delete=True),
            lambda: elasticsearch.set(index, blocks__read_only_allow_delete=None),
        ),
        (
            lambda: elasticsearch.done("POST", f"/{index}/_close"),
            lambda: elasticsearch.done("POST", f"/{index}/_open", wait_for_active_shards=1),
        ),
    ):
        close()
        fill(journal, 2, first=10)
        eventually(lambda: exports.health()[0].error is not None, 20)
        assert exports.health()[0].refused == 0, "it is not the documents' fault"
        mend()
        arrives(exports)
        assert_same(elasticsearch, search_prefix + "s", journal.path)


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
def test_a_red_index_holds_up_until_it_is_well(
    product: str, request: pytest.FixtureRequest, search_prefix: str, journal: Journal, start: StartExports
) -> None:
    cluster: SearchCluster = request.getfixturevalue(product)
    index = f"{search_prefix}s-2026.10"
    nowhere = {"index.routing.allocation.require._name": "nobody", "index.number_of_replicas": 0}
    body = {"settings": nowhere, "aliases": {search_prefix + "s": {}}}
    cluster.done("PUT", f"/{index}", body, wait_for_active_shards=0, timeout="1s")
    fill(journal, 5)
    exports = start(exporter_of(product, cluster.url, search_prefix + "s"))
    eventually(lambda: "not active" in str(exports.health()[0].error), 40)
    assert exports.health()[0].refused == 0
    cluster.set(index, routing__allocation__require___name=None)
    arrives(exports)
    assert_same(cluster, search_prefix + "s", journal.path)


def test_an_index_in_the_place_of_the_alias_is_told_of_until_it_is_gone(
    elasticsearch: SearchCluster, search_prefix: str, journal: Journal, start: StartExports
) -> None:
    elasticsearch.done("PUT", f"/{search_prefix}s")
    fill(journal, 2)
    exports = start(exporter_of("elasticsearch", elasticsearch.url, search_prefix + "s"))
    eventually(lambda: exports.health()[0].error is not None, 20)
    assert "same name as the alias" in str(exports.health()[0].error)
    assert exports.health()[0].refused == 0
    elasticsearch.done("DELETE", f"/{search_prefix}s")
    arrives(exports)
    assert_same(elasticsearch, search_prefix + "s", journal.path)


def test_a_template_of_an_older_program_is_brought_up_to_date_and_that_of_a_newer_one_is_left(
    elasticsearch: SearchCluster, search_prefix: str, journal: Journal, start: StartExports
) -> None:
    name = search_prefix + "s"
    path = f"/_index_template/{name}"
    template = {"index_patterns": [f"{name}-*"], "template": {"aliases": {name: {}}}}
    elasticsearch.done("PUT", path, {**template, "version": 0})
    elasticsearch.done("PUT", f"/{name}-2026.10")
    fill(journal, 3)
    exports = start(exporter_of("elasticsearch", elasticsearch.url, name))
    arrives(exports)
    exports.close()
    assert_same(elasticsearch, name, journal.path)
    found = elasticsearch.done("GET", path)["index_templates"][0]["index_template"]
    assert found["version"] == TEMPLATE_VERSION
    mapping = elasticsearch.done("GET", f"/{name}-2026.10/_mapping")[f"{name}-2026.10"]["mappings"]
    assert mapping["properties"]["seconds_behind"] == {"type": "double"}, "the index that was there, too"

    elasticsearch.done("PUT", path, {**template, "version": TEMPLATE_VERSION + 1})
    exports = start(exporter_of("elasticsearch", elasticsearch.url, name))
    fill(journal, 1, first=3)
    arrives(exports)
    found = elasticsearch.done("GET", path)["index_templates"][0]["index_template"]
    assert found["version"] == TEMPLATE_VERSION + 1


def fingerprint(url: str) -> str:
    """Of the certificate that a server shows, as openssl writes it."""
    host, _, port = url.rpartition("/")[2].partition(":")
    certificate = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port))))
    return ":".join(f"{byte:02X}" for byte in sha256(certificate).digest())


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
def test_a_login_in_any_letters_and_an_api_key(
    product: str, request: pytest.FixtureRequest, search_prefix: str, journal: Journal, start: StartExports
) -> None:
    cluster: SearchCluster = request.getfixturevalue(product)
    fill(journal, 3)
    with SearchProxy(cluster.url) as proxy:
        proxy.require_login("jörg", "pässwort")
        login = {"username": "jörg", "password": "pässwort"}
        arrives(start(exporter_of(product, proxy.url, search_prefix + "a", **login)))
        proxy.require_api_key("c2VjcmV0")
        arrives(start(exporter_of(product, proxy.url, search_prefix + "b", api_key="c2VjcmV0\n")))
    for name in ("a", "b"):
        assert_same(cluster, search_prefix + name, journal.path)


def test_an_api_key_a_login_and_tls(
    elasticsearch: SearchCluster, search_prefix: str, journal: Journal, start: StartExports, tmp_path: Path
) -> None:
    with SearchProxy(elasticsearch.url, certificates=tmp_path) as secure:
        secure.require_api_key("c2VjcmV0")
        fill(journal, 3)
        wrong = start(exporter_of("elasticsearch", secure.url, search_prefix + "a"))
        eventually(lambda: "certificate" in str(wrong.health()[0].error), 20)
        wrong.close()
        trusted = {"ca_file": str(tmp_path / "ca.pem")}
        wrong = start(exporter_of("elasticsearch", secure.url, search_prefix + "a", **trusted))
        eventually(lambda: "credentials" in str(wrong.health()[0].error), 20)
        wrong.close()
        right = start(
            exporter_of("elasticsearch", secure.url, search_prefix + "a", **trusted, api_key="c2VjcmV0")
        )
        arrives(right)
        right.close()
        assert_same(elasticsearch, search_prefix + "a", journal.path)
        secure.require_login("observer", "hunter2")
        login = {"username": "observer", "password": "hunter2"}
        right = start(exporter_of("elasticsearch", secure.url, search_prefix + "b", **trusted, **login))
        arrives(right)
        assert_same(elasticsearch, search_prefix + "b", journal.path)
        right.close()
        pinned = exporter_of(
            "elasticsearch", secure.url, search_prefix + "c", ca_fingerprint=fingerprint(secure.url), **login
        )
        right = start(pinned)
        arrives(right)
        assert_same(elasticsearch, search_prefix + "c", journal.path)
        right.close()
        other = exporter_of(
            "elasticsearch", secure.url, search_prefix + "d", ca_fingerprint="ab" * 32, **login
        )
        wrong = start(other)
        eventually(lambda: "ingerprint" in str(wrong.health()[0].error), 20)


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_place_that_was_made_anew_is_sent_everything(
    is_seen: bool,
    make_search_server: MakeSearchServer,
    search_prefix: str,
    journal: Journal,
    start: StartExports,
) -> None:
    first, second = make_search_server(ELASTICSEARCH_8), make_search_server(ELASTICSEARCH_8)
    with SearchProxy(first.url) as proxy:
        fill(journal, 5)
        exports = start(exporter_of("elasticsearch", proxy.url, search_prefix + "s"))
        arrives(exports)
        if is_seen:
            proxy.stop()
            fill(journal, 5, first=5)
            eventually(lambda: exports.health()[0].error is not None, 20)
            proxy.target = second.url
            proxy.start()
        else:
            # Between two documents: no request ever fails.
            proxy.target = second.url
            fill(journal, 5, first=5)
        eventually(lambda: seen(second, search_prefix + "s") == 10, 60)
        assert_same(second, search_prefix + "s", journal.path)


def test_a_server_that_is_away_and_comes_back(
    make_search_server: MakeSearchServer, search_prefix: str, tmp_path: Path
) -> None:
    away_and_back(make_search_server, ELASTICSEARCH_8, tmp_path, search_prefix + "s", 8)


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
@pytest.mark.parametrize("trouble", ["is down", "answers 503", "hangs"])
def test_of_several_nodes_one_that_is_well_is_enough(
    trouble: str,
    product: str,
    request: pytest.FixtureRequest,
    search_prefix: str,
    journal: Journal,
    start: StartExports,
) -> None:
    cluster: SearchCluster = request.getfixturevalue(product)
    with SearchProxy(cluster.url) as bad, SearchProxy(cluster.url) as good:
        if trouble == "is down":
            bad.stop()
        elif trouble == "answers 503":
            bad.answer_next(1_000_000, 503, "<html>")
        else:
            bad.delay_next(1_000_000, 30)
        fill(journal, 20)
        exports = start(exporter_of(product, [bad.url, good.url], search_prefix + "s", timeout="1s"))
        arrives(exports, 20)
        bad.behave()
    assert_same(cluster, search_prefix + "s", journal.path)


def test_an_observer_that_is_killed_at_any_moment_sends_the_rest_when_it_is_started_again(
    elasticsearch: SearchCluster, search_prefix: str, tmp_path: Path
) -> None:
    index = search_prefix + "s"
    journal = Journal(tmp_path / "observations.db")
    fill(journal, 3000)
    journal.close()
    with SearchProxy(elasticsearch.url) as proxy:
        config = missing_kafka_config(tmp_path, proxy.url, index)
        for kill_after in (1, 2, 3):
            proxy.forget()
            # It is killed when the server has done what was asked, and before it can know.
            proxy.delay_next(kill_after, 0.3, path=BULK)
            observer = start_program("run", "-c", str(config), log=tmp_path / "log")
            eventually(lambda: len(proxy.bulk_sizes) >= kill_after, 60)  # noqa: B023 - it is over by then
            observer.kill()
            observer.wait(10)
        assert progress_of(tmp_path / "observations.db", "elasticsearch")[1] > 0, "not everything was sent"
        proxy.behave()
        proxy.forget()
        left = progress_of(tmp_path / "observations.db", "elasticsearch")[1]
        done = run_program("run", "-c", str(config), "--once")
        assert done.returncode == 0, done.stderr
        assert len(proxy.bulk_sizes) <= left // 1000 + 3, "in bulks of full size"
    assert_same(elasticsearch, index, tmp_path / "observations.db")


def test_history_is_sent_again_by_a_command_while_the_observer_runs(
    elasticsearch: SearchCluster, search_prefix: str, tmp_path: Path
) -> None:
    index = search_prefix + "s"
    journal = Journal(tmp_path / "observations.db")
    fill(journal, 200)
    bad = journal.append(Entry(pipeline="visits", document=observation(200, max_lag="many")))
    journal.close()
    config = str(missing_kafka_config(tmp_path, elasticsearch.url, index))
    observer = start_program("run", "-c", config, log=tmp_path / "log")
    try:
        eventually(lambda: seen(elasticsearch, index) > 200, 60)
        elasticsearch.done("DELETE", f"/{index}-2026.11")
        done = run_program("export", "-c", config, "--from", "2026-11-01T00:00:00Z")
        assert done.returncode == 0, done.stderr
        assert "refused" in done.stdout
        again = run_program("export", "-c", config, "--from", "2026-11-01T00:00:00Z", "--to", "elasticsearch")
        assert again.returncode == 0, again.stderr
    finally:
        observer.send_signal(signal.SIGTERM)
        assert observer.wait(20) == 0
    assert_same(elasticsearch, index, tmp_path / "observations.db", but={bad})

    shown = run_program("export", "-c", config)
    assert shown.returncode == 0
    assert bad in shown.stdout
    assert "max_lag" in shown.stdout
    # The operator mends what is wrong: the next month's index takes it.
    elasticsearch.done("DELETE", f"/{index}-2026.11")
    elasticsearch.done(
        "PUT", f"/{index}-2026.11", {"mappings": {"properties": {"max_lag": {"type": "keyword"}}}}
    )
    done = run_program("export", "-c", config, "--refused")
    assert done.returncode == 0, done.stderr
    assert "1 documents sent" in done.stdout
    assert bad in elasticsearch.documents(index)
    assert bad not in run_program("export", "-c", config).stdout


def test_a_command_that_is_told_to_stop_does_not_wait_for_a_request_that_hangs(
    elasticsearch: SearchCluster, proxy: SearchProxy, search_prefix: str, tmp_path: Path
) -> None:
    index = search_prefix + "s"
    with closing(Journal(tmp_path / "observations.db")) as journal:
        fill(journal, 3)
    config = str(missing_kafka_config(tmp_path, proxy.url, index))
    proxy.delay_next(1, 100, path=BULK)
    command = start_program("export", "-c", config, "--from", "2026-01-01T00:00:00Z", log=tmp_path / "log")
    try:
        # The bulk request is what comes after the indices.
        eventually(lambda: len(elasticsearch.indices(f"{index}*")) == 2, 20)
        time.sleep(0.5)
        command.send_signal(signal.SIGINT)
        assert command.wait(5) == 130
    finally:
        command.kill()
        command.wait(10)
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
def test_a_server_s_remarks_are_not_printed(
    product: str, request: pytest.FixtureRequest, search_prefix: str, tmp_path: Path
) -> None:
    cluster: SearchCluster = request.getfixturevalue(product)
    older = f"/_template/{search_prefix}older"
    cluster.done("PUT", older, {"index_patterns": [f"{search_prefix}*"], "order": 1})
    try:
        export = {product: {"url": cluster.url, "index": search_prefix + "s", "replicas": 0}}
        config = missing_kafka_config(tmp_path, cluster.url, search_prefix + "s", export=export)
        done = run_program("run", "-c", str(config), "--once")
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stdout + done.stderr
    finally:
        cluster.done("DELETE", older)
    assert_same(cluster, search_prefix + "s", tmp_path / "observations.db")


def test_whole_indices_are_dropped_when_they_are_older_than_is_kept(
    elasticsearch: SearchCluster, search_prefix: str, tmp_path: Path
) -> None:
    index = search_prefix + "s"
    for name in ("s-2020.01", "s_partitions-2020.02", "s-2020.01-copy", "stranger-2020.01"):
        elasticsearch.done("PUT", f"/{search_prefix}{name}")
    config = missing_kafka_config(tmp_path, elasticsearch.url, index, keep="30d")
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    left = [name.removeprefix(search_prefix) for name in elasticsearch.indices(f"{search_prefix}*")]
    assert "s-2020.01" not in left
    assert "s_partitions-2020.02" not in left
    assert {"s-2020.01-copy", "stranger-2020.01"} <= set(left), "what is not its own stays"


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
def test_an_index_that_is_closed_is_dropped_too(
    product: str, request: pytest.FixtureRequest, search_prefix: str
) -> None:
    cluster: SearchCluster = request.getfixturevalue(product)
    old, closed = f"{search_prefix}s-2020.01", f"{search_prefix}s-2020.02"
    for name in (old, closed):
        cluster.done("PUT", f"/{name}", {"settings": {"index.number_of_replicas": 0}})
    cluster.done("POST", f"/{closed}/_close")
    exporter = exporter_of(product, cluster.url, search_prefix + "s")
    assert exporter.drop_older(datetime(2026, 11, 25, tzinfo=UTC), timedelta(days=30)) == [old, closed]
    exporter.close()


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
def test_names_of_which_one_goes_on_from_another_and_an_index_that_was_made_anew_under_an_alias(
    product: str, request: pytest.FixtureRequest, search_prefix: str, journal: Journal, start: StartExports
) -> None:
    cluster: SearchCluster = request.getfixturevalue(product)
    fill(journal, 5)
    for index in (f"{search_prefix}s", f"{search_prefix}s-eu"):
        arrives(start(exporter_of(product, cluster.url, index)))
        assert_same(cluster, index, journal.path)
    # As an operator does after a mapping was mended: the old name stays, as an alias.
    name = f"{search_prefix}r-2026.10"
    aliases: dict[str, dict[str, str]] = {name: {}, f"{search_prefix}r": {}}
    cluster.done("PUT", f"/{name}-mended", {"aliases": aliases, "settings": {"index.number_of_replicas": 0}})
    arrives(start(exporter_of(product, cluster.url, search_prefix + "r")))
    assert cluster.count(search_prefix + "r") == 5


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
def test_an_ingest_pipeline_that_is_gone_holds_up_until_it_is_back(
    product: str, request: pytest.FixtureRequest, search_prefix: str, journal: Journal, start: StartExports
) -> None:
    cluster: SearchCluster = request.getfixturevalue(product)
    index = f"{search_prefix}s-2026.10"
    settings = {"index.default_pipeline": f"{search_prefix}none", "index.number_of_replicas": 0}
    cluster.done("PUT", f"/{index}", {"aliases": {search_prefix + "s": {}}, "settings": settings})
    fill(journal, 5)
    exports = start(exporter_of(product, cluster.url, search_prefix + "s"))
    eventually(lambda: "does not exist" in str(exports.health()[0].error), 20)
    assert exports.health()[0].refused == 0
    cluster.set(index, default_pipeline=None)
    arrives(exports)
    assert_same(cluster, search_prefix + "s", journal.path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "yesterday"], "--from: expected a time"),
        (["--from", "2026-01-01"], "give the time a zone"),
        (["--from", "2h", "--refused"], "one at a time"),
        (["--to", "opensearch"], "has no exporter 'opensearch'"),
    ],
)
def test_what_the_command_refuses(arguments: list[str], said: str, tmp_path: Path) -> None:
    config = missing_kafka_config(tmp_path, "http://127.0.0.1:9", "s")
    done = run_program("export", "-c", str(config), *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
