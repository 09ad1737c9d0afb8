"""The documents of a window: one for each field (pure)."""

from offline_observer.observation import Document
from offline_observer.profile.drift import field_drift
from offline_observer.profile.field_numbers import field_numbers
from offline_observer.profile.window import Window
from offline_observer.time_text import format_time


def profile_documents(
    window: Window,
    reference: Window | None,
    *,
    is_pinned: bool = False,
    observer: str,
    pipeline: str,
    dataset: str,
) -> list[Document]:
    """The documents of kind `profile`, whose time is the window's end.

    Args:
        window: The window.
        reference: What it is compared with; None: nothing, and what the documents say of drift is null.
        is_pinned: The reference was pinned; else it is the window before.
        observer: The observer's name.
        pipeline: The pipeline's name.
        dataset: The dataset's topic.
    """
    common: Document = {
        "@timestamp": format_time(window.end),
        "kind": "profile",
        "observer": observer,
        "pipeline": pipeline,
        "dataset": dataset,
    }
    times: Document = {
        "window_start": format_time(window.start),
        "window_end": format_time(window.end),
        "window_records": window.records,
        "reference_start": format_time(reference.start) if reference else None,
        "reference_pinned": is_pinned if reference else None,
    }
    return [
        {**common, "field": path, **times, **field_numbers(field), **_drift(window, reference, path)}
        for path, field in window.profile.fields.items()
    ]


def _drift(window: Window, reference: Window | None, path: str) -> Document:
    before = reference.profile.fields.get(path) if reference else None
    found = None if before is None else field_drift(before, window.profile.fields[path])
    return {
        "drift": found.drift if found else None,
        "drift_completeness": found.completeness if found else None,
        "drift_distance": found.distance if found else None,
        "new_values": list(found.new) if found else [],
        "vanished_values": list(found.vanished) if found else [],
    }
