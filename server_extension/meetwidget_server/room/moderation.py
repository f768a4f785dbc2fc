"""What moderators do, each act checked against the stamps of both sides and told to those it concerns."""

from __future__ import annotations

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
)

from .answers import dismiss, not_allowed, refuse_member
from .chat import Chat
from .door import Door
from .effects import Effects, Noted, Send
from .media import MediaPlane
from .members import Member, Roster
from .permissions import may_grant, may_mute, may_remove, role_of
from .records import RoomRecord
from .settings import save, tell_room
from .standing import Standings

Leave = Callable[[Member, str, float], Effects]


class Moderation:
    """``moderate`` and its actions."""

    def __init__(
        self,
        record: RoomRecord,
        roster: Roster,
        media: MediaPlane,
        chat: Chat,
        door: Door,
        standings: Standings,
        leave: Leave,
    ) -> None:
        self._record = record
        self._roster = roster
        self._media = media
        self._chat = chat
        self._door = door
        self._standings = standings
        self._leave = leave

    def act(self, member: Member, message: Moderate, now: float) -> Effects:
        """A member asks for an act of moderation."""
        if not member.rights.moderate:
            return not_allowed(member, "moderate", message.cid)
        match message.action:
            case "clear":
                noted = Noted("cleared", member.principal)
                return [*self._chat.clear(member, message.cid, now), noted]
            case "lock" | "unlock":
                effects = [*self._lock(member, message), *self._door.reconsider(now)]
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
            case "admit" | "deny":
                answer = self._at_the_door(member, message)
                if isinstance(answer, tuple):
                    return refuse_member(member, *answer, message.cid)
                effects = answer
        if member.listening:  # a moderator may have removed themself
            effects.append(Send((member.connection,), Ack(message.cid)))
        return effects

    def _at_the_door(self, member: Member, message: Moderate) -> Effects | tuple[str, str]:
        target = message.target if isinstance(message.target, str) else ""
        decide = self._door.admit if message.action == "admit" else self._door.deny
        return decide(target, member.principal)

    def _refusal(self, member: Member, target: Member, message: Moderate) -> Effects:
        if message.action == "mute":
            allowed = may_mute(member.role, target.role)
        elif message.action == "remove":
            oneself = target.principal == member.principal
            ranks = [target.role] if oneself else self._ranks(target)
            allowed = all(may_remove(member.role, rank) for rank in ranks)
        elif not isinstance(message.role, str):
            return refuse_member(member, "invalid-field", "Say which role to give.", message.cid)
        else:
            return self._role_refusal(member, target, message.role, message.cid)
        return [] if allowed else not_allowed(member, f"{message.action} them", message.cid)

    def _ranks(self, target: Member) -> list[Role]:
        """All roles of whom ``target`` is: on one device they may have less than they are."""
        ranks = [one.role for one in self._door.company(target)]
        if target.kind == "person":
            ranks.append(self._record.roles.get(target.user.name, "member"))
        return ranks

    def _role_refusal(self, member: Member, target: Member, role: Role, cid: str) -> Effects:
        if not all(may_grant(member.role, rank, role) for rank in self._ranks(target)):
            return not_allowed(member, "change their role", cid)
        if self._last_owner(target, role):
            return refuse_member(member, "not-allowed", "A room keeps at least one owner.", cid)
        if role in ("owner", "moderator") and target.kind != "person":
            # A kernel's token is not one person's alone, and nobody knows who a guest is.
            return not_allowed(member, "change their role", cid)
        trial = RoomRecord("", "", roles={target.user.name: role})
        if role_of(trial, target.user, target.kind, target.standing, role) != role:
            reason = "The rules of this server decide their role here."
            return refuse_member(member, "not-allowed", reason, cid)
        return []

    def _last_owner(self, target: Member, role: Role) -> bool:
        owners = [name for name, held in self._record.roles.items() if held == "owner"]
        return target.kind == "person" and role != "owner" and owners == [target.user.name]

    def _on_person(self, member: Member, target: Member, message: Moderate, now: float) -> Effects:
        notice = Moderated(message.action, member.id, target.id)
        if message.action == "mute":
            target.muted = True
            target.state = structs.replace(target.state, microphone=False)
            effects = self._media.mute(target.id, True, now)
            effects += [*self._updated(target), *self._tell(target, notice)]
            return [*effects, Noted("muted", member.principal, target.principal)]
        if message.action == "remove":
            return self._remove(member, target, notice, now)
        role = message.role
        assert not isinstance(role, type(UNSET))
        noted = Noted("role", member.principal, target.principal, role)
        return [*self._give_role(target, role, notice, now), noted]

    def _remove(self, member: Member, target: Member, notice: Moderated, now: float) -> Effects:
        oneself = target.principal == member.principal
        effects: Effects = []
        for one in [target] if oneself else self._door.company(target):
            effects += self._tell(one, Moderated("remove", notice.by, one.id))
            if one.connection is not None:
                reason = "A moderator removed you from the room."
                effects += dismiss(one.connection, CloseCode.REMOVED, reason)
            if one.phase == "joining":
                self._roster.remove(one)
            else:
                effects += self._leave(one, "removed", now)
        if not oneself:
            effects += self._door.shut_out(target, now)
        return [*effects, Noted("removed", member.principal, target.principal)]

    def _give_role(self, target: Member, role: Role, notice: Moderated, now: float) -> Effects:
        self._standings.give(target, role)
        effects: Effects = [save(self._record)] if target.kind == "person" else []
        for one in self._roster:
            if one.principal == target.principal and one.phase != "joining":
                effects += self._standings.reassess(one, now)
                effects += self._tell(one, notice)
        return [*effects, *self._door.reconsider(now)]

    def _lock(self, member: Member, message: Moderate) -> Effects:
        self._record.locked = message.action == "lock"
        return [
            save(self._record),
            *tell_room(self._record, self._roster),
            Send(self._roster.listeners(), Moderated(message.action, member.id)),
            Noted("locked" if self._record.locked else "unlocked", member.principal),
        ]

    def _updated(self, target: Member) -> Effects:
        return [Send(self._roster.listeners(), ParticipantUpdated(target.wire()))]

    def _tell(self, target: Member, message: RelayMessage) -> Effects:
        return [Send((target.connection,), message)] if target.listening else []
