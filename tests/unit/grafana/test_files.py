"""The files: what is written, what is left alone, and that the example's are those of its configuration."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from offline_observer.config.load import load_config
from offline_observer.errors import ConfigError
from offline_observer.grafana.contact_point import notifications
from offline_observer.grafana.data_sources import data_sources
from offline_observer.grafana.files import text_of, write_files
from offline_observer.grafana.from_config import observed as observed_of
from offline_observer.grafana.observed import Login
from offline_observer.grafana.provisioning import provisioning_files
from support.grafana_observed import observed

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "visits"
PATHS = [
    "provisioning/datasources/visits.yaml",
    "provisioning/dashboards/visits.yaml",
    "dashboards/visits.json",
    "provisioning/alerting/rules.yaml",
    "provisioning/alerting/notifications.yaml",
]


def test_the_examples_files_are_those_of_its_configuration() -> None:
    config = load_config(EXAMPLE / "observer.yaml", {})
    again = (
        "offline-observer grafana -c examples/visits/observer.yaml --index visits_observation_stats "
        "--out examples/visits/grafana"
    )
    for file in provisioning_files(observed_of(config, "visits_observation_stats")):
        path = EXAMPLE / "grafana" / file.path
        assert path.exists(), f"{file.path} is missing; run: {again}"
        assert path.read_text() == text_of(file), f"{file.path} is stale; run: {again}"
    there = {str(path.relative_to(EXAMPLE / "grafana")) for path in (EXAMPLE / "grafana").rglob("*.*")}
    assert there == set(PATHS)


def test_each_is_what_its_name_says_and_made_the_same_again() -> None:
    files = provisioning_files(observed())
    assert [file.path for file in files] == PATHS
    assert [text_of(file) for file in files] == [text_of(file) for file in provisioning_files(observed())]
    for file in files:
        read = json.loads if file.path.endswith(".json") else yaml.safe_load
        assert read(text_of(file)) == json.loads(json.dumps(file.content))
        assert "&id" not in text_of(file)


def test_secrets_come_from_the_environment() -> None:
    def of(**more: Any) -> Any:
        return data_sources(observed(**more))["datasources"]

    for source, kind in zip(of(), ("", "_partitions", "_profiles"), strict=True):
        assert source["url"] == "$ELASTICSEARCH_URL"
        assert source["database"] == source["jsonData"]["index"] == f"stats{kind}"
        assert "secureJsonData" not in source
        assert "isDefault" not in source, "an organisation may have one default only"
    user = of(login=Login.PASSWORD)[0]
    assert (user["basicAuth"], user["basicAuthUser"]) == (True, "$ELASTICSEARCH_USERNAME")
    assert user["secureJsonData"] == {"basicAuthPassword": "$ELASTICSEARCH_PASSWORD"}
    key = of(login=Login.API_KEY, has_own_authority=True)[0]
    assert key["jsonData"]["httpHeaderName1"] == "Authorization"
    assert key["secureJsonData"] == {
        "httpHeaderValue1": "ApiKey $ELASTICSEARCH_API_KEY",
        "tlsCACert": "$ELASTICSEARCH_CA_CERT",
    }
    remarks = provisioning_files(observed(login=Login.PASSWORD, has_own_authority=True))[0].remarks
    assert "$ELASTICSEARCH_USERNAME, $ELASTICSEARCH_PASSWORD, $ELASTICSEARCH_CA_CERT" in remarks[1]
    point: Any = notifications(observed())
    assert point["contactPoints"][0]["receivers"][0]["settings"]["url"] == "$ALERT_WEBHOOK_URL"
    assert point["policies"][0]["receiver"] == point["contactPoints"][0]["name"]


def test_its_own_files_are_overwritten(tmp_path: Path) -> None:
    files = provisioning_files(observed())
    paths = write_files(files, tmp_path / "a" / "b", "visits")
    assert [str(path.relative_to(tmp_path / "a" / "b")) for path in paths] == PATHS
    rules = tmp_path / "a" / "b" / "provisioning/alerting/rules.yaml"
    before = rules.read_text()
    rules.write_text(before + "# edited\n")
    write_files(files, tmp_path / "a" / "b", "visits")
    assert rules.read_text() == before
    assert len([path for path in (tmp_path / "a").rglob("*") if path.is_file()]) == len(PATHS)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("content", ["apiVersion: 1\n", "", b"\xff\xfe"])
def test_a_file_of_somebody_else_is_left_as_it_is_and_nothing_is_written(
    tmp_path: Path, path: str, content: str | bytes
) -> None:
    there = tmp_path / path
    there.parent.mkdir(parents=True)
    there.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = there.read_bytes()
    with pytest.raises(ConfigError, match="is there already, and was not made by offline-observer grafana"):
        write_files(provisioning_files(observed()), tmp_path, "visits")
    assert there.read_bytes() == before
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [there]


def test_the_rules_of_another_observer_are_left_as_they_are(tmp_path: Path) -> None:
    write_files(provisioning_files(observed()), tmp_path, "visits")
    with pytest.raises(ConfigError, match=r"rules\.yaml is there already.* for visits2"):
        write_files(provisioning_files(observed(name="visits2")), tmp_path, "visits2")
    assert not (tmp_path / "dashboards" / "visits2.json").exists()


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "provisioning").write_text("")
    with pytest.raises(ConfigError, match="the folder for it is a file; choose another folder"):
        write_files(provisioning_files(observed()), tmp_path, "visits")
