"""A daemon thread with an asyncio loop of its own.

A kernel handles nothing while a cell runs, and a script may have no loop, or one that is busy.
So a connection never shares the caller's.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from meetwidget.background import BackgroundThread


class LoopThread:
    """Runs one coroutine in a thread of its own and accepts calls from any thread."""

    def __init__(self, name: str, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._main = main
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._ended = False
        self._early: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self._thread = BackgroundThread(self._run, name)

    def start(self) -> None:
        """Starts the thread; once."""
        self._thread.start()

    def call(self, function: Callable[..., object], *arguments: Any) -> bool:
        """Has the loop call ``function`` soon; False when the loop has ended."""
        with self._lock:
            if self._ended:
                return False
            if self._loop is None:
                self._early.append((function, arguments))
            else:
                self._loop.call_soon_threadsafe(function, *arguments)
            return True

    def join(self, timeout: float) -> bool:
        """Waits until the thread has ended; True when it has."""
        if self._thread.ident is None or self.inside():
            return False
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def abandon(self) -> None:
        """Counts as ended from now on: in a forked child, the thread is not there."""
        self._lock = threading.Lock()  # the parent's thread may have held the old one
        self._ended = True

    def inside(self) -> bool:
        """Whether the caller runs on this thread."""
        return threading.current_thread() is self._thread

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            with self._lock:
                self._loop = loop
                early, self._early = self._early, []
            for function, arguments in early:
                loop.call_soon(function, *arguments)
            try:
                runner.run(self._main())
            finally:
                with self._lock:  # a call is either run or told that the loop has ended
                    self._ended = True
