"""Watches the sockets the relay has taken over.

On Linux all of them sit in one epoll set of their own, of which the event loop sees a
single descriptor: a handle, a context switch and two tuples less per readable socket,
half a kilobyte less per idle one, and the end of a batch is known, so that what it
caused is written at once. Elsewhere the loop watches each socket.
"""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Callable
from typing import Protocol

BATCH = 64
"""Most sockets asked for at once; those that were not come first the next time."""
TURN_SECONDS = 0.02
"""How long sockets are read before what they caused is written (and Jupyter's other work
gets its turn). Also bounds how late an acknowledgement is seen on a relay that has more to
do than it can."""


class Watched(Protocol):
    """A taken-over socket's link."""

    def readable(self) -> None:
        """There are bytes, or the end of the stream, or an error to read."""

    def writable(self) -> None:
        """The socket takes bytes again."""


class Poller(Protocol):
    """What links need to know about their descriptors."""

    def watch(self, number: int, link: Watched) -> None:
        """Reports when descriptor ``number`` is readable."""

    def want_to_write(self, number: int, link: Watched, wanted: bool) -> None:
        """Reports, or no longer reports, when it is writable."""

    def forget(self, number: int) -> None:
        """Reports nothing more; to be called before the descriptor is closed."""


class LoopPoller:
    """Every socket watched by the event loop itself."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def watch(self, number: int, link: Watched) -> None:
        """See :class:`Poller`."""
        self._loop.add_reader(number, link.readable)

    def want_to_write(self, number: int, link: Watched, wanted: bool) -> None:
        """See :class:`Poller`."""
        if wanted:
            self._loop.add_writer(number, link.writable)
        else:
            self._loop.remove_writer(number)

    def forget(self, number: int) -> None:
        """See :class:`Poller`."""
        self._loop.remove_reader(number)
        self._loop.remove_writer(number)


class EpollPoller:
    """All sockets behind one descriptor of the event loop; Linux only."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        batch_begins: Callable[[], None],
        batch_done: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._batch_begins = batch_begins
        self._batch_done = batch_done
        self._links: dict[int, Watched] = {}
        self._epoll: select.epoll | None = None

    def watch(self, number: int, link: Watched) -> None:
        """See :class:`Poller`."""
        if number in self._links:  # it had to wait for its peer before it was read from
            return
        if self._epoll is None:
            self._epoll = select.epoll()
            self._loop.add_reader(self._epoll.fileno(), self._ready)
        self._epoll.register(number, select.EPOLLIN)
        self._links[number] = link

    def want_to_write(self, number: int, link: Watched, wanted: bool) -> None:
        """See :class:`Poller`."""
        if self._epoll is None or number not in self._links:  # not read from yet
            self.watch(number, link)
        assert self._epoll is not None
        events = select.EPOLLIN | select.EPOLLOUT if wanted else select.EPOLLIN
        self._epoll.modify(number, events)

    def forget(self, number: int) -> None:
        """See :class:`Poller`."""
        if self._links.pop(number, None) is None or self._epoll is None:
            return
        self._epoll.unregister(number)
        if not self._links:
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()
            self._epoll = None

    def _ready(self) -> None:
        assert self._epoll is not None
        links = self._links
        poll = self._epoll.poll
        until = time.monotonic() + TURN_SECONDS
        more = True
        self._batch_begins()
        try:
            while more:
                ready = poll(0, BATCH)
                for number, events in ready:
                    link = links.get(number)
                    if link is None:  # closed by one that came before it
                        continue
                    if events != select.EPOLLOUT:
                        link.readable()
                    if events & select.EPOLLOUT and number in links:
                        link.writable()
                more = len(ready) == BATCH and time.monotonic() < until and bool(links)
        finally:
            self._batch_done()


def poller_for(
    loop: asyncio.AbstractEventLoop,
    batch_begins: Callable[[], None],
    batch_done: Callable[[], None],
) -> Poller:
    """Returns the best poller here; it calls around each batch of sockets it knows of."""
    if hasattr(select, "epoll"):
        return EpollPoller(loop, batch_begins, batch_done)
    return LoopPoller(loop)
