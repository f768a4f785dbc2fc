"""The load in processes of their own, so that what measures the delay is never what makes it."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal

from tests.benchmarks.crowd import Crowd, Tally
from tests.benchmarks.participants import STAGE, Participant, enter, seen_by, stage
from tests.benchmarks.senders import Sender

Shape = Literal["rooms", "hall"]
"""``rooms``: rooms of seven; ``hall``: one room with seven on the stage."""
TICK_SECONDS = 0.002
"""How often the load sends and reads: fewer system calls for the cores it shares."""
PROBES = 20
NICENESS = 10
"""Of the load: what measures goes first on the cores they share."""
PATIENCE_S = 600.0
START_SECONDS = 1.0
"""From the order to run to the run: time for every process to get ready."""


@dataclass(frozen=True)
class Entrance:
    """Where a server is reached."""

    port: int
    base_url: str
    token: str


class Load:
    """Participants that can be added, and of whom as many as wanted take part in a run."""

    def __init__(self, server: Entrance, shape: Shape) -> None:
        self._server = server
        self._shape = shape
        self.people: list[Participant] = []
        self._rooms: list[list[Sender]] = []
        self._cameras: list[Sender] = []
        self._microphones: list[Sender] = []
        self._seated: tuple[list[Participant], list[Sender]] = ([], [])

    def grow(self, count: int) -> int:
        """Adds participants until there are ``count``; returns how many there are."""
        while len(self.people) < count:
            if self._shape == "rooms" or not self.people:
                number = len(self._rooms)
                people, cameras, microphones = stage(self._server, f"room-{number}", number * STAGE)
                self._rooms.append([*cameras, *microphones])
                self._cameras, self._microphones = cameras, microphones
                for place, person in enumerate(people):
                    self._watch(person, place)
                self.people += people
            else:
                person = enter(self._server, "room-0")
                self._watch(person, len(self.people))
                self.people.append(person)
        return len(self.people)

    def _watch(self, person: Participant, number: int) -> None:
        cameras = [sender.stream for sender in self._cameras]
        microphones = [sender.stream for sender in self._microphones]
        person.watch(seen_by(number, cameras, microphones))

    def seat(self, count: int) -> None:
        """Has the first ``count`` participants take part; the others are there and idle."""
        self.grow(count)
        people = self.people[:count]
        if self._shape == "rooms":
            senders = [sender for room in self._rooms[: count // STAGE] for sender in room]
        else:
            senders = self._rooms[0]
            self._seat_hall(count)
        for sender in senders:
            sender.watchers = 0
        by_stream = {sender.stream: sender for sender in senders}
        for person in people:
            for stream in person.watched:
                by_stream[stream].watchers += 1
        self._seated = (people, senders)

    def run(self, begin: float, warm: float, seconds: float) -> Tally:
        """Lets those who are seated send and receive; see :meth:`Crowd.run`."""
        gc.collect()
        gc.disable()
        try:
            return Crowd(*self._seated, PROBES).run(begin, warm, seconds, TICK_SECONDS)
        finally:
            gc.enable()

    def _seat_hall(self, count: int) -> None:
        for number, person in enumerate(self.people):
            if number >= count and person.watched:
                person.watch([])
            elif number < count and not person.watched:
                self._watch(person, number)


def _serve(pipe: Connection, server: Entrance, shape: Shape, cores: set[int]) -> None:
    os.sched_setaffinity(0, cores)
    os.nice(NICENESS)
    load = Load(server, shape)
    while True:
        try:
            name, arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(getattr(load, name)(*arguments))
        except (ConnectionError, OSError) as error:
            pipe.send(error)


class LoadProcess:
    """A :class:`Load` elsewhere."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def ask(self, name: str, *arguments: Any) -> None:
        """Starts a call."""
        self._pipe.send((name, arguments))

    def answer(self) -> Any:
        """Returns what the call returned.

        Raises:
            ConnectionError: the server hung up on the load, or the load ended.
        """
        if not self._pipe.poll(PATIENCE_S):
            raise ConnectionError("The load does not answer.")
        try:
            answer = self._pipe.recv()
        except EOFError:
            raise ConnectionError("The load has ended.") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def call(self, name: str, *arguments: Any) -> Any:
        """Calls and waits."""
        self.ask(name, *arguments)
        return self.answer()


@contextmanager
def load_process(server: Entrance, shape: Shape, cores: set[int]) -> Iterator[LoadProcess]:
    """Runs a load on ``cores``."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, server, shape, cores))
    process.start()
    theirs.close()
    try:
        yield LoadProcess(mine)
    finally:
        mine.close()
        process.join(10)
        if process.is_alive():
            process.kill()
            process.join()
