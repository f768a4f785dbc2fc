"""What members say: paced, then given to the part of the room that knows what to do."""

from __future__ import annotations

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import (
    ChatSend,
    ChatTyping,
    FromClient,
    Goodbye,
    InvalidField,
    Moderate,
    Ping,
    Publish,
    SendReaction,
    SendSignal,
    SetRoom,
    SetState,
    Unpublish,
    Watch,
)

from .admission import NORMAL, Admission
from .answers import closes, explain, refuse, throttle
from .chat import Chat
from .door import Door
from .effects import Close, Effects, Referring
from .members import Member, Roster
from .moderation import Moderation
from .presence import Presence
from .publishing import Publishing
from .records import Connection
from .settings import Settings


class Conversation:
    """Every control message, from members and from those who wait."""

    def __init__(
        self,
        roster: Roster,
        door: Door,
        admission: Admission,
        chat: Chat,
        presence: Presence,
        publishing: Publishing,
        moderation: Moderation,
        settings: Settings,
    ) -> None:
        self._roster = roster
        self._door = door
        self._admission = admission
        self._chat = chat
        self._presence = presence
        self._publishing = publishing
        self._moderation = moderation
        self._settings = settings

    def message(self, connection: Connection, message: FromClient, now: float) -> Effects:
        """A control message; rate limit and permissions are checked here."""
        member = self._roster.by_connection(connection)
        if member is None:
            return self._door.message(connection, message, now)
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
        if isinstance(message, Referring):
            return self._chat.say(member, message, now)
        match message:
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
            case SetRoom():
                return self._settings.change(member, message, now)
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
        effects = throttle(member.bucket, connection, cost, cid, now)
        if effects and member.bucket.exhausted:
            return effects + self._admission.lose(member, CloseCode.TOO_FAST, now)
        return effects

    def unreadable(self, connection: Connection, error: ValueError, now: float) -> Effects:
        """A frame that ``decode_client`` refused: answered, or closed with 4400."""
        member = self._roster.by_connection(connection)
        if member is None:
            return self._door.unreadable(connection, error, now)
        effects = explain(connection, error)
        if not closes(effects):
            cid = error.cid if isinstance(error, InvalidField) else None
            if member.phase == "in":
                return self._throttle(member, connection, 1.0, cid, now) or effects
            return effects
        if member.phase == "joining":
            self._roster.remove(member)
            return effects
        return effects + self._admission.leave(member, "lost", now)
