"""A report, from a task: with fg-data-profiling, whose settings here make it quick and true."""

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

# Else each report calls home, and waits for it.
os.environ["YDATA_PROFILING_NO_ANALYTICS"] = "1"
# One of its progress bars has no other switch.
os.environ["TQDM_DISABLE"] = "1"

from jinja2 import ChoiceLoader, DictLoader

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from data_profiling import ProfileReport
    from data_profiling.report.presentation.flavours.html.templates import jinja2_env
    from data_profiling.visualisation.plot import histogram
    from matplotlib import rcParams
    from matplotlib.backends.backend_agg import FigureCanvasAgg

from offline_observer.formats.registry import make_format
from offline_observer.profile.profile import Profile
from offline_observer.reports.data_frame import column_names, data_frame
from offline_observer.reports.kept_window import Cell, KeptWindow, to_bytes
from offline_observer.reports.report_heading import field_note, title_of, with_heading
from offline_observer.reports.report_task import ReportTask
from offline_observer.reports.sample_table import sample_columns
from offline_observer.reports.variable_kind import Kind

# Words, characters and lengths of texts take longer than all the rest.
_COUNTS_ONLY = {"words": False, "characters": False, "length": False}
_SETTINGS: Mapping[str, object] = {
    "minimal": True,
    "progress_bar": False,
    "pool_size": 1,
    "infer_dtypes": False,
    "vars": {"text": _COUNTS_ONLY, "cat": _COUNTS_ONLY},
    # The bars of the most frequent values are there without it, and a table of them.
    "plot": {"cat_freq": {"show": False}, "histogram": {"bins": 30, "max_bins": 30}},
}
# Labels as texts, which the browser draws, not as the outlines of their letters.
rcParams["svg.fonttype"] = "none"
# When pyplot has saved a figure it draws it once more, for a window that is not there: a tenth of a report's time.
FigureCanvasAgg.draw_idle = lambda *_, **__: None  # type: ignore[method-assign]


class _OneChart:
    """A field's histogram is drawn once, and shown twice: small beside its numbers, and large below them.

    The library draws it for each, and to draw is what takes longest in a report.
    """

    def __init__(self) -> None:
        self._drawn: str | None = None

    def small(self, *arguments: object, **options: object) -> str | None:
        """What the library asks for first."""
        self._drawn = histogram(*arguments, **options)
        return self._drawn

    def large(self, *arguments: object, **options: object) -> str | None:
        """What it asks for then, of the same field."""
        drawn, self._drawn = self._drawn, None
        return histogram(*arguments, **options) if drawn is None else drawn


_CHART = _OneChart()
for _name in ("render_date", "render_real"):
    # By name: its package has functions of the same names.
    _module: Any = import_module(f"data_profiling.report.structure.variables.{_name}")
    _module.mini_histogram, _module.histogram = _CHART.small, _CHART.large
# So many fields have a histogram, the first ones. Of hundreds they would take a minute, and ten megabytes.
_MOST_HISTOGRAMS = 40
_WARM_ROWS = 20
# The library puts the value of a constant field into its alert as it is: a script in it would run.
_CONSTANT = (
    '<a href="#pp_var_{{ alert.anchor_id }}"><code>{{ alert.column_name }}</code></a> has constant value '
    "\"{{ alert.values['value_counts_without_nan'].index[0] | e }}\""
)
jinja2_env.loader = ChoiceLoader([DictLoader({"alerts/alert_constant.html": _CONSTANT}), jinja2_env.loader])


def make_report(task: ReportTask) -> tuple[bytes, bytes]:
    """Makes a report.

    Returns:
        The page in UTF-8, and the window as it is kept.

    Raises:
        ObserverError: The sample's records cannot be read now.
        Exception: Whatever the library raises.
    """
    parse = make_format(task.format).parse
    columns, kinds = sample_columns(task.values, task.profile, parse, task.mask)
    shown = len(next(iter(columns.values()), ()))
    facts = replace(task.facts, shown=shown)
    page = _page(title_of(facts), columns, kinds, task.profile)
    kept = KeptWindow(facts=facts, profile=task.profile, columns=columns, kinds=kinds)
    return with_heading(page, [facts]).encode(errors="backslashreplace"), to_bytes(kept)


def _page(
    title: str, columns: Mapping[str, Sequence[Cell]], kinds: Mapping[str, Kind], profile: Profile
) -> str:
    if not any(columns.values()):
        return f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body></body></html>"
    notes = {path: field_note(profile.fields[path]) for path in columns}
    report = profile_report(title, columns, kinds, notes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        charted = [one for one in report.get_description().variables.values() if one.get("histogram")]
        for description in charted[_MOST_HISTOGRAMS:]:
            description["histogram"] = []
        page: str = report.to_html()
    return page


def profile_report(
    title: str,
    columns: Mapping[str, Sequence[Cell]],
    kinds: Mapping[str, Kind],
    notes: Mapping[str, str],
) -> ProfileReport:
    """The library's report.

    Args:
        title: Its title.
        columns: The cells of each field.
        kinds: What each of them is.
        notes: A sentence on each.
    """
    names = column_names(columns)
    return ProfileReport(
        data_frame(columns, kinds).rename(columns=names),
        title=title,
        type_schema={names[path]: str(kind) for path, kind in kinds.items()},
        variables={"descriptions": {names[path]: note for path, note in notes.items()}},
        **_SETTINGS,
    )


def warm_up() -> None:
    """Makes a small report of each kind of variable: the first one of a process takes much longer than the others."""
    cells: dict[Kind, Sequence[Cell]] = {
        Kind.CATEGORICAL: ["a", "b"] * _WARM_ROWS,
        Kind.TEXT: [str(number) for number in range(2 * _WARM_ROWS)],
        Kind.NUMERIC: list(range(2 * _WARM_ROWS)),
        Kind.BOOLEAN: [True, False] * _WARM_ROWS,
        Kind.DATE_TIME: [f"2024-01-{number % 28 + 1:02}T00:00:00" for number in range(2 * _WARM_ROWS)],
        Kind.UNSUPPORTED: [None] * 2 * _WARM_ROWS,
    }
    columns = {str(kind): values for kind, values in cells.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        profile_report("", columns, {str(kind): kind for kind in cells}, {}).to_html()
