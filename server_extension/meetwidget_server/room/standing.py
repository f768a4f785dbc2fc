"""Roles and rights of those who are in, kept right when either source of them changes.

A role has two sources: the room's record, which moderators write, and the host's rules
(:class:`.records.Standing`), which are asked again while somebody is in. Whatever changes,
:meth:`Standings.reassess` makes role, rights, streams and what everybody was told agree.
"""

from __future__ import annotations

from collections.abc import Callable

from meetwidget.wire.control import (
    Lobby,
    ParticipantUpdated,
    Rights,
    RightsChanged,
    Role,
    RoomUpdated,
    StreamRemoved,
)

from .answers import turn_away
from .effects import Effects, Send
from .lobby import WaitingRoom
from .media import MediaPlane
from .members import Member, Roster
from .permissions import role_of
from .records import RoomRecord, Standing
from .settings import room_info

Leave = Callable[[Member, str, float], Effects]


class Standings:
    """Who may do what, now."""

    def __init__(
        self, record: RoomRecord, roster: Roster, media: MediaPlane, lobby: WaitingRoom
    ) -> None:
        self._record = record
        self._roster = roster
        self._media = media
        self._lobby = lobby
        self._given: dict[str, Role] = {}
        """Roles of kernels and guests, by principal, while the room is alive."""

    def role(self, member: Member) -> Role:
        """Returns the role that is due to a member."""
        given = self._given.get(member.principal, "member")
        return role_of(self._record, member.user, member.kind, member.standing, given)

    def give(self, member: Member, role: Role) -> None:
        """Writes down a role; :meth:`reassess` everybody whom it concerns."""
        if member.kind == "person":
            self._record.roles[member.user.name] = role
        else:
            self._given[member.principal] = role

    def rights_of(self, principal: str) -> Rights | None:
        """Returns what somebody may do on any of their connections; ``None``: not in."""
        mine = [m.rights for m in self._roster.present() if m.principal == principal]
        if not mine:
            return None
        return Rights(
            chat=any(one.chat for one in mine),
            publish=any(one.publish for one in mine),
            moderate=any(one.moderate for one in mine),
            guest_links=any(one.guest_links for one in mine),
        )

    def update(self, member: Member, standing: Standing, now: float) -> Effects:
        """The host's rules say something else of a member."""
        member.standing = standing
        return [] if member.phase == "joining" else self.reassess(member, now)

    def put_out(self, member: Member, code: str, message: str, now: float, leave: Leave) -> Effects:
        """The host's rules do not let somebody be here any more."""
        effects: Effects = []
        if member.connection is not None:
            effects += turn_away(member.connection, code, message)
        if member.phase == "joining":
            self._roster.remove(member)
            return effects
        return [*effects, *leave(member, "left", now)]

    def reassess(self, member: Member, now: float) -> Effects:
        """Makes everything follow from the role and standing that are due to a member now."""
        effects: Effects = []
        role = self.role(member)
        if role != member.role:
            member.role = role
            listeners = self._roster.listeners()
            if listeners:
                effects.append(Send(listeners, ParticipantUpdated(member.wire())))
        if not member.rights.publish:
            effects += self._silence(member, now)
        return effects + self._tell(member)

    def _tell(self, member: Member) -> Effects:
        before, rights = member.told, member.rights
        if not member.listening or before is None or rights == before:
            return []
        member.told = rights
        to = (member.connection,)
        effects: Effects = [Send(to, RightsChanged(rights))]
        if rights.moderate and not before.moderate:
            effects.append(Send(to, RoomUpdated(room_info(self._record, invited=True))))
            effects += self.show_lobby(member)
        elif before.moderate and not rights.moderate:
            effects.append(Send(to, RoomUpdated(room_info(self._record))))
            effects.append(Send(to, Lobby([])))
        return effects

    def show_lobby(self, member: Member) -> Effects:
        """Shows a moderator who waits; no list after a ``welcome`` means: nobody."""
        if not len(self._lobby) or not member.rights.moderate or not member.listening:
            return []
        return [Send((member.connection,), self._lobby.wire())]

    def _silence(self, member: Member, now: float) -> Effects:
        effects: Effects = []
        listeners = self._roster.listeners()
        for stream in self._media.streams_of(member.id):
            effects += self._media.unpublish(member.id, stream, now) or []
            if listeners:
                effects.append(Send(listeners, StreamRemoved(stream)))
        return effects
