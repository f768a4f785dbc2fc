"""From media frames to what a decoder may be given. No I/O, no codec.

The relay may leave out upper layers and whole groups for a receiver that lags, and switches
renditions at key frames. VP8 shows no error when a base frame is missing, the picture is just
wrong; so what may be decoded is told by the base counter alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from meetwidget.wire.media import Header

LARGEST_UNIT = 8 * 1024 * 1024
"""Bytes of one encoded picture; more is not a picture."""


@dataclass(frozen=True)
class Unit:
    """One encoded picture."""

    header: Header
    """Of its last fragment."""
    data: bytes


class Assembler:
    """Joins the fragments of one handle."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._next: int | None = None
        self._capture: int | None = None
        self._broken = False

    def push(self, header: Header, payload: bytes | memoryview) -> Unit | None:
        """Takes a frame; returns the unit it completes."""
        gap = self._next is not None and header.sequence != self._next
        if header.capture_us != self._capture:
            # Fragments of a unit share their capture time: another one starts another unit.
            self._parts, self._size, self._broken = [], 0, False
        elif gap:
            self._broken = True
        self._next = (header.sequence + 1) & 0xFFFFFFFF
        self._capture = header.capture_us
        self._size += len(payload)
        if self._broken or self._size > LARGEST_UNIT:
            self._parts, self._broken = [], True
        else:
            self._parts.append(bytes(payload))
        if not header.last:
            return None
        data, broken = b"".join(self._parts), self._broken
        self._parts, self._size, self._broken = [], 0, False
        self._capture = None
        return None if broken else Unit(header, data)


class Continuity:
    """Tells which units of a handle may be decoded."""

    def __init__(self) -> None:
        self._base: int | None = None

    @property
    def waiting(self) -> bool:
        """Whether nothing but a key frame is of use."""
        return self._base is None

    def admit(self, header: Header) -> bool:
        """Whether to decode a unit; the others must be left out."""
        if header.key:
            self._base = header.base_count
            return True
        if self._base is None:
            return False
        if header.layer > 0:
            return header.base_count == self._base
        if header.base_count != (self._base + 1) & 0xFFFF:
            self._base = None
            return False
        self._base = header.base_count
        return True

    def lose(self) -> None:
        """The decoder has lost its state: wait for a key frame."""
        self._base = None


class Selection:
    """Follows one stream through its renditions: the one whose key frame came last is shown."""

    def __init__(self) -> None:
        self._assemblers: dict[int, Assembler] = {}
        self._continuity = Continuity()
        self._handle: int | None = None

    @property
    def waiting(self) -> bool:
        """Whether nothing but a key frame is of use."""
        return self._continuity.waiting

    def push(self, header: Header, payload: bytes | memoryview) -> Unit | None:
        """Takes a frame of any rendition; returns a unit to decode next."""
        assembler = self._assemblers.setdefault(header.handle, Assembler())
        unit = assembler.push(header, payload)
        if unit is None:
            return None
        if header.handle != self._handle:
            if not header.key:
                return None
            self._handle = header.handle
            self._assemblers = {header.handle: assembler}
            self._continuity = Continuity()
        return unit if self._continuity.admit(header) else None

    def lose(self) -> None:
        """The decoder has lost its state: wait for a key frame."""
        self._continuity.lose()
