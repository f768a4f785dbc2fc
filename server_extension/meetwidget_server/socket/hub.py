"""What all sockets of one event loop share: the end of the turn, and the clock for pings.

Coalescing is what makes a fan-out cheap: whatever became ready for a receiver while
the loop worked through one round of readable sockets leaves in one ``send``. So a
link does not write; it reports here, and one callback a turn writes for all.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Protocol
from weakref import WeakKeyDictionary

from meetwidget_server.socket.poller import poller_for

_log = logging.getLogger(__name__)

_SWEEPS_PER_INTERVAL = 8
"""How finely pings are timed; a sweep over a thousand links costs under a millisecond."""


class Member(Protocol):
    """What the hub asks of a link."""

    def flush(self) -> None:
        """Writes what is queued, as far as the socket takes it; never raises."""

    def beat(self, now: float, late: float) -> None:
        """Sends a ping or gives up on the peer, if it is time (see ``Hub.sweep``)."""

    def close(self, code: int, reason: str = "") -> None:
        """Starts the closing handshake."""

    def abort(self, code: int, reason: str = "") -> None:
        """Drops the connection at once."""


class Hub:
    """The links of one event loop."""

    __slots__ = (
        "__weakref__",
        "_emptied",
        "_expected",
        "_in_batch",
        "_period",
        "_scheduled",
        "_tasks",
        "_timer",
        "dirty",
        "links",
        "loop",
        "poller",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.poller = poller_for(loop, self.batch_begins, self.flush)
        self.links: set[Member] = set()
        self.dirty: list[Member] = []
        """Links with something to write at the end of this turn."""
        self._tasks: list[Callable[[], object]] = []
        self._scheduled = False
        self._in_batch = False
        self._timer: asyncio.TimerHandle | None = None
        self._period = 0.0
        self._expected = 0.0
        self._emptied: asyncio.Event | None = None

    def mark(self, link: Member) -> None:
        """Has ``link`` flushed at the end of this loop turn, in the order of marking."""
        self.dirty.append(link)
        if not self._in_batch:
            self._schedule()

    def at_turn_end(self, task: Callable[[], object]) -> None:
        """Calls ``task`` once at the end of this loop turn, before the sockets are written.

        For whoever decides as late as possible what is sent, such as a room's queues.
        """
        self._tasks.append(task)
        if not self._in_batch:
            self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self.loop.call_soon(self._turn_over)

    def _turn_over(self) -> None:
        self._scheduled = False
        self.flush()

    def batch_begins(self) -> None:
        """A poller is about to read many sockets, and will flush when it is through."""
        self._in_batch = True

    def flush(self) -> None:
        """Decides and writes what this turn brought; normally called at its end."""
        self._in_batch = True  # what is marked from here on is written right below
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            try:
                task()
            except Exception:
                _log.exception("What was to be sent could not be decided.")
        dirty, self.dirty = self.dirty, []
        for link in dirty:
            try:
                link.flush()
            except Exception:  # one broken socket must not silence the others
                _log.exception("A socket could not be written; it is closed.")
                link.abort(1011, "internal error")
        self._in_batch = False
        if self.dirty or self._tasks:  # asked for meanwhile: next turn
            self._schedule()

    def add(self, link: Member, ping_interval: float) -> None:
        """Takes a link in; ``ping_interval`` in seconds, 0 for none."""
        self.links.add(link)
        if ping_interval <= 0:
            return
        period = ping_interval / _SWEEPS_PER_INTERVAL
        if self._timer is None or period < self._period:
            if self._timer is not None:
                self._timer.cancel()
            self._period = period
            self._arm()

    def remove(self, link: Member) -> None:
        """Lets a link go."""
        self.links.discard(link)
        if self.links:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._emptied is not None:
            self._emptied.set()

    def _arm(self) -> None:
        self._expected = self.loop.time() + self._period
        self._timer = self.loop.call_at(self._expected, self._sweep)

    def _sweep(self) -> None:
        now = self.loop.time()
        late = now - self._expected
        for link in list(self.links):
            try:
                link.beat(now, late)
            except Exception:
                _log.exception("A socket could not be pinged; it is closed.")
                link.abort(1011, "internal error")
        if self.links:
            self._arm()
        else:
            self._timer = None

    async def close_all(self, code: int, reason: str, grace: float) -> None:
        """Closes every link and waits up to ``grace`` seconds for the peers to agree."""
        for link in list(self.links):
            link.close(code, reason)
        if self.links:
            self._emptied = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._emptied.wait(), grace)
            self._emptied = None
        for link in list(self.links):
            link.abort(code, reason)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub_of(loop: asyncio.AbstractEventLoop) -> Hub:
    """Returns the hub of ``loop``, made on first use."""
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub(loop)
    return hub
