"""Server-to-client WebSocket frames as bytes, built once and shared by all receivers.

A server never masks, so the same bytes object can go to every socket of a room;
nothing here knows a connection.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

TEXT = 0x1
BINARY = 0x2
CLOSE = 0x8
PING = 0x9
PONG = 0xA

FINAL = 0x80
MAX_CONTROL_BYTES = 125
"""RFC 6455, 5.5: largest payload of a close, ping or pong frame."""

_SHORT = struct.Struct("!BB").pack
_MEDIUM = struct.Struct("!BBH").pack
_LONG = struct.Struct("!BBQ").pack


def frame(opcode: int, payload: bytes) -> bytes:
    """Returns one final, unmasked frame around ``payload``."""
    size = len(payload)
    if size < 126:
        return _SHORT(FINAL | opcode, size) + payload
    if size < 65536:
        return _MEDIUM(FINAL | opcode, 126, size) + payload
    return _LONG(FINAL | opcode, 127, size) + payload


def text_frame(payload: bytes) -> bytes:
    """Returns a text frame; ``payload`` is UTF-8 already."""
    return frame(TEXT, payload)


def binary_frame(payload: bytes) -> bytes:
    """Returns a binary frame."""
    size = len(payload)
    if 126 <= size < 65536:  # nearly every media frame: one call less
        return _MEDIUM(0x82, 126, size) + payload
    return frame(BINARY, payload)


def close_frame(code: int, reason: str = "") -> bytes:
    """Returns a close frame; ``reason`` is cut to what fits, on a character boundary.

    ``code`` 1005 stands for a close frame without a code.
    """
    if code == 1005:
        return frame(CLOSE, b"")
    kept = reason.encode()[: MAX_CONTROL_BYTES - 2].decode(errors="ignore").encode()
    return frame(CLOSE, struct.pack("!H", code) + kept)


def binary_frames(payloads: Sequence[bytes]) -> bytes:
    """Returns several binary frames as the bytes of one write, in order."""
    return b"".join(map(binary_frame, payloads))
