"""What members show of themselves and pass on to each other, none of which is kept."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, structs

from meetwidget.wire.control import (
    ChatTyping,
    ParticipantUpdated,
    Ping,
    Pong,
    Reaction,
    SendReaction,
    SendSignal,
    SetState,
    Signal,
    Typing,
)

from .answers import not_allowed, refuse_member
from .effects import Effects, Send
from .media import MediaPlane
from .members import Member, Roster
from .options import RoomOptions
from .permissions import may_speak

_FIELDS = ("microphone", "camera", "screen", "hand", "status", "location")


class Presence:
    """State, hands, typing, emoji, signalling and pings."""

    def __init__(self, options: RoomOptions, roster: Roster, media: MediaPlane) -> None:
        self._options = options
        self._roster = roster
        self._media = media

    def set_state(self, member: Member, message: SetState, now: float) -> Effects:
        """Takes over what is named; a hand that goes up gets its place in the queue."""
        named = {
            field: value for field in _FIELDS if (value := getattr(message, field)) is not UNSET
        }
        if named.get("location", UNSET) is None:
            named["location"] = UNSET
        if "hand" in named and named["hand"] != member.state.hand:
            named["hand_at"] = int(now * 1000) if named["hand"] else 0
        effects: Effects = []
        if member.muted and named.get("microphone"):
            member.muted = False
            effects += self._media.mute(member.id, False, now)
        state = structs.replace(member.state, **named)
        if state == member.state:
            return effects
        member.state = state
        return [*effects, Send(self._roster.listeners(), ParticipantUpdated(member.wire()))]

    def typing(self, member: Member, message: ChatTyping) -> Effects:
        """Tells the others that somebody writes."""
        if not may_speak(member.role):
            return []
        return self._to_others(member, Typing(member.id, message.on))

    def reaction(self, member: Member, message: SendReaction) -> Effects:
        """Shows an emoji to everyone, the sender included."""
        if not may_speak(member.role):
            return not_allowed(member, "send reactions")
        return [Send(self._roster.listeners(), Reaction(member.id, message.emoji))]

    def signal(self, member: Member, message: SendSignal) -> Effects:
        """Passes signalling data on to one participant of this room, unread."""
        if len(msgspec.json.encode(message.data)) > self._options.signal_bytes:
            return refuse_member(member, "too-large", "The signal is too large.")
        target = self._roster.by_id(message.to)
        if target is None or not target.listening:
            return refuse_member(member, "not-found", "They are not here any more.")
        return [Send((target.connection,), Signal(member.id, message.data))]

    def ping(self, member: Member, message: Ping, now: float) -> Effects:
        """Answers with the relay's clock."""
        return [Send((member.connection,), Pong(message.t, int(now * 1_000_000)))]

    def _to_others(self, member: Member, message: Typing) -> Effects:
        others = self._roster.listeners(but=member)
        return [Send(others, message)] if others else []
