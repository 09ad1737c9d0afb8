from importlib import util
from pathlib import Path

import pytest
import yaml

from offline_observer.cli.app import run_command

CONFIG = """\
name: visits
kafka: {bootstrap.servers: a}
pipelines: [{name: p, job: {name: j, checkpoint: /c}}]
"""


def run(folder: Path, config: str = CONFIG, *more: str, out: str = "out") -> int:
    (folder / "o.yaml").write_text(config)
    return run_command(["grafana", "-c", str(folder / "o.yaml"), "--out", str(folder / out), *more])


def index(folder: Path) -> str:
    sources = yaml.safe_load((folder / "out/provisioning/datasources/visits.yaml").read_text())
    name: str = sources["datasources"][0]["jsonData"]["index"]
    return name


def test_the_files_are_named_and_the_next_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = 'export: {elasticsearch: {url: "http://h:9200"}}\n'
    assert run(tmp_path, CONFIG + export) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert len(lines) == 5
    assert all(Path(line).is_file() for line in lines)
    assert f"GF_PATHS_PROVISIONING={tmp_path}/out/provisioning" in printed.err
    assert index(tmp_path) == "visits_observation_stats"


def test_an_index_may_be_named(tmp_path: Path) -> None:
    assert run(tmp_path, CONFIG, "--index", "mine") == 0
    assert index(tmp_path) == "mine"
    export = 'export: {elasticsearch: {url: "http://h:9200", index: theirs}}\n'
    assert run(tmp_path, CONFIG + export) == 0
    assert index(tmp_path) == "theirs"
    assert run(tmp_path, CONFIG + export, "--index", "mine") == 0
    assert index(tmp_path) == "mine"


@pytest.mark.parametrize(
    ("export", "variables"),
    [
        ("", "$ELASTICSEARCH_URL"),
        (
            ", username: u, password: p",
            "$ELASTICSEARCH_URL, $ELASTICSEARCH_USERNAME, $ELASTICSEARCH_PASSWORD",
        ),
        (", api_key: k", "$ELASTICSEARCH_URL, $ELASTICSEARCH_API_KEY"),
        (", ca_file: c.pem", "$ELASTICSEARCH_URL, $ELASTICSEARCH_CA_CERT"),
        (f", ca_fingerprint: {'ab' * 32}", "$ELASTICSEARCH_URL, $ELASTICSEARCH_CA_CERT"),
    ],
)
def test_what_grafana_needs_to_be_let_in_is_named_and_not_written(
    tmp_path: Path, export: str, variables: str
) -> None:
    assert run(tmp_path, CONFIG + f'export: {{elasticsearch: {{url: "https://h"{export}}}}}\n') == 0
    text = (tmp_path / "out/provisioning/datasources/visits.yaml").read_text()
    assert text.splitlines()[1] == f"# From Grafana's environment: {variables}"
    assert "https://h" not in text


def test_without_an_exporter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 2
    said = capsys.readouterr().err
    assert said == (
        "error: Grafana shows what is in Elasticsearch, and the configuration sends nothing there; add export: "
        '{elasticsearch: {url: "http://localhost:9200"}}, or name the index that it is to show: --index NAME\n'
    )
    assert run(tmp_path, CONFIG + 'export: {opensearch: {url: "http://h:9200"}}\n') == 2
    assert "OpenSearch has a data source of its own" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["", "A", "a b", "a*", "$HOME"])
def test_what_is_no_index(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(tmp_path, CONFIG, "--index", name) == 2
    assert capsys.readouterr().err.startswith("error: --index: expected the name of an index")


def test_a_file_of_somebody_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "out" / "dashboards" / "visits.json"
    there.parent.mkdir(parents=True)
    there.write_text("{}")
    assert run(tmp_path, CONFIG, "--index", "a") == 2
    assert f"error: {there} is there already" in capsys.readouterr().err
    assert there.read_text() == "{}"


def test_a_folder_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").write_text("")
    assert run(tmp_path, CONFIG, "--index", "a") == 2
    assert "is a file" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, CONFIG, "--index", "a", out="x" * 300) == 3
    assert "File name too long" in capsys.readouterr().err


def test_without_the_library(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offline_observer.cli.grafana.find_spec", lambda _: None)
    assert util.find_spec("grafana_foundation_sdk") is not None
    assert run(tmp_path, CONFIG, "--index", "a") == 2
    assert "pip install 'offline-observer[grafana]'" in capsys.readouterr().err
