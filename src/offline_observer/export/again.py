"""Sends documents that have been sent before, or were refused, for a command: it waits for a while for a server that is away."""

from collections.abc import Callable, Iterable, Iterator
from threading import Thread

from tenacity import Retrying, retry_if_exception_type, wait_random_exponential

from offline_observer.export.exporter import Exporter, ExportError, Item, Refusal
from offline_observer.stop import Stop

_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.05
# A request under way may still bring its answer.
_CLOSE_SECONDS = 1.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0


def send_again(
    exporter: Exporter,
    items: Iterable[Item],
    stop: Stop,
    on_settled: Callable[[list[Item], list[Refusal]], None],
) -> None:
    """Sends documents, and waits until they have arrived.

    It is done in a thread of its own, of which `on_settled` is called: told to stop, nobody waits for a request that hangs.

    Args:
        exporter: Where to.
        items: The documents.
        stop: Ends it.
        on_settled: Told which have arrived or were refused, and which were refused.

    Raises:
        ExportError: They do not arrive, for longer than is waited for.
    """
    failures: list[BaseException] = []

    def work() -> None:
        try:
            _send_all(exporter, items, stop, on_settled)
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
            failures.append(error)

    thread = Thread(target=work, name=f"export {exporter.name} again", daemon=True)
    thread.start()
    while thread.is_alive() and not stop.is_set():
        thread.join(_LOOK_SECONDS)
    if stop.is_set():
        thread.join(_CLOSE_SECONDS)
    elif failures:
        raise failures[0]


def _send_all(
    exporter: Exporter,
    items: Iterable[Item],
    stop: Stop,
    on_settled: Callable[[list[Item], list[Refusal]], None],
) -> None:
    def pause(seconds: float) -> None:
        stop.wait(seconds)

    retrying = Retrying(
        retry=retry_if_exception_type(ExportError),
        wait=wait_random_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
        stop=lambda state: stop.is_set() or (state.seconds_since_start or 0.0) > _PATIENCE_SECONDS,
        sleep=pause,
        reraise=True,
    )
    retrying(exporter.prepare)
    for page in _pages(iter(items), exporter):
        left = page
        while left:
            left = retrying(_send, exporter, left, on_settled)
            if stop.is_set():
                return


def _send(
    exporter: Exporter, items: list[Item], on_settled: Callable[[list[Item], list[Refusal]], None]
) -> list[Item]:
    """Sends some; those that are left.

    Raises:
        ExportError: None has arrived.
    """
    # It may take fewer than when the page was made: the server is slow.
    sent = exporter.send(items[: exporter.most_documents])
    on_settled(items[: sent.settled], list(sent.refused))
    if sent.problem is not None and not sent.settled:
        raise ExportError(sent.problem)
    return items[sent.settled :]


def _pages(items: Iterator[Item], exporter: Exporter) -> Iterator[list[Item]]:
    """The documents, as many at a time as the exporter takes."""
    page: list[Item] = []
    size = 0
    for item in items:
        if page and (len(page) >= exporter.most_documents or size + len(item.document) > exporter.most_bytes):
            yield page
            page, size = [], 0
        page.append(item)
        size += len(item.document)
    if page:
        yield page
