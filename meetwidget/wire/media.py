"""The media plane's binary frames: a 20-byte header and an opaque payload.

Network byte order::

    kind u8 | flags u8 | handle u16 | sequence u32 | capture time u64 (µs)
    | base count u16 | config u8 | reserved u8 (0)
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Literal, NamedTuple

HEADER = struct.Struct("!BBHIQHBB")
HEADER_BYTES = HEADER.size  # 20
_ACK = struct.Struct("!QQ")
FRAGMENT_BYTES = 16 * 1024
"""Largest video payload of one frame; larger chunks are cut into fragments."""

FLAG_KEY = 0x01
FLAG_LAST = 0x02
LAYER_SHIFT = 2
LAYER_MASK = 0x0C
FLAG_EXTENSION = 0x10
FLAG_ENCRYPTED = 0x20
_KNOWN_FLAGS = FLAG_KEY | FLAG_LAST | LAYER_MASK | FLAG_EXTENSION | FLAG_ENCRYPTED

EXTENSION_LEVEL = 1
"""Entry of an extension block: the loudness of a packet of sound, one byte as in RFC 6464."""
SILENCE_DBOV = -127
"""The lowest level that can be told, dB below overload."""
_VOICE = 0x80

MediaKind = Literal["audio", "video", "data"]


class FrameKind(IntEnum):
    """First byte of a media frame."""

    AUDIO = 1
    VIDEO = 2
    DATA = 3
    ACK = 4


class BadMediaFrame(ValueError):
    """Bytes that are not a media frame of this protocol."""


class Header(NamedTuple):
    """The 20 bytes in front of every media payload."""

    kind: int
    flags: int
    handle: int
    """Room-wide; names one rendition of one stream."""
    sequence: int
    """Counts a handle's frames from 0, before any drop by the relay; wraps at 2**32."""
    capture_us: int
    """The sender's clock, µs."""
    base_count: int = 0
    """Base-layer frames of this handle so far, this one included; wraps at 2**16."""
    config: int = 0
    """Version of the rendition's configuration in force."""

    @property
    def key(self) -> bool:
        """Whether a decoder can start here."""
        return bool(self.flags & FLAG_KEY)

    @property
    def last(self) -> bool:
        """Whether this is the last (or only) fragment of its unit."""
        return bool(self.flags & FLAG_LAST)

    @property
    def layer(self) -> int:
        """Temporal layer, 0 to 3."""
        return (self.flags & LAYER_MASK) >> LAYER_SHIFT

    def pack(self) -> bytes:
        """Returns the header's 20 bytes."""
        return HEADER.pack(*self, 0)


class Acknowledgement(NamedTuple):
    """What a receiver has got on one media socket so far."""

    received: int
    """Payload bytes of WebSocket messages received on this socket (headers included)."""
    clock_us: int
    """The acknowledger's clock, µs."""


def flags(*, key: bool = False, last: bool = True, layer: int = 0, extension: bool = False) -> int:
    """Returns the flag byte for the given properties."""
    return (
        (FLAG_KEY if key else 0)
        | (FLAG_LAST if last else 0)
        | (layer << LAYER_SHIFT) & LAYER_MASK
        | (FLAG_EXTENSION if extension else 0)
    )


def parse(frame: bytes | bytearray | memoryview) -> Header:
    """Reads a frame's header.

    Raises:
        BadMediaFrame: too short, an unknown kind or flag, a reserved byte set, or an
            extension block that does not fit.
    """
    if len(frame) < HEADER_BYTES:
        raise BadMediaFrame(f"{len(frame)} bytes is shorter than a header")
    kind, flag_bits, handle, sequence, capture, base, config, reserved = HEADER.unpack_from(frame)
    if not 1 <= kind <= 4:
        raise BadMediaFrame(f"unknown kind {kind}")
    if reserved:
        raise BadMediaFrame("reserved byte is not 0")
    if flag_bits & ~_KNOWN_FLAGS:
        raise BadMediaFrame(f"unknown flags {flag_bits:#04x}")
    if flag_bits & FLAG_EXTENSION:
        if len(frame) < HEADER_BYTES + 2:
            raise BadMediaFrame("extension block is cut off")
        size = int.from_bytes(frame[HEADER_BYTES : HEADER_BYTES + 2], "big")
        if len(frame) < HEADER_BYTES + 2 + size:
            raise BadMediaFrame("extension block is cut off")
    if kind == FrameKind.ACK and len(frame) != HEADER_BYTES + _ACK.size:
        raise BadMediaFrame("an acknowledgement carries 16 bytes")
    return Header(kind, flag_bits, handle, sequence, capture, base, config)


def payload(frame: bytes | bytearray | memoryview) -> memoryview:
    """Returns the payload behind header and extension block, without a copy.

    Raises:
        BadMediaFrame: the frame is shorter than its own header says.
    """
    header = parse(frame)
    start = HEADER_BYTES
    if header.flags & FLAG_EXTENSION:
        start += 2 + int.from_bytes(frame[HEADER_BYTES : HEADER_BYTES + 2], "big")
    return memoryview(frame)[start:]


def level_extension(dbov: float, voice: bool) -> bytes:
    """Returns the extension block that tells a packet's loudness.

    A block is its size (u16), then entries: type (u8), size (u8), body. This one is 5 bytes.

    Args:
        dbov: root mean square, dB relative to overload; -127 (silence) to 0.
        voice: whether the sender takes it for speech.
    """
    level = min(127, max(0, round(-dbov)))
    return bytes((0, 3, EXTENSION_LEVEL, 1, level | (_VOICE if voice else 0)))


def audio_level(frame: bytes | bytearray | memoryview) -> tuple[int, bool] | None:
    """Returns loudness (dBov, -127 to 0) and whether it is speech; None if a frame does not say.

    The frame must have passed :func:`parse`; entries of unknown types are passed over.
    """
    if not frame[1] & FLAG_EXTENSION:
        return None
    at = HEADER_BYTES + 2
    end = at + int.from_bytes(frame[HEADER_BYTES:at], "big")
    while at + 2 <= end:
        size = frame[at + 1]
        if frame[at] == EXTENSION_LEVEL and size == 1 and at + 3 <= end:
            return -(frame[at + 2] & 0x7F), bool(frame[at + 2] & _VOICE)
        at += 2 + size
    return None


def pack_ack(received: int, clock_us: int) -> bytes:
    """Returns an acknowledgement frame for ``received`` bytes at ``clock_us`` (µs)."""
    return Header(FrameKind.ACK, FLAG_LAST, 0, 0, clock_us).pack() + _ACK.pack(received, clock_us)


def parse_ack(frame: bytes | bytearray | memoryview) -> Acknowledgement:
    """Reads an acknowledgement frame.

    Raises:
        BadMediaFrame: not an acknowledgement.
    """
    if parse(frame).kind != FrameKind.ACK:
        raise BadMediaFrame("not an acknowledgement")
    return Acknowledgement(*_ACK.unpack_from(frame, HEADER_BYTES))


def fragment(header: Header, chunk: bytes | memoryview, size: int = FRAGMENT_BYTES) -> list[bytes]:
    """Cuts one encoded chunk into frames of at most ``size`` payload bytes.

    All fragments share capture time, base count, key flag and layer; their sequence
    numbers follow each other from ``header.sequence``; only the final one carries the
    *last* flag.
    """
    view = memoryview(chunk)
    frames = []
    count = max(1, -(-len(view) // size))
    for index in range(count):
        bits = header.flags & ~FLAG_LAST
        if index == count - 1:
            bits |= FLAG_LAST
        part = header._replace(flags=bits, sequence=(header.sequence + index) & 0xFFFFFFFF)
        frames.append(part.pack() + bytes(view[index * size : (index + 1) * size]))
    return frames
