"""The room's front: every event a driver can report, dispatched to the part that knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import Bye, FileRef, FromClient, Participant, Rights, RoomInfo
from meetwidget.wire.media import MediaKind

from .admission import Admission
from .chat import Chat
from .conversation import Conversation
from .door import Door
from .effects import Append, Close, Effect, Effects, FindFiles, Lookup, Send
from .ledger import Ledger
from .lobby import WaitingRoom
from .media import MediaPlane
from .members import Roster
from .moderation import Moderation
from .options import RoomOptions
from .ports import MediaPort
from .presence import Presence
from .publishing import Publishing
from .records import (
    Arrival,
    Connection,
    History,
    MessageFacts,
    RoomRecord,
    Standing,
    Stored,
)
from .settings import Settings, room_info
from .standing import Standings
from .tally import MediaTally

ALL_KINDS: frozenset[MediaKind] = frozenset(("audio", "video", "data"))


class Room:
    """One meeting. See the package's docstring for the order of calls."""

    def __init__(
        self,
        record: RoomRecord,
        options: RoomOptions,
        new_id: Callable[[str], str],
        encode: Callable[[Sequence[bytes]], bytes],
        tally: MediaTally | None = None,
    ) -> None:
        self._record = record
        self._roster = Roster()
        self._media = MediaPlane(
            options, new_id, encode, self._roster.connection_of, tally or MediaTally()
        )
        self._ledger = Ledger(record, self._roster)
        self._chat = Chat(options, self._roster, self._ledger, new_id)
        self._lobby = WaitingRoom(record, self._roster)
        self._standings = Standings(record, self._roster, self._media, self._lobby)
        self._admission = Admission(
            record, options, self._roster, self._media, self._standings, new_id
        )
        leave = self._admission.leave
        self._door = Door(record, options, self._roster, self._lobby, self._admission, new_id)
        self._conversation = Conversation(
            self._roster,
            self._door,
            self._admission,
            self._chat,
            Presence(options, self._roster, self._media),
            Publishing(self._roster, self._media),
            Moderation(
                record, self._roster, self._media, self._chat, self._door, self._standings, leave
            ),
            Settings(record, options, self._roster, self._door.forgive, self._door.reconsider),
        )
        self.unflushed: Sequence[object] = self._media.unflushed
        """Non-empty when :meth:`flush` would send something; always the same list."""
        self.media_frame: Callable[[MediaPort, bytes, float], Sequence[Effect]] = self._media.frame
        """``media_frame(port, frame, now)``: a binary frame arrived on a member's media socket.

        Acknowledgements too.
        """
        self.media_intake = self._media.intake
        """``media_intake(port, clock, perform, wake)``: the same with everything bound, for the
        driver, where every call counts; see :meth:`.forwarding.Forwarding.intake`.
        """

    @property
    def name(self) -> str:
        """The room's name."""
        return self._record.name

    @property
    def empty(self) -> bool:
        """Nobody is in, joining, waiting or in a grace period, and no append is under way."""
        return not len(self._roster) and not len(self._lobby) and not self._ledger.under_way

    @property
    def info(self) -> RoomInfo:
        """Name, title, lock, access, epoch and newest offset, as members see them."""
        return room_info(self._record)

    @property
    def participants(self) -> list[Participant]:
        """Everyone who is in, in order of arrival, those in a grace period included."""
        return [member.wire() for member in self._roster.present()]

    @property
    def waiting(self) -> int:
        """How many wait to be let in."""
        return len(self._lobby)

    def holds(self, principal: str) -> bool:
        """Whether somebody is in now, in a grace period included; waiting or joining is not in."""
        return any(member.principal == principal for member in self._roster.present())

    def participant_of(self, session: str) -> Participant | None:
        """Returns who holds a session, if they are in, in a grace period included."""
        member = self._roster.by_session(session)
        return None if member is None else member.wire()

    def rights_of(self, principal: str) -> Rights | None:
        """Returns what somebody may do here, on any of their connections; ``None``: not in."""
        return self._standings.rights_of(principal)

    def update_standing(
        self,
        principal: str,
        standing: Standing | None,
        code: str,
        message: str,
        now: float,
        *,
        credential: str | None = None,
    ) -> Effects:
        """The host's rules say something else of somebody, or (``None``) put them out.

        Args:
            principal: whom it concerns, in or waiting.
            standing: what is said of them from now on; ``None``: they may not be here.
            code: the error they are told when put out, such as ``signed-out``.
            message: the same as a sentence for people.
            now: seconds since 1970.
            credential: only connections that came with it (``Arrival.credential``).
        """
        effects: Effects = []
        for member in self._roster:
            if member.principal != principal or credential not in (None, member.credential):
                continue
            if standing is None:
                leave = self._admission.leave
                effects += self._standings.put_out(member, code, message, now, leave)
            else:
                effects += self._standings.update(member, standing, now)
        return effects + self._door.update_standing(
            principal, credential, standing, (code, message), now
        )

    # ------------------------------------------------------------ control

    def join(self, connection: Connection, arrival: Arrival, now: float) -> Effects:
        """Somebody comes, or comes back with ``arrival.resume``."""
        return self._door.join(connection, arrival, now)

    def history_loaded(self, connection: Connection, history: History, now: float) -> Effects:
        """The log was read: ``Joined``, ``welcome``, and ``participant.joined`` to the others."""
        return self._admission.welcome(connection, history, now)

    def history_failed(self, connection: Connection, now: float) -> Effects:
        """The log cannot be read: the newcomer is welcomed without history, and told so."""
        return self._admission.welcome_without_history(connection, now)

    def message(self, connection: Connection, message: FromClient, now: float) -> Effects:
        """A member, or somebody who waits, says something."""
        return self._conversation.message(connection, message, now)

    def unreadable(self, connection: Connection, error: ValueError, now: float) -> Effects:
        """A frame that ``decode_client`` refused: answered, or closed with 4400."""
        return self._conversation.unreadable(connection, error, now)

    def gone(self, connection: Connection, code: int, now: float) -> Effects:
        """A control connection closed: 1000 leaves at once, everything else may resume."""
        return self._door.gone(connection) or self._admission.gone(connection, code, now)

    # -------------------------------------------------------- durable log

    def appended(self, effect: Append, stored: Stored, now: float) -> Effects:
        """The entry is durable: fan-out and acknowledgement."""
        return self._ledger.appended(effect, stored)

    def append_failed(self, effect: Append, now: float) -> Effects:
        """The entry was not kept: the sender gets ``not-kept``, nobody else anything."""
        return self._ledger.append_failed(effect)

    def looked_up(self, effect: Lookup, facts: MessageFacts | None, now: float) -> Effects:
        """The store answered a :class:`Lookup`; ``None``: no such message."""
        return self._chat.looked_up(effect, facts, now)

    def files_found(self, effect: FindFiles, refs: list[FileRef] | None, now: float) -> Effects:
        """The store answered a :class:`FindFiles`; ``None``: some are not the sender's to send."""
        return self._chat.files_found(effect, refs, now)

    # -------------------------------------------------------------- media

    def open_media(
        self,
        session: str,
        socket: Connection,
        kinds: Iterable[MediaKind],
        now: float,
    ) -> tuple[MediaPort | None, Effects]:
        """A member opened a media socket for these kinds; it replaces an older one of theirs.

        No kinds at all means all of them.
        """
        member = self._roster.by_session(session)
        if member is None:
            return None, []
        return self._media.open(member.id, socket, frozenset(kinds) or ALL_KINDS, now)

    def close_media(self, port: MediaPort, now: float) -> Effects:
        """A media socket is closed."""
        return self._media.close(port, now)

    def flush(self, now: float) -> list[tuple[Connection, bytes]]:
        """Returns what is to be written to each media socket now, encoded."""
        return self._media.flush(now)

    # --------------------------------------------------------------- time

    def tick(self, now: float) -> Effects:
        """Grace periods, free places, due key requests, acknowledgements, stalled sockets."""
        effects = [*self._admission.tick(now), *self._media.tick(now)]
        return effects + self._door.reconsider(now) if len(self._lobby) else effects

    def shutdown(self, now: float, after_ms: int = 0) -> Effects:
        """The relay stops: ``bye`` with ``reconnect`` to everyone, and closes 1012."""
        effects: Effects = []
        reason = "The relay restarts."
        everyone = tuple(m.connection for m in self._roster if m.connection is not None)
        everyone += tuple(one.connection for one in self._lobby.all())
        if everyone:
            effects.append(Send(everyone, Bye(CloseCode.RESTARTING, reason, True, after_ms)))
            effects += [Close(one, CloseCode.RESTARTING, reason) for one in everyone]
        effects += [
            Close(port.socket, CloseCode.RESTARTING, reason) for port in self._media.ports()
        ]
        return effects
