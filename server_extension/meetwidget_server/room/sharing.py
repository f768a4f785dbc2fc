"""Applies what is known of a receiver's line to what they watch."""

from __future__ import annotations

from collections.abc import Sequence

from .adaptation import SHARED_LINE, UNKNOWN
from .allocation import Tile
from .ports import Seat
from .queue import ReceiverQueue
from .tally import MediaTally
from .watching import Watch

VOICE_BYTES = 6_500.0
"""Bytes a second set aside for each voice on the pictures' socket: 32 kbit/s in 50 packets a second
with 20 bytes of our header and 30 of others."""
LOOK_INTERVAL = 0.3
"""Seconds between looks whether a line could bear more; a verdict is heeded at once."""
MOST_VOICES = 5
"""Voices set aside for at most: in large meetings few speak at a time."""


class Sharing:
    """One receiver at a time; holds nothing but the counts."""

    def __init__(self, tally: MediaTally) -> None:
        self._tally = tally

    def tick(self, seat: Seat, now: float) -> None:
        """Follows the receiver's line, down at once and up with patience."""
        port = seat.ports.get("video")
        if port is None:
            return
        queue, line = port.queue, seat.adaptation
        breaks, queue.breaks = queue.breaks, 0
        if breaks:
            line.broken(now)
        capacity = queue.estimate.judge(
            queue.waiting_since, now, at_once=line.breaking(now), since=line.burst_until
        )
        delivered: float | None = None
        sound = seat.ports.get("audio")
        if sound is not None and sound is not port:
            # Both go through one line: what comes late there was held up by what goes here.
            late = sound.queue.estimate.judge(sound.queue.waiting_since, now)
            if late is not None and capacity is None:
                capacity = SHARED_LINE * queue.estimate.delivered(now)
        if capacity is None and (line.capacity == UNKNOWN or now < line.look_at):
            return
        line.look_at = now + LOOK_INTERVAL
        watches, tiles = self._tiles(seat, queue, now)
        reserve = self._reserve(seat, queue)
        if capacity is not None:
            levels = line.full(tiles, capacity, reserve, now)
        elif queue.waiting or queue.credit.held or queue.estimate.late(now):
            return
        else:
            delivered = queue.estimate.delivered(now)
            levels = line.calm(tiles, delivered, reserve, now)
        self._apply(watches, tiles, levels, now)

    def fit(self, seat: Seat, now: float) -> None:
        """What is watched has changed: shares out anew what is known of the line."""
        port = seat.ports.get("video")
        line = seat.adaptation
        if port is None or line.capacity == UNKNOWN:
            return
        watches, tiles = self._tiles(seat, port.queue, now)
        levels = line.fit(tiles, self._reserve(seat, port.queue))
        self._apply(watches, tiles, levels, now)

    @staticmethod
    def _tiles(seat: Seat, queue: ReceiverQueue, now: float) -> tuple[list[Watch], list[Tile]]:
        watches = [
            watch
            for watch in seat.watches.values()
            if watch.queue is queue and watch.stream.kind == "video"
        ]
        tiles = [
            Tile(
                watch.want.priority,
                watch.stream.costs(watch.want.height, now),
                watch.present,
            )
            for watch in watches
        ]
        return watches, tiles

    @staticmethod
    def _reserve(seat: Seat, queue: ReceiverQueue) -> float:
        voices = sum(
            watch.queue is queue and watch.stream.kind == "audio" for watch in seat.watches.values()
        )
        return VOICE_BYTES * min(voices, MOST_VOICES)

    def _apply(
        self, watches: Sequence[Watch], tiles: Sequence[Tile], levels: Sequence[int], now: float
    ) -> None:
        for watch, tile, level in zip(watches, tiles, levels, strict=True):
            if level != tile.level or (level == watch.levels) is not (watch.level is None):
                self._tally.steps_down += level < tile.level
                self._tally.steps_up += level > tile.level
                watch.limit(level, now)
