"""When a line is taken to be full, and when it is merely late for a moment."""

from __future__ import annotations

from meetwidget_server.room.credit import GATE_DELAY, Credit
from meetwidget_server.room.estimate import SILENCE, LineEstimate


class Acks:
    """Acknowledgements every tenth of a second."""

    def __init__(self) -> None:
        self.now = 100.0
        self.acked = 0
        self.estimate = LineEstimate(self.now)

    def go(self, seconds: float, rate: float, excess: float) -> list[float]:
        """Delivers ``rate`` bytes a second, this late; returns the verdicts."""
        verdicts = []
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self.acked += round(rate / 10)
            self.estimate.observe(self.acked, excess, self.now)
            verdict = self.estimate.judge(None, self.now)
            if verdict is not None:
                verdicts.append(verdict)
        return verdicts


def test_punctual_line_is_never_full() -> None:
    """However little or much comes: without lateness there is no verdict."""
    acks = Acks()
    assert acks.go(5, 10_000, 0.02) == acks.go(5, 1_000_000, 0.08) == []


def test_lost_packet_is_no_verdict() -> None:
    """Late for two acknowledgements, as after a lost packet, again and again: still none."""
    acks = Acks()
    for _ in range(20):
        assert acks.go(0.2, 50_000, 0.25) == []
        assert acks.go(0.3, 80_000, 0.02) == []


def test_full_line_is_known_within_half_a_second_by_what_it_carries() -> None:
    """Lateness that stays is a verdict, of what was delivered since it began."""
    acks = Acks()
    acks.go(3, 400_000, 0.02)
    verdicts = acks.go(0.6, 60_000, 0.4)
    assert verdicts
    assert 60_000 <= verdicts[0] <= 0.5 * 400_000
    assert 55_000 <= acks.go(1.5, 60_000, 0.4)[-1] <= 65_000


def test_queue_that_drains_by_itself_is_no_verdict() -> None:
    """A key frame on its way makes everything late, less and less so."""
    acks = Acks()
    acks.go(3, 50_000, 0.02)
    for excess in (0.5, 0.42, 0.35, 0.29, 0.24, 0.2, 0.16, 0.13, 0.1, 0.08):
        assert acks.go(0.1, 60_000, excess) == []


def test_silence_is_an_outage_and_no_verdict() -> None:
    """What was under way in an outage comes very late and says nothing of the line."""
    acks = Acks()
    acks.go(3, 100_000, 0.02)
    acks.now += 5
    assert acks.go(0.4, 20_000, 5.0) == []
    assert acks.go(3, 100_000, 0.03) == []
    acks.go(1, 100_000, 0.4)
    assert acks.estimate.late(acks.now)
    assert not acks.estimate.late(acks.now + SILENCE)


def test_pictures_given_up_are_verdict_enough() -> None:
    """Without lateness that stays, but with losses of pictures, what was delivered is the verdict."""
    acks = Acks()
    acks.go(2, 50_000, 0.02)
    verdict = acks.estimate.judge(None, acks.now, at_once=True)
    assert verdict is not None
    assert 45_000 <= verdict <= 55_000


def test_nothing_goes_after_what_is_too_late() -> None:
    """Bytes without an acknowledgement hold back the next ones; the answer lets them go."""
    credit = Credit(10_000, 1 << 20, 0.0)
    credit.mark(8_000, 0.0)
    assert not credit.watch_age(8_000, 0.2)
    assert credit.watch_age(8_000, 0.1 + GATE_DELAY + 0.05)
    assert credit.held
    assert credit.ceiling == 8_000
    credit.acknowledge(8_000, 8_000, True, 0.6)
    assert credit.watch_age(8_000, 0.6)
    assert not credit.held
    assert credit.ceiling > 8_000


def test_word_that_waits_on_its_way_back_is_no_queue_on_the_way_there() -> None:
    """Their camera fills the line back: by their clock we are not late, and measure the true rate."""
    credit = Credit(10_000, 1 << 20, 0.0)
    estimate = LineEstimate(0.0)
    for step in range(1, 80):
        at = step * 0.1
        credit.mark(step * 2_000, at)
        back = 0.02 if step < 10 else 0.02 + step % 5 * 0.095
        heard = at + 0.02 + back
        credit.acknowledge(step * 2_000, step * 2_000, True, heard, int((9_000 + at) * 1e6))
        estimate.observe(credit.acked, credit.excess, heard, credit.back)
        assert credit.excess < 1e-6
        assert estimate.judge(None, heard) is None
    assert abs(estimate.delivered(heard) - 20_000) < 4_000


def test_a_clock_that_stands_still_says_nothing() -> None:
    """Then all lateness is taken for ours, as from somebody who tells no time."""
    credit = Credit(10_000, 1 << 20, 0.0)
    for step, delay in ((1, 0.05), (2, 0.05), (3, 0.4)):
        credit.mark(step * 1_000, step * 1.0)
        credit.acknowledge(step * 1_000, step * 1_000, False, step + delay, 77)
    assert abs(credit.excess - 0.35) < 1e-9


def test_delay_is_that_of_the_newest_byte() -> None:
    """However much comes in one acknowledgement, and also of a write that came in part."""
    credit = Credit(10_000, 1 << 20, 0.0)
    for number in range(1, 6):
        credit.mark(number * 1_000, number * 0.1)
    credit.acknowledge(2_500, 5_000, False, 0.55)
    assert credit.delay is not None
    assert abs(credit.delay - 0.25) < 1e-9
    credit.acknowledge(5_000, 5_000, False, 0.56)
    assert abs(credit.delay - 0.06) < 1e-9
    assert abs(credit.base_delay - 0.06) < 1e-9
