"""How fast one participant may talk: a token bucket, and the patience for those who do not stop."""

from __future__ import annotations

PATIENCE = 5
"""A client refused this many bursts in a row ignores ``retry_after`` and is closed."""


class TokenBucket:
    """Tokens refill at ``rate`` a second up to ``burst``; a message costs one or more."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens", "refused")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = now
        self.refused = 0
        """Refusals since the last message that passed."""

    def take(self, cost: float, now: float) -> float:
        """Pays ``cost`` and returns 0, or returns the seconds to wait until it can be paid.

        A cost above the burst is let through when the bucket is full, and leaves a debt.
        """
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        price = min(cost, self._burst)
        if self._tokens >= price:
            self._tokens -= cost
            self.refused = 0
            return 0.0
        self.refused += 1
        return (price - self._tokens) / self._rate

    @property
    def exhausted(self) -> bool:
        """Whether patience is over."""
        return self.refused >= PATIENCE * self._burst

    def forgive(self) -> None:
        """Counts refusals anew (a new connection); the tokens stay spent."""
        self.refused = 0
