"""How long to wait before the next attempt: exponential, with full jitter.

Full jitter (uniform between 0 and the ceiling) because all clients of a relay lose it at the
same moment, and must not return at the same moment.
"""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_SECONDS = 0.5
"""Ceiling of the first wait: a restarted server is back within seconds."""
LONGEST_SECONDS = 15.0
"""Ceiling of every later wait: nobody should wait longer after a relay is back."""


class Backoff:
    """Counts attempts and draws waits."""

    def __init__(
        self,
        first: float = FIRST_SECONDS,
        longest: float = LONGEST_SECONDS,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._first = first
        self._longest = longest
        self._uniform = uniform
        self.attempt = 0

    def next(self) -> float:
        """Returns the seconds to wait before the next attempt."""
        ceiling = min(self._longest, self._first * 2.0 ** min(self.attempt, 32))
        self.attempt += 1
        return self._uniform(0.0, ceiling)

    def reset(self) -> None:
        """Forgets past failures, once a connection is live."""
        self.attempt = 0
