"""What comes one after the other and has to be waited for, for ``for`` and ``async for`` alike."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from typing import Generic, Self, TypeVar

from meetwidget.background import BackgroundThread

Step = TypeVar("Step")


class Steps(Generic[Step], Iterator[Step], AsyncIterator[Step]):
    """Goes on for ever, or until a step raises.

    ``async for`` waits on a thread, so that the caller's event loop goes on. It is no thread of the
    loop's executor: those are waited for when the loop ends, and a step may never come. One that
    comes after its waiter was cancelled is the next one's.
    """

    def __init__(self, step: Callable[[], Step]) -> None:
        self._step = step
        self._coming: Future[Step] | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Step:
        return self._step()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Step:
        if self._coming is None:
            self._coming = Future()
            BackgroundThread(self._take(self._coming), "meetwidget awaits").start()
        await _done(self._coming)
        came, self._coming = self._coming, None
        return came.result()

    def _take(self, coming: Future[Step]) -> Callable[[], None]:
        def take() -> None:
            try:
                coming.set_result(self._step())
            except BaseException as error:
                coming.set_exception(error)

        return take


async def _done(coming: Future[Step]) -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def wake(_: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits
            loop.call_soon_threadsafe(done.set)

    coming.add_done_callback(wake)
    await done.wait()
