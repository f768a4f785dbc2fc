"""The line's model, with time passed in: what it promises holds exactly."""

from __future__ import annotations

import pytest

from tests.network.line import LEAST_QUEUE_BYTES, Direction, Line

KILOBYTE = bytes(1000)


def arrivals(direction: Direction, until: float, step: float = 0.001) -> list[float]:
    """Asks every ``step`` seconds; returns when packets arrived."""
    return [
        n * step for n in range(round(until / step) + 1) for _ in direction.due(n * step + 1e-9)
    ]


def test_a_packet_takes_its_sending_time_and_the_delay() -> None:
    """1000 bytes at 1 Mbit/s are sent in 8 ms and arrive 50 ms later."""
    direction = Direction(Line(rate=1e6, delay=0.05))
    assert direction.offer(2.0, KILOBYTE)
    assert direction.next_at() == pytest.approx(2.058)
    assert direction.due(2.0579) == []
    assert direction.due(2.0581) == [KILOBYTE]
    assert direction.next_at() is None


def test_packets_leave_one_after_the_other_at_the_line_s_rate() -> None:
    """Ten packets offered at once arrive 8 ms apart."""
    direction = Direction(Line(rate=1e6, queue=20_000))
    for _ in range(10):
        assert direction.offer(0.0, KILOBYTE)
    assert arrivals(direction, 0.1) == pytest.approx([0.008 * n for n in range(1, 11)])


def test_an_idle_line_saves_nothing_up() -> None:
    """After a pause the next packet takes its full sending time again."""
    direction = Direction(Line(rate=1e6))
    direction.offer(0.0, KILOBYTE)
    direction.due(5.0)
    direction.offer(5.0, KILOBYTE)
    assert direction.next_at() == pytest.approx(5.008)


def test_asking_often_or_seldom_makes_no_difference() -> None:
    """Rates do not drift with the number of questions asked."""
    often, seldom = (Direction(Line(rate=3e5, delay=0.02, queue=10**6)) for _ in range(2))
    for n in range(200):
        for direction in (often, seldom):
            direction.offer(n * 0.01, KILOBYTE)
        for k in range(10):
            often.due(n * 0.01 + k * 0.001)
    assert seldom.due(2.0)
    often.due(2.0)
    assert often.queued == seldom.queued > 0
    assert often.next_at() == pytest.approx(seldom.next_at())


def test_a_full_queue_drops_what_comes_last() -> None:
    """The bound counts the packet in transmission; a lone packet larger than it still goes."""
    direction = Direction(Line(rate=1e6, queue=2500))
    assert [direction.offer(0.0, KILOBYTE) for _ in range(3)] == [True, True, False]
    assert direction.offer(0.0085, KILOBYTE)
    assert direction.tally.dropped == 1
    assert Direction(Line(rate=1e6, queue=10)).offer(0.0, KILOBYTE)


def test_the_usual_queue_is_a_quarter_of_a_second_but_no_less_than_sixteen_packets() -> None:
    """Slow lines still take a burst."""
    assert Line(rate=4e6).queue_bytes == 125_000
    assert Line(rate=3e5).queue_bytes == LEAST_QUEUE_BYTES


def test_what_waits_goes_on_at_the_new_rate() -> None:
    """A packet half sent when the rate is halved needs twice the rest of its time."""
    direction = Direction(Line(rate=1e6))
    direction.offer(0.0, KILOBYTE)
    direction.change(0.004, Line(rate=5e5))
    assert direction.next_at() == pytest.approx(0.012)


def test_an_outage_loses_what_waits_and_what_comes_and_ends_clean() -> None:
    """After it the line is empty; what was already on its way arrives."""
    direction = Direction(Line(rate=1e6, delay=0.05))
    for _ in range(3):
        direction.offer(0.0, KILOBYTE)
    direction.change(0.01, Line(rate=1e6, delay=0.05, up=False))
    assert not direction.offer(0.02, KILOBYTE)
    assert direction.due(1.0) == [KILOBYTE]
    assert direction.tally.cut == 3
    direction.change(5.0, Line(rate=1e6, delay=0.05))
    assert direction.offer(5.0, KILOBYTE)
    assert direction.next_at() == pytest.approx(5.058)


def test_packets_never_overtake_each_other() -> None:
    """A delay that shrinks lets nothing pass what is already under way."""
    direction = Direction(Line(rate=1e6, delay=0.5))
    direction.offer(0.0, b"first" * 100)
    direction.due(0.1)
    direction.change(0.1, Line(rate=1e6, delay=0.0))
    direction.offer(0.1, b"second" * 100)
    assert direction.due(0.2) == []
    assert direction.due(1.0) == [b"first" * 100, b"second" * 100]


@pytest.mark.parametrize("loss", [0.0, 0.02, 0.5, 1.0])
def test_the_share_lost_is_the_one_ordered(loss: float) -> None:
    """Of 20,000 packets, as many are lost as ordered, give or take a fifth of a per cent of chance."""
    direction = Direction(Line(rate=1e9, loss=loss, queue=10**9), seed=7)
    for n in range(20_000):
        direction.offer(n * 1e-4, KILOBYTE)
    arrived = len(direction.due(10.0))
    assert arrived == direction.tally.carried
    assert direction.tally.lost == 20_000 - arrived
    # Seeded: the same in every run; four standard deviations of the binomial.
    assert abs(direction.tally.lost / 20_000 - loss) <= 4 * (loss * (1 - loss) / 20_000) ** 0.5


def test_the_same_seed_loses_the_same_packets() -> None:
    """A run can be repeated."""

    def survivors(seed: int) -> list[bytes]:
        direction = Direction(Line(rate=1e9, loss=0.3), seed)
        for n in range(100):
            direction.offer(n * 0.01, n.to_bytes(2, "big"))
        return direction.due(2.0)

    assert survivors(3) == survivors(3)
    assert survivors(3) != survivors(4)
