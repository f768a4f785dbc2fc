"""One WebSocket of Tornado's client, with one way to end: a :class:`Loss`."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    WebSocketProtocol13,
    websocket_connect,
)

CONNECT_SECONDS = 10.0
PING_SECONDS = 10.0
"""A socket whose peer does not answer a ping within this time is half-open, and is closed."""
LARGEST_MESSAGE = 256 * 1024 * 1024
"""Bytes. A welcome may carry 200 messages of 1 MB each; the relay is trusted not to send more."""
ABNORMAL = 1006
"""The code that stands for an end without a close frame."""
SETTLE_SECONDS = 1.0
"""How long a cancelled attempt may take to finish."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Loss:
    """How a socket ended."""

    code: int
    reason: str
    after: float = 0.0
    """Seconds the relay asked us to stay away."""


class Socket:
    """An open WebSocket; every call belongs on its loop's thread."""

    def __init__(
        self,
        on_frame: Callable[[str | bytes], None],
        on_pong: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        self._on_frame = on_frame
        self._on_pong = on_pong
        self._connection: WebSocketClientConnection | None = None
        self._protocol: WebSocketProtocol13 | None = None
        self._lost: asyncio.Future[Loss] = asyncio.get_running_loop().create_future()

    async def open(self, url: str, within: float = CONNECT_SECONDS) -> Loss | None:
        """Connects within so many seconds; returns None, or why it was not possible."""
        request = HTTPRequest(url, connect_timeout=within, request_timeout=within)
        opening = websocket_connect(
            request,
            on_message_callback=self._on_message,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            max_message_size=LARGEST_MESSAGE,
        )
        try:
            self._take(await uncancelled(opening, self._take_and_drop))
        except HTTPClientError as error:
            return Loss(ABNORMAL, f"the relay answered {error.code} instead of opening a socket")
        except (OSError, StreamClosedError) as error:
            return Loss(ABNORMAL, f"the relay cannot be reached ({error})")
        return None

    def _take(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        # Kept, since the connection forgets it when it starts to close.
        self._protocol = cast(WebSocketProtocol13, connection.protocol)
        self._protocol.set_nodelay(True)
        connection.on_pong = self._on_pong  # type: ignore[assignment,method-assign]

    def _take_and_drop(self, connection: WebSocketClientConnection) -> None:
        self._take(connection)
        self.drop()

    async def lost(self) -> Loss:
        """Waits until the socket has ended and says how."""
        return await asyncio.shield(self._lost)

    def send(self, data: bytes, *, binary: bool = False) -> bool:
        """Queues one message; False when the socket has ended."""
        if self._connection is None or self._lost.done():
            return False
        try:
            written = self._connection.write_message(data, binary=binary)
        except (WebSocketClosedError, StreamClosedError):
            return False
        written.add_done_callback(_forget)
        return True

    def ping(self) -> None:
        """Asks the peer for a sign of life; the pong is told to ``on_pong``."""
        if self._connection is not None and not self._lost.done():
            with contextlib.suppress(WebSocketClosedError, StreamClosedError):
                self._connection.ping(b"")

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Starts the closing handshake; :meth:`lost` tells when it is done."""
        if self._connection is not None:
            self._connection.close(code, reason or None)
        else:
            self.end(Loss(code, reason))

    def drop(self) -> None:
        """Closes now: says so if it is not said yet, and waits for nobody."""
        self.close()
        if self._protocol is not None:
            self._protocol.stream.close()
        self.end(Loss(1000, ""))

    def abort(self, loss: Loss) -> None:
        """Gives up a dead line: what is still in the system's buffers is forgotten, too."""
        if self._protocol is not None and not self._protocol.stream.closed():
            raw = self._protocol.stream.socket
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._protocol.stream.close()
        self.end(loss)

    def end(self, loss: Loss) -> None:
        """Counts as lost from now on, whatever the peer still does."""
        if not self._lost.done():
            self._lost.set_result(loss)

    def detach(self) -> int | None:
        """Takes the file descriptor away from a socket that belongs to a forked parent."""
        raw = getattr(getattr(self._protocol, "stream", None), "socket", None)
        return int(raw.detach()) if raw is not None else None

    def _on_message(self, message: str | bytes | None) -> None:
        if message is not None:
            if not self._lost.done():
                self._on_frame(message)
            return
        connection = self._connection
        code = connection.close_code if connection is not None else None
        reason = connection.close_reason if connection is not None else None
        self.end(Loss(code or ABNORMAL, reason or "the connection was lost"))


async def uncancelled(
    attempt: Awaitable[Result], unwanted: Callable[[Result], object] = lambda _: None
) -> Result:
    """Awaits an attempt of Tornado's client, which knows no cancellation.

    When this is cancelled the attempt may finish within :data:`SETTLE_SECONDS`, and what it brings is
    handed to ``unwanted``; its socket would stay open otherwise.
    """
    future = asyncio.ensure_future(attempt)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait({future}, timeout=SETTLE_SECONDS)
        if future.done() and not future.cancelled() and future.exception() is None:
            unwanted(future.result())
        raise


def _forget(written: asyncio.Future[None]) -> None:
    """A write fails only because its socket ended, which :meth:`Socket.lost` tells."""
    if not written.cancelled():
        written.exception()
