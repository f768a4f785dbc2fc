"""The room's front: every event a driver can report, dispatched to the part that knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import (
    BadFrame,
    Bye,
    ChatDelete,
    ChatEdit,
    ChatReact,
    ChatSend,
    ChatTyping,
    FromClient,
    Goodbye,
    InvalidField,
    Moderate,
    Participant,
    Ping,
    Publish,
    Rights,
    RoomInfo,
    SendReaction,
    SendSignal,
    SetState,
    UnknownType,
    Unpublish,
    Watch,
)
from meetwidget.wire.media import MediaKind

from .admission import NORMAL, Admission
from .answers import dismiss, refuse
from .chat import Chat
from .effects import Append, Close, Effect, Effects, Lookup, Send
from .media import MediaPlane
from .members import Member, Roster
from .moderation import Moderation, room_info
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
from .tally import MediaTally

TICK_INTERVAL = 0.1
"""Seconds between calls of :meth:`Room.tick`; also the interval of acknowledgements."""
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
        self._chat = Chat(record, options, self._roster, new_id)
        self._presence = Presence(options, self._roster, self._media)
        self._publishing = Publishing(self._roster, self._media)
        self._admission = Admission(record, options, self._roster, self._media, new_id)
        self._moderation = Moderation(
            record, self._roster, self._media, self._chat, self._admission.leave
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
        """Nobody is in, joining or in a grace period, and no append is under way."""
        return not len(self._roster) and not self._chat.under_way

    @property
    def info(self) -> RoomInfo:
        """Name, title, lock, epoch and newest offset, as clients see them."""
        return room_info(self._record)

    @property
    def participants(self) -> list[Participant]:
        """Everyone who is in, in order of arrival, those in a grace period included."""
        return [member.wire() for member in self._roster.present()]

    def holds(self, principal: str) -> bool:
        """Whether somebody is in now, in a grace period included; waiting or joining is not in."""
        return any(member.principal == principal for member in self._roster.present())

    def rights_of(self, principal: str) -> Rights | None:
        """Returns what somebody may do here, on any of their connections; ``None``: not in."""
        raise NotImplementedError

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
        raise NotImplementedError

    # ------------------------------------------------------------ control

    def join(self, connection: Connection, arrival: Arrival, now: float) -> Effects:
        """Somebody comes, or comes back with ``arrival.resume``."""
        return self._admission.join(connection, arrival, now)

    def history_loaded(self, connection: Connection, history: History, now: float) -> Effects:
        """The log was read: ``Joined``, ``welcome``, and ``participant.joined`` to the others."""
        return self._admission.welcome(connection, history, now)

    def history_failed(self, connection: Connection, now: float) -> Effects:
        """The log cannot be read: the newcomer is welcomed without history, and told so."""
        return self._admission.welcome_without_history(connection, now)

    def message(self, connection: Connection, message: FromClient, now: float) -> Effects:
        """A control message; rate limit and permissions are checked here."""
        member = self._roster.by_connection(connection)
        if member is None:
            return []
        if isinstance(message, Goodbye):
            return self._goodbye(member, now)
        cid = getattr(message, "cid", None)
        if member.phase != "in":
            return refuse(connection, "not-joined", "Wait for the welcome.", cid)
        cost = 1.0
        if isinstance(message, ChatSend):
            cost = self._chat.cost(message)
        refusal = self._throttle(member, connection, cost, cid, now)
        if refusal:
            return refusal
        return self._dispatch(member, connection, message, now)

    def _dispatch(
        self, member: Member, connection: Connection, message: FromClient, now: float
    ) -> Effects:
        match message:
            case ChatSend() | ChatEdit() | ChatDelete() | ChatReact():
                return self._chat.say(member, message, now)
            case SetState():
                return self._presence.set_state(member, message, now)
            case ChatTyping():
                return self._presence.typing(member, message)
            case SendReaction():
                return self._presence.reaction(member, message)
            case SendSignal():
                return self._presence.signal(member, message)
            case Ping():
                return self._presence.ping(member, message, now)
            case Publish():
                return self._publishing.publish(member, message, now)
            case Unpublish():
                return self._publishing.unpublish(member, message, now)
            case Watch():
                return self._publishing.watch(member, message, now)
            case Moderate():
                return self._moderation.act(member, message, now)
            case _:
                return refuse(connection, "already-joined", "You are in the room already.")

    def _goodbye(self, member: Member, now: float) -> Effects:
        connection = member.connection
        if member.phase == "joining":
            self._roster.remove(member)
            return [Close(connection, NORMAL, "Goodbye.")]
        effects = self._admission.leave(member, "left", now)
        return [*effects, Close(connection, NORMAL, "Goodbye.")]

    def _throttle(
        self, member: Member, connection: Connection, cost: float, cid: str | None, now: float
    ) -> Effects:
        wait = member.bucket.take(cost, now)
        if not wait:
            return []
        if member.bucket.exhausted:
            reason = "You send too much. Wait a moment."
            effects = dismiss(connection, CloseCode.TOO_FAST, reason, reconnect=True)
            return effects + self._admission.lose(member, CloseCode.TOO_FAST, now)
        message = f"You send too fast. Try again in {wait:.1f} s."
        return refuse(connection, "too-fast", message, cid, round(wait, 3))

    def unreadable(self, connection: Connection, error: ValueError, now: float) -> Effects:
        """A frame that ``decode_client`` refused: answered, or closed with 4400."""
        member = self._roster.by_connection(connection)
        if member is None:
            return []
        if isinstance(error, InvalidField | UnknownType):
            cid = error.cid if isinstance(error, InvalidField) else None
            if member.phase == "in":
                refusal = self._throttle(member, connection, 1.0, cid, now)
                if refusal:
                    return refusal
            code = "invalid-field" if isinstance(error, InvalidField) else "unknown-type"
            return refuse(connection, code, f"Not understood: {error}.", cid)
        reason = str(error) if isinstance(error, BadFrame) else "Not a message."
        effects = dismiss(connection, CloseCode.BAD_FRAME, reason)
        if member.phase == "joining":
            self._roster.remove(member)
            return effects
        return effects + self._admission.leave(member, "lost", now)

    def gone(self, connection: Connection, code: int, now: float) -> Effects:
        """A control connection closed: 1000 leaves at once, everything else may resume."""
        return self._admission.gone(connection, code, now)

    # -------------------------------------------------------- durable log

    def appended(self, effect: Append, stored: Stored, now: float) -> Effects:
        """The entry is durable: fan-out and acknowledgement."""
        return self._chat.appended(effect, stored)

    def append_failed(self, effect: Append, now: float) -> Effects:
        """The entry was not kept: the sender gets ``not-kept``, nobody else anything."""
        return self._chat.append_failed(effect)

    def looked_up(self, effect: Lookup, facts: MessageFacts | None, now: float) -> Effects:
        """The store answered a :class:`Lookup`; ``None``: no such message."""
        return self._chat.looked_up(effect, facts, now)

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
        """Grace periods, deadlines, due key requests, acknowledgements, stalled sockets."""
        return [*self._admission.tick(now), *self._media.tick(now)]

    def shutdown(self, now: float, after_ms: int = 0) -> Effects:
        """The relay stops: ``bye`` with ``reconnect`` to everyone, and closes 1012."""
        effects: Effects = []
        reason = "The relay restarts."
        everyone = tuple(m.connection for m in self._roster if m.connection is not None)
        if everyone:
            effects.append(Send(everyone, Bye(CloseCode.RESTARTING, reason, True, after_ms)))
            effects += [Close(one, CloseCode.RESTARTING, reason) for one in everyone]
        effects += [
            Close(port.socket, CloseCode.RESTARTING, reason) for port in self._media.ports()
        ]
        return effects
