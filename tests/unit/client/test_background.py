"""Threads beside the cells."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from meetwidget.background import BackgroundThread


@pytest.mark.skipif(sys.platform == "win32", reason="Windows gives interrupts to the main thread")
def test_interrupts_are_left_to_the_main_thread() -> None:
    """SIGINT is blocked in a background thread, and in the main thread it is not."""
    blocked: list[bool] = []

    def look() -> None:
        blocked.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    thread = BackgroundThread(look, "test")
    thread.start()
    thread.join()
    look()
    assert blocked == [True, False]
    assert thread.daemon


@pytest.mark.skipif(sys.platform == "win32", reason="Windows gives interrupts to the main thread")
def test_interrupt_ends_a_sleeping_main_thread() -> None:
    """With a background thread at work, an interrupt of the process reaches who sleeps."""
    # Processes that a shell starts in the background are born without this handler.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    stop = threading.Event()
    threads = [BackgroundThread(stop.wait, f"test {number}") for number in range(8)]
    for thread in threads:
        thread.start()
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            threading.Event().wait(60)
    finally:
        signal.signal(signal.SIGINT, before)
        stop.set()
        timer.join()
        for thread in threads:
            thread.join()
