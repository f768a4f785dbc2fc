"""Callbacks run in order on a thread of their own, and none can harm the room."""

from __future__ import annotations

import logging
import threading

import pytest

from meetwidget.callbacks import HAPPENINGS, Callbacks
from meetwidget.errors import MeetError
from meetwidget.room import Room


def test_callbacks_run_in_order_away_from_the_caller() -> None:
    """What was emitted first is heard first, on another thread."""
    callbacks, heard, done = Callbacks("r"), list[int](), threading.Event()
    threads = set()

    def listen(number: int) -> None:
        threads.add(threading.current_thread())
        heard.append(number)
        if number == 99:
            done.set()

    callbacks.add("message", listen)
    for number in range(100):
        callbacks.emit("message", number)
    assert done.wait(10)
    assert heard == list(range(100))
    assert len(threads) == 1
    assert threading.current_thread() not in threads


def test_an_exception_is_reported_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The next callback and the next happening are still served."""
    callbacks, done = Callbacks("r"), threading.Event()

    def fail(_: str) -> None:
        raise ValueError("a mistake in a callback")

    callbacks.add("message", fail)
    callbacks.add("message", lambda body: done.set() if body == "second" else None)
    with caplog.at_level(logging.ERROR, "meetwidget"):
        callbacks.emit("message", "first")
        callbacks.emit("message", "second")
        assert done.wait(10)
    assert sum("a mistake in a callback" in str(r.exc_info) for r in caplog.records) == 2


def test_a_removed_callback_hears_nothing_more() -> None:
    """``off`` is the end of it; the others go on."""
    callbacks, heard, done = Callbacks("r"), list[str](), threading.Event()
    callbacks.add("join", heard.append)
    callbacks.remove("join", heard.append)
    callbacks.remove("join", heard.append)
    callbacks.add("join", lambda _: done.set())
    callbacks.emit("join", "x")
    assert done.wait(10)
    assert heard == []


def test_a_wrong_name_is_told_the_right_ones() -> None:
    """A misspelt happening would otherwise wait forever."""
    with pytest.raises(MeetError, match="message"):
        Callbacks("r").add("mesage", print)


def test_every_happening_is_documented() -> None:
    """What can be listened for stands in the docstring of ``Room.on``."""
    assert Room.on.__doc__ is not None
    for name in HAPPENINGS:
        assert f"``{name}``" in Room.on.__doc__
