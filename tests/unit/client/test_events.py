"""What happens in a room, as a stream for both kinds of loop."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from meetwidget import events
from meetwidget.callbacks import HAPPENINGS, Callbacks
from meetwidget.errors import MeetError
from meetwidget.events import Event, Events

TIMEOUT_S = 20.0
"""Longer than any machine takes to hand over an event."""


def test_a_loop_takes_what_happened_in_order() -> None:
    """Listening begins with the call, not with the first round."""
    callbacks = Callbacks("r")
    heard = Events(callbacks)
    callbacks.emit("message", "one")
    callbacks.emit("typing", "ada", True)
    callbacks.emit("clear")
    callbacks.stop()
    assert list(heard) == [
        Event("message", ("one",)),
        Event("typing", ("ada", True)),
        Event("clear"),
    ]
    assert list(heard) == []


def test_only_what_was_named_is_heard() -> None:
    """Names filter; one that does not exist is an error with a hint."""
    callbacks = Callbacks("r")
    heard = Events(callbacks, ("join",))
    callbacks.emit("leave", "ada")
    callbacks.emit("join", "ben")
    callbacks.stop()
    assert [event.value for event in heard] == ["ben"]
    with pytest.raises(MeetError, match="did you mean 'message'"):
        Events(callbacks, ("mesage",))


def test_events_can_be_matched() -> None:
    """``case Event("message", message)`` gives name and first value."""
    match Event("vote", ("poll", "ada")):
        case Event("vote", value):
            assert value == "poll"
        case _:
            pytest.fail("did not match")
    assert Event("clear").value is None


def test_a_loop_waits_for_another_thread() -> None:
    """What comes later wakes a loop that waits, and the end ends it."""
    callbacks = Callbacks("r")
    heard = Events(callbacks, timeout=TIMEOUT_S)
    taken: list[int] = []

    def take() -> None:
        taken.extend(event.value for event in heard)

    thread = threading.Thread(target=take)
    thread.start()
    for number in range(100):
        callbacks.emit("message", number)
    callbacks.stop()
    thread.join(TIMEOUT_S)
    assert taken == list(range(100))


def test_a_timeout_ends_a_silent_loop() -> None:
    """``timeout`` counts from the last event; without any the loop just ends."""
    callbacks = Callbacks("r")
    heard = Events(callbacks, timeout=0)
    assert list(heard) == []
    callbacks.emit("message", 1)
    assert [event.value for event in heard] == [1]


def test_async_loops_hear_other_threads() -> None:
    """An event of the connection's thread wakes a coroutine, and the end ends it."""

    async def main() -> list[int]:
        callbacks = Callbacks("r")
        heard = Events(callbacks)

        def happen() -> None:
            for number in range(50):
                callbacks.emit("message", number)
            callbacks.stop()

        thread = threading.Thread(target=happen)
        asyncio.get_running_loop().call_soon(thread.start)
        taken = [event.value async for event in heard]
        thread.join()
        return taken

    assert asyncio.run(asyncio.wait_for(main(), TIMEOUT_S)) == list(range(50))


def test_an_async_loop_can_time_out_and_be_cancelled() -> None:
    """Neither leaves anybody behind who waits."""

    async def main() -> None:
        heard = Events(Callbacks("r"), timeout=0.001)
        assert [event async for event in heard] == []
        forever = Events(Callbacks("r"))
        task = asyncio.create_task(anext(forever))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert forever._sleepers == []

    asyncio.run(asyncio.wait_for(main(), TIMEOUT_S))


def test_a_room_that_has_ended_gives_an_empty_stream() -> None:
    """Nobody waits for a room that is over."""
    callbacks = Callbacks("r")
    callbacks.stop()
    assert list(Events(callbacks)) == []


def test_a_slow_reader_loses_the_oldest_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded, and what was dropped is counted."""
    monkeypatch.setattr(events, "KEPT_EVENTS", 3)
    callbacks = Callbacks("r")
    heard = Events(callbacks)
    for number in range(5):
        callbacks.emit("message", number)
    callbacks.stop()
    assert [event.value for event in heard] == [2, 3, 4]
    assert heard.missed == 2


def test_a_stream_nobody_holds_is_forgotten() -> None:
    """A loop that was left by ``break`` costs nothing afterwards."""
    callbacks = Callbacks("r")
    for _ in Events(callbacks, timeout=0):
        break
    gc.collect()
    assert len(callbacks._taps) == 0
    with Events(callbacks) as held:
        assert len(callbacks._taps) == 1
    assert len(callbacks._taps) == 0
    assert list(held) == []


def test_every_happening_is_described() -> None:
    """``room.on`` and ``room.events`` know the same names."""
    assert {"poll", "share", "file", "mention", "vote", "close", "pin"} <= set(HAPPENINGS)
