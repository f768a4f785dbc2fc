"""Threads that work beside the cells of a kernel.

"Interrupt the kernel" is a signal to the process. The system may hand it to any thread that
takes it, but only the main thread's sleep or system call ends by it: a cell would go on as if
nobody had pressed the button. So threads of ours do not take it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable


class BackgroundThread(threading.Thread):
    """A daemon thread that leaves interrupts to the main thread."""

    def __init__(self, target: Callable[[], object], name: str) -> None:
        super().__init__(target=target, name=name, daemon=True)

    def run(self) -> None:
        if hasattr(signal, "pthread_sigmask"):  # not on Windows, which has no such choice
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        super().run()
