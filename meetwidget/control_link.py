"""One control connection, from its ticket to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from msgspec import UNSET

from meetwidget import tickets
from meetwidget.clock import now_us
from meetwidget.discovery import Endpoint
from meetwidget.sockets import ABNORMAL, Loss, Socket
from meetwidget.version import version
from meetwidget.wire.close import CloseCode, remedy
from meetwidget.wire.control import (
    PROTOCOL_VERSION,
    BadFrame,
    Bye,
    ClientInfo,
    ClientMessage,
    Error,
    FromRelay,
    Hello,
    InvalidField,
    Ping,
    Resume,
    UnknownType,
    Waiting,
    Welcome,
    decode_relay,
    encode,
)

WELCOME_SECONDS = 10.0
"""A relay that has not welcomed us this long after the hello is given up for another attempt."""
CLOCK_SECONDS = 30.0
"""How often the relay's clock is asked for while live."""
TOO_FAST_SECONDS = 5.0
"""How long to stay away after a close for sending too fast, unless the relay says otherwise."""

_END_CODES: dict[int, str] = {
    CloseCode.NOT_ALLOWED: "not-allowed",
    CloseCode.REPLACED: "replaced",
    CloseCode.REMOVED: "removed",
    CloseCode.TOO_LARGE: "too-large",
    CloseCode.BAD_FRAME: "bad-frame",
}
_log = logging.getLogger("meetwidget")


class ControlLink:
    """A control socket and what its relay said about its end. Lives on the connection's thread."""

    def __init__(
        self,
        endpoint: Endpoint,
        room: str,
        on_welcome: Callable[[Welcome, str], None],
        on_message: Callable[[FromRelay], None],
        alias: str | None = None,
    ) -> None:
        """``on_welcome`` is given the media sockets' URL as we reach it, besides the message."""
        self._endpoint = endpoint
        self._room = room
        self._alias = alias
        self._on_welcome = on_welcome
        self._on_message = on_message
        self._socket: Socket | None = None
        self._same_origin = False
        self._welcomed = False
        self._heard_of = asyncio.Event()
        """Whether the relay has taken us in, or lets us wait for somebody who does."""
        self._bye: Bye | None = None
        self._error: Error | None = None
        self.lasted = False
        """Whether it was live for a while, as opposed to welcomed and lost at once."""

    async def run(self, resume: Resume | None) -> Loss:
        """Connects, and returns once the connection has ended.

        Raises:
            JoinFailed: there is no ticket for us.
        """
        try:
            ticket = await tickets.fetch_ticket(self._endpoint, self._room, self._alias)
        except tickets.Unreachable as error:
            return Loss(ABNORMAL, str(error))
        self._same_origin = ticket.same_origin
        socket = Socket(self._on_frame)
        refused = await socket.open(self._reached(ticket.control_url))
        if refused is not None:
            return refused
        self._socket = socket
        try:
            self.send(
                Hello(
                    protocol=PROTOCOL_VERSION,
                    ticket=ticket.ticket,
                    client=ClientInfo(
                        kind=tickets.CLIENT, version=version(), decodes=_decodes() or UNSET
                    ),
                    resume=resume if resume is not None else UNSET,
                )
            )
            return await self._last(socket)
        finally:
            self._socket = None
            socket.drop()

    def send(self, message: ClientMessage) -> bool:
        """Sends a message; False when it cannot be, because the link has ended."""
        return self._socket is not None and self._socket.send(encode(message))

    def close(self, code: int, reason: str, patience: float) -> bool:
        """Starts to close, and counts as lost after ``patience`` seconds in any case.

        Returns:
            False if there is no open socket (yet).
        """
        if self._socket is None:
            return False
        self._socket.close(code, reason)
        asyncio.get_running_loop().call_later(patience, self._socket.end, Loss(code, reason))
        return True

    def detach(self) -> int | None:
        """Takes the file descriptor away, in a forked child."""
        return self._socket.detach() if self._socket is not None else None

    def end(self, loss: Loss) -> tuple[str, str] | None:
        """Returns reason and code if the client must not come back after ``loss``, else None."""
        if remedy(loss.code) != "stop" and (self._bye is None or self._bye.reconnect):
            return None
        reason = loss.reason
        if self._bye is not None:
            reason = self._bye.reason
        if self._error is not None:
            return self._error.message, self._error.code
        reason = reason or f"The relay closed the connection ({loss.code})."
        return reason, _END_CODES.get(loss.code, "ended")

    def stay_away(self, loss: Loss) -> float:
        """Returns the seconds that the relay wants us to wait, back-off not counted."""
        if self._bye is not None and isinstance(self._bye.after_ms, int):
            return self._bye.after_ms / 1000
        return TOO_FAST_SECONDS if remedy(loss.code) == "wait" else 0.0

    async def _last(self, socket: Socket) -> Loss:
        lost = asyncio.ensure_future(socket.lost())
        heard_of = asyncio.ensure_future(self._heard_of.wait())
        try:
            await asyncio.wait(
                {heard_of, lost}, timeout=WELCOME_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if not self._heard_of.is_set() and not lost.done():
                return Loss(ABNORMAL, "the relay did not welcome us in time")
            while not lost.done():
                self.send(Ping(t=float(now_us())))
                await asyncio.wait({lost}, timeout=CLOCK_SECONDS)
                self.lasted = self.lasted or not lost.done()
            return lost.result()
        finally:
            heard_of.cancel()
            lost.cancel()

    def _on_frame(self, frame: str | bytes) -> None:
        try:
            message = decode_relay(frame)
        except UnknownType:
            return  # a newer relay
        except (BadFrame, InvalidField) as error:
            _log.warning("The relay said something unreadable: %s", error)
            return
        try:
            if isinstance(message, Welcome):
                self._on_welcome(message, self._reached(message.media.url))
                self._welcomed = True
                self._heard_of.set()
                return
            if isinstance(message, Waiting):
                self._heard_of.set()
            elif isinstance(message, Bye):
                self._bye = message
            elif isinstance(message, Error) and not isinstance(message.cid, str):
                self._error = message
            elif self._welcomed:
                self._error = None  # it did not close the connection, so it was not the end
            self._on_message(message)
        except Exception:
            _log.exception("meetwidget could not handle a message of the relay.")

    def _reached(self, url: str) -> str:
        return tickets.through(self._endpoint.url, url, self._same_origin)


def _decodes() -> list[str]:
    """What pictures and sound this process could decode; nothing without the extra ``[media]``."""
    try:
        from meetwidget.media.codecs import decodes
    except ImportError:  # MediaMissing, or a broken installation: chat works all the same
        return []
    return list(decodes())
