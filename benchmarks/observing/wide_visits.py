"""Visits of the example scenario, as wide as visits often are: 570 to 590 bytes on average, and what is wrong with them."""

import json
from collections.abc import Sequence
from itertools import islice
from random import Random

from benchmarks.observing.workload import FIELDS, Counts, Quality
from offline_observer.demo.generator_config import load_generation_config
from offline_observer.demo.scenario import GENERATION, scenario_folder
from offline_observer.demo.visits import VisitRecord, visit_records

DISTINCT = 250_000
_SEED = 1
_SITE = "https://blog.example.org"
_REFERRALS = {
    "direct": "https://blog.example.org/archive?sort=newest&page=3",
    "search": "https://search.example.com/results?q=structured+streaming+lag",
    "newsletter": "https://mail.example.net/newsletter/2026/week-12?reader=weekly",
    "social": "https://social.example.com/groups/data-engineers/posts/4711",
    "partner": "https://partner.example.net/blogroll/streaming?from=sidebar",
}


def make_visits(count: int) -> list[VisitRecord]:
    """The first visits of the scenario, widened. They differ from each other, but for some of the unparseable ones.

    Args:
        count: How many are wanted; there are no more than `DISTINCT`, to be repeated.
    """
    config = load_generation_config(scenario_folder() / GENERATION, {})
    stream = visit_records(Random(_SEED), config.start_time, missing_fields=10, unprocessable_rows=1)
    return [
        visit if visit.unparseable else VisitRecord(_widened(visit.value), empty=visit.empty)
        for visit in islice(stream, min(count, DISTINCT))
    ]


def truth(visits: Sequence[VisitRecord], count: int) -> Counts:
    """What is to be found in `count` records, the visits repeated."""
    repeats, rest = divmod(count, len(visits))

    def total(marks: Sequence[bool]) -> int:
        return repeats * sum(marks) + sum(marks[:rest])

    unparseable = total([visit.unparseable for visit in visits])
    empty = {field: total([field in visit.empty for visit in visits]) for field in FIELDS}
    return Counts(count, Quality(unparseable, empty))


def _widened(value: bytes) -> bytes:
    """Whole addresses and the campaign's name for their short forms, spaces between. What is empty stays so."""
    visit = json.loads(value)
    if page := (visit.get("page") or "").strip():
        visit["page"] = f"{_SITE}{page}?utm_source=newsletter&utm_medium=email&utm_campaign=spring"
    context = visit.get("context") or {}
    if referral := _REFERRALS.get(context.get("referral") or ""):
        context["referral"] = referral
    if ad := (context.get("ad_id") or "").strip():
        context["ad_id"] = f"spring-2026-data-engineering-readers-{ad}"
    return json.dumps(visit).encode()
