"""A room with its driver in a few lines: a log in memory, peers with inboxes, time set by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from meetwidget_server.room import (
    MEMBER,
    Append,
    Arrival,
    Close,
    Effect,
    FindFiles,
    History,
    Joined,
    Left,
    LoadHistory,
    Lookup,
    MediaPort,
    MessageFacts,
    Noted,
    Room,
    RoomOptions,
    RoomRecord,
    SaveRoom,
    Send,
    Standing,
    Stored,
)
from msgspec import UNSET, UnsetType

from meetwidget.wire import control, media

M = TypeVar("M")


def encode(frames: Sequence[bytes]) -> bytes:
    """Stands in for the WebSocket framing: length, then frame."""
    return b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames)


def decode(data: bytes) -> list[bytes]:
    """Undoes :func:`encode`."""
    frames = []
    while data:
        size = int.from_bytes(data[:4], "big")
        frames.append(data[4 : 4 + size])
        data = data[4 + size :]
    return frames


class MemoryLog:
    """What the SQLite store promises, in memory."""

    def __init__(self) -> None:
        self.epoch = "epoch-1"
        self.entries: list[tuple[control.LoggedEvent, frozenset[str] | None]] = []
        self.by_key: dict[tuple[str, str], control.LoggedEvent] = {}
        self.facts: dict[str, MessageFacts] = {}
        self.files: dict[str, tuple[str, control.FileRef]] = {}
        """By id: who uploaded it, and what it is."""
        self.attached: dict[str, tuple[str, str]] = {}
        """By id of the file: author and cid of the message it goes with."""

    def append(self, effect: Append) -> Stored:
        draft = effect.draft
        known = self.by_key.get((draft.author, draft.cid))
        if known is not None:
            return Stored(known.offset, known.at, known.event, duplicate=True)
        offset = len(self.entries) + 1
        logged = control.LoggedEvent(offset, draft.at, draft.by, draft.event)
        self.entries.append((logged, draft.audience))
        self.by_key[draft.author, draft.cid] = logged
        if isinstance(draft.event, control.MessageEvent):
            poll = draft.event.poll
            self.facts[draft.event.id] = MessageFacts(
                draft.author, draft.audience, poll=poll if poll is not UNSET else None
            )
            for file in draft.event.files or []:
                self.attached[file.id] = draft.author, draft.cid
        elif isinstance(draft.event, control.DeleteEvent):
            known_facts = self.facts[draft.event.id]
            self.facts[draft.event.id] = replace(known_facts, deleted=True)
        elif isinstance(draft.event, control.CloseEvent):
            known_facts = self.facts[draft.event.id]
            self.facts[draft.event.id] = replace(known_facts, closed=True)
        return Stored(offset, draft.at, draft.event)

    def upload(self, owner: str, name: str) -> str:
        """Keeps a file of this principal; returns its id."""
        id_ = f"file-{len(self.files) + 1}"
        self.files[id_] = owner, control.FileRef(id_, name, "text/plain", 5)
        return id_

    def find_files(self, effect: FindFiles) -> list[control.FileRef] | None:
        refs = []
        for id_ in effect.message.files or []:
            owner, ref = self.files.get(id_, ("", None))
            mine = effect.owner, effect.message.cid
            if ref is None or owner != effect.owner or self.attached.get(id_, mine) != mine:
                return None
            refs.append(ref)
        return refs

    def history(self, effect: LoadHistory) -> History:
        recovered = effect.after is not None and effect.epoch == self.epoch
        after = effect.after if recovered and effect.after is not None else 0
        events = [
            event
            for event, audience in self.entries
            if event.offset > after and (audience is None or effect.reader in audience)
        ]
        return History(events, recovered, self.epoch, len(self.entries))


class Lane:
    """A media socket of a peer, with what came out of it."""

    def __init__(self, peer: Peer, kinds: Iterable[media.MediaKind], socket: str) -> None:
        self.peer = peer
        self.socket = socket
        self.got: list[bytes] = []
        self.acks: list[int] = []
        """What the relay acknowledged."""
        self.bytes = 0
        self.closed: int | None = None
        peer.stage.lanes[socket] = self
        port, effects = peer.stage.room.open_media(peer.session, socket, kinds, peer.stage.now)
        assert port is not None
        self.port: MediaPort = port
        peer.stage.perform(effects)

    def send(self, frame: bytes) -> None:
        stage = self.peer.stage
        stage.perform(stage.room.media_frame(self.port, frame, stage.now))

    def ack(self, received: int | None = None) -> None:
        """Acknowledges all that came (or ``received`` bytes)."""
        total = self.bytes if received is None else received
        self.send(media.pack_ack(total, int(self.peer.stage.now * 1e6)))

    def deliver(self, frame: bytes) -> None:
        if frame[0] == media.FrameKind.ACK:
            self.acks.append(media.parse_ack(frame).received)
        else:
            self.got.append(frame)
            self.bytes += len(frame)

    def take(self) -> list[bytes]:
        """Returns what came since the last call, after a flush."""
        self.peer.stage.flush()
        got, self.got = self.got, []
        return got


class Peer:
    """Somebody in the room."""

    def __init__(self, stage: Stage, name: str, connection: str) -> None:
        self.stage = stage
        self.name = name
        self.connection = connection
        self.inbox: list[Any] = []
        self.log: list[Any] = []
        """Everything that was ever sent here; ``forget`` does not touch it."""
        self.closed: tuple[int, str] | None = None
        self.session = ""

    @property
    def welcome(self) -> control.Welcome:
        return self.last(control.Welcome)

    @property
    def id(self) -> str:
        return self.welcome.you.id

    def say(self, message: control.ClientMessage) -> None:
        self.stage.perform(
            self.stage.room.message(self.connection, message, self.stage.now)  # type: ignore[arg-type]
        )

    def of(self, kind: type[M]) -> list[M]:
        return [message for message in self.inbox if isinstance(message, kind)]

    def last(self, kind: type[M]) -> M:
        return self.of(kind)[-1]

    def forget(self) -> None:
        """Empties the inbox, but for the welcome."""
        self.inbox = [self.welcome]

    def events(self) -> list[control.LogEvent]:
        return [logged.event for logged in self.of(control.LoggedEvent)]

    def bodies(self) -> list[str]:
        return [e.body for e in self.events() if isinstance(e, control.MessageEvent)]

    @property
    def waits(self) -> bool:
        """Whether they were told to wait, and nothing else since."""
        return bool(self.of(control.Waiting)) and not self.of(control.Welcome) and not self.closed

    def lobby(self) -> list[str]:
        """Who waits, as this moderator was told last."""
        return [one.user.name for one in self.last(control.Lobby).waiting]

    def let_in(self, newcomer: Peer, action: control.ModerateAction = "admit") -> None:
        """Admits (or denies) somebody of the list."""
        listed = {one.user.name: one.id for one in self.last(control.Lobby).waiting}
        self.say(control.Moderate(self.stage.fresh("cid"), action, listed[newcomer.name]))

    def set_room(self, **fields: Any) -> None:
        """Changes the room's settings."""
        self.say(control.SetRoom(self.stage.fresh("cid"), **fields))

    def errors(self) -> list[str]:
        return [error.code for error in self.of(control.Error)]

    def chat(self, body: str, cid: str | None = None, **fields: Any) -> str:
        """Says something; returns the message's id once it is acknowledged."""
        cid = cid or self.stage.fresh("cid")
        self.say(control.ChatSend(cid, body, **fields))
        acks = [ack for ack in self.of(control.Ack) if ack.cid == cid]
        return str(acks[-1].id) if acks else ""

    def publish(self, source: str = "camera", heights: Sequence[int] = (180, 360)) -> str:
        """Publishes a source and returns the stream's id, of the last one if refused."""
        offers = [
            control.RenditionOffer("vp8", width=height * 16 // 9, height=height)
            for height in heights
        ]
        if not offers:
            offers = [control.RenditionOffer("opus")]
        self.say(control.Publish(self.stage.fresh("cid"), source, offers))
        return str(self.last(control.Ack).stream) if self.of(control.Ack) else ""

    def handles(self) -> list[int]:
        handles = self.last(control.Ack).handles
        assert isinstance(handles, list)
        return handles

    def watch(self, stream: str, height: int | None = 0) -> None:
        want = None if height is None else control.Want(height * 16 // 9, height)
        self.say(control.Watch({stream: want}))

    def lane(self, *kinds: media.MediaKind) -> Lane:
        return Lane(self, kinds, self.stage.fresh(f"socket-{self.name}"))

    def demand(self, stream: str) -> dict[int, bool]:
        """Returns which renditions this publisher was told to encode."""
        for demand in reversed(self.of(control.Demand)):
            if demand.stream == stream:
                return {r.handle: r.on for r in demand.renditions}
        return {}

    def keys_asked(self) -> int:
        return sum(r.key for d in self.of(control.Demand) for r in d.renditions)

    def drop(self, code: int = 1006) -> None:
        self.stage.perform(self.stage.room.gone(self.connection, code, self.stage.now))


class Stage:
    """The driver, and the stage for all peers."""

    def __init__(self, options: RoomOptions | None = None, record: RoomRecord | None = None):
        self._ids = itertools.count(1)
        self.now = 1_000.0
        self.log = MemoryLog()
        self.saved: list[RoomRecord] = []
        self.peers: dict[str, Peer] = {}
        self.lanes: dict[str, Lane] = {}
        self.left: list[str] = []
        self.noted: list[tuple[str, str, str]] = []
        """Act, who, on whom: what the operator's books are told."""
        self.held: list[Callable[[], None]] | None = None
        """When a list: answers of the store wait in it."""
        self.room = Room(
            record or RoomRecord("lab", self.log.epoch),
            options or RoomOptions(),
            self.fresh,
            encode,
        )

    def fresh(self, what: str) -> str:
        return f"{what}-{next(self._ids)}"

    def join(
        self,
        name: str,
        kind: control.Kind = "person",
        resume: control.Resume | None = None,
        user: str | None = None,
        standing: Standing = MEMBER,
        credential: str | None = None,
        decodes: control.Codecs | UnsetType = UNSET,
    ) -> Peer:
        peer = Peer(self, name, self.fresh(f"connection-{name}"))
        self.peers[peer.connection] = peer
        identity = control.User(user or name, name.title(), name[:1].upper(), "#123456")
        media = control.MediaInfo(self.fresh("token"), "ws://relay")
        arrival = Arrival(identity, kind, media, resume, standing, credential, decodes)
        self.perform(self.room.join(peer.connection, arrival, self.now))
        return peer

    def resume(
        self,
        peer: Peer,
        offset: int | None = None,
        standing: Standing = MEMBER,
        kind: control.Kind = "person",
    ) -> Peer:
        """Comes back as ``peer``, having seen everything up to ``offset``."""
        seen = max((e.offset for e in peer.of(control.LoggedEvent)), default=0)
        seen = max(seen, peer.welcome.room.offset)
        state = control.Resume(
            peer.session, peer.welcome.room.epoch, seen if offset is None else offset
        )
        return self.join(peer.name, kind, resume=state, standing=standing)

    def later(self, seconds: float, step: float = 0.1) -> None:
        """Lets time pass, with ticks."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = min(end, self.now + step)
            self.perform(self.room.tick(self.now))
            self.flush()

    def flush(self) -> None:
        for socket, data in self.room.flush(self.now):
            for frame in decode(data):
                self.lanes[socket].deliver(frame)

    def answer(self, call: Callable[[], None]) -> None:
        if self.held is None:
            call()
        else:
            self.held.append(call)

    def release(self) -> None:
        """Lets the store answer what it held back."""
        held, self.held = self.held or [], None
        for call in held:
            call()

    def perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(to, message):
                    assert to, "a message to nobody"
                    for connection in to:
                        peer = self.peers[connection]
                        assert peer.closed is None, "a message after the close"
                        peer.inbox.append(message)
                        peer.log.append(message)
                case Close(target, code, reason):
                    if target in self.lanes:
                        self.lanes[target].closed = int(code)
                    else:
                        self.peers[target].closed = (int(code), reason)
                case LoadHistory():
                    self.answer(lambda e=effect: self._load(e))
                case Append():
                    self.answer(lambda e=effect: self._append(e))
                case Lookup():
                    self.answer(lambda e=effect: self._look_up(e))
                case FindFiles():
                    self.answer(lambda e=effect: self._find_files(e))
                case SaveRoom(record):
                    self.saved.append(record)
                case Joined(connection, _, session):
                    self.peers[connection].session = session
                case Left(participant):
                    self.left.append(participant)
                case Noted(act, by, target):
                    self.noted.append((act, by, target))

    def _load(self, effect: LoadHistory) -> None:
        history = self.log.history(effect)
        self.perform(self.room.history_loaded(effect.connection, history, self.now))

    def _append(self, effect: Append) -> None:
        self.perform(self.room.appended(effect, self.log.append(effect), self.now))

    def _look_up(self, effect: Lookup) -> None:
        facts = self.log.facts.get(effect.id)
        self.perform(self.room.looked_up(effect, facts, self.now))

    def _find_files(self, effect: FindFiles) -> None:
        refs = self.log.find_files(effect)
        self.perform(self.room.files_found(effect, refs, self.now))


def video(
    handle: int,
    sequence: int,
    base: int,
    *,
    key: bool = False,
    layer: int = 0,
    size: int = 100,
    last: bool = True,
    at: int | None = None,
) -> bytes:
    """Returns one video frame; the capture time is ``at``, else made of the sequence."""
    capture = sequence * 1000 if at is None else at
    bits = media.flags(key=key, layer=layer, last=last)
    header = media.Header(2, bits, handle, sequence, capture, base & 0xFFFF)
    return header.pack() + bytes(max(0, size - media.HEADER_BYTES))


def audio(handle: int, sequence: int, size: int = 120) -> bytes:
    """Returns one packet of sound."""
    header = media.Header(1, media.flags(), handle, sequence, sequence * 20_000)
    return header.pack() + bytes(max(0, size - media.HEADER_BYTES))


def data(handle: int, sequence: int, size: int = 60) -> bytes:
    """Returns one data frame."""
    header = media.Header(3, media.flags(), handle, sequence, sequence * 1000)
    return header.pack() + bytes(max(0, size - media.HEADER_BYTES))


class Camera:
    """A sender of L1T2 video with right counters: a key frame when told, else base and upper in turn."""

    def __init__(self, handle: int, size: int = 1000, fragments: int = 1) -> None:
        self.handle = handle
        self.size = size
        self.fragments = fragments
        self._sequence = itertools.count()
        self._base = 0
        self._upper_next = False
        self._units = itertools.count(1)

    def unit(self, key: bool = False) -> list[bytes]:
        """Returns the frames of the next encoded chunk."""
        upper = self._upper_next and not key
        self._upper_next = not upper
        if not upper:
            self._base += 1
        at = next(self._units) * 1000
        return [
            video(
                self.handle,
                next(self._sequence),
                self._base,
                key=key,
                layer=int(upper),
                size=self.size,
                last=index == self.fragments - 1,
                at=at,
            )
            for index in range(self.fragments)
        ]


class Decoder:
    """Checks what a receiver got of one handle against the protocol's rule of decodability.

    ``returning``: the receiver comes back to the handle, and may be shown once more what it has.
    """

    def __init__(self, returning: bool = False) -> None:
        self.returning = returning
        self.base: int | None = None
        self.decoded = 0
        self.keys = 0
        self._open: tuple[int, bool] | None = None
        self._last_sequence = -1

    def expects(self, header: media.Header) -> bool:
        """Whether a frame can follow what came so far."""
        unfinished = self._open is not None and self._open[0] != header.capture_us
        return header.sequence > self._last_sequence and not unfinished

    def feed(self, frame: bytes) -> None:
        """Raises AssertionError for what a decoder could not use."""
        header = media.parse(frame)
        again = self.returning and header.key and self._open is None
        assert again or header.sequence > self._last_sequence, "not in order"
        if self._open is not None and self._open[0] != header.capture_us:
            raise AssertionError("a unit was left unfinished")
        if self._open is not None:
            assert header.sequence == self._last_sequence + 1, "a fragment is missing"
        else:
            self._start(header)
        self._last_sequence = header.sequence
        self._open = None if header.last else (header.capture_us, header.key)
        if header.last:
            self.decoded += 1

    def _start(self, header: media.Header) -> None:
        if header.key:
            self.base = header.base_count
            self.keys += 1
            return
        assert self.base is not None, "a delta before any key frame"
        if header.layer:
            assert header.base_count == self.base, "an upper-layer frame of another base frame"
        else:
            assert header.base_count == (self.base + 1) & 0xFFFF, "a base frame is missing"
            self.base = header.base_count
