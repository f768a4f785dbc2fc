"""The token bucket."""

from meetwidget_server.room.rate import PATIENCE, TokenBucket


def test_burst_passes_and_the_next_waits() -> None:
    """As many messages as the burst pass at once; then the wait is told exactly."""
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert [bucket.take(1, 0.0) for _ in range(5)] == [0.0] * 5
    assert bucket.take(1, 0.0) == 0.1
    assert bucket.take(1, 0.1) == 0.0


def test_large_cost_leaves_a_debt() -> None:
    """A message dearer than the burst passes once, and is paid off afterwards."""
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert bucket.take(15, 0.0) == 0.0
    assert bucket.take(1, 1.0) > 0
    assert bucket.take(1, 1.2) == 0.0


def test_patience_ends_after_refusals_in_a_row() -> None:
    """Only refusals in a row count; one message that passes forgives them."""
    bucket = TokenBucket(rate=1, burst=2, now=0.0)
    bucket.take(2, 0.0)
    for _ in range(PATIENCE * 2 - 1):
        bucket.take(1, 0.0)
    assert not bucket.exhausted
    bucket.take(1, 0.0)
    assert bucket.exhausted
    bucket.take(1, 5.0)
    assert not bucket.exhausted
