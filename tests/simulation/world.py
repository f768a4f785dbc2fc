"""Clients, lines and a store around one room, on virtual time and one seed.

Lines have delay, and break: what was under way in either direction is then lost. The store
takes its time, fails now and then, and survives the relay, which crashes too. Clients do what
the protocol tells them to: resume with the offset they have, and send again what has no
acknowledgement.
"""

from __future__ import annotations

import copy
import heapq
import itertools
import random
from collections.abc import Callable, Iterable
from typing import Any

from meetwidget_server.room import (
    Append,
    Arrival,
    Close,
    Effect,
    Joined,
    LoadHistory,
    Lookup,
    Room,
    RoomOptions,
    RoomRecord,
    SaveRoom,
    Send,
)

from meetwidget.wire import control
from tests.unit.room.stage import MemoryLog, encode

TICK = 0.1


class World:
    """The clock, the relay and its store."""

    def __init__(self, seed: int, options: RoomOptions, record: RoomRecord | None = None) -> None:
        self.random = random.Random(seed)
        self.options = options
        self.now = 1_000.0
        self.log = MemoryLog()
        self.record = record or RoomRecord("lab", self.log.epoch)
        self.clients: list[Client] = []
        self.lines: dict[str, Line] = {}
        self.crashes = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._ids = itertools.count(1)
        self._store_free_at = 0.0
        self._settled = False
        self.room = self._new_room()
        self.after(TICK, self._tick)

    # ------------------------------------------------------------------ time

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._order), call))

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self._events and self._events[0][0] <= end:
            self.now, _, call = heapq.heappop(self._events)
            call()
        self.now = end

    def _tick(self) -> None:
        self.perform(self.room.tick(self.now))
        self.after(TICK, self._tick)

    def settle(self) -> None:
        """From here on nothing breaks."""
        self._settled = True

    def misfortune(self, probability: float) -> bool:
        return not self._settled and self.random.random() < probability

    # ----------------------------------------------------------------- relay

    def fresh(self, what: str) -> str:
        return f"{what}-{next(self._ids)}"

    def _new_room(self) -> Room:
        return Room(self.record, self.options, self.fresh, encode)

    def crash(self) -> None:
        """The relay dies and comes back: only what is in the store is left."""
        self.crashes += 1
        self.record = copy.deepcopy(self.record)
        self.record.offset = len(self.log.entries)
        self.room = self._new_room()
        for line in list(self.lines.values()):
            line.cut(1006)

    def perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(to, message):
                    data = control.encode(message)
                    for name in to:
                        if name in self.lines:
                            self.lines[name].to_client(data)
                case Close(target, code):
                    if target in self.lines:
                        self.lines[target].close(int(code))
                case LoadHistory() | Append() | Lookup():
                    self._ask_store(effect)
                case Joined() | SaveRoom():
                    pass

    def _ask_store(self, effect: LoadHistory | Append | Lookup) -> None:
        # One thread, in order; the answer comes later, to the room that asked, if it lives.
        room = self.room
        self._store_free_at = max(self._store_free_at, self.now) + self.random.uniform(0, 0.01)
        failed = isinstance(effect, Append) and self.misfortune(0.03)

        def work() -> None:
            answer: Any = None
            if isinstance(effect, Append):
                answer = None if failed else self.log.append(effect)
            elif isinstance(effect, LoadHistory):
                answer = self.log.history(effect)
            else:
                answer = self.log.facts.get(effect.id)
            self.after(0.001, lambda: self._store_answers(room, effect, answer))

        self.after(self._store_free_at - self.now, work)

    def _store_answers(self, room: Room, effect: Any, answer: Any) -> None:
        if room is not self.room:
            return
        if isinstance(effect, Append):
            if answer is None:
                self.perform(room.append_failed(effect, self.now))
            else:
                self.perform(room.appended(effect, answer, self.now))
        elif isinstance(effect, LoadHistory):
            self.perform(room.history_loaded(effect.connection, answer, self.now))
        else:
            self.perform(room.looked_up(effect, answer, self.now))


class Line:
    """One control connection; bytes take time, in order, and are lost when it is cut."""

    def __init__(self, world: World, client: Client) -> None:
        self.world = world
        self.client = client
        self.name = world.fresh("line")
        self.open = True
        self._up_at = self._down_at = 0.0
        world.lines[self.name] = self

    def _delay(self, earliest: float) -> float:
        return max(earliest, self.world.now + self.world.random.uniform(0.001, 0.08))

    def to_relay(self, call: Callable[[Room], Any]) -> None:
        """Something of the client's arrives at the relay later, in order."""
        world = self.world
        self._up_at = self._delay(self._up_at)

        def arrive() -> None:
            if self.name in world.lines:
                world.perform(call(world.room))

        world.after(self._up_at - world.now, arrive)

    def to_client(self, data: bytes) -> None:
        self._down_at = self._delay(self._down_at)
        self.world.after(
            self._down_at - self.world.now,
            lambda: self.client.receive(self, control.decode_relay(data)) if self.open else None,
        )

    def close(self, code: int) -> None:
        """The relay closes: what was sent before still arrives."""
        self.world.lines.pop(self.name, None)
        self._down_at = self._delay(self._down_at)
        self.world.after(self._down_at - self.world.now, lambda: self._ended(code))

    def cut(self, code: int) -> None:
        """The line breaks now; the relay notices at once or much later."""
        self._ended(code)
        if self.name in self.world.lines:
            late = self.world.random.choice([0.0, 0.05, 5.0])
            self.world.after(late, self._relay_notices)

    def _relay_notices(self) -> None:
        if self.world.lines.pop(self.name, None) is not None:
            self.world.perform(self.world.room.gone(self.name, 1006, self.world.now))

    def _ended(self, code: int) -> None:
        if self.open:
            self.open = False
            self.client.lost(self, code)


class Client:
    """A well-behaved client: keeps what it was told, resends what was not acknowledged."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.line: Line | None = None
        self.welcome: control.Welcome | None = None
        self.offset = 0
        self.live = False
        self.events: list[control.LoggedEvent] = []
        self.pending: dict[str, control.ChatSend] = {}
        self.acks: dict[str, tuple[str, int]] = {}
        """cid → (message id, offset) as acknowledged."""
        self.sent: dict[str, str] = {}
        """cid → body of everything ever said."""
        self.refused: set[str] = set()
        world.clients.append(self)
        self.connect()

    @property
    def id(self) -> str:
        assert self.welcome is not None
        return self.welcome.you.id

    def connect(self) -> None:
        resume = None
        if self.welcome is not None:
            resume = control.Resume(self.welcome.session, self.welcome.room.epoch, self.offset)
        line = self.line = Line(self.world, self)
        user = control.User(self.name, self.name.title(), self.name[0].upper(), "#123456")
        media = control.MediaInfo(self.world.fresh("token"), "ws://relay")
        arrival = Arrival(user, "person", media, resume)
        line.to_relay(lambda room: room.join(line.name, arrival, self.world.now))

    def lost(self, line: Line, code: int) -> None:
        if line is self.line:
            self.line, self.live = None, False
            self.world.after(self.world.random.uniform(0.05, 2.0), self.connect)

    def break_line(self) -> None:
        if self.line is not None:
            self.line.cut(1006)

    def say(self, to: list[str] | None = None) -> None:
        cid = self.world.fresh(f"cid-{self.name}")
        body = f"{self.name} says {cid}" + (" in private" if to else "")
        message = control.ChatSend(cid, body)
        if to:
            message.to = to
        self.pending[cid] = message
        self.sent[cid] = body
        if self.live:
            self.transmit(message)

    def transmit(self, message: control.ChatSend) -> None:
        line = self.line
        assert line is not None
        line.to_relay(lambda room: room.message(line.name, message, self.world.now))

    def receive(self, line: Line, message: Any) -> None:
        if line is not self.line:
            return
        match message:
            case control.Welcome():
                self._welcomed(message)
            case control.LoggedEvent():
                self._event(message)
            case control.Ack(cid, id_, offset) if cid in self.sent:
                known = self.acks.setdefault(cid, (str(id_), int(str(offset))))
                assert known == (id_, offset), f"two answers to {cid}"
                self.pending.pop(cid, None)
            case control.Error(code, _, cid) if isinstance(cid, str) and cid in self.pending:
                self._refused(code, cid)

    def _refused(self, code: str, cid: str) -> None:
        if code == "not-found":  # a recipient has left: final
            del self.pending[cid]
            self.refused.add(cid)
        else:
            self.world.after(0.5, lambda: self._try_again(cid))

    def _try_again(self, cid: str) -> None:
        if self.live and cid in self.pending:
            self.transmit(self.pending[cid])

    def _welcomed(self, welcome: control.Welcome) -> None:
        self.welcome = welcome
        self.live = True
        if not welcome.recovered:
            self.events = []
            self.offset = 0
        for event in welcome.events:
            self._event(event)
        self.offset = max(self.offset, welcome.room.offset)
        for message in list(self.pending.values()):
            self.transmit(message)

    def _event(self, event: control.LoggedEvent) -> None:
        assert event.offset > self.offset, f"offset {event.offset} after {self.offset}"
        self.offset = event.offset
        self.events.append(event)

    def bodies(self) -> list[str]:
        return [e.event.body for e in self.events if isinstance(e.event, control.MessageEvent)]
