"""Two windows side by side on one page."""

import warnings
from collections.abc import Mapping

from data_profiling import compare

from offline_observer.errors import ReportError
from offline_observer.profile.drift import Drift, field_drift
from offline_observer.reports.kept_window import KeptWindow
from offline_observer.reports.report import profile_report
from offline_observer.reports.report_heading import drift_note, title_of, with_heading
from offline_observer.reports.variable_kind import Kind


def drifts(before: KeptWindow, after: KeptWindow) -> dict[str, Drift]:
    """Per field that both windows have, how the later differs from the earlier, by all their records."""
    return {
        path: field_drift(before.profile.fields[path], field)
        for path, field in after.profile.fields.items()
        if path in before.profile.fields
    }


def comparison_page(before: KeptWindow, after: KeptWindow, found: Mapping[str, Drift]) -> bytes:
    """The page that compares two windows.

    Args:
        before: The earlier one.
        after: The later one.
        found: Their `drifts`.

    Returns:
        The page, whole, in UTF-8.

    Raises:
        ReportError: There is nothing that could be compared.
    """
    paths = [path for path in found if path in before.columns and path in after.columns]
    if not paths:
        raise ReportError("the two windows have no field in common")
    for window in (before, after):
        if not window.facts.shown:
            raise ReportError(f"the window {title_of(window.facts)} has no record that could be shown")
    kinds = {path: _common_kind(before.kinds[path], after.kinds[path]) for path in paths}
    notes = {path: drift_note(found[path]) for path in paths}
    reports = []
    for letter, window in (("A", before), ("B", after)):
        columns = {
            path: _as_texts(window, path) if kinds[path] is Kind.CATEGORICAL else window.columns[path]
            for path in paths
        }
        # Short: it stands above each column of numbers.
        title = f"{letter}, {window.facts.start:%m-%d %H:%M:%S}"
        reports.append(profile_report(title, columns, kinds, notes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page: str = compare(reports).to_html()
    return with_heading(page, [before.facts, after.facts]).encode(errors="backslashreplace")


def _common_kind(one: Kind, other: Kind) -> Kind:
    """What a field is shown as in both windows."""
    kinds = {one, other} - {Kind.UNSUPPORTED}
    if len(kinds) == 1:
        (kind,) = kinds
        # The library compares counts of texts, too, when it takes them for categories.
        return Kind.CATEGORICAL if kind is Kind.TEXT else kind
    return Kind.CATEGORICAL if kinds else Kind.UNSUPPORTED


def _as_texts(window: KeptWindow, path: str) -> list[str | None]:
    return [None if cell is None else str(cell) for cell in window.columns[path]]
