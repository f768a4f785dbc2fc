"""What moderators set for the whole room, and how everybody is told of it.

Who is inside stays inside, whatever is set: access decides on those who come. Those who wait
are decided on anew.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from msgspec import UNSET

from meetwidget.wire.control import Ack, RoomInfo, RoomUpdated, SetRoom

from .answers import not_allowed, refuse_member
from .effects import Effects, Noted, SaveRoom, Send
from .members import Member, Roster
from .options import RoomOptions
from .records import RoomRecord


def room_info(record: RoomRecord, *, invited: bool = False) -> RoomInfo:
    """Returns a room's record as clients see it; ``invited`` is for moderators only."""
    return RoomInfo(
        record.name,
        record.title or record.name,
        record.locked,
        record.epoch,
        record.offset,
        record.access,
        sorted(record.invited) if invited else UNSET,
    )


def save(record: RoomRecord) -> SaveRoom:
    """Returns the effect that keeps a record as it is now."""
    return SaveRoom(copy.deepcopy(record))


def tell_room(record: RoomRecord, roster: Roster) -> Effects:
    """Returns ``room.updated`` for everybody, each with what they may know."""
    moderators = roster.moderators()
    others = tuple(one for one in roster.listeners() if one not in moderators)
    effects: Effects = []
    if moderators:
        effects.append(Send(moderators, RoomUpdated(room_info(record, invited=True))))
    if others:
        effects.append(Send(others, RoomUpdated(room_info(record))))
    return effects


class Settings:
    """``room.set``."""

    def __init__(
        self,
        record: RoomRecord,
        options: RoomOptions,
        roster: Roster,
        invite: Callable[[str], None],
        reconsider: Callable[[float], Effects],
    ) -> None:
        """Starts with the room's record.

        Args:
            record: the room's record, changed in place.
            options: the room's limits.
            roster: who is told.
            invite: lets somebody come back who was removed.
            reconsider: decides anew on those who wait.
        """
        self._record = record
        self._options = options
        self._roster = roster
        self._invite = invite
        self._reconsider = reconsider

    def change(self, member: Member, message: SetRoom, now: float) -> Effects:
        """A member changes what is named; the rest stays as it is."""
        if not member.rights.moderate:
            return not_allowed(member, "change the settings", message.cid)
        record = self._record
        invite = set(message.invite or ())
        uninvite = set(message.uninvite or ())
        invited = (record.invited | invite) - uninvite
        if len(invited) > max(self._options.invited, len(record.invited)):
            limit = f"A room has at most {self._options.invited} invited users."
            return refuse_member(member, "too-many", limit, message.cid)
        before = (record.title, record.access, record.invited)
        record.invited = invited
        if isinstance(message.title, str):
            record.title = message.title.strip()
        if isinstance(message.access, str):
            record.access = message.access
        for name in invite - uninvite:
            self._invite(name)
        effects: Effects = []
        if (record.title, record.access, record.invited) != before:
            effects += [save(record), *tell_room(record, self._roster)]
            effects.append(Noted("room-set", member.principal, detail=_named(message)))
        effects.append(Send((member.connection,), Ack(message.cid)))
        return [*effects, *self._reconsider(now)]


def _named(message: SetRoom) -> str:
    values = {
        "title": message.title,
        "access": message.access,
        "invite": message.invite,
        "uninvite": message.uninvite,
    }
    said = {name: value for name, value in values.items() if value is not UNSET}
    return ", ".join(
        f"{name}={' '.join(value) if isinstance(value, list) else value}"
        for name, value in said.items()
    )
