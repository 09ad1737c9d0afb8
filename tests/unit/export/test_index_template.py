from datetime import UTC, datetime
from fnmatch import fnmatch
from typing import cast

import pytest

from offline_observer.export.health import ExportHealth, health_part
from offline_observer.export.index_names import SUFFIXES
from offline_observer.export.index_template import mappings, template
from offline_observer.lag.lag import unknown_lag
from offline_observer.observation import (
    JobObservation,
    Observation,
    observation_document,
    profile_part,
)

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def mapped(kind: str) -> dict[str, object]:
    found = mappings(kind)["properties"]
    assert isinstance(found, dict)
    return found


def test_a_template_is_of_the_indices_of_its_alias_only() -> None:
    for kind, suffix in SUFFIXES.items():
        made = template("stats" + suffix, kind, 0)
        patterns = [str(one) for one in cast("list[str]", made["index_patterns"])]

        def is_matched(name: str, patterns: list[str] = patterns) -> bool:
            return any(fnmatch(name, one) for one in patterns)

        assert is_matched(f"stats{suffix}-2026.11")
        assert is_matched(f"stats{suffix}-1970.01"), "of a clock that was never set"
        assert not is_matched(f"stats{suffix}-eu-2026.11"), "another's, whose name goes on"
        inner = made["template"]
        assert isinstance(inner, dict)
        assert inner["aliases"] == {"stats" + suffix: {}}
        assert inner["settings"]["index"]["number_of_replicas"] == 0
    inner = template("stats", "observation", None)["template"]
    assert isinstance(inner, dict)
    assert "number_of_replicas" not in inner["settings"]["index"], "as the server has it"


def test_every_field_of_an_observation_that_has_a_fixed_name_is_mapped() -> None:
    job = JobObservation(name="j", lag=unknown_lag("no reason"))
    document = observation_document(
        Observation(timestamp=NOW, observer="o", pipeline="p", job=job, dataset=None)
    )
    document |= profile_part(None, None, None, None) | health_part([ExportHealth(name="e")])
    assert set(document) - set(mapped("observation")) == set()


@pytest.mark.parametrize("kind", list(SUFFIXES))
def test_a_number_that_may_have_a_fraction_is_a_double(kind: str) -> None:
    # A float has seven digits: seconds of a week would be off by some.
    assert all(one != {"type": "float"} for one in mapped(kind).values())
