"""The fast path: the relay reads and writes the socket itself.

One ``recv`` serves all frames that have arrived, one ``send`` all frames of a turn;
no futures, no coroutine, no second buffer.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys

from tornado.iostream import IOStream, StreamClosedError

from meetwidget_server.socket.hub import Hub
from meetwidget_server.socket.link import Link, Owner
from meetwidget_server.socket.options import SocketOptions

READ_BYTES = 64 * 1024
"""Most that is read from one socket before the others get their turn."""


def can_take_over(stream: IOStream, loop: asyncio.AbstractEventLoop) -> bool:
    """Whether ``stream`` is a plain socket on a loop that watches sockets itself.

    TLS keeps its state in the stream, and Windows' default loop has no ``add_reader``.
    """
    return (
        type(stream) is IOStream
        and sys.platform != "win32"
        and isinstance(loop, asyncio.SelectorEventLoop)
    )


async def take_over(stream: IOStream) -> tuple[socket.socket, bytes]:
    """Takes the socket out of a Tornado stream, with the bytes the stream has read ahead.

    Tornado keeps nothing: it closes its own descriptor, by public means, while the
    duplicate lives on.

    Raises:
        StreamClosedError: the peer has gone.
    """
    if stream.writing():
        await stream.write(b"")  # resolves behind the handshake's answer
    if stream.closed():
        raise StreamClosedError(real_error=stream.error)
    taken = stream.socket.dup()
    taken.setblocking(False)
    early = b""
    with contextlib.suppress(StreamClosedError):  # the duplicate will tell, too
        while True:
            reading = asyncio.ensure_future(stream.read_bytes(READ_BYTES, partial=True))
            if not reading.done():
                break
            early += reading.result()
    stream.close()
    return taken, early


class RawLink(Link):
    """A link that owns its socket."""

    __slots__ = ("_early", "_socket", "_tail")

    def __init__(
        self,
        owner: Owner,
        options: SocketOptions,
        hub: Hub,
        taken: socket.socket,
        early: bytes,
    ) -> None:
        super().__init__(owner, options, hub)
        self._socket = taken
        self._early = early
        self._tail = memoryview(b"")
        """What the last ``send`` left over."""
        if taken.family in (socket.AF_INET, socket.AF_INET6):
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def run(self) -> None:
        """Starts reading; the loop holds the link from here on, Tornado nothing."""
        early, self._early = self._early, b""
        if early:
            self.received(early)
        if self._socket.fileno() >= 0:
            self._hub.loop.add_reader(self._socket.fileno(), self._readable)

    def _readable(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if data:
            self.received(data)
        else:
            self.lost()

    def flush(self) -> None:
        """Writes until nothing waits or the socket is full."""
        while not self._blocked:
            data = self._take()
            if data is None:
                return
            written = self._write(data)
            if 0 <= written < len(data):
                self._tail = memoryview(data)[written:]
                self._blocked = True
                self._hub.loop.add_writer(self._socket.fileno(), self._writable)

    def _write(self, data: bytes | memoryview) -> int:
        """Returns how many bytes the socket took, or -1 if the connection is lost."""
        try:
            written = self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self.lost()
            return -1
        self.pending_bytes -= written
        return written

    def _writable(self) -> None:
        written = self._write(self._tail)
        if written < 0:
            return
        self._tail = self._tail[written:]
        if self._tail:
            return
        self._blocked = False
        self.flush()
        if not self._blocked and self._socket.fileno() >= 0:
            self._hub.loop.remove_writer(self._socket.fileno())
            self._drained()

    def _half_close(self) -> None:
        if not self._blocked:
            try:
                self._socket.shutdown(socket.SHUT_WR)
            except OSError:
                self.lost()

    def _dispose(self) -> None:
        number = self._socket.fileno()
        if number >= 0:
            self._hub.loop.remove_reader(number)
            self._hub.loop.remove_writer(number)
            self._socket.close()
        self._tail = memoryview(b"")
