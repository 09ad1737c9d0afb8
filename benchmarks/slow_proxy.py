"""A TCP proxy that answers a little later than what is behind it: a network between two ends of one machine."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from offline_observer.demo.ports import LOOPBACK

_START_SECONDS = 30.0


@contextmanager
def slow_proxy(port: int, target: int, delay: float) -> Iterator[None]:
    """Runs the proxy, in a process of its own so that it takes no time of the client's interpreter.

    Args:
        port: Where it listens.
        target: The port that it passes everything on to.
        delay: Seconds that each answer is held back.
    """
    spawn = multiprocessing.get_context("spawn")
    listens = spawn.Event()
    process = spawn.Process(target=_run, args=(port, target, delay, listens), daemon=True)
    process.start()
    try:
        if not listens.wait(_START_SECONDS):
            raise TimeoutError("the proxy does not listen")
        yield
    finally:
        process.terminate()
        process.join()


def _run(port: int, target: int, delay: float, listens: Event) -> None:
    asyncio.run(_listen(port, target, delay, listens))


async def _listen(port: int, target: int, delay: float, listens: Event) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(LOOPBACK, target)
        await asyncio.gather(
            _pass_on(reader, up_writer, 0.0), _pass_on(up_reader, writer, delay), return_exceptions=True
        )

    server = await asyncio.start_server(serve, LOOPBACK, port)
    listens.set()
    await server.serve_forever()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    while data := await reader.read(1 << 20):
        if delay:
            await asyncio.sleep(delay)
        writer.write(data)
        await writer.drain()
    writer.close()
