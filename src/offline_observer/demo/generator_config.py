"""The data generator's configuration file, as models. An unknown key is an error."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from offline_observer.config.yaml_file import LocatedError, load_yaml_model

ProducerValue = str | int | float | bool

_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_REFUSED_PROPERTIES = {
    "bootstrap.servers": "the broker's address goes to the key broker",
    "metadata.broker.list": "the broker's address goes to the key broker",
    "transactional.id": "the generator writes without transactions",
}


def _not_a_truth_value(value: object) -> object:
    """Pydantic takes true for 1."""
    if isinstance(value, bool):
        raise ValueError("expected a number")  # noqa: TRY004 - pydantic's way
    return value


def _iso_time(value: object) -> object:
    """Pydantic takes a number, in a text too, for seconds since 1970: `2024` for a time in January 1970."""
    try:
        has_zone = datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        has_zone = False
    if not has_zone:
        raise ValueError("expected a time with its zone, such as 2024-01-01T00:00:00Z")
    return value


def _in_range_as_utc(time: datetime) -> datetime:
    """Beyond these years readers of the records (nanoseconds in 64 bits) overflow."""
    # The years are compared first: a time of year 1 or 9999 may not exist in UTC.
    if not _FIRST_YEAR < time.year < _LAST_YEAR:
        raise ValueError(f"expected a time after the year {_FIRST_YEAR} and before {_LAST_YEAR}")
    return time.astimezone(UTC)


Percentage = Annotated[float, Field(ge=0, le=100), BeforeValidator(_not_a_truth_value)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)


class CompositionPercentage(_Model):
    """Which share of the rows has something wrong with it, in percent of all rows."""

    duplicates: Percentage = 0
    missing_fields: Percentage = 0
    unprocessable_rows: Percentage = 0

    @model_validator(mode="after")
    def _one_fault_per_row(self) -> Self:
        if self.missing_fields + self.unprocessable_rows > 100:  # noqa: PLR2004 - percent
            raise ValueError("missing_fields and unprocessable_rows together are more than 100 percent")
        return self


class Dataset(_Model):
    """How many rows a burst has, and how many of them are faulty."""

    rows: Annotated[int, Field(ge=1), BeforeValidator(_not_a_truth_value)]
    composition_percentage: CompositionPercentage = CompositionPercentage()


class SleepTimeRange(_Model):
    """Bounds of a pause, in seconds."""

    shortest: Annotated[float, Field(ge=0, alias="from"), BeforeValidator(_not_a_truth_value)]
    longest: Annotated[float, Field(ge=0, alias="to"), BeforeValidator(_not_a_truth_value)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.shortest > self.longest:
            raise ValueError("'from' must not be greater than 'to'")
        return self


class SleepConfiguration(_Model):
    """Settings of a pause."""

    sleep_time_range_seconds: SleepTimeRange


class DataBlocker(_Model):
    """What happens between two bursts: a pause of random length, or nothing."""

    type: Literal["sleep", "no"]
    configuration: SleepConfiguration | None = None

    @model_validator(mode="after")
    def _configuration_belongs_to_sleep(self) -> Self:
        if self.type == "sleep" and self.configuration is None:
            raise ValueError("the type sleep needs configuration.sleep_time_range_seconds")
        if self.type == "no" and self.configuration is not None:
            raise LocatedError([(("configuration",), "the type no has no configuration; remove it")])
        return self

    @property
    def pause_range(self) -> tuple[float, float]:
        """Shortest and longest pause, in seconds."""
        if self.configuration is None:
            return 0.0, 0.0
        seconds = self.configuration.sleep_time_range_seconds
        return seconds.shortest, seconds.longest


class VisitConfiguration(_Model):
    """Settings of the visits."""

    start_time: Annotated[AwareDatetime, BeforeValidator(_iso_time), AfterValidator(_in_range_as_utc)]


class Entity(_Model):
    """What a record is."""

    type: Literal["visit"]
    configuration: VisitConfiguration


class GeneratorKind(_Model):
    """Goes on until it is stopped, or writes one burst."""

    type: Literal["continuous", "one-shot"]


class KafkaConfiguration(_Model):
    """Where the records go."""

    broker: Annotated[str, Field(min_length=1)]
    output_topic: Annotated[str, Field(min_length=1, max_length=249, pattern=r"^[a-zA-Z0-9._-]+$")]
    # It may hold a password.
    extra_producer_config: Annotated[dict[str, ProducerValue], Field(repr=False)] = {}

    @model_validator(mode="after")
    def _nothing_that_contradicts(self) -> Self:
        problems = [
            (("extra_producer_config", name), reason)
            for name, reason in _REFUSED_PROPERTIES.items()
            if name in self.extra_producer_config
        ]
        if problems:
            raise LocatedError(problems)
        return self


class Writer(_Model):
    """How the records are written."""

    type: Literal["kafka"]
    configuration: KafkaConfiguration


class GenerationConfig(_Model):
    """The whole file."""

    dataset: Dataset
    data_blocker: DataBlocker
    entity: Entity
    generator: GeneratorKind
    writer: Writer

    @property
    def composition(self) -> CompositionPercentage:
        """The shares of faulty rows."""
        return self.dataset.composition_percentage

    @property
    def start_time(self) -> datetime:
        """The first record's event time, in UTC."""
        return self.entity.configuration.start_time

    @property
    def kafka(self) -> KafkaConfiguration:
        """Where the records go."""
        return self.writer.configuration

    def with_broker(self, address: str) -> "GenerationConfig":
        """The same configuration for another broker."""
        kafka = self.kafka.model_copy(update={"broker": address})
        return self.model_copy(update={"writer": self.writer.model_copy(update={"configuration": kafka})})


def load_generation_config(path: Path, environment: Mapping[str, str]) -> GenerationConfig:
    """Reads the generator's configuration file.

    Args:
        path: The YAML file.
        environment: Where `${NAME}` is looked up.

    Raises:
        ConfigError: The file is missing, is not YAML, or says something that cannot be.
    """
    return load_yaml_model(path, GenerationConfig, environment)
