"""What is under way on a media socket, from acknowledgements alone."""

from __future__ import annotations

import pytest

from meetwidget.flight import SLACK_SECONDS, Flight


def test_nothing_under_way_is_no_queue() -> None:
    """An idle line has no queue, however long it idles, and no rate can be told."""
    line = Flight().line(1000.0)
    assert (line.in_flight, line.queue, line.delivered_bps, line.sent_bps) == (0, 0.0, None, 0.0)


def test_bytes_are_in_flight_until_acknowledged() -> None:
    """Acknowledgements are totals: they may come late, twice, or not at all."""
    flight = Flight()
    flight.send(1000, 0.0)
    flight.send(500, 0.1)
    assert flight.line(0.1).in_flight == 1500
    flight.acknowledge(1000, 0.2)
    flight.acknowledge(1000, 0.3)
    flight.acknowledge(700, 0.3)
    assert flight.line(0.3).in_flight == 500
    flight.acknowledge(9999, 0.4)
    assert flight.line(0.4).in_flight == 500, "more than was sent is no acknowledgement of ours"
    flight.acknowledge(1500, 0.5)
    assert flight.line(0.5).in_flight == 0


def test_the_lines_own_delay_is_no_queue() -> None:
    """A round trip of 300 ms alone makes no queue, since every acknowledgement takes that long."""
    flight, sent, acked = Flight(), 0, 0
    queues = []
    for step in range(100):
        now = step * 0.05
        flight.send(1000, now)
        sent += 1000
        if step >= 6:
            acked += 1000
            flight.acknowledge(acked, now + 0.001)
        if step > 20:
            queues.append(flight.line(now + 0.002).queue)
    assert max(queues) < 0.01


def test_a_growing_delay_is_a_queue() -> None:
    """What waits longer than the least delay seen waits in a queue."""
    flight = Flight()
    flight.send(1000, 0.0)
    flight.acknowledge(1000, 0.05)
    flight.send(1000, 1.0)
    flight.send(1000, 1.2)
    flight.acknowledge(2000, 1.6)
    assert flight.line(1.6).queue == pytest.approx(0.35)


def test_acknowledgements_that_wait_are_no_queue_on_the_way_there() -> None:
    """Other people's pictures may fill the line that the relay's word comes back on."""
    flight, ahead = Flight(), 9000.0
    for step in range(50):
        at = step * 0.1
        flight.send(1000, at)
        back = 0.02 if step < 10 else 0.02 + step % 5 * 0.095
        heard = at + 0.02 + back
        flight.acknowledge(1000 * (step + 1), heard, at + 0.02 + ahead)
        line = flight.line(heard)
        assert (line.queue, line.arrived_late) == (0.0, pytest.approx(0.0, abs=1e-6))
        if step > 10:
            assert line.delivered_bps == pytest.approx(80_000, rel=0.05)


def test_an_overdue_acknowledgement_is_a_queue() -> None:
    """A line that has gone silent is seen before its acknowledgement comes, if it ever does."""
    flight = Flight()
    flight.send(1000, 0.0)
    flight.acknowledge(1000, 0.05)
    flight.send(1000, 1.0)
    assert flight.line(1.0 + SLACK_SECONDS).queue == 0.0
    assert flight.line(6.0).queue == pytest.approx(5 - SLACK_SECONDS - 0.05)


def test_what_arrives_late_has_waited() -> None:
    """The wait of what has arrived does not grow while nothing arrives, and is forgotten soon."""
    flight = Flight()
    flight.send(1000, 0.0)
    flight.acknowledge(1000, 0.05)
    flight.send(1000, 1.0)
    flight.acknowledge(2000, 1.3)
    flight.send(1000, 1.4)
    assert flight.line(1.4).arrived_late == pytest.approx(0.25)
    assert flight.line(1.8).arrived_late == pytest.approx(0.25)
    assert flight.line(3.0).arrived_late == 0.0


def test_the_rates_are_those_of_the_last_moment() -> None:
    """10 kB every 100 ms are 800 kbit/s, whatever the line did before."""
    flight, total = Flight(), 0
    for step in range(60):
        size = 1_000 if step < 30 else 10_000
        flight.send(size, step * 0.1)
        total += size
        flight.acknowledge(total, step * 0.1 + 0.05)
    line = flight.line(5.96)
    assert line.delivered_bps == pytest.approx(800_000)
    assert line.sent_bps == pytest.approx(800_000, rel=0.2)
