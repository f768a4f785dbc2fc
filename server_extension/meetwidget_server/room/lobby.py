"""The waiting room: who said hello and is not let in yet.

Those who wait are not in the roster, so that nothing which is sent to the room can reach
them, whatever part of the room sends it.
"""

from __future__ import annotations

from dataclasses import dataclass

from meetwidget.wire.control import Lobby, Participant, ParticipantState, RoomInfo, Waiting

from .effects import Effects, Noted, Send
from .members import Roster
from .permissions import role_of
from .rate import TokenBucket
from .records import Arrival, Connection, RoomRecord


@dataclass(slots=True, eq=False)
class Newcomer:
    """Somebody before the door; keeps ``id`` when let in."""

    id: str
    arrival: Arrival
    connection: Connection
    bucket: TokenBucket
    since: int
    """ms since 1970."""


class WaitingRoom:
    """Everybody who waits, in order of arrival."""

    def __init__(self, record: RoomRecord, roster: Roster) -> None:
        self._record = record
        self._roster = roster
        self._by_connection: dict[Connection, Newcomer] = {}

    def __len__(self) -> int:
        return len(self._by_connection)

    def all(self) -> list[Newcomer]:
        """Returns everybody who waits."""
        return list(self._by_connection.values())

    def by_connection(self, connection: Connection) -> Newcomer | None:
        """Finds who waits on this connection."""
        return self._by_connection.get(connection)

    def by_id(self, participant: str) -> Newcomer | None:
        """Finds somebody as moderators name them."""
        return next((one for one in self.all() if one.id == participant), None)

    def add(self, newcomer: Newcomer) -> Effects:
        """Somebody waits from now on; they learn of the room what stands at its door."""
        self._by_connection[newcomer.connection] = newcomer
        record = self._record
        outside = RoomInfo(
            record.name, record.title or record.name, record.locked, "", 0, record.access
        )
        noted = Noted("waits", newcomer.arrival.principal)
        return [Send((newcomer.connection,), Waiting(outside)), *self.tell(), noted]

    def remove(self, newcomer: Newcomer) -> None:
        """Somebody does not wait any more; :meth:`tell` moderators when all are removed."""
        del self._by_connection[newcomer.connection]

    def tell(self) -> Effects:
        """Shows the list to every moderator who is in."""
        moderators = self._roster.moderators()
        return [Send(moderators, self.wire())] if moderators else []

    def wire(self) -> Lobby:
        """Returns the list as moderators see it."""
        return Lobby([_participant(self._record, one) for one in self._by_connection.values()])


def _participant(record: RoomRecord, newcomer: Newcomer) -> Participant:
    who = newcomer.arrival
    role = role_of(record, who.user, who.kind, who.standing)
    return Participant(newcomer.id, who.user, who.kind, role, ParticipantState(), newcomer.since)
