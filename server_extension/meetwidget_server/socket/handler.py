"""WebSocket handlers whose frames are the relay's own, and whose handshake is Tornado's.

Authentication, origin check, logging and the 101 stay where Jupyter's users and
admins expect them; what follows is a :class:`.link.Link`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, cast

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.httputil import HTTPHeaders
from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketHandler, WebSocketProtocol

from meetwidget_server.socket.link import ABNORMAL, INTERNAL_ERROR, Link
from meetwidget_server.socket.options import SETTING, SocketOptions
from meetwidget_server.socket.protocol import LinkConnection, LinkProtocol

_NO_HEADERS = HTTPHeaders()


class SocketHandler(WebSocketHandler):
    """A WebSocket for plain Tornado applications; override the five callbacks.

    The request's headers are gone after ``opened``: what is needed later is read there.

    All callbacks are synchronous and run on the event loop. An exception from one of
    them is logged and closes this connection with 1011, no other.
    """

    _link: Link | None = None

    @property
    def socket_options(self) -> SocketOptions:
        """Limits of this socket; from the application's settings unless overridden."""
        options: SocketOptions = self.settings.get(SETTING, None) or SocketOptions()
        return options

    # --------------------------------------------------------------- callbacks

    def opened(self) -> None:
        """The handshake is done; ``send`` works from here on."""

    def on_text(self, payload: bytes) -> None:
        """A text message, valid UTF-8."""

    def on_binary(self, payload: bytes) -> None:
        """A binary message."""

    def on_drained(self) -> None:
        """Everything that had to wait for the client to read has been written."""

    def on_gone(self, code: int, reason: str) -> None:
        """The connection is over: called once, last, never from inside ``send``/``close``.

        ``code`` is the close frame's, whoever sent it first: the client's (1005 if it
        named none) or the one given to ``close``; 1006 when the connection was lost.
        """

    # ------------------------------------------------------------------- calls

    def send(self, frame: bytes) -> None:
        """Queues one or more whole frames; they leave at the end of this loop turn.

        Built by ``text_frame``, ``binary_frame`` or ``binary_frames``. A no-op before
        the socket is open and once it is closing.
        """
        # While the socket is open an attribute of the instance, the link's own method,
        # stands in front of this one, and likewise below: a fan-out calls it for every
        # receiver.

    def send_now(self, frame: bytes) -> None:
        """Sends like ``send``, but without waiting for the turn to end.

        For who has gathered a turn's frames already; order with ``send`` is kept.
        """

    @property
    def pending_bytes(self) -> int:
        """Bytes given to ``send`` that the operating system has not taken yet."""
        return 0 if self._link is None else self._link.pending_bytes

    @property
    def closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._link is None or self._link.closing

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Sends what is queued and a close frame; ``on_gone`` follows (within 5 s)."""
        if self._link is not None:
            self._link.close(1000 if code is None else code, reason or "")

    def abort(self) -> None:
        """Drops the connection without a close frame; ``on_gone`` follows with 1006."""
        if self._link is not None:
            self._link.abort(ABNORMAL)

    def limit_messages(self, max_message_bytes: int) -> None:
        """Changes the largest message that is accepted, for example once a client is known."""
        if self._link is not None:
            self._link.limit_messages(max_message_bytes)

    def receive_binary_with(self, callback: Callable[[bytes], object]) -> None:
        """Has binary messages given to ``callback`` from the next one on.

        For hot paths: what ``on_binary`` would look up for each message is bound once.
        """
        if self._link is not None:
            self._link.receive_binary_with(callback)

    # ---------------------------------------------------------------- Tornado's

    def get_compression_options(self) -> dict[str, Any] | None:
        """Media is compressed already, and a shared frame cannot be deflated per socket."""
        return None

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """Hands the connection to the relay's own protocol (RFC 6455 only)."""
        if self.request.headers.get("Sec-WebSocket-Version") != "13":
            return None
        return LinkProtocol(self, self.socket_options)

    def _detach_stream(self) -> IOStream:
        # Tornado puts nine refusing methods onto the instance here, which doubles its size.
        return self.detach()

    async def open(self, *_args: Any, **_kwargs: Any) -> None:
        """Called by Tornado after the handshake; see :meth:`opened`."""
        protocol = self.ws_connection
        assert isinstance(protocol, LinkProtocol)
        try:
            link = await protocol.connect(self)
        except StreamClosedError:
            return
        self._link = link
        self.ws_connection = cast("WebSocketProtocol", LinkConnection(link))
        self.__dict__["send"], self.__dict__["send_now"] = link.send, link.send_now
        try:
            self.opened()
        except Exception:
            self.log_exception(*sys.exc_info())
            link.fail(INTERNAL_ERROR, "internal error")
        # What only the handshake needed; a third of an idle connection's memory.
        self.request.headers = _NO_HEADERS
        self.request.connection = self.request.server_connection = None

    def link_ended(self, code: int, reason: str) -> None:
        """Called by the link; lets Tornado run its own end of the connection."""
        self._link = None
        del self.__dict__["send"], self.__dict__["send_now"]
        self.on_ws_connection_close(code, reason)

    def on_close(self) -> None:
        """Called by Tornado, once."""
        self.on_gone(
            ABNORMAL if self.close_code is None else self.close_code, self.close_reason or ""
        )


class MeetSocket(WebSocketMixin, SocketHandler, JupyterHandler):
    """A WebSocket inside a Jupyter server.

    The mixin comes first so that its origin check, which honours ``allow_origin``,
    applies. ``prepare`` wants a signed-in user unless ``get`` is marked with
    ``allow_unauthenticated`` (for sockets that open with a ticket instead).
    """

    async def open(self, *args: Any, **kwargs: Any) -> None:
        """Skips the mixin's own ping timer; the link pings."""
        await SocketHandler.open(self, *args, **kwargs)
