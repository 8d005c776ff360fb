"""A line with latency: what is written at one end is read at the other so much later, both ways."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

READ_AT_ONCE = 65536


@contextmanager
def delayed(port: int, seconds: float) -> Iterator[int]:
    """A port of this machine that leads to `port` of this machine, `seconds` there and back."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(port, seconds / 2, theirs))
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(port: int, seconds: float, told: Connection) -> None:
    asyncio.run(_listen(port, seconds, told))


async def _listen(port: int, seconds: float, told: Connection) -> None:
    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beyond = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_carry(reader, beyond[1], seconds), _carry(beyond[0], writer, seconds))

    server = await asyncio.start_server(joined, "127.0.0.1", 0)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Each piece arrives so much after it was sent, and none waits for the one before."""
    loop = asyncio.get_running_loop()
    while said := await reader.read(READ_AT_ONCE):
        loop.call_later(seconds, writer.write, said)
    loop.call_later(seconds, writer.close)
