"""What one receiver's line carries: delivered bytes, and the moments when it is too much.

Lateness alone is no verdict: a lost packet holds up a stream for a round trip or two, and all
is well again. A line that carries less than what is sent stays late, acknowledgement after
acknowledgement, until less is sent; what it delivers meanwhile is what it carries.
"""

from __future__ import annotations

from collections import deque

LATE = 0.1
"""Seconds beyond the line's own delay that count as queue: one acknowledgement interval."""
VERDICT_AFTER = 0.3
"""Seconds of unbroken lateness, or of waiting for credit, that make a verdict."""
LEAST_ACKS = 3
"""Acknowledgements within that time: fewer say nothing of a rate."""
SILENCE = 1.0
"""Seconds without acknowledgements after which the line was away, rather than full."""
DRAINING = 0.85
"""Lateness that has shrunk to this share of what it was is going away by itself."""
RECOVERY = 0.5
"""Seconds after such a silence that say nothing: TCP begins slowly, with what it had."""
MEMORY = 2.0
"""Seconds for which acknowledgements are remembered."""
AVERAGE = 1.0
"""Seconds over which the delivered rate is averaged."""
WORST_FALL = 0.5
"""Share of the average that one verdict leaves at least: a stall delivers nothing for a while."""


class LineEstimate:
    """The recent past of one media socket; bytes a second."""

    __slots__ = (
        "_acks",
        "_back",
        "_excess",
        "_judged_at",
        "_late_by",
        "_late_since",
        "_resumed_at",
    )

    def __init__(self, now: float) -> None:
        self._acks: deque[tuple[float, int]] = deque(((now, 0),))
        self._excess = self._late_by = self._back = 0.0
        self._late_since: float | None = None
        self._judged_at = now
        self._resumed_at = now

    def late(self, now: float) -> bool:
        """Whether the newest acknowledgements were late; old ones say nothing of the line now."""
        return self._late_since is not None and now - self._acks[-1][0] < SILENCE

    def observe(self, acked: int, excess: float, now: float, back: float = 0.0) -> None:
        """Takes an acknowledgement of something new.

        Args:
            acked: bytes acknowledged in all.
            excess: seconds its newest byte took beyond the line's own delay.
            now: seconds.
            back: seconds that the acknowledgement itself was late: the line to us says nothing of
                the one from us.
        """
        acks = self._acks
        self._back = back
        now = max(acks[-1][0], now - back)
        if now - acks[-1][0] >= SILENCE:
            self._resumed_at = now
            self._late_since = None
        acks.append((now, acked))
        while now - acks[0][0] > MEMORY and len(acks) > 1:
            acks.popleft()
        late = min(excess, self._excess) > LATE
        self._excess = excess
        if not late:
            self._late_since = None
        elif self._late_since is None or excess < DRAINING * self._late_by:
            self._late_since, self._late_by = now, excess

    def delivered(self, now: float, span: float = AVERAGE) -> float:
        """Returns what the line delivered on average over the last ``span`` seconds."""
        return self._since(now - span, now)[0]

    def judge(
        self,
        waiting_since: float | None,
        now: float,
        *,
        at_once: bool = False,
        since: float = 0.0,
    ) -> float | None:
        """Returns what the line carries if it is clearly less than what is sent, else ``None``.

        Args:
            waiting_since: since when frames have waited for credit without a break.
            now: seconds.
            at_once: pictures had to be given up, which is lateness enough.
            since: what was before says nothing: the key frame of a larger picture had to pass.
        """
        if waiting_since is None and self._late_since is None and not at_once:
            return None
        if at_once and now - max(self._judged_at, self._resumed_at + RECOVERY) >= VERDICT_AFTER:
            rate, acks = self._since(now - AVERAGE, now)
            if acks < LEAST_ACKS:  # a very narrow line takes long over each frame
                rate, acks = self._since(now - MEMORY, now)
                acks = LEAST_ACKS if acks and now - self._acks[-1][0] < SILENCE else 0
            if acks >= LEAST_ACKS:
                self._judged_at = now
                return rate
        starts = [at for at in (self._late_since, waiting_since) if at is not None]
        if not starts:
            return None
        since = max(min(starts), since, self._judged_at, self._resumed_at + RECOVERY)
        if now - since < VERDICT_AFTER:
            return None
        rate, acks = self._since(since, now)
        if acks < LEAST_ACKS or now - self._acks[-1][0] >= SILENCE:
            return None
        self._judged_at = now
        return max(rate, WORST_FALL * self.delivered(now))

    def excuse(self, now: float) -> None:
        """Forgets lateness: the relay itself was held up."""
        self._late_since = None
        self._judged_at = now

    def _since(self, start: float, now: float) -> tuple[float, int]:
        first = self._acks[0]
        count = 0
        for ack in self._acks:
            if ack[0] > start:
                count += 1
            else:
                first = ack
        last = self._acks[-1]
        span = max(last[0], min(now - self._back, last[0] + 1.0) - 0.2) - first[0]
        return ((last[1] - first[1]) / span if span > 0.05 else 0.0), count
