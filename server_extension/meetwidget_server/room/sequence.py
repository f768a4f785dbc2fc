"""What of a sender's video can be decoded, unit by unit, and what a joiner needs to start.

A unit is one encoded chunk, in one frame or several fragments with the same capture time.
The relay passes on only what a receiver that has everything so far can decode, so that all
later stages may drop whole units by simple rules: a key unit starts anew, a base unit follows
the base unit before it, an upper-layer unit belongs to the newest base unit.
"""

from __future__ import annotations

from meetwidget.wire.media import FLAG_KEY, FLAG_LAST, LAYER_MASK

_BASE_COUNTS = 0xFFFF


class VideoSequence:
    """One handle's video as its sender sends it."""

    __slots__ = (
        "_base",
        "_cache",
        "_cache_bytes",
        "_key_frames",
        "_max_bytes",
        "_max_frames",
        "_newest",
        "_passing",
        "before_capture",
        "before_in_unit",
        "broken",
        "capture",
        "gaps",
        "in_unit",
        "total_bytes",
        "units",
        "upper",
        "upper_bytes",
    )

    def __init__(self, max_bytes: int, max_frames: int) -> None:
        self._max_bytes = max_bytes
        self._max_frames = max_frames
        self._cache: list[bytes] | None = None
        self._cache_bytes = 0
        self._newest: list[bytes] = []
        """Upper-layer frames after the newest base unit: a picture that stands still may end so."""
        self._key_frames = 0
        self._base = 0
        self._passing = False
        self.broken = True
        """Nothing can be decoded until the sender's next key frame."""
        self.in_unit = False
        """Fragments of the unit at hand are still to come."""
        self.capture = b""
        """Capture time of the unit at hand, as on the wire."""
        self.upper = False
        """The unit at hand is of an upper temporal layer."""
        self.gaps = 0
        """How often a base unit was missing, before the relay."""
        self.units = 0
        """Units that began so far."""
        self.total_bytes = 0
        """Bytes that were of use to receivers so far."""
        self.upper_bytes = 0
        """Those of upper layers among them."""
        self.before_in_unit = False
        """``in_unit`` and ``capture`` as they were before the frame that was last admitted."""
        self.before_capture = b""

    def admit(self, frame: bytes) -> bool:
        """Takes the sender's next frame; returns whether it is of use to receivers."""
        bits = frame[1]
        capture = frame[8:16]
        self.before_in_unit = self.in_unit
        self.before_capture = self.capture
        if not (self.in_unit and capture == self.capture):
            if self.in_unit and self._passing and not self.upper:
                self.broken = True  # a base unit was never finished
            self.capture = capture
            self._passing = self._start_unit(bits, frame[16] << 8 | frame[17])
        self.in_unit = not bits & FLAG_LAST
        if self._passing:
            size = len(frame)
            self.total_bytes += size
            if self.upper:
                self.upper_bytes += size
            self._remember(frame)
        return self._passing

    def _start_unit(self, bits: int, base: int) -> bool:
        self.units += 1
        if bits & FLAG_KEY:
            self.broken = self.upper = False
            self._base = base
            self._cache = []
            self._newest = []
            self._cache_bytes = self._key_frames = 0
            return True
        self.upper = bool(bits & LAYER_MASK)
        if self.broken:
            return False
        if self.upper:
            return base == self._base
        if base != (self._base + 1) & _BASE_COUNTS:
            self.broken = True
            self.gaps += 1
            self.forget()
            return False
        self._base = base
        self._cache_bytes -= sum(map(len, self._newest))
        self._newest = []
        return True

    def _remember(self, frame: bytes) -> None:
        cache = self._cache
        if cache is None:
            return
        self._cache_bytes += len(frame)
        if (
            self._cache_bytes > self._max_bytes
            or len(cache) + len(self._newest) >= self._max_frames
        ):
            self.forget()
            return
        if self.upper:
            self._newest.append(frame)
            return
        cache.append(frame)
        if frame[1] & FLAG_KEY:
            self._key_frames += 1

    def forget(self) -> None:
        """Drops the cache until the next key frame."""
        self._cache = None
        self._newest = []
        self._cache_bytes = 0

    @property
    def cached_bytes(self) -> int:
        """Bytes kept since the last key frame."""
        return self._cache_bytes

    def catch_up(self, budget: int) -> tuple[list[bytes], bool]:
        """Returns what shows a joiner a picture at once, and whether they are then up to date.

        The whole base layer since the last key frame and what came after its newest unit, where
        that fits ``budget`` bytes (an upper-layer unit of which fragments are still to come is
        left out); otherwise the key frame alone, a still until the next one; nothing if even that is
        too large, unfinished or unknown.
        """
        if self._cache is None or self.broken:
            return [], False
        newest = self._newest
        if self.in_unit and self.upper:
            newest = [frame for frame in newest if frame[8:16] != self.capture]
        if self._cache_bytes <= budget:
            return [*self._cache, *newest], bool(self._cache)
        key = self._cache[: self._key_frames]
        if not key or not key[-1][1] & FLAG_LAST or sum(map(len, key)) > budget:
            return [], False
        return key, False
