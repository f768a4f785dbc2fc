"""What happens in a room as a stream: ``for event in room.events("message", "join")``.

Callbacks suit what runs beside other cells; a loop suits what waits for something to happen. The
same object works in both kinds of loop, ``for`` and ``async for``, and whoever listens from a thread
that runs an event loop blocks nobody.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, ClassVar, Self

from meetwidget.callbacks import Callbacks, check_happening

KEPT_EVENTS = 10_000
"""Events that wait for a slow reader; then the oldest are dropped and counted."""
LOOK_SECONDS = 1.0
"""Longest uninterrupted wait of a ``for`` loop: on Windows an interrupt is seen between waits only."""


@dataclass(frozen=True)
class Event:
    """Something that happened: ``match event: case Event("message", message): …``."""

    __match_args__: ClassVar[tuple[str, str]] = ("name", "value")

    name: str
    """As for :meth:`Room.on`."""
    data: tuple[Any, ...] = ()
    """What a callback would be given."""

    @property
    def value(self) -> Any:
        """The first of what a callback would be given; None if that is nothing."""
        return self.data[0] if self.data else None

    def __str__(self) -> str:
        return f"{self.name}: {', '.join(map(str, self.data))}" if self.data else self.name


class Events(Iterator[Event], AsyncIterator[Event]):
    """Happenings of a room from now on, in order, until the room ends, :meth:`close` or a timeout.

    Made by :meth:`Room.events`. Listening starts at once, not with the first round of the loop, so
    nothing is lost in between. Leave the loop and use the object again: it goes on where it was.
    """

    def __init__(
        self, callbacks: Callbacks, names: Collection[str] = (), timeout: float | None = None
    ) -> None:
        for name in names:
            check_happening(name)
        self._names = frozenset(names)
        self._timeout = timeout
        self._waiting: deque[Event] = deque()
        self._changed = threading.Condition()
        self._sleepers: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._ended = False
        self._callbacks = callbacks
        self.missed = 0
        """Events dropped because they were not taken in time."""
        callbacks.tap(self)

    def close(self) -> None:
        """Stops listening; a loop that waits ends."""
        self._callbacks.untap(self)
        self.end()

    # -------------------------------------------------- the connection's thread

    def hear(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Something happened."""
        if self._names and name not in self._names:
            return
        with self._changed:
            if len(self._waiting) >= KEPT_EVENTS:
                self._waiting.popleft()
                self.missed += 1
            self._waiting.append(Event(name, arguments))
            self._wake()

    def end(self) -> None:
        """Nothing more will happen."""
        with self._changed:
            self._ended = True
            self._wake()

    def _wake(self) -> None:
        self._changed.notify_all()
        sleepers, self._sleepers = self._sleepers, []
        for loop, sleeper in sleepers:
            if not loop.is_closed():
                loop.call_soon_threadsafe(sleeper.set)

    # -------------------------------------------------------------- any thread

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        with self._changed:
            while not self._waiting:
                left = LOOK_SECONDS if deadline is None else deadline - time.monotonic()
                if self._ended or left <= 0:
                    raise StopIteration
                self._changed.wait(min(left, LOOK_SECONDS))
            return self._waiting.popleft()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        loop = asyncio.get_running_loop()
        deadline = None if self._timeout is None else loop.time() + self._timeout
        while True:
            with self._changed:
                if self._waiting:
                    return self._waiting.popleft()
                if self._ended:
                    raise StopAsyncIteration
                sleeper = asyncio.Event()
                self._sleepers.append((loop, sleeper))
            try:
                async with asyncio.timeout_at(deadline):
                    await sleeper.wait()
            except TimeoutError:
                raise StopAsyncIteration from None
            finally:
                with self._changed:
                    self._sleepers = [one for one in self._sleepers if one[1] is not sleeper]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
