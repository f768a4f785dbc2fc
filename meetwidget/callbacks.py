"""Runs a room's callbacks, one after the other, on a thread that may block.

The connection's own thread must never wait for a callback: one that calls ``chat.send`` would wait
for an acknowledgement that only the connection's thread can read.
"""

from __future__ import annotations

import difflib
import logging
import queue
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final, Protocol

from meetwidget.background import BackgroundThread
from meetwidget.errors import MeetError

Callback = Callable[..., object]
_log = logging.getLogger("meetwidget")

HAPPENINGS: Final = {
    "message": "a Message that somebody else sent",
    "poll": "a Message that somebody else sent, and that is a poll",
    "share": "a Message that somebody else sent, with data",
    "file": "a File that somebody else sent",
    "mention": "a Message of somebody else that names this kernel",
    "edit": "the Message as it reads now",
    "delete": "the id of the message that is gone",
    "clear": "nothing: a moderator cleared the chat",
    "reaction": "a Reaction, to a message or to all",
    "vote": "the Message whose poll stands differently now, and who voted",
    "close": "the Message whose poll has ended",
    "pin": "the Message that was pinned, or is no longer",
    "join": "the Person who came",
    "leave": "the Person who went",
    "hand": "the Person whose hand went up or down",
    "state": "the Person whose state or role changed",
    "typing": "the Person and whether they are typing",
    "stream": "a Stream that somebody publishes or changed",
    "unstream": "the Stream that ended",
    "flow": "the Person whose stream comes through better or worse now, and the StreamFlow",
    "moderated": "what a moderator did: action, Person, target Person or None",
    "refused": "a Refused that belongs to no call of ours",
    "phase": "the Phase of the connection",
}
"""What :meth:`Room.on` may name, and what its callbacks are given."""


class Tap(Protocol):
    """Who hears of happenings without a callback."""

    def hear(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Something happened. Called on the connection's thread; must not block."""

    def end(self) -> None:
        """Nothing more will happen: the room has ended."""


class Callbacks:
    """Callbacks by name, and the thread that runs them (started with the first)."""

    def __init__(self, room: str) -> None:
        self._room = room
        self._registered: defaultdict[str, list[Callback]] = defaultdict(list)
        self._queue: queue.SimpleQueue[tuple[str, tuple[Any, ...]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._taps: weakref.WeakSet[Tap] = weakref.WeakSet()
        self._ended = False

    def add(self, name: str, callback: Callback) -> None:
        """Registers a callback.

        Raises:
            MeetError: there is no such happening.
        """
        check_happening(name)
        with self._lock:
            registered = self._registered[name]
            again = _cell_function(callback)
            if again is not None:
                registered[:] = [other for other in registered if _cell_function(other) != again]
            registered.append(callback)
            if self._thread is None:
                self._thread = BackgroundThread(self._run, f"meetwidget callbacks {self._room}")
                self._thread.start()

    def remove(self, name: str, callback: Callback) -> None:
        """Forgets a callback; does nothing if it is not registered."""
        with self._lock:
            if callback in self._registered[name]:
                self._registered[name].remove(callback)

    def tap(self, tap: Tap) -> None:
        """Has somebody hear all happenings, until :meth:`untap` or until nobody holds them."""
        with self._lock:
            self._taps.add(tap)
            ended = self._ended
        if ended:
            tap.end()

    def untap(self, tap: Tap) -> None:
        """Forgets who heard; does nothing if they did not."""
        with self._lock:
            self._taps.discard(tap)

    def emit(self, name: str, *arguments: Any) -> None:
        """Has the callbacks of ``name`` called soon."""
        with self._lock:
            taps = list(self._taps)
        for tap in taps:
            tap.hear(name, arguments)
        if self._registered.get(name):
            self._queue.put((name, arguments))

    def stop(self) -> None:
        """Ends the thread once everything emitted so far is done."""
        with self._lock:
            self._ended, taps = True, list(self._taps)
        for tap in taps:
            tap.end()
        if self._thread is not None:
            self._queue.put(None)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            name, arguments = item
            with self._lock:
                callbacks = list(self._registered[name])
            for callback in callbacks:
                try:
                    callback(*arguments)
                except Exception:
                    # With no logging set up this prints the traceback to stderr.
                    _log.exception(
                        "A callback for %r in room %r raised an exception; the room goes on.",
                        name,
                        self._room,
                    )


def check_happening(name: str) -> None:
    """Raises MeetError if there is no such happening."""
    if name not in HAPPENINGS:
        near = difflib.get_close_matches(name, HAPPENINGS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(HAPPENINGS)}."
        raise MeetError(f"There is no {name!r} to listen for; {hint}", "no-such-happening")


def _cell_function(callback: Callback) -> str | None:
    """The name of a function defined in a notebook's cell or a script, which a rerun defines again."""
    name = getattr(callback, "__qualname__", "<")
    return name if getattr(callback, "__module__", "") == "__main__" and "<" not in name else None
