"""The standard path: bytes through Tornado's stream, as TLS and foreign loops need it."""

from __future__ import annotations

import asyncio
import socket
from asyncio import Future
from functools import partial

from tornado.iostream import IOStream, StreamClosedError

from meetwidget_server.socket.hub import Hub
from meetwidget_server.socket.link import Link
from meetwidget_server.socket.options import SocketOptions
from meetwidget_server.socket.owner import Owner

READ_BYTES = 64 * 1024


class StreamLink(Link):
    """A link over a stream that stays Tornado's."""

    __slots__ = ("_stream",)

    def __init__(self, owner: Owner, options: SocketOptions, hub: Hub, stream: IOStream) -> None:
        super().__init__(owner, options, hub)
        self._stream = stream
        stream.set_nodelay(True)

    async def run(self) -> None:
        """Reads until the connection is over."""
        try:
            while True:
                data = await self._stream.read_bytes(READ_BYTES, partial=True)
                self.received(data)
                # A read that need not wait does not yield to the other connections.
                await asyncio.sleep(0)
        except StreamClosedError:
            self.lost()
        except asyncio.CancelledError:
            self.lost()
            raise

    def flush(self) -> None:
        """Gives the stream one batch at a time, so that no more than that is its to hold."""
        while not self._blocked:
            data = self._take()
            if data is None:
                return
            size = len(data)
            try:
                future = self._stream.write(data)
            except StreamClosedError:
                self.lost()
                return
            if future.done():
                self.pending_bytes -= size
            else:
                self._blocked = True
                future.add_done_callback(partial(self._written, size))

    def _written(self, size: int, done: Future[None]) -> None:
        if done.cancelled() or done.exception() is not None:
            self.lost()
            return
        if self.pending_bytes < size:  # the link has ended meanwhile
            return
        self.pending_bytes -= size
        self._blocked = False
        self.flush()
        if not self._blocked:
            self._drained()

    def _half_close(self) -> None:
        if type(self._stream) is IOStream and not self._blocked and not self._stream.closed():
            try:
                self._stream.socket.shutdown(socket.SHUT_WR)
            except OSError:
                self.lost()

    def _dispose(self) -> None:
        self._stream.close()
