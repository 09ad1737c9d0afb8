from datetime import UTC, datetime, timedelta

from offline_observer.export.index_names import alias_of, index_of, older


def test_names() -> None:
    assert alias_of("stats", "observation") == "stats"
    assert alias_of("stats", "partition") == "stats_partitions"
    assert index_of("stats_profiles", "2026-01-31T00:00:00.000Z") == "stats_profiles-2026.01"


def test_an_index_is_dropped_when_all_of_its_month_is_older() -> None:
    names = [
        "stats-2025.12",
        "stats-2026.01",
        "stats-2026.02",
        "stats-2026.13",
        "stats-2026.01-copy",
        "stats-old",
        "stats_partitions-2025.12",
        "stats-0000.01",
        "stats-9999.12",
    ]
    keep = timedelta(days=30)
    at = datetime(2026, 3, 3, tzinfo=UTC)
    assert older(names, "stats", at, keep) == ["stats-2025.12", "stats-2026.01"]
    assert older(names, "stats", at - timedelta(seconds=1), keep) == ["stats-2025.12"]
    assert older(names, "stats_partitions", at, keep) == ["stats_partitions-2025.12"]
