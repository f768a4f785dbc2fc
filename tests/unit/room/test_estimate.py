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
