"""Bitrate control against a modelled line: a queue that drains at the line's rate."""

from __future__ import annotations

from collections import deque

import pytest

from meetwidget.congestion import LEAST_BPS, PAUSE_SECONDS, START_BPS, RateController
from meetwidget.flight import ACK_SECONDS, Flight, Line

NOMINAL_BPS = 500_000
FPS = 20
BASE_SHARE = 0.6
STEP = 1 / 200
"""Seconds of one step of the model."""


class ModelledLine:
    """Pictures at what the controller allows, through a queue, to a relay that acknowledges.

    Args:
        bps: what the line carries, bits a second; may be changed while it runs.
        delay: one way, seconds.
    """

    def __init__(self, bps: float, delay: float = 0.05) -> None:
        self.bps = bps
        self.delay = delay
        self.now = 0.0
        self.rate = RateController()
        self.arrived: list[tuple[float, float]] = []
        """When each picture was sent, and when it was there."""
        self._flight = Flight()
        self._queue: deque[tuple[float, int]] = deque()
        self._left = 0.0
        self._received = self._told = 0
        self._acks: deque[tuple[float, int]] = deque()
        self._ack_at = 0.0
        self._picture_at = 0.0
        self._upper = False

    def run(self, seconds: float) -> ModelledLine:
        end = self.now + seconds
        while self.now < end:
            self.now += STEP
            self._carry()
            if self.now >= self._picture_at:
                self._picture_at += 1 / FPS
                self._picture()
        return self

    def delays(self, since: float) -> list[float]:
        """How long pictures sent after ``since`` took, seconds."""
        return [there - sent for sent, there in self.arrived if sent >= since]

    def _picture(self) -> None:
        self.rate.update(self._flight.line(self.now), NOMINAL_BPS, self.now)
        if self.rate.paused:
            return
        self._upper = not self._upper
        if self._upper and self.rate.drop_upper:
            return
        part = 1 - BASE_SHARE if self._upper else BASE_SHARE
        rate = min(NOMINAL_BPS, self.rate.target)
        size = int(rate / FPS * 2 * part / 8)
        self._flight.send(size, self.now)
        self._queue.append((self.now, size))

    def _carry(self) -> None:
        self._left = min(self._left, self.bps * STEP / 8) + self.bps * STEP / 8
        while self._queue and self._queue[0][1] <= self._left:
            sent, size = self._queue.popleft()
            self._left -= size
            self._received += size
            self.arrived.append((sent, self.now + self.delay))
        if not self._queue:
            self._left = 0.0
        elif self._left < self._queue[0][1]:
            sent, size = self._queue[0]
            self._queue[0] = sent, size - int(self._left)
            self._received += int(self._left)
            self._left -= int(self._left)
        if self._received > self._told and self.now >= self._ack_at:
            self._told, self._ack_at = self._received, self.now + ACK_SECONDS
            self._acks.append((self.now + 2 * self.delay, self._received))
        while self._acks and self._acks[0][0] <= self.now:
            self._flight.acknowledge(self._acks.popleft()[1], self.now)


def p95(delays: list[float]) -> float:
    return sorted(delays)[int(len(delays) * 0.95)]


def test_a_wide_line_gets_everything() -> None:
    """Nothing is held back where nothing queues, also over a long round trip."""
    for delay in (0.001, 0.15):
        line = ModelledLine(5_000_000, delay).run(20)
        assert line.rate.target >= NOMINAL_BPS
        assert len(line.arrived) >= 20 * FPS - 8


@pytest.mark.parametrize("bps", [150_000, 250_000, 400_000])
def test_a_narrow_line_is_filled_without_a_queue(bps: int) -> None:
    """Once it has settled, pictures are at most 300 ms old and use most of what the line carries."""
    line = ModelledLine(bps).run(40)
    assert p95(line.delays(10)) < 0.3
    assert 0.5 * bps < line.rate.target < 1.2 * bps


def test_after_a_drop_it_is_steady_within_seconds() -> None:
    """From 2 Mbit/s to 200 kbit/s: 3 s later pictures are fresh again."""
    line = ModelledLine(2_000_000).run(10)
    line.bps = 200_000
    line.run(20)
    assert p95(line.delays(13)) < 0.3
    assert line.rate.target < 240_000


def test_when_the_line_is_back_the_bitrate_is_too() -> None:
    """After a bad while everything is sent again within some seconds of the line's return."""
    line = ModelledLine(150_000).run(20)
    assert line.rate.target < 180_000
    line.bps = 5_000_000
    line.run(12)
    assert line.rate.target >= NOMINAL_BPS
    assert not line.rate.drop_upper
    assert not line.rate.paused


def test_a_dead_line_pauses_and_goes_on() -> None:
    """During an outage nothing is encoded; after it pictures flow at once."""
    line = ModelledLine(2_000_000).run(5)
    line.bps = 1
    line.run(5)
    assert line.rate.paused
    line.bps = 2_000_000
    line.run(2)
    assert not line.rate.paused
    assert any(sent > 10 for sent, _ in line.arrived)


def seen(queue: float, *, sent: float = START_BPS, delivered: float | None = None) -> Line:
    return Line(1000, queue, queue, 0.05, delivered, sent)


def test_the_upper_layer_goes_before_the_bitrate() -> None:
    """A short queue costs half of the pictures, a longer one bits, a long one everything."""
    rate = RateController()
    steps = []
    for queue in (0.05, 0.15, 0.25, PAUSE_SECONDS + 0.1, 0.2, 0.05, 0.0):
        rate.update(seen(queue), NOMINAL_BPS, float(len(steps)))
        steps.append((rate.drop_upper, rate.target < START_BPS, rate.paused))
    assert steps == [
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (True, True, True),
        (True, True, True),
        (True, True, False),
        (False, True, False),
    ]


def test_nothing_is_learned_from_a_line_that_is_hardly_used() -> None:
    """A still picture does not prove that the line bears a moving one."""
    rate = RateController()
    for second in range(60):
        rate.update(seen(0.0, sent=10_000.0), 4_000_000, float(second))
    assert rate.target == START_BPS


def test_there_is_a_least_bitrate() -> None:
    """However bad the line, what is sent is a picture; pausing does the rest."""
    rate = RateController()
    for second in range(60):
        rate.update(seen(2.0, delivered=10_000.0), NOMINAL_BPS, float(second))
    assert rate.target == LEAST_BPS
