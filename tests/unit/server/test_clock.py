"""The relay's clock under a time of day that jumps."""

from __future__ import annotations

import time

import pytest
from meetwidget_server.clock import Clock


class Machine:
    """A machine whose two clocks the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.uptime = 1_000_000.0, 50.0
        monkeypatch.setattr(time, "time", lambda: self.wall)
        monkeypatch.setattr(time, "monotonic", lambda: self.uptime)

    def run(self, seconds: float) -> None:
        self.wall += seconds
        self.uptime += seconds


def test_clock_tells_the_time_of_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undisturbed, the clock is the time of day."""
    machine = Machine(monkeypatch)
    clock = Clock()
    machine.run(10)
    clock.adjust()
    assert clock() == machine.wall


def test_clock_jumps_forward_after_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop that slept an hour stamps the right hour."""
    machine = Machine(monkeypatch)
    clock = Clock()
    machine.wall += 3600
    clock.adjust()
    assert clock() == machine.wall


def test_clock_set_back_never_runs_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time of day is set back, timers go on and the clock comes down slowly."""
    machine = Machine(monkeypatch)
    clock = Clock()
    machine.wall -= 60
    last = clock()
    for _ in range(60 * 30 * 10):
        machine.run(0.1)
        clock.adjust()
        assert last < clock() < last + 0.11
        last = clock()
    assert abs(last - machine.wall) <= 1.1
