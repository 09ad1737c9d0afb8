"""The reports of the profiles' folders, and no other file."""

from collections.abc import Mapping
from http import HTTPStatus

from offline_observer.errors import ReportError
from offline_observer.reports.report_folder import HTML, ReportFolder
from offline_observer.web.security_headers import REPORT
from offline_observer.web.site import Page, Request, text_page


def report_page(folders: Mapping[str, ReportFolder], request: Request) -> Page:
    """A report, by `TOPIC/NAME.html`.

    Args:
        folders: The reports of each dataset's topic.
        request: What is asked for.

    Raises:
        ReportError: The folder or the report cannot be read.
    """
    topic, _, name = request.rest.partition("/")
    folder = folders.get(topic)
    if folder is None:
        return _none()
    # Only what is listed there: a name is never made a path before it is known.
    paths = {f"{report.name}{HTML}": folder.folder / f"{report.name}{HTML}" for report in folder.reports()}
    paths[folder.latest.name] = folder.latest
    path = paths.get(name)
    if path is None:
        return _none()
    try:
        return Page(path.read_bytes(), "text/html; charset=utf-8", policy=REPORT)
    except FileNotFoundError:
        return _none()
    except OSError as error:
        raise ReportError(f"cannot read {path}: {error.strerror or error}") from None


def _none() -> Page:
    return text_page("there is no such report; it may have made room for newer ones", HTTPStatus.NOT_FOUND)
