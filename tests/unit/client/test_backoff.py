"""How long a client waits before it comes back."""

from __future__ import annotations

from meetwidget.backoff import Backoff


def test_ceilings_double_up_to_the_longest() -> None:
    """With the jitter at its highest, waits are the ceilings themselves."""
    backoff = Backoff(first=0.5, longest=3.0, uniform=lambda low, high: high)
    assert [backoff.next() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_jitter_is_full() -> None:
    """A wait is drawn from the whole range between nothing and the ceiling."""
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return low

    backoff = Backoff(first=1.0, longest=8.0, uniform=uniform)
    for _ in range(3):
        backoff.next()
    assert drawn == [(0.0, 1.0), (0.0, 2.0), (0.0, 4.0)]


def test_reset_starts_again() -> None:
    """After a live connection the first wait is short again."""
    backoff = Backoff(first=1.0, longest=8.0, uniform=lambda low, high: high)
    backoff.next()
    backoff.next()
    backoff.reset()
    assert backoff.next() == 1.0


def test_thousands_of_attempts_do_not_overflow() -> None:
    """A relay that is gone for a week still gets finite waits."""
    backoff = Backoff(uniform=lambda low, high: high)
    assert max(backoff.next() for _ in range(5000)) == 15.0
