"""The relation between this clock and the relay's."""

from __future__ import annotations

import time

from meetwidget.clock import RelayClock, now_us


def test_the_clock_counts_from_1970_and_never_runs_back() -> None:
    """Capture times are comparable with other machines' and monotonic."""
    assert abs(now_us() - time.time_ns() // 1000) < 60_000_000
    readings = [now_us() for _ in range(1000)]
    assert readings == sorted(readings)


def test_the_exchange_with_the_least_round_trip_counts() -> None:
    """A slow exchange says little about the offset and does not replace a quick one."""
    clock = RelayClock()
    clock.pong(sent_us=1_000, relay_us=501_000, received_us=3_000)
    assert clock.offset_us == 499_000
    clock.pong(sent_us=10_000, relay_us=900_000, received_us=90_000)
    assert clock.offset_us == 499_000
    clock.pong(sent_us=100_000, relay_us=600_100, received_us=100_200)
    assert (clock.offset_us, clock.round_trip_us) == (500_000, 200)


def test_an_answer_from_before_the_question_is_ignored() -> None:
    """A relay cannot make time run backwards."""
    clock = RelayClock()
    clock.pong(sent_us=5_000, relay_us=0, received_us=1_000)
    assert clock.round_trip_us is None
