"""What comes one after the other and has to be waited for, for ``for`` and ``async for`` alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Generic, Self, TypeVar

Step = TypeVar("Step")


class Steps(Generic[Step], Iterator[Step], AsyncIterator[Step]):
    """Goes on for ever, or until a step raises.

    ``async for`` waits on a thread, so that the caller's event loop goes on.
    """

    def __init__(self, step: Callable[[], Step]) -> None:
        self._step = step

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Step:
        return self._step()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Step:
        return await asyncio.to_thread(self._step)
