"""One WebSocket connection after the handshake, whatever carries its bytes.

Everything a peer can notice (limits, close codes, pings, order of frames) is decided
here, once; :mod:`.raw` and :mod:`.streamed` only move bytes. That is what makes the
fast and the standard path the same to both sides.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable

from meetwidget.wire.close import CloseCode
from meetwidget_server.socket import frames
from meetwidget_server.socket.hub import Hub
from meetwidget_server.socket.options import SocketOptions
from meetwidget_server.socket.owner import Owner
from meetwidget_server.socket.reader import FrameReader

_log = logging.getLogger(__name__)

ABNORMAL = 1006
"""The connection ended without a close frame; never on the wire."""
INTERNAL_ERROR = 1011

LINGER_SECONDS = 1.0
"""How long a failed connection is kept to let its close frame arrive (closing with
unread bytes resets the connection, which may destroy the frame under way)."""
MAX_JOIN_BYTES = 256 * 1024
"""Most that is joined into one write; more would copy what a slow reader lets wait."""

_PING = frames.frame(frames.PING, b"")

OPEN, CLOSING, ENDED = range(3)


class Link(ABC):
    """The connection's state: open, closing or ended, and what waits to be written."""

    __slots__ = (
        "_blocked",
        "_code",
        "_heard",
        "_hub",
        "_last_words",
        "_max_pending",
        "_next_ping",
        "_out",
        "_owner",
        "_pong",
        "_pong_deadline",
        "_reader",
        "_reason",
        "_state",
        "_timer",
        "options",
        "pending_bytes",
    )

    def __init__(self, owner: Owner, options: SocketOptions, hub: Hub) -> None:
        self._owner = owner
        self.options = options
        self._hub = hub
        self._max_pending = options.max_pending_bytes
        self._reader = FrameReader(
            options.max_message_bytes,
            on_text=owner.on_text,
            on_binary=owner.on_binary,
            on_ping=self._pinged,
            on_close=self._peer_closes,
            on_failure=self.fail,
        )
        self._state = OPEN
        self._code = ABNORMAL
        self._reason = ""
        self._out: list[bytes] = []
        """Frames of this turn, or, while blocked, frames behind those being written."""
        self._blocked = False
        """Whether the transport took less than it was given and will tell when it can more."""
        self._last_words = False
        """Whether the connection ends as soon as everything is written."""
        self.pending_bytes = 0
        """Bytes accepted by ``send`` that the operating system has not taken yet."""
        self._pong: bytes | None = None
        """Payload of the newest unanswered ping (RFC 6455, 5.5.3: older ones need none)."""
        self._heard = False
        self._next_ping = hub.loop.time() + options.ping_interval
        self._pong_deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        hub.add(self, options.ping_interval)

    # ------------------------------------------------------------- for owners

    @property
    def closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._state != OPEN

    def send(self, frame: bytes) -> None:
        """Queues a whole frame; it leaves at the end of this loop turn.

        Silently does nothing once the connection is closing. A peer for which more
        than ``max_pending_bytes`` wait is closed with 1013.
        """
        if self._state:
            return
        out = self._out
        if not out and not self._blocked:
            self._hub.mark(self)
        out.append(frame)
        self.pending_bytes += len(frame)
        if self.pending_bytes > self._max_pending:
            self._overflow()

    def limit_messages(self, max_message_bytes: int) -> None:
        """Changes the largest message that is accepted."""
        self._reader.limit_messages(max_message_bytes)

    def send_now(self, frame: bytes) -> None:
        """Sends at once if nothing waits; for who has gathered a turn's frames already."""
        self.send(frame)
        if not self._blocked:
            self.flush()

    def receive_binary_with(self, callback: Callable[[bytes], object]) -> None:
        """Has binary messages given to ``callback`` instead of the owner."""
        if not self._state:
            self._reader.on_binary = callback

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Sends what is queued and a close frame, and waits for the peer's."""
        if self._state:
            return
        self._begin_closing(code, reason)
        self._arm(self.options.close_timeout)

    def fail(self, code: int, reason: str) -> None:
        """Sends a close frame and hangs up without listening any more."""
        if self._state == ENDED:
            return
        if self._state == OPEN:
            self._begin_closing(code, reason)
        self._reader.stop()
        if self._state == CLOSING:
            self._half_close()
            self._arm(LINGER_SECONDS)

    def abort(self, code: int = ABNORMAL, reason: str = "") -> None:
        """Drops the connection without a word to the peer."""
        if self._state == OPEN:
            self._code, self._reason = code, reason
        self.lost()

    # --------------------------------------------------------- for transports

    @abstractmethod
    async def run(self) -> None:
        """Starts reading; returns when Tornado's part in the connection is over."""

    @abstractmethod
    def flush(self) -> None:
        """Writes what is queued unless blocked; ends by calling ``_written``."""

    @abstractmethod
    def _half_close(self) -> None:
        """Tells the peer that nothing follows, if the transport can."""

    @abstractmethod
    def _dispose(self) -> None:
        """Closes the transport."""

    def received(self, data: bytes) -> None:
        """Takes bytes from the transport; exceptions of callbacks end here."""
        self._heard = True
        try:
            self._reader.feed(data)
        except Exception as error:
            self._broke(error)

    def _broke(self, error: Exception) -> None:
        """A callback raised: that closes its own connection, and no other."""
        _log.error("A socket's owner failed; the connection is closed.", exc_info=error)
        self.fail(INTERNAL_ERROR, "internal error")

    def lost(self) -> None:
        """Ends the link: end of stream, an error, or nothing left to wait for."""
        if self._state == ENDED:
            return
        self._state = ENDED
        self._reader.stop()
        self._out.clear()
        self._pong = None
        self.pending_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._hub.remove(self)
        self._dispose()
        self._hub.loop.call_soon(self._owner.link_ended, self._code, self._reason)

    def _take(self) -> bytes | None:
        """Returns the next bytes to write, joined, or None if nothing waits."""
        out = self._out
        if self._pong is not None and self._state == OPEN:
            pong = frames.frame(frames.PONG, self._pong)
            self._pong = None
            out.append(pong)
            self.pending_bytes += len(pong)
        if len(out) == 1:
            return out.pop()
        if not out:
            return None
        if self.pending_bytes <= MAX_JOIN_BYTES:
            data = b"".join(out)
            out.clear()
            return data
        size = count = 0
        for frame in out:
            count += 1
            size += len(frame)
            if size >= MAX_JOIN_BYTES:
                break
        data = b"".join(out[:count])
        del out[:count]
        return data

    def _drained(self) -> None:
        """Everything queued has been written after the transport was blocked."""
        if self._last_words:
            self.lost()
        elif self._state == OPEN:
            try:
                self._owner.on_drained()
            except Exception as error:
                self._broke(error)

    def beat(self, now: float, late: float) -> None:
        """Pings the peer, or gives up on it; see :meth:`.hub.Member.beat`."""
        options = self.options
        if self._state or options.ping_interval <= 0:
            return
        if self._pong_deadline:
            if self._heard:
                self._pong_deadline = 0.0
            elif late > options.ping_timeout / 2:
                # The loop (or the machine) slept: the answer may lie unread.
                self._pong_deadline = now + options.ping_timeout
            elif now >= self._pong_deadline:
                self.abort(ABNORMAL, "no answer to a ping")
                return
        if now >= self._next_ping and not self._pong_deadline:
            self._next_ping = now + options.ping_interval
            self._heard = False
            if options.ping_timeout > 0:
                self._pong_deadline = now + options.ping_timeout
            self.send(_PING)

    def _pinged(self, payload: bytes) -> None:
        if not self._out and not self._blocked and self._pong is None:
            self._hub.mark(self)
        self._pong = payload

    def _peer_closes(self, code: int, reason: str) -> None:
        if self._state == CLOSING:
            self.lost()
            return
        self._last_words = True
        self._begin_closing(code, reason, echo="")
        if self._state == ENDED:
            return
        if self._blocked:
            self._arm(self.options.close_timeout)
        else:
            self.lost()

    def _begin_closing(self, code: int, reason: str, echo: str | None = None) -> None:
        self._code, self._reason = code, reason
        self._state = CLOSING
        self._reader.ignore_messages()
        frame = frames.close_frame(code, reason if echo is None else echo)
        self._out.append(frame)
        self.pending_bytes += len(frame)
        self.flush()

    def _overflow(self) -> None:
        if not self._blocked:
            self.flush()
        if self._state == OPEN and self.pending_bytes > self._max_pending:
            self.pending_bytes -= sum(map(len, self._out))
            self._out.clear()
            self.close(CloseCode.TOO_SLOW, "This connection does not read fast enough.")

    def _arm(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._state != ENDED:
            self._timer = self._hub.loop.call_later(seconds, self.lost)
