"""Who may do what. Every rule reads the relay's own stamps, and a doubt is a refusal."""

from __future__ import annotations

from meetwidget.wire.control import Kind, Rights, Role, User

from .records import MessageFacts, RoomRecord, Standing, principal

_RANK: dict[Role, int] = {"observer": 0, "member": 1, "moderator": 2, "owner": 3}


def role_of(
    record: RoomRecord, user: User, kind: Kind, standing: Standing, given: Role = "member"
) -> Role:
    """Returns the role that the room's record and the host's rules make together.

    A person has the higher of the two. Kernels and guests have what they were ``given`` for
    this meeting, and are members at most. What the rules cap stays capped.
    """
    if kind != "person":
        return _lower(given, _lower("member", _cap(standing)))
    held = record.roles.get(user.name, "member")
    if standing.role is not None and _RANK[standing.role] > _RANK[held]:
        held = standing.role
    return _lower(held, _cap(standing))


def _lower(one: Role, other: Role) -> Role:
    return one if _RANK[one] <= _RANK[other] else other


def _cap(standing: Standing) -> Role:
    return _lower(standing.most, "observer" if standing.role == "observer" else "owner")


def becomes_owner(record: RoomRecord, kind: Kind, standing: Standing) -> bool:
    """Whether a newcomer becomes the owner, as the first person of a room that has none."""
    return (
        kind == "person"
        and standing.may_own
        and _cap(standing) == "owner"
        and "owner" not in record.roles.values()
    )


def rights_of(role: Role, standing: Standing) -> Rights:
    """Returns what somebody may do; the same is told to them and enforced."""
    return Rights(
        chat=may_speak(role),
        publish=may_speak(role) and standing.publish,
        moderate=may_moderate(role),
        guest_links=may_moderate(role) and standing.guest_links,
    )


def may_speak(role: Role) -> bool:
    """Whether this role may chat and publish."""
    return _RANK[role] >= _RANK["member"]


def may_moderate(role: Role) -> bool:
    """Whether this role may lock, clear, and moderate others."""
    return _RANK[role] >= _RANK["moderator"]


def may_enter_locked(record: RoomRecord, user: User, kind: Kind, standing: Standing) -> bool:
    """Whether a newcomer gets into a locked room: only a moderator in person."""
    return kind == "person" and (
        standing.passes or may_moderate(role_of(record, user, kind, standing))
    )


def is_expected(record: RoomRecord, user: User, kind: Kind, standing: Standing) -> bool:
    """Whether a newcomer comes in whatever ``access`` says: moderators and invited users.

    A kernel comes in where its person would. A guest's name is their own choice, so no name
    in the record means them.
    """
    if kind == "guest":
        return False
    if standing.passes or user.name in record.invited:
        return True
    if kind == "kernel":
        return may_moderate(record.roles.get(user.name, "member"))
    return may_moderate(role_of(record, user, kind, standing))


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


def may_close(user: User, kind: Kind, role: Role, facts: MessageFacts) -> bool:
    """Whoever asked ends a poll, or a moderator."""
    return may_edit(user, kind, facts) or may_moderate(role)


def may_delete(user: User, kind: Kind, role: Role, facts: MessageFacts) -> bool:
    """The author, or a moderator."""
    return may_edit(user, kind, facts) or may_moderate(role)
