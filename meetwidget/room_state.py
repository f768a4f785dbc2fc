"""What is known of a room: people, streams, log. Kept by the connection's thread, read by all."""

from __future__ import annotations

import threading
from typing import Protocol

from meetwidget.callbacks import Callbacks
from meetwidget.chat_log import ChatLog
from meetwidget.errors import NotConnected, refusal
from meetwidget.messages import Message, Reaction, message_of
from meetwidget.people import People, Person
from meetwidget.phase import Lane, Phase
from meetwidget.telling import tell_event, tell_people
from meetwidget.wire import control
from meetwidget.wire.control import FromRelay, LoggedEvent, RenditionDemand, Stream, Welcome


class StreamListener(Protocol):
    """Who follows published streams and carries media."""

    def on_welcome(self, fresh: bool) -> None:
        """We are in; ``fresh`` when the relay does not know us from an earlier connection."""

    def on_streams(self) -> None:
        """The published streams changed."""

    def on_demand(self, stream: str, renditions: list[RenditionDemand]) -> None:
        """What of an own stream is to be encoded."""

    def on_media(self, frame: bytes) -> None:
        """A media frame."""

    def on_lane_ready(self, lane: Lane) -> None:
        """Media reach the relay from now on."""

    def on_end(self) -> None:
        """The room has ended."""

    def on_fork(self) -> None:
        """This is a forked child."""


class RoomState:
    """Listens to the connection; answers snapshots; tells callbacks what happened."""

    def __init__(self, callbacks: Callbacks) -> None:
        self.media: StreamListener | None = None
        self._callbacks = callbacks
        self._lock = threading.Lock()
        self._people: dict[str, Person] = {}
        self._streams: dict[str, Stream] = {}
        self._flows: dict[str, control.StreamFlow] = {}
        self._log = ChatLog()
        self._you = ""
        self._mine: set[str] = set()
        self._room: control.RoomInfo | None = None
        self._limits: control.Limits | None = None

    # --------------------------------------------------------------- snapshots

    @property
    def you(self) -> Person:
        """This connection's participant."""
        with self._lock:
            person = self._people.get(self._you)
        if person is None:
            raise NotConnected("The room has not been joined yet.")
        return person

    @property
    def people(self) -> People:
        """Everybody in the room."""
        with self._lock:
            return People(sorted(self._people.values(), key=lambda p: (p.joined_at, p.id)))

    @property
    def room(self) -> control.RoomInfo | None:
        """The room as the relay describes it; None before the first welcome."""
        return self._room

    @property
    def limits(self) -> control.Limits | None:
        """What the relay accepts; None before the first welcome."""
        return self._limits

    def streams(self) -> list[Stream]:
        """Returns all published streams, own ones included."""
        with self._lock:
            return list(self._streams.values())

    def flow(self, stream: str) -> control.StreamFlow | None:
        """Returns how a watched stream comes through, if the relay has said."""
        with self._lock:
            return self._flows.get(stream)

    def forget_flow(self, stream: str) -> None:
        """A stream is no longer watched; whoever watches it again starts with all of it."""
        with self._lock:
            self._flows.pop(stream, None)

    def person(self, participant: str) -> Person | None:
        """Returns a participant by id."""
        with self._lock:
            return self._people.get(participant)

    def log_snapshot(self) -> tuple[list[LoggedEvent], frozenset[str]]:
        """Returns the entries held, oldest first, and the participant ids that were us."""
        with self._lock:
            return self._log.entries, frozenset(self._mine)

    def messages(self) -> list[Message]:
        """Returns the messages held, oldest first, deleted ones left out."""
        with self._lock:
            mine = frozenset(self._mine)
            return [message_of(reading, mine) for reading in self._log.messages()]

    def pinned(self) -> list[Message]:
        """Returns all pinned messages, oldest first."""
        with self._lock:
            mine = frozenset(self._mine)
            return [message_of(reading, mine) for reading in self._log.pinned()]

    def message(self, id_: str) -> Message | None:
        """Returns a message that is held; None: older, deleted, or unknown."""
        with self._lock:
            reading = self._log.message(id_)
            if reading is None or reading.deleted:
                return None
            return message_of(reading, frozenset(self._mine))

    # ------------------------------------------------ the connection's thread

    def on_welcome(self, welcome: Welcome, fresh: bool) -> None:
        """Takes over the relay's snapshot; callbacks hear of what changed meanwhile."""
        with self._lock:
            first = not self._you
            before = self._people
            self._you = welcome.you.id
            self._mine.add(welcome.you.id)
            members = [welcome.you, *welcome.participants]
            self._people = {p.id: Person.from_wire(p, self._you) for p in members}
            self._streams = {stream.id: stream for stream in welcome.streams}
            if fresh:
                self._flows = {}  # a relay that knows us tells changes only
            self._room = welcome.room
            self._limits = welcome.limits
            missed = self._log.welcome(
                welcome.room.epoch,
                welcome.room.offset,
                welcome.recovered,
                welcome.events,
                welcome.pinned if isinstance(welcome.pinned, list) else (),
            )
            now = self._people
        if not first:
            tell_people(self._callbacks, before, now, self._mine)
        for entry in missed:
            self._tell_entry(entry)
        if self.media is not None:
            self.media.on_welcome(fresh)

    def on_message(self, message: FromRelay) -> None:
        """Takes over one message of the relay."""
        if isinstance(message, LoggedEvent):
            with self._lock:
                new = self._log.add(message)
            if new:
                self._tell_entry(message)
        elif isinstance(
            message,
            control.ParticipantJoined | control.ParticipantUpdated | control.ParticipantLeft,
        ):
            self._on_participant(message)
        elif isinstance(
            message, control.StreamAdded | control.StreamUpdated | control.StreamRemoved
        ):
            self._on_stream(message)
        elif isinstance(message, control.Demand):
            if self.media is not None:
                self.media.on_demand(message.stream, message.renditions)
        elif isinstance(message, control.StreamFlow):
            self._on_flow(message)
        elif isinstance(message, control.Reaction):
            if (who := self.person(message.by)) is not None:
                self._callbacks.emit("reaction", Reaction(message.emoji, who))
        elif isinstance(message, control.Typing):
            if (who := self.person(message.by)) is not None:
                self._callbacks.emit("typing", who, message.on)
        elif isinstance(message, control.RoomUpdated):
            self._room = message.room
        elif isinstance(message, control.Moderated):
            target = self.person(message.target) if message.target is not None else None
            self._callbacks.emit("moderated", message.action, self.person(message.by), target)
        elif isinstance(message, control.Error) and not isinstance(message.cid, str):
            after = message.retry_after if isinstance(message.retry_after, float | int) else None
            self._callbacks.emit("refused", refusal(message.code, message.message, after))

    def on_phase(self, phase: Phase) -> None:
        """Tells callbacks; the last thing they hear is the end."""
        self._callbacks.emit("phase", phase)
        if phase.kind == "ended":
            self._callbacks.stop()
            if self.media is not None:
                self.media.on_end()

    def on_media(self, frame: bytes) -> None:
        """Hands a media frame on."""
        if self.media is not None:
            self.media.on_media(frame)

    def on_lane_ready(self, lane: Lane) -> None:
        """Hands on that a lane is open."""
        if self.media is not None:
            self.media.on_lane_ready(lane)

    def on_fork(self) -> None:
        """Makes locks anew that the parent's threads may have held."""
        self._lock = threading.Lock()
        if self.media is not None:
            self.media.on_fork()

    def _on_participant(
        self,
        message: control.ParticipantJoined | control.ParticipantUpdated | control.ParticipantLeft,
    ) -> None:
        with self._lock:
            before = dict(self._people)
            if isinstance(message, control.ParticipantLeft):
                self._people.pop(message.id, None)
            else:
                person = Person.from_wire(message.participant, self._you)
                self._people[person.id] = person
            now = dict(self._people)
        tell_people(self._callbacks, before, now, self._mine)

    def _on_stream(
        self, message: control.StreamAdded | control.StreamUpdated | control.StreamRemoved
    ) -> None:
        with self._lock:
            if isinstance(message, control.StreamRemoved):
                gone = self._streams.pop(message.id, None)
                self._flows.pop(message.id, None)
            else:
                gone = None
                self._streams[message.stream.id] = message.stream
        if isinstance(message, control.StreamRemoved):
            if gone is not None:
                self._callbacks.emit("unstream", gone)
        else:
            self._callbacks.emit("stream", message.stream)
        if self.media is not None:
            self.media.on_streams()

    def _on_flow(self, flow: control.StreamFlow) -> None:
        with self._lock:
            stream = self._streams.get(flow.stream)
            if stream is None:
                return  # it has ended meanwhile
            self._flows[flow.stream] = flow
            owner = self._people.get(stream.owner)
        self._callbacks.emit("flow", owner, flow)

    def _tell_entry(self, entry: LoggedEvent) -> None:
        about = getattr(entry.event, "id", None)
        message = self.message(about) if isinstance(about, str) else None
        tell_event(self._callbacks, entry, message, self.you)
