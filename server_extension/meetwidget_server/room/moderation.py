"""What moderators do, each act checked against the stamps of both sides and told to those it concerns."""

from __future__ import annotations

import copy
from collections.abc import Callable

from msgspec import UNSET, structs

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import (
    Ack,
    Moderate,
    Moderated,
    ParticipantUpdated,
    RelayMessage,
    Role,
    RoomInfo,
    RoomUpdated,
    StreamRemoved,
)

from .answers import dismiss, not_allowed, refuse_member
from .chat import Chat
from .effects import Effects, SaveRoom, Send
from .media import MediaPlane
from .members import Member, Roster
from .permissions import may_grant, may_moderate, may_mute, may_remove, may_speak
from .records import RoomRecord

Leave = Callable[[Member, str, float], Effects]


def room_info(record: RoomRecord) -> RoomInfo:
    """Returns a room's record as clients see it."""
    return RoomInfo(
        record.name,
        record.title or record.name,
        record.locked,
        record.epoch,
        record.offset,
    )


def save(record: RoomRecord) -> SaveRoom:
    """Returns the effect that keeps a record as it is now."""
    return SaveRoom(copy.deepcopy(record))


class Moderation:
    """``moderate`` and its actions."""

    def __init__(
        self,
        record: RoomRecord,
        roster: Roster,
        media: MediaPlane,
        chat: Chat,
        leave: Leave,
    ) -> None:
        self._record = record
        self._roster = roster
        self._media = media
        self._chat = chat
        self._leave = leave

    def act(self, member: Member, message: Moderate, now: float) -> Effects:
        """A member asks for an act of moderation."""
        if not may_moderate(member.role):
            return not_allowed(member, "moderate", message.cid)
        match message.action:
            case "clear":
                return self._chat.clear(member, message.cid, now)
            case "lock" | "unlock":
                effects = self._lock(member, message)
            case "mute" | "remove" | "role":
                target = (
                    self._roster.by_id(message.target) if isinstance(message.target, str) else None
                )
                if target is None:
                    return refuse_member(
                        member, "not-found", "They are not here any more.", message.cid
                    )
                refusal = self._refusal(member, target, message)
                if refusal:
                    return refusal
                effects = self._on_person(member, target, message, now)
            case _:
                return refuse_member(
                    member, "no-lobby", "This room has no waiting room.", message.cid
                )
        if member.listening:  # a moderator may have removed themself
            effects.append(Send((member.connection,), Ack(message.cid)))
        return effects

    def _refusal(self, member: Member, target: Member, message: Moderate) -> Effects:
        if message.action == "mute":
            allowed = may_mute(member.role, target.role)
        elif message.action == "remove":
            allowed = may_remove(member.role, target.role)
        elif not isinstance(message.role, str):
            return refuse_member(member, "invalid-field", "Say which role to give.", message.cid)
        else:
            allowed = may_grant(member.role, target.role, message.role)
            if allowed and self._last_owner(target, message.role):
                return refuse_member(
                    member, "not-allowed", "A room keeps at least one owner.", message.cid
                )
            if allowed and message.role in ("owner", "moderator") and target.kind != "person":
                allowed = False  # a kernel's token is not one person's alone
        return [] if allowed else not_allowed(member, f"{message.action} them", message.cid)

    def _last_owner(self, target: Member, role: Role) -> bool:
        owners = [name for name, held in self._record.roles.items() if held == "owner"]
        return target.kind == "person" and role != "owner" and owners == [target.user.name]

    def _on_person(self, member: Member, target: Member, message: Moderate, now: float) -> Effects:
        notice = Moderated(message.action, member.id, target.id)
        if message.action == "mute":
            target.muted = True
            target.state = structs.replace(target.state, microphone=False)
            effects = self._media.mute(target.id, True, now)
            return [*effects, *self._updated(target), *self._tell(target, notice)]
        if message.action == "remove":
            effects = self._tell(target, notice)
            if target.connection is not None:
                effects += dismiss(
                    target.connection, CloseCode.REMOVED, "A moderator removed you from the room."
                )
            return [*effects, *self._leave(target, "removed", now)]
        role = message.role
        assert not isinstance(role, type(UNSET))
        return self._give_role(target, role, notice, now)

    def _give_role(self, target: Member, role: Role, notice: Moderated, now: float) -> Effects:
        effects: Effects = []
        same = [target]
        if target.kind == "person":
            self._record.roles[target.user.name] = role
            effects.append(save(self._record))
            same = [m for m in self._roster if m.principal == target.principal]
        for one in same:
            one.role = role
            if one.phase != "joining":
                effects += self._updated(one) + self._tell(one, notice)
                if not may_speak(role):
                    effects += self._silence(one, now)
        return effects

    def _silence(self, target: Member, now: float) -> Effects:
        effects: Effects = []
        for stream in self._media.streams_of(target.id):
            effects += self._media.unpublish(target.id, stream, now) or []
            effects.append(Send(self._roster.listeners(), StreamRemoved(stream)))
        return effects

    def _lock(self, member: Member, message: Moderate) -> Effects:
        self._record.locked = message.action == "lock"
        everyone = self._roster.listeners()
        return [
            save(self._record),
            Send(everyone, RoomUpdated(room_info(self._record))),
            Send(everyone, Moderated(message.action, member.id)),
        ]

    def _updated(self, target: Member) -> Effects:
        return [Send(self._roster.listeners(), ParticipantUpdated(target.wire()))]

    def _tell(self, target: Member, message: RelayMessage) -> Effects:
        return [Send((target.connection,), message)] if target.listening else []
