"""One direction of a line as a queue that is told the time: no sockets, no clock, exact by test.

Packets wait in a bounded queue (tail drop), leave it at the line's rate one after the other, may be
lost on the way, and arrive after the delay. What is not modelled: reordering, jitter, link layers.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

LEAST_QUEUE_BYTES = 16 * 1500
"""Sixteen full packets: no modem has less, however slow its line."""
QUEUE_S = 0.25
"""What a line's queue holds unless told: a quarter of a second at its rate."""


@dataclass(frozen=True)
class Line:
    """What a direction is like.

    Attributes:
        rate: bits a second, headers of IP included; more than 0.
        delay: seconds from the end of sending to arrival.
        loss: part of the packets that is lost on the way, 0 to 1.
        queue: bytes that may wait, the packet in transmission included; None: 250 ms at ``rate``,
            at least sixteen full packets.
        up: False is an outage: what waits and what is offered is lost.
    """

    rate: float
    delay: float = 0.0
    loss: float = 0.0
    queue: int | None = None
    up: bool = True

    @property
    def queue_bytes(self) -> int:
        """Bytes that may wait."""
        if self.queue is not None:
            return self.queue
        return max(LEAST_QUEUE_BYTES, int(self.rate / 8 * QUEUE_S))


@dataclass
class Tally:
    """What became of the packets."""

    carried: int = 0
    carried_bytes: int = 0
    lost: int = 0
    """By chance, on the way."""
    dropped: int = 0
    """The queue was full."""
    cut: int = 0
    """The line was down."""


class Direction:
    """One direction: :meth:`offer` packets, then :meth:`due` gives those that have arrived.

    All times are seconds on one clock that never runs backwards; the caller passes it in.

    Args:
        line: what it is like at first.
        seed: of the losses.
    """

    def __init__(self, line: Line, seed: int = 0) -> None:
        self.line = line
        self.tally = Tally()
        self._chance = random.Random(seed)
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._sent_bits = 0.0
        """Of the packet in front."""
        self._since = 0.0
        """Up to when the queue has been worked off."""
        self._under_way: deque[tuple[float, bytes]] = deque()

    @property
    def queued(self) -> int:
        """Bytes that wait, the packet in transmission included."""
        return self._queued

    def change(self, now: float, line: Line) -> None:
        """Makes the line another one: what waits goes on at the new rate."""
        self._work(now)
        self.line = line
        if not line.up:
            self.tally.cut += len(self._queue)
            self._queue.clear()
            self._queued = 0
            self._sent_bits = 0.0

    def offer(self, now: float, packet: bytes) -> bool:
        """Takes a packet, or drops it and returns False."""
        self._work(now)
        if not self.line.up:
            self.tally.cut += 1
            return False
        if self._queue and self._queued + len(packet) > self.line.queue_bytes:
            self.tally.dropped += 1
            return False
        self._queue.append(packet)
        self._queued += len(packet)
        return True

    def due(self, now: float) -> list[bytes]:
        """Returns the packets that have arrived by ``now``, each once, in order."""
        self._work(now)
        arrived = []
        while self._under_way and self._under_way[0][0] <= now:
            arrived.append(self._under_way.popleft()[1])
        return arrived

    def next_at(self) -> float | None:
        """When :meth:`due` is to be asked again; None while nothing waits.

        A packet can still be lost when it is its turn: then nothing arrives at that time.
        """
        if self._under_way:
            return self._under_way[0][0]
        if self._queue:
            return self._leaves() + self.line.delay
        return None

    def _leaves(self) -> float:
        """When the packet in front has been sent."""
        return self._since + (len(self._queue[0]) * 8 - self._sent_bits) / self.line.rate

    def _work(self, now: float) -> None:
        while self._queue:
            leaves = self._leaves()
            if leaves > now:
                self._sent_bits += (now - self._since) * self.line.rate
                break
            packet = self._queue.popleft()
            self._queued -= len(packet)
            self._since = leaves
            self._sent_bits = 0.0
            self._send(leaves, packet)
        self._since = max(self._since, now)

    def _send(self, at: float, packet: bytes) -> None:
        if self._chance.random() < self.line.loss:
            self.tally.lost += 1
            return
        self.tally.carried += 1
        self.tally.carried_bytes += len(packet)
        arrives = at + self.line.delay
        if self._under_way:
            # A line whose delay has just shrunk does not reorder.
            arrives = max(arrives, self._under_way[-1][0])
        self._under_way.append((arrives, packet))
