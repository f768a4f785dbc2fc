"""A line that tests make slow or dead: a TCP proxy that carries so many bits a second, or nothing.

It needs no privileges and knows no packets; for loss, delay and real congestion control see
tests/network.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

CHUNK = 2048
"""Bytes carried at a time."""
BUFFER = 8 * 1024
"""Bytes that wait in the proxy's own sockets: what does not fit waits at the sender's."""


class SlowLine:
    """Stands before a server in a thread of its own; what it carries can be changed at any time.

    Args:
        url: the server's address.
        up_bps: bits a second from client to server, of all connections together; None: no limit.
    """

    def __init__(self, url: str, up_bps: float | None = None) -> None:
        parts = urlsplit(url)
        self._server = parts.hostname or "", parts.port or 80
        self._path = parts.path
        self.up_bps = up_bps
        self.carried = 0
        """Bytes from client to server so far."""
        self.opened = 0
        """Connections so far."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._free_at = 0.0
        self._ready: queue.Queue[int] = queue.Queue()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))
        self._port = 0

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"http://127.0.0.1:{self._port}{self._path}"

    def freeze(self) -> None:
        """Nothing passes any more on the connections that are open now; new ones work."""
        done = threading.Event()

        def freeze() -> None:
            for task in self._tasks:
                task.cancel()
            done.set()

        self._loop.call_soon_threadsafe(freeze)
        assert done.wait(20)

    def __enter__(self) -> Self:
        self._thread.start()
        self._port = self._ready.get(timeout=20)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._ready.put(listener.getsockname()[1])
        server = await asyncio.start_server(self._connect, sock=listener, limit=BUFFER)
        self._ends: list[asyncio.StreamWriter] = []
        await self._stop.wait()
        server.close()
        for end in self._ends:
            end.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        there, back = await asyncio.open_connection(*self._server, limit=BUFFER)
        self._ends += [writer, back]
        for way in (self._carry(reader, back, True), self._carry(there, writer, False)):
            task = asyncio.get_running_loop().create_task(way)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, up: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                if up:
                    await self._wait_for_room(len(data))
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _wait_for_room(self, size: int) -> None:
        self.carried += size
        if self.up_bps is None:
            return
        now = asyncio.get_running_loop().time()
        self._free_at = max(now, self._free_at) + size * 8 / self.up_bps
        await asyncio.sleep(self._free_at - now)
