"""The window, against lines with a rate and a delay of their own."""

from __future__ import annotations

from collections import deque

import pytest
from meetwidget_server.room.credit import Credit


class Line:
    """A line of ``rate`` bytes a second and ``delay`` seconds round trip, acknowledged every 100 ms."""

    def __init__(self, rate: float, delay: float) -> None:
        self.rate = rate
        self.delay = delay
        self.credit = Credit(25_000, 8 << 20, 0.0)
        self.sent = 0
        self.now = 0.0
        self._free_at = 0.0
        self._arrivals: deque[tuple[float, int]] = deque()
        self._received = 0
        self._acks: deque[tuple[float, int]] = deque()
        self._next_ack = 0.1
        self.worst_age = 0.0

    def run(self, seconds: float, *, offered: float = 1e9, packet: int = 1000) -> float:
        """Sends whatever the window allows; returns bytes a second delivered."""
        start, before, budget = self.now, self._received, 0.0
        self.worst_age = 0.0
        while self.now < start + seconds:
            self.now += 0.005
            budget = min(budget + offered * 0.005, 1e7)
            limited = False
            while budget >= packet:
                if self.sent + packet > self.credit.acked + self.credit.window:
                    limited = True
                    break
                self._send(packet)
                budget -= packet
            self._receive(limited)
        return (self._received - before) / seconds

    def _send(self, size: int) -> None:
        self.sent += size
        self._free_at = max(self._free_at, self.now) + size / self.rate
        self._arrivals.append((self._free_at + self.delay / 2, self.sent))
        self.worst_age = max(self.worst_age, self._free_at - self.now)

    def _receive(self, limited: bool) -> None:
        while self._arrivals and self._arrivals[0][0] <= self.now:
            self._received = self._arrivals.popleft()[1]
        if self.now >= self._next_ack:
            self._next_ack = self.now + 0.1
            self._acks.append((self.now + self.delay / 2, self._received))
        while self._acks and self._acks[0][0] <= self.now:
            self.credit.acknowledge(self._acks.popleft()[1], self.sent, limited, self.now)


@pytest.mark.parametrize(
    ("rate", "delay"),
    [(125_000, 0.02), (125_000, 0.1), (1_000_000, 0.05), (10_000_000, 0.1), (50_000, 0.3)],
)
def test_line_is_used(rate: float, delay: float) -> None:
    """A sender with much to send gets at least 80 % of any line within seconds."""
    line = Line(rate, delay)
    line.run(4)
    assert line.run(4) >= 0.8 * rate


@pytest.mark.parametrize(("rate", "delay"), [(125_000, 0.1), (1_000_000, 0.05), (60_000, 0.1)])
def test_standing_queue_is_bounded(rate: float, delay: float) -> None:
    """What waits in the line stays within the allowed queue and one window's floor."""
    line = Line(rate, delay)
    line.run(6)
    line.run(6)
    assert line.worst_age <= max(0.5, 25_000 / rate + 0.1)


def test_window_follows_a_line_that_gets_worse() -> None:
    """When the rate falls to a tenth, the queue is short again within seconds."""
    line = Line(1_000_000, 0.05)
    line.run(5)
    line.rate = 100_000
    line.run(8)
    line.run(3)
    assert line.worst_age <= 0.6


def test_pause_does_not_shrink_the_window() -> None:
    """Silence is no sign of a bad line: after it the window is what it was."""
    line = Line(1_000_000, 0.05)
    line.run(5)
    before = line.credit.window
    line.run(20, offered=0)
    line.run(0.3, offered=50_000)
    line.run(20, offered=0)
    assert line.credit.window >= before


def test_modest_sender_does_not_shrink_the_window() -> None:
    """Who sends less than the line carries keeps the credit they had."""
    line = Line(1_000_000, 0.05)
    line.run(5)
    before = line.credit.window
    line.run(10, offered=20_000)
    assert line.credit.window >= 0.9 * before  # the delay alone is measured anew


def test_false_acknowledgements_are_harmless() -> None:
    """Claims beyond what was sent, and steps back, change nothing that was not earned."""
    credit = Credit(25_000, 100_000, 0.0)
    credit.acknowledge(10**12, 500, False, 0.1)
    assert credit.acked == 500
    credit.acknowledge(100, 500, False, 0.2)
    assert credit.acked == 500
    assert credit.window <= 100_000
