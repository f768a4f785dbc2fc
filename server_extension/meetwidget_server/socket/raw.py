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
from meetwidget_server.socket.link import ENDED, MAX_JOIN_BYTES, Link
from meetwidget_server.socket.options import SocketOptions
from meetwidget_server.socket.owner import Owner

READ_BYTES = 64 * 1024
"""Most that is read from one socket before the others get their turn."""

RETRY_MS = 1000
"""Longest time between two attempts of TCP, ms: the least that Linux takes."""
GIVE_UP_MS = 60_000
"""After so long without an answer TCP gives up, ms. Our own pings notice sooner; without this it
would be after 15 attempts, which at one a second is too soon for a walk through a tunnel."""
_TCP_RTO_MAX_MS = 44
"""Since Linux 6.15 (linux/tcp.h)."""
_TCP_THIN_LINEAR_TIMEOUTS = 16
"""Since Linux 2.6.34: no back-off for the first attempts of a stream of few packets."""


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


def retry_soon(taken: socket.socket) -> None:
    """Has TCP try again within a second while the line is away, where the system can do that.

    By default it waits twice as long after each attempt, so that after an outage of 5 s nothing
    comes for up to 5 s more.
    """
    if sys.platform == "linux":
        options = (
            (_TCP_RTO_MAX_MS, RETRY_MS),
            (_TCP_THIN_LINEAR_TIMEOUTS, 1),
            (socket.TCP_USER_TIMEOUT, GIVE_UP_MS),
        )
        for option, value in options:
            with contextlib.suppress(OSError):  # an older kernel
                taken.setsockopt(socket.IPPROTO_TCP, option, value)


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
            retry_soon(taken)

    async def run(self) -> None:
        """Starts reading; the loop holds the link from here on, Tornado nothing."""
        early, self._early = self._early, b""
        if early:
            self.received(early)
        if self._socket.fileno() >= 0:
            self._hub.poller.watch(self._socket.fileno(), self)

    def readable(self) -> None:
        """Reads once; called by the poller."""
        try:
            data = self._socket.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self.lost()
            return
        self._heard = True
        try:
            self._reader.feed(data)
        except Exception as error:
            self._broke(error)

    def send_now(self, frame: bytes) -> None:
        """See :meth:`.Link.send_now`."""
        if self._state or self._out or self._blocked or self._pong is not None:
            super().send_now(frame)
            return
        try:
            written = self._socket.send(frame)
        except OSError as error:
            written = self._failed(error)
        if 0 <= written < len(frame):
            self.pending_bytes = len(frame)
            self._wait(frame, written)
            if self.pending_bytes > self._max_pending:
                self._overflow()

    def flush(self) -> None:
        """Writes until nothing waits or the socket is full."""
        if self._blocked:
            return
        out = self._out
        if self._pong is not None or self.pending_bytes > MAX_JOIN_BYTES:
            self._flush_more()
        elif out:
            data = out[0] if len(out) == 1 else b"".join(out)
            out.clear()
            try:
                written = self._socket.send(data)
            except OSError as error:
                written = self._failed(error)
            if written == len(data):
                self.pending_bytes = 0
            elif written >= 0:
                self._wait(data, written)

    def _flush_more(self) -> None:
        """Writes a pong, or more than fits into one write."""
        while not self._blocked and (data := self._take()) is not None:
            try:
                written = self._socket.send(data)
            except OSError as error:
                written = self._failed(error)
            if written == len(data):
                self.pending_bytes -= written
            elif written >= 0:
                self._wait(data, written)
            else:
                return

    def _wait(self, data: bytes, written: int) -> None:
        """Keeps what the socket did not take until it takes more."""
        self.pending_bytes -= written
        self._tail = memoryview(data)[written:]
        self._blocked = True
        self._hub.poller.want_to_write(self._socket.fileno(), self, True)

    def _failed(self, error: OSError) -> int:
        """Returns 0 if the socket is only full, or -1, with the link ended."""
        if isinstance(error, (BlockingIOError, InterruptedError)):
            return 0
        self.lost()
        return -1

    def writable(self) -> None:
        """Writes on after :meth:`_wait`; called by the poller."""
        try:
            written = self._socket.send(self._tail)
        except OSError as error:
            written = self._failed(error)
        if written < 0:
            return
        self.pending_bytes -= written
        self._tail = self._tail[written:]
        if self._tail:
            return
        self._blocked = False
        self._flush_more()
        if not self._blocked and self._state != ENDED:
            self._hub.poller.want_to_write(self._socket.fileno(), self, False)
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
            self._hub.poller.forget(number)
            self._socket.close()
        self._tail = memoryview(b"")
