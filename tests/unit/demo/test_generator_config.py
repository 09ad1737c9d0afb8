from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from offline_observer.demo.generator_config import GenerationConfig, load_generation_config
from offline_observer.errors import ConfigError

EXAMPLE = Path(__file__).parents[3] / "examples" / "visits" / "generation_configuration.yaml"

WHOLE = """\
dataset:
  rows: 30
  composition_percentage: {duplicates: 1, missing_fields: 10, unprocessable_rows: 1}
data_blocker:
  type: sleep
  configuration: {sleep_time_range_seconds: {from: 1, to: 7}}
entity:
  type: visit
  configuration: {start_time: '2024-01-01T00:00:00Z'}
generator: {type: continuous}
writer:
  type: kafka
  configuration:
    broker: localhost:9092
    output_topic: visits
    extra_producer_config: {queue.buffering.max.ms: 2000}
"""


def load(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> GenerationConfig:
    file = tmp_path / "generation.yaml"
    file.write_text(text)
    return load_generation_config(file, environment or {})


def test_the_example_is_the_scenario() -> None:
    config = load_generation_config(EXAMPLE, {})
    assert config.dataset.rows == 30
    assert config.composition.model_dump() == {"duplicates": 0, "missing_fields": 10, "unprocessable_rows": 1}
    assert config.data_blocker.pause_range == (1.0, 7.0)
    assert config.start_time == datetime(2024, 1, 1, tzinfo=UTC)
    assert config.generator.type == "continuous"
    assert config.kafka.broker == "127.0.0.1:9092"
    assert config.kafka.output_topic == "visits"
    assert config.kafka.extra_producer_config == {"queue.buffering.max.ms": 2000}


def test_the_broker_comes_from_the_environment_or_the_command_line() -> None:
    config = load_generation_config(EXAMPLE, {"VISITS_BOOTSTRAP_SERVERS": "kafka:9094"})
    assert config.kafka.broker == "kafka:9094"
    other = config.with_broker("other:1")
    assert other.kafka.broker == "other:1"
    assert other.kafka.extra_producer_config == config.kafka.extra_producer_config


def test_no_pause(tmp_path: Path) -> None:
    text = WHOLE.replace("type: sleep", "type: no").replace(
        "  configuration: {sleep_time_range_seconds: {from: 1, to: 7}}\n", ""
    )
    assert load(tmp_path, text).data_blocker.pause_range == (0.0, 0.0)


def test_every_composition_key_may_be_left_out(tmp_path: Path) -> None:
    text = WHOLE.replace(
        "  composition_percentage: {duplicates: 1, missing_fields: 10, unprocessable_rows: 1}\n", ""
    )
    assert set(load(tmp_path, text).composition.model_dump().values()) == {0}


def test_start_time_becomes_utc(tmp_path: Path) -> None:
    config = load(tmp_path, WHOLE.replace("'2024-01-01T00:00:00Z'", "2024-01-01T02:00:00+02:00"))
    assert config.start_time.isoformat() == "2024-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("before", "after", "line", "word"),
    [
        ("rows: 30", "rows: 0", 2, "rows"),
        ("rows: 30", "rows: true", 2, "expected a number"),
        ("rows: 30", "rows: 30\n  colour: red", 3, "colour"),
        ("duplicates: 1", "duplicates: 101", 3, "duplicates"),
        ("duplicates: 1", "duplicates: -1", 3, "duplicates"),
        ("duplicates: 1", "duplicates: .nan", 3, "duplicates"),
        ("duplicates: 1", "twins: 1", 3, "twins"),
        ("missing_fields: 10", "missing_fields: 99.5", 3, "more than 100"),
        ("from: 1, to: 7", "from: 8, to: 7", 6, "greater"),
        ("from: 1, to: 7", "from: -1, to: 7", 6, "from"),
        ("from: 1, to: 7", "from: 1", 6, "to"),
        ("type: sleep", "type: nap", 5, "type"),
        ("type: sleep", "type: no", 6, "has no configuration"),
        (
            "  configuration: {sleep_time_range_seconds: {from: 1, to: 7}}\n",
            "",
            4,
            "sleep_time_range_seconds",
        ),
        ("type: visit", "type: click", 8, "type"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00", 9, "found '2024-01-01T00:00:00'"),
        ("'2024-01-01T00:00:00Z'", "2024", 9, "expected a time"),
        ("'2024-01-01T00:00:00Z'", "'1704067200'", 9, "expected a time"),
        ("2024-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", 9, "year"),
        ("type: continuous", "type: sometimes", 10, "type"),
        ("broker: localhost:9092", "broker: ''", 14, "broker"),
        ("output_topic: visits", "output_topic: 'two words'", 15, "output_topic"),
        ("queue.buffering.max.ms: 2000", "bootstrap.servers: b", 16, "bootstrap.servers"),
        ("queue.buffering.max.ms: 2000", "transactional.id: t", 16, "transactional.id"),
        ("queue.buffering.max.ms: 2000", "queue: {a: b}", 16, "queue"),
    ],
)
def test_mistakes_are_named_with_their_line(
    tmp_path: Path, before: str, after: str, line: int, word: str
) -> None:
    assert before in WHOLE
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, WHOLE.replace(before, after))
    named = int(str(caught.value).split(":")[1])
    assert named == line
    assert word in str(caught.value)


@pytest.mark.parametrize("key", ["dataset", "data_blocker", "entity", "generator", "writer"])
def test_each_part_is_needed(tmp_path: Path, key: str) -> None:
    parts = yaml.safe_load(WHOLE)
    del parts[key]
    with pytest.raises(ConfigError, match=key):
        load(tmp_path, yaml.safe_dump(parts))


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    text = WHOLE.replace("queue.buffering.max.ms: 2000", "sasl.password: hunter2")
    assert "hunter2" not in repr(load(tmp_path, text))
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text.replace("rows: 30", "rows: 0").replace("hunter2", "[hunter2]"))
    assert "hunter2" not in str(caught.value)
