"""RFC 6455's receiving side for a server, without I/O.

Bytes go in, callbacks come out. Tornado's reader awaits twice per frame; in a room
where everybody sends, that is most of a relay's work. This one takes whatever the
socket had and walks through it, with as little Python per frame as it can.
"""

from __future__ import annotations

from collections.abc import Callable

from tornado.util import _websocket_mask as unmask

from meetwidget.wire.close import CloseCode
from meetwidget_server.socket import frames

PROTOCOL_ERROR = 1002
NO_CODE = 1005
INVALID_TEXT = 1007

_FINAL_TEXT = frames.FINAL | frames.TEXT
_FINAL_BINARY = frames.FINAL | frames.BINARY
_RESERVED_BITS = 0x70
_DATA_OPCODES = (frames.TEXT, frames.BINARY)
_CONTROL_OPCODES = (frames.CLOSE, frames.PING, frames.PONG)
_SENDABLE_CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015)})
"""Codes below 3000 that a peer may put on the wire (RFC 6455, 7.4, and IANA's registry)."""

Payload = Callable[[bytes], object]
Closing = Callable[[int, str], object]


def _ignore(_payload: bytes) -> None:
    """Stands for a callback nobody wants called any more."""


class FrameReader:
    """Turns a client's bytes into messages and control frames.

    Args:
        max_message_bytes: largest message, also when it comes in fragments; the
            reader never holds more than this, one frame header and one ``feed``.
        on_text: gets each text message, valid UTF-8.
        on_binary: gets each binary message.
        on_ping: gets each ping's payload.
        on_close: gets the peer's close code (1005 if it gave none) and reason;
            nothing is called after it.
        on_failure: gets the close code and reason to fail the connection with;
            nothing is called after it.
    """

    __slots__ = (
        "_dead",
        "_limit",
        "_message",
        "_needed",
        "_rest",
        "on_binary",
        "on_close",
        "on_failure",
        "on_ping",
        "on_text",
    )

    def __init__(
        self,
        max_message_bytes: int,
        *,
        on_text: Payload,
        on_binary: Payload,
        on_ping: Payload,
        on_close: Closing,
        on_failure: Closing,
    ) -> None:
        self._limit = max_message_bytes
        self._rest: bytearray | None = None
        """The beginning of a frame whose end has not come yet."""
        self._needed = 0
        """How long ``_rest`` must be before looking at it again is worth it."""
        self._message: tuple[int, bytearray] | None = None
        """Opcode and content so far of a fragmented message."""
        self._dead = False
        self.on_text = on_text
        self.on_binary = on_binary
        self.on_ping = on_ping
        self.on_close = on_close
        self.on_failure = on_failure

    @property
    def buffered(self) -> int:
        """Bytes held for frames and messages that are not complete."""
        return len(self._rest or b"") + (len(self._message[1]) if self._message else 0)

    def limit_messages(self, max_message_bytes: int) -> None:
        """Changes the largest message, from the next frame on (also within this ``feed``)."""
        self._limit = max_message_bytes

    def ignore_messages(self) -> None:
        """From now on only the peer's close frame matters (also within this ``feed``)."""
        self.on_text = self.on_binary = self.on_ping = _ignore

    def stop(self) -> None:
        """Ends the reader: whatever is fed is forgotten."""
        self._dead = True
        self._rest = self._message = None
        self.ignore_messages()

    def feed(self, data: bytes) -> None:
        """Takes bytes as they came and calls back for every frame they complete.

        An exception from a callback leaves through here; the reader is then unusable
        and must be stopped.
        """
        if self._rest is not None:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            data = bytes(self._rest)
            self._rest = None
        if self._dead:
            return
        limit = self._limit
        position = 0
        end = len(data)
        needed = 2
        while end - position >= 2:
            first = data[position]
            size = data[position + 1] - 0x80
            if size < 126:
                if size < 0:
                    return self._fail(PROTOCOL_ERROR, "A client's frames must be masked.")
                start = position + 6
            elif size == 126:
                if end - position < 4:
                    needed = 4
                    break
                size = data[position + 2] << 8 | data[position + 3]
                start = position + 8
            else:
                if end - position < 10:
                    needed = 10
                    break
                size = int.from_bytes(data[position + 2 : position + 10], "big")
                start = position + 14
            if (
                size > limit
                or self._message is not None
                or (first != _FINAL_BINARY and first != _FINAL_TEXT)
            ):
                wrong = self._refuse(first, size)
                if wrong is not None:
                    return self._fail(*wrong)
            stop = start + size
            if stop > end:
                needed = stop - position
                break
            payload = unmask(data[start - 4 : start], data[start:stop])
            position = stop
            if self._message is None and first == _FINAL_BINARY:
                self.on_binary(payload)
            elif self._message is None and first == _FINAL_TEXT:
                if not payload.isascii() and not _is_utf8(payload):
                    return self._fail(INVALID_TEXT, "A text message was not UTF-8.")
                self.on_text(payload)
            else:
                self._other(first, payload)
                if self._dead:
                    return None
        if position < end and not self._dead:
            self._rest = bytearray(data[position:])
            self._needed = needed
        return None

    def _refuse(self, first: int, size: int) -> tuple[int, str] | None:
        """Says why a frame with this header must not be read, or None if it may."""
        opcode = first & 0x0F
        if first & _RESERVED_BITS:
            return PROTOCOL_ERROR, "A reserved bit is set, and no extension was agreed on."
        if opcode in _CONTROL_OPCODES:
            if size > frames.MAX_CONTROL_BYTES or not first & frames.FINAL:
                return PROTOCOL_ERROR, "A control frame is too long or fragmented."
            return None
        if opcode in _DATA_OPCODES:
            if self._message is not None:
                return PROTOCOL_ERROR, "A message began inside another one."
            held = 0
        elif opcode:
            return PROTOCOL_ERROR, f"Opcode {opcode} is not defined."
        elif self._message is None:
            return PROTOCOL_ERROR, "A continuation frame continues nothing."
        else:
            held = len(self._message[1])
        if held + size > self._limit:
            return CloseCode.TOO_LARGE, f"A message is longer than {self._limit} bytes."
        return None

    def _other(self, first: int, payload: bytes) -> None:
        """Handles control frames and fragments; the header has been checked."""
        opcode = first & 0x0F
        if self._dead:
            return
        if opcode == frames.PING:
            self.on_ping(payload)
        elif opcode == frames.CLOSE:
            self._closed(payload)
        elif opcode == frames.PONG:
            return
        elif self._message is None:
            self._message = (opcode, bytearray(payload))
        else:
            kind, content = self._message
            content += payload
            if not first & frames.FINAL:
                return
            self._message = None
            message = bytes(content)
            if kind == frames.BINARY:
                self.on_binary(message)
            elif _is_utf8(message):
                self.on_text(message)
            else:
                self._fail(INVALID_TEXT, "A text message was not UTF-8.")

    def _closed(self, payload: bytes) -> None:
        """Handles the peer's close frame."""
        if not payload:
            code, reason = NO_CODE, ""
        else:
            code = int.from_bytes(payload[:2], "big")
            valid = 3000 <= code < 5000 or code in _SENDABLE_CLOSE_CODES
            if len(payload) == 1 or not valid:
                return self._fail(PROTOCOL_ERROR, "A close frame carries no valid code.")
            if not _is_utf8(payload[2:]):
                return self._fail(INVALID_TEXT, "A close reason was not UTF-8.")
            reason = payload[2:].decode()
        self.stop()
        self.on_close(code, reason)
        return None

    def _fail(self, code: int, reason: str) -> None:
        if not self._dead:
            self.stop()
            self.on_failure(code, reason)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
