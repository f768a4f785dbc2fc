"""Who may do what. Every rule reads the relay's own stamps, and a doubt is a refusal."""

from __future__ import annotations

from meetwidget.wire.control import Kind, Role, User

from .records import MessageFacts, RoomRecord, principal

_RANK: dict[Role, int] = {"observer": 0, "member": 1, "moderator": 2, "owner": 3}


def role_on_arrival(record: RoomRecord, user: User, kind: Kind) -> Role:
    """Returns the role of a newcomer; only persons have roles that last.

    The first person of a room that has no owner yet becomes it.
    """
    if kind != "person":
        return "member"
    if "owner" not in record.roles.values():
        return "owner"
    return record.roles.get(user.name, "member")


def may_speak(role: Role) -> bool:
    """Whether this role may chat and publish."""
    return _RANK[role] >= _RANK["member"]


def may_moderate(role: Role) -> bool:
    """Whether this role may lock, clear, and moderate others."""
    return _RANK[role] >= _RANK["moderator"]


def may_enter_locked(record: RoomRecord, user: User, kind: Kind) -> bool:
    """Whether a newcomer gets into a locked room."""
    return kind == "person" and may_moderate(record.roles.get(user.name, "member"))


def may_mute(actor: Role, target: Role) -> bool:
    """Moderators mute their like and those below."""
    return may_moderate(actor) and _RANK[actor] >= _RANK[target]


def may_remove(actor: Role, target: Role) -> bool:
    """Only those below can be removed; an owner can remove anyone."""
    return may_moderate(actor) and (actor == "owner" or _RANK[actor] > _RANK[target])


def may_grant(actor: Role, target: Role, role: Role) -> bool:
    """Nobody gives or takes a role at or above their own, except an owner."""
    if actor == "owner":
        return True
    rank = _RANK[actor]
    return may_moderate(actor) and rank > _RANK[target] and rank > _RANK[role]


def may_see(reader: str, facts: MessageFacts) -> bool:
    """Whether this principal is in a message's audience."""
    return facts.audience is None or reader in facts.audience


def may_edit(user: User, kind: Kind, facts: MessageFacts) -> bool:
    """Only the author edits; a person also edits what their own kernel said, never the reverse.

    (A kernel's token is usable by everyone with access to its server.)
    """
    own = {principal(kind, user)}
    if kind == "person":
        own.add(principal("kernel", user))
    return facts.author in own


def may_delete(user: User, kind: Kind, role: Role, facts: MessageFacts) -> bool:
    """The author, or a moderator."""
    return may_edit(user, kind, facts) or may_moderate(role)
