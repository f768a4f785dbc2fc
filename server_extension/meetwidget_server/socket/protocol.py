"""Where Tornado's WebSocket ends and the relay's begins.

``WebSocketHandler.get_websocket_protocol`` is Tornado's own hook: a
``WebSocketProtocol13`` answers the handshake, and its receive loop owns the stream.
This one puts a :class:`.link.Link` in the loop's place.
"""

from __future__ import annotations

import asyncio

from tornado.escape import utf8
from tornado.websocket import WebSocketHandler, WebSocketProtocol13, _WebSocketParams

from meetwidget_server.socket import frames
from meetwidget_server.socket.hub import hub_of
from meetwidget_server.socket.link import ABNORMAL, Link
from meetwidget_server.socket.options import SocketOptions
from meetwidget_server.socket.owner import Owner
from meetwidget_server.socket.raw import RawLink, can_take_over, take_over
from meetwidget_server.socket.streamed import StreamLink


class LinkProtocol(WebSocketProtocol13):
    """Tornado's handshake; after it, a link is made and this object is done."""

    _link: Link | None = None

    def __init__(self, handler: WebSocketHandler, options: SocketOptions) -> None:
        super().__init__(handler, False, _WebSocketParams())
        self._options = options

    async def connect(self, owner: Owner) -> Link:
        """Makes the link, on the fast path where stream and loop allow it.

        Raises:
            StreamClosedError: the peer has gone during the handshake.
        """
        loop = asyncio.get_running_loop()
        hub = hub_of(loop)
        if self._options.fast_path and can_take_over(self.stream, loop):
            taken, early = await take_over(self.stream)
            self._link = RawLink(owner, self._options, hub, taken, early)
        else:
            self._link = StreamLink(owner, self._options, hub, self.stream)
        return self._link

    async def _receive_frame_loop(self) -> None:
        if self._link is not None:
            await self._link.run()

    def start_pinging(self) -> None:
        """The hub pings."""

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Nothing to say goodbye to yet; see :class:`LinkConnection`."""

    def _abort(self) -> None:
        if self._link is not None:
            self._link.abort(ABNORMAL)
        elif self.stream is not None:
            self.stream.close()


class LinkConnection:
    """A link as Tornado's handler sees it: what ``ws_connection`` is while it is open."""

    __slots__ = ("_link",)

    client_terminated = server_terminated = False
    selected_subprotocol = None

    def __init__(self, link: Link) -> None:
        self._link = link

    def on_connection_close(self) -> None:
        """Tornado's end of the connection."""
        self._link.abort(ABNORMAL)

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Starts the closing handshake."""
        self._link.close(1000 if code is None else code, reason or "")

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._link.closing

    def set_nodelay(self, x: bool) -> None:
        """Always on."""

    def write_message(self, message: str | bytes, binary: bool = False) -> asyncio.Future[None]:
        """Tornado's way to send, kept for code that knows no frames."""
        payload = utf8(message)
        self._link.send(frames.binary_frame(payload) if binary else frames.text_frame(payload))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def write_ping(self, data: bytes) -> None:
        """Sends a ping besides the regular ones."""
        self._link.send(frames.frame(frames.PING, data))
