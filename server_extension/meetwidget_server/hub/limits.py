"""How often somebody may ask: token buckets by key, forgotten when they are full again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from meetwidget_server.room.rate import TokenBucket

K = TypeVar("K", bound=Hashable)

MAX_KEYS = 20_000
"""Keys remembered at once; beyond, the one that asked longest ago is forgotten."""


class Allowances(Generic[K]):
    """Each key may ask so often a minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        """Starts with nobody.

        Args:
            per_minute: how often one key may ask, at once or over a minute; 0 for no limit.
            clock: a clock that never runs backwards, seconds.
        """
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[K, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: K) -> float:
        """Counts one try and returns 0, or returns the seconds to wait until there may be one."""
        if not self._per_minute:
            return 0.0
        now = self._clock()
        bucket = self._buckets.pop(key, None)
        if bucket is None:
            bucket = TokenBucket(self._per_minute / 60, self._per_minute, now)
            if len(self._buckets) >= MAX_KEYS:
                self._buckets.popitem(last=False)
        self._buckets[key] = bucket
        return bucket.take(1.0, now)
