"""The drift of the scenario's visits: none in a hundred windows of a steady stream, and what changes is seen at once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from offline_observer.demo.visits import visit_records
from offline_observer.engine.build import KernelSettings, build_kernel
from offline_observer.profile.spec import ProfileSpec
from offline_observer.profiling import DatasetProfiles
from offline_observer.quality.chunk import ValueChunk

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
FIVE = timedelta(minutes=5)
FIELDS = (
    "visit_id",
    "event_time",
    "user_id",
    "page",
    *(f"context.{name}" for name in ("referral", "ad_id", "user.ip", "user.login", "user.connected_since")),
    *(
        f"context.technical.{name}"
        for name in ("browser", "browser_version", "network_type", "device_type", "device_version")
    ),
)
# What an alert would be set to.
NOTABLE = 0.1


def changed(values: Iterator[bytes], random: Random) -> Iterator[bytes]:
    """From a known time on there are more phones, and users are missing."""
    for value in values:
        try:
            visit: dict[str, Any] = json.loads(value)
            technical = visit["context"]["technical"]
        except (ValueError, KeyError, TypeError):
            yield value
            continue
        if random.random() < 0.4:
            technical["device_type"] = "Smartphone"
        if random.random() < 0.3:
            visit.pop("user_id", None)
        yield json.dumps(visit).encode()


def test_a_change_is_flagged_in_its_window_and_a_hundred_steady_windows_are_not() -> None:
    kernel = build_kernel(KernelSettings(profile=ProfileSpec(fields=FIELDS, sample=0)))
    visits = visit_records(Random(11), NOON, missing_fields=10, unprocessable_rows=1)
    steady = (one.value for one in visits)
    different = changed(steady, Random(12))
    profiles = DatasetProfiles(observer="o", pipeline="p", dataset="visits", every=FIVE, content=None)
    flagged: dict[int, tuple[float, str]] = {}
    changed_at = 101
    for number in range(changed_at + 3):
        values = list(islice(steady if number < changed_at else different, 400))
        at = NOON + number * FIVE
        step = profiles.step(at, kernel.summarize([ValueChunk(values)], at), "t", {0: (0, 400)})
        profiles.take(step)
        # What is over at the beginning of a window is the one before it.
        if step.over is not None and step.drift_max is not None and step.drift_max >= NOTABLE:
            flagged[number - 1] = step.drift_max, str(step.drift_field)
            drifts = {one["field"]: one["drift"] for one in step.documents}
    assert set(flagged) == {changed_at}, "the ones after it are like it"
    assert flagged[changed_at][1] in ("user_id", "context.technical.device_type")
    notable = {field for field, drift in drifts.items() if isinstance(drift, float) and drift >= NOTABLE}
    assert notable == {"user_id", "context.technical.device_type"}
