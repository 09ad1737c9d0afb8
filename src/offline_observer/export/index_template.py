"""What the fields of the documents are in an index (pure): index templates with explicit mappings.

A mapping can gain fields but no field can change its type; so a change of a type takes effect with the next month's index. A
template is versioned: that of a newer program is left as it is.
"""

from collections.abc import Mapping

from offline_observer.profile.ranks import RANKS

TEMPLATE_VERSION = 2
"""To be raised with every change of a template."""

# Above those that servers come with (up to 100), below what a user may set to have the last word.
_PRIORITY = 200
# A clock that was never set begins in 1970.
_CENTURIES = ("19", "20", "21")
# A count for each rule and each field; the server's own limit is 1,000.
_MOST_FIELDS = 5000
# A longer text is kept but cannot be searched. Lucene refuses one of more than 32,766 bytes.
_LONGEST_KEYWORD = 1024

Mapped = Mapping[str, object]

_DATE: Mapped = {"type": "date"}
_KEYWORD: Mapped = {"type": "keyword", "ignore_above": _LONGEST_KEYWORD}
_LONG: Mapped = {"type": "long"}
_DOUBLE: Mapped = {"type": "double"}
_BOOLEAN: Mapped = {"type": "boolean"}
# Kept as it is, and not looked into: lists of objects, of which a search would find values that belong to one another mixed up.
_KEPT: Mapped = {"type": "object", "enabled": False}

_COMMON: Mapping[str, Mapped] = {
    "@timestamp": _DATE,
    "kind": _KEYWORD,
    "observer": _KEYWORD,
    "pipeline": _KEYWORD,
}


def _fields(kind: Mapped, *names: str) -> dict[str, Mapped]:
    return dict.fromkeys(names, kind)


_PROPERTIES: Mapping[str, Mapping[str, Mapped]] = {
    "observation": {
        **_COMMON,
        **_fields(_KEYWORD, "job", "dataset", "job_status", "reason", "dataset_status", "dataset_reason"),
        **_fields(_KEYWORD, "dataset_error", "dataset_broken", "unknown_field_names", "warnings"),
        **_fields(_KEYWORD, "profile", "profile_report", "profile_error", "drift_field", "export_error"),
        **_fields(_LONG, "batch_id", "all_events", "unparseable", "tombstones", "invalid", "unknown_fields"),
        **_fields(_LONG, "dataset_behind", "dataset_expired", "max_lag", "total_lag", "unknown_partitions"),
        **_fields(_LONG, "expired_records", "export_backlog", "export_refused", "export_lost"),
        **_fields(_DOUBLE, "seconds_behind", "input_rate", "processing_rate", "seconds_to_catch_up"),
        **_fields(_DOUBLE, "retention_left", "drift_max", "tick_seconds"),
        **_fields(_DATE, "last_commit_at", "in_flight_since"),
        "job_status_changed": _BOOLEAN,
        "lag_per_partition": {"type": "object", "dynamic": True},
        "offenders": _KEPT,
    },
    "partition": {
        **_COMMON,
        **_fields(_KEYWORD, "job", "topic", "status", "reason"),
        "partition": {"type": "integer"},
        **_fields(_LONG, "committed_offset", "planned_offset", "end_offset", "earliest_offset"),
        **_fields(_LONG, "lag", "expired_records"),
        **_fields(_DOUBLE, "seconds_behind"),
    },
    "profile": {
        **_COMMON,
        **_fields(_KEYWORD, "dataset", "field", "first", "last", "new_values", "vanished_values"),
        **_fields(_DATE, "window_start", "window_end", "reference_start", "earliest", "latest"),
        **_fields(_BOOLEAN, "reference_pinned"),
        **_fields(_LONG, "window_records", "records", "missing", "null", "blank", "distinct"),
        **_fields(_LONG, "length_min", "length_max", "frequent_error"),
        **_fields(_DOUBLE, "completeness", "min", "max", *RANKS, "length_mean"),
        **_fields(_DOUBLE, "drift", "drift_completeness", "drift_distance"),
        "types": {"type": "object", "dynamic": True},
        "frequent": _KEPT,
    },
}

# Names that depend on the configuration.
_COUNTS = ("invalid_*", "warned_*", "broken_*", "type_drift_*")


def mappings(kind: str) -> dict[str, object]:
    """The mappings of documents of a kind.

    Raises:
        KeyError: There is no such kind.
    """
    return {
        "dynamic": True,
        "date_detection": False,
        "numeric_detection": False,
        "properties": dict(_PROPERTIES[kind]),
        "dynamic_templates": [
            *({f"{name[:-2]}_as_long": {"match": name, "mapping": _LONG}} for name in _COUNTS),
            {"newest_as_date": {"match": "newest_*", "mapping": _DATE}},
            {"lag_per_partition_as_long": {"path_match": "lag_per_partition.*", "mapping": _LONG}},
            {"types_as_long": {"path_match": "types.*", "mapping": _LONG}},
            {"text_as_keyword": {"match_mapping_type": "string", "mapping": _KEYWORD}},
            # Else the first number decides, and a whole one would have all that follow cut to whole ones.
            {"number_as_double": {"match_mapping_type": "long", "mapping": _DOUBLE}},
            {"fraction_as_double": {"match_mapping_type": "double", "mapping": _DOUBLE}},
        ],
        "_meta": {"made_by": "offline-observer", "version": TEMPLATE_VERSION},
    }


def template(alias: str, kind: str, replicas: int | None) -> dict[str, object]:
    """The index template of the indices of an alias.

    Args:
        alias: The alias.
        kind: The kind of its documents.
        replicas: How many copies an index has; None: as the server has it.

    Raises:
        KeyError: There is no such kind.
    """
    settings: dict[str, object] = {"number_of_shards": 1, "mapping.total_fields.limit": _MOST_FIELDS}
    if replicas is not None:
        settings["number_of_replicas"] = replicas
    return {
        # Not all that begins so: a name may go on (visits-eu beside visits), and of two templates that match no server knows
        # which to take.
        "index_patterns": [f"{alias}-{century}*" for century in _CENTURIES],
        "priority": _PRIORITY,
        "version": TEMPLATE_VERSION,
        "template": {"settings": {"index": settings}, "mappings": mappings(kind), "aliases": {alias: {}}},
        "_meta": {"made_by": "offline-observer"},
    }
