"""Where Tornado's WebSocket ends and the relay's begins.

``WebSocketHandler.get_websocket_protocol`` is Tornado's own hook: a
``WebSocketProtocol13`` answers the handshake, and its receive loop owns the stream.
This one puts a :class:`.link.Link` in the loop's place.
"""

from __future__ import annotations

import asyncio
from typing import Any

from tornado.escape import utf8
from tornado.websocket import WebSocketHandler, WebSocketProtocol13, _WebSocketParams

from meetwidget_server.socket import frames
from meetwidget_server.socket.hub import hub_of
from meetwidget_server.socket.link import ABNORMAL, Link, Owner
from meetwidget_server.socket.options import SocketOptions
from meetwidget_server.socket.raw import RawLink, can_take_over, take_over
from meetwidget_server.socket.streamed import StreamLink


class LinkProtocol(WebSocketProtocol13):
    """Tornado's handshake, then a link."""

    link: Link | None = None

    def __init__(self, handler: WebSocketHandler, options: SocketOptions) -> None:
        super().__init__(handler, False, _WebSocketParams())
        self._options = options

    async def connect(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> Link:
        """Makes the link, on the fast path where stream and loop allow it.

        Raises:
            StreamClosedError: the peer has gone during the handshake.
        """
        hub = hub_of(loop)
        if self._options.fast_path and can_take_over(self.stream, loop):
            taken, early = await take_over(self.stream)
            self.link = RawLink(owner, self._options, hub, taken, early)
        else:
            self.link = StreamLink(owner, self._options, hub, self.stream)
        return self.link

    async def _receive_frame_loop(self) -> None:
        if self.link is not None:
            await self.link.run()

    def start_pinging(self) -> None:
        """The hub pings."""

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Starts the closing handshake."""
        if self.link is not None:
            self.link.close(1000 if code is None else code, reason or "")

    def _abort(self) -> None:
        if self.link is not None:
            self.link.abort(ABNORMAL)
        elif self.stream is not None:
            self.stream.close()

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self.link is None or self.link.closing

    def set_nodelay(self, x: bool) -> None:
        """Always on."""

    def write_message(
        self, message: str | bytes | dict[str, Any], binary: bool = False
    ) -> asyncio.Future[None]:
        """Tornado's way to send, kept for code that knows no frames."""
        if isinstance(message, dict):
            raise TypeError("Encode the message, then send a text frame.")
        payload = utf8(message)
        if self.link is not None:
            self.link.send(frames.binary_frame(payload) if binary else frames.text_frame(payload))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def write_ping(self, data: bytes) -> None:
        """Sends a ping besides the regular ones."""
        if self.link is not None:
            self.link.send(frames.frame(frames.PING, data))
