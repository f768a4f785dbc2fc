"""Carries out what rooms ask for: messages, closes, the log, and media at the end of a turn.

Answers of the log come back in the order of the questions and go straight into the room
that asked; what the room makes of them is carried out in turn.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from meetwidget.wire.control import FileRef, encode
from meetwidget_server.operations.audit import Audit
from meetwidget_server.operations.counts import Counts
from meetwidget_server.room import (
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
    MessageFacts,
    Noted,
    Room,
    RoomRecord,
    SaveRoom,
    Send,
    Stored,
)
from meetwidget_server.socket import Hub, binary_frame, binary_frames, text_frame
from meetwidget_server.store import NotKept, Store
from meetwidget_server.tickets import Grant

COMPANY_S = 0.01
"""How long an acknowledgement waits for media that goes the same way, seconds."""


class Socket(Protocol):
    """What the relay asks of a connection."""

    def send(self, frame: bytes) -> None:
        """Queues a whole frame; never blocks."""

    def send_now(self, frame: bytes) -> None:
        """Sends what was gathered over a loop turn; never blocks."""

    def close(self, code: int, reason: str) -> None:
        """Closes after what was sent."""


def encode_media(frames: Sequence[bytes]) -> bytes:
    """Returns media frames as the bytes of one write."""
    return binary_frame(frames[0]) if len(frames) == 1 else binary_frames(frames)


@dataclass(slots=True, eq=False)
class HostedRoom:
    """A room on this relay, or one whose record is still being read."""

    name: str
    number: int
    """Counts the rooms that were opened."""
    room: Room | None = None
    record: RoomRecord | None = None
    waiting: list[tuple[Socket, Arrival]] = field(default_factory=list)
    """Who came while the record was being read."""
    dirty: bool = False
    """Whether a flush of media is scheduled."""
    grants: dict[Socket, Grant] = field(default_factory=dict)
    """By what each control connection came in."""


class EffectRunner:
    """The hands of all rooms of a relay."""

    def __init__(
        self,
        store: Store,
        hub: Hub,
        now: Callable[[], float],
        log: logging.Logger,
        counts: Counts,
        audit: Audit,
    ) -> None:
        self.store = store
        self.log = log
        self.now = now
        self.counts = counts
        self.audit = audit
        self.media_tokens: dict[str, tuple[HostedRoom, str]] = {}
        """Media token → room and session."""
        self._tokens: dict[str, str] = {}
        """Session → its newest media token; a resume voids the one before."""
        self._hub = hub
        self._loop = hub.loop
        self._dirty: list[HostedRoom] = []

    def perform(self, hosted: HostedRoom, effects: Iterable[Effect]) -> None:
        """Carries out ``effects`` in order; a new kind of effect without hands is an error."""
        for effect in effects:
            self._carry_out[type(effect)](self, hosted, effect)
        self.flush_soon(hosted)

    def perform_unhurried(self, hosted: HostedRoom, effects: Iterable[Effect]) -> None:
        """Carries out ``effects``; media goes with the room's next, or after a moment alone.

        For acknowledgements: nearly everyone who is owed one is about to get media anyway.
        """
        for effect in effects:
            self._carry_out[type(effect)](self, hosted, effect)
        if hosted.room is not None and hosted.room.unflushed and not hosted.dirty:
            self._loop.call_later(COMPANY_S, self.flush_soon, hosted)

    def flush_soon(self, hosted: HostedRoom) -> None:
        """Has a room flushed at the end of this turn, if there is anything to flush."""
        if hosted.room is not None and hosted.room.unflushed:
            self.schedule_flush(hosted)

    def _send(self, _hosted: HostedRoom, effect: Send) -> None:
        self.counts.sent[type(effect.message)] += len(effect.to)
        frame = text_frame(encode(effect.message))
        for socket in effect.to:
            try:
                socket.send(frame)
            except Exception:  # one broken socket must not silence the others
                self.log.exception("meetwidget: a control message could not be sent")

    def _close(self, _hosted: HostedRoom, effect: Close) -> None:
        self.counts.closes[effect.code] += 1
        effect.target.close(effect.code, effect.reason)

    def _load_history(self, hosted: HostedRoom, effect: LoadHistory) -> None:
        def done(answer: History | NotKept) -> None:
            room = hosted.room
            assert room is not None
            if isinstance(answer, NotKept):
                self.perform(hosted, room.history_failed(effect.connection, self.now()))
            else:
                if effect.after is not None:
                    self.counts.resumes[answer.recovered] += 1
                self.perform(hosted, room.history_loaded(effect.connection, answer, self.now()))

        self.store.catch_up(hosted.name, effect.reader, effect.epoch, effect.after, done)

    def _append(self, hosted: HostedRoom, effect: Append) -> None:
        def done(answer: Stored | NotKept) -> None:
            room = hosted.room
            assert room is not None
            if isinstance(answer, NotKept):
                self.counts.not_kept += 1
                self.perform(hosted, room.append_failed(effect, self.now()))
            else:
                self.counts.appends.observe(self._loop.time() - asked)
                self.perform(hosted, room.appended(effect, answer, self.now()))

        assert hosted.record is not None
        asked = self._loop.time()
        self.store.append(hosted.record, effect.draft, done)

    def _look_up(self, hosted: HostedRoom, effect: Lookup) -> None:
        def done(answer: MessageFacts | NotKept | None) -> None:
            room = hosted.room
            assert room is not None
            facts = None if isinstance(answer, NotKept) else answer
            self.perform(hosted, room.looked_up(effect, facts, self.now()))

        self.store.facts(hosted.name, effect.id, done)

    def _find_files(self, hosted: HostedRoom, effect: FindFiles) -> None:
        def done(answer: list[FileRef] | NotKept | None) -> None:
            room = hosted.room
            assert room is not None
            refs = None if isinstance(answer, NotKept) else answer
            self.perform(hosted, room.files_found(effect, refs, self.now()))

        message = effect.message
        assert isinstance(message.files, list)
        self.store.file_refs(hosted.name, effect.owner, message.cid, message.files, done)

    def _save_room(self, _hosted: HostedRoom, effect: SaveRoom) -> None:
        self.store.save_room(effect.record, lambda _: None)

    def _joined(self, hosted: HostedRoom, effect: Joined) -> None:
        self._forget_media_token(effect.session)
        self.media_tokens[effect.media_token] = (hosted, effect.session)
        self._tokens[effect.session] = effect.media_token

    def _left(self, _hosted: HostedRoom, effect: Left) -> None:
        self._forget_media_token(effect.session)

    def forget(self, hosted: HostedRoom) -> None:
        """A room is given up, whoever is still in it."""
        for token, (other, session) in list(self.media_tokens.items()):
            if other is hosted:
                del self.media_tokens[token]
                del self._tokens[session]

    def _forget_media_token(self, session: str) -> None:
        token = self._tokens.pop(session, None)
        if token is not None:
            del self.media_tokens[token]

    def _noted(self, hosted: HostedRoom, effect: Noted) -> None:
        kind, _, user = effect.by.partition(":")
        self.counts.acts[effect.act] += 1
        if effect.act == "refused":
            self.counts.refused[effect.detail] += 1
        self.audit.noted(hosted.name, effect)
        self.log.log(
            logging.DEBUG if effect.act == "resumed" else logging.INFO,
            "meetwidget: %s %s%s%s in %s",
            effect.by,
            effect.act,
            f" {effect.target}" if effect.target else "",
            f" ({effect.detail})" if effect.detail else "",
            hosted.name,
            extra={
                "act": effect.act,
                "room": hosted.name,
                "user": user,
                "kind": kind,
                "target": effect.target,
                "code": effect.detail,
            },
        )

    _carry_out: dict[type, Callable[..., None]] = {  # noqa: RUF012 - a constant table
        Send: _send,
        Close: _close,
        LoadHistory: _load_history,
        Append: _append,
        Lookup: _look_up,
        FindFiles: _find_files,
        SaveRoom: _save_room,
        Joined: _joined,
        Left: _left,
        Noted: _noted,
    }

    # ------------------------------------------------------------------- media

    def schedule_flush(self, hosted: HostedRoom) -> None:
        """Has a room's media sent at the end of this loop turn."""
        if hosted.dirty:
            return
        hosted.dirty = True
        if not self._dirty:
            self._hub.at_turn_end(self._flush)
        self._dirty.append(hosted)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        now = self.now()
        for hosted in dirty:
            hosted.dirty = False
            if hosted.room is None:
                continue
            try:
                decided = hosted.room.flush(now)
            except Exception:  # one room's mistake must not silence the others
                self.log.exception("meetwidget: room %s could not be flushed", hosted.name)
                continue
            for socket, data in decided:
                try:
                    socket.send_now(data)
                except Exception:  # nor one broken socket
                    self.log.exception("meetwidget: media could not be sent")
