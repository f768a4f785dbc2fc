"""The door: who comes in, who waits before it, who is sent away.

Asked of everybody who says hello without a session of this room, and again of everybody who
waits whenever the answer may have changed. What is not clearly allowed is refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from meetwidget.wire.control import FromClient, Goodbye, Kind, Ping, Pong

from .admission import NORMAL, Admission
from .answers import closes, explain, refuse, throttle, turn_away
from .effects import Close, Effects, Noted, Send
from .lobby import Newcomer, WaitingRoom
from .members import Member, Roster
from .options import RoomOptions
from .permissions import becomes_owner, is_expected, may_enter_locked
from .rate import TokenBucket
from .records import Arrival, Connection, RoomRecord, Standing

Answer = tuple[str, str]
"""Code and sentence of a refusal."""

REMOVED: Answer = ("removed", "A moderator removed you from this room.")
NOT_INVITED: Answer = ("not-invited", "Only people who are invited may come into this room.")
LOCKED: Answer = ("room-locked", "The room is locked.")
FULL: Answer = ("room-full", "The room is full.")
LOBBY_FULL: Answer = ("room-full", "Too many people wait for this room. Try again later.")
TOO_MANY: Answer = ("too-many", "You are in this room too many times. Leave it elsewhere first.")
DENIED: Answer = ("denied", "A moderator did not let you in.")
COMPANIONS: dict[Kind, tuple[Kind, ...]] = {"person": ("person", "kernel")}
"""Who is meant along with somebody who is removed: a person would come back as their kernel."""


def _principals(name: str, kinds: tuple[Kind, ...]) -> set[str]:
    return {f"{kind}:{name}" for kind in kinds}


class Door:
    """Arrivals, those who wait, and those who must not come back."""

    def __init__(
        self,
        record: RoomRecord,
        options: RoomOptions,
        roster: Roster,
        lobby: WaitingRoom,
        admission: Admission,
        new_id: Callable[[str], str],
    ) -> None:
        self._record = record
        self._options = options
        self._roster = roster
        self._lobby = lobby
        self._admission = admission
        self._new_id = new_id
        self._removed: set[str] = set()
        """Principals who stay out while the room is alive."""

    # -------------------------------------------------------------- deciding

    def join(self, connection: Connection, arrival: Arrival, now: float) -> Effects:
        """Somebody with a valid ticket is here."""
        resumed = self._admission.resume(connection, arrival, now)
        if resumed is not None:
            return resumed
        refusal = self._refusal(arrival) or self._shortage(arrival)
        if refusal:
            return self._send_away(connection, arrival, refusal)
        waits = self._must_wait(arrival)
        if waits and len(self._lobby) >= self._options.waiting:
            return self._send_away(connection, arrival, LOBBY_FULL)
        newcomer = Newcomer(
            self._new_id("participant"),
            arrival,
            connection,
            TokenBucket(self._options.messages_per_second, self._options.messages_burst, now),
            int(now * 1000),
        )
        return self._lobby.add(newcomer) if waits else self._admission.enter(newcomer)

    def _send_away(self, connection: Connection, who: Arrival, answer: Answer) -> Effects:
        noted = Noted("refused", who.principal, detail=answer[0])
        return [*turn_away(connection, *answer), noted]

    def _refusal(self, who: Arrival) -> Answer | None:
        if who.principal in self._removed and not (who.standing.passes and who.kind == "person"):
            return REMOVED
        if self._uninvited(who):
            return NOT_INVITED
        if self._record.locked and not may_enter_locked(
            self._record, who.user, who.kind, who.standing
        ):
            return LOCKED
        return None

    def _shortage(self, who: Arrival) -> Answer | None:
        here = sum(member.principal == who.principal for member in self._roster)
        here += sum(one.arrival.principal == who.principal for one in self._lobby.all())
        if here >= self._options.connections_per_user:
            return TOO_MANY
        return FULL if self._full else None

    @property
    def _full(self) -> bool:
        return len(self._roster) >= self._options.participants

    def _uninvited(self, who: Arrival) -> bool:
        # A guest has a moderator's link for this very room: they may knock.
        return (
            self._record.access in ("invited", "private")
            and who.kind != "guest"
            and not is_expected(self._record, who.user, who.kind, who.standing)
        )

    def _must_wait(self, who: Arrival) -> bool:
        if self._record.access == "open" and not who.standing.waits:
            return False
        if is_expected(self._record, who.user, who.kind, who.standing):
            return False
        if who.principal in self._admission.been_in:
            return False
        return not self._opens(who)

    def _opens(self, who: Arrival) -> bool:
        """Whether this is who opens a new room, where nobody could let them in."""
        return (
            self._record.access == "open"
            and becomes_owner(self._record, who.kind, who.standing)
            and not any(member.kind == "person" for member in self._roster)
        )

    # ----------------------------------------------------- those who wait

    def admit(self, participant: str, by: str) -> Effects | Answer:
        """A moderator lets somebody in."""
        newcomer = self._lobby.by_id(participant)
        if newcomer is None:
            return ("not-found", "They do not wait any more.")
        if self._full:
            return FULL
        self._lobby.remove(newcomer)
        noted = Noted("admitted", by, newcomer.arrival.principal)
        return [noted, *self._admission.enter(newcomer), *self._lobby.tell()]

    def deny(self, participant: str, by: str) -> Effects | Answer:
        """A moderator sends somebody away."""
        newcomer = self._lobby.by_id(participant)
        if newcomer is None:
            return ("not-found", "They do not wait any more.")
        self._lobby.remove(newcomer)
        noted = Noted("denied", by, newcomer.arrival.principal)
        return [*turn_away(newcomer.connection, *DENIED), *self._lobby.tell(), noted]

    def reconsider(self, now: float) -> Effects:
        """Access, invitations, roles or the host's rules have changed: decides anew.

        A lock is for those who come; it sends nobody away who waits already, and lets nobody
        in but by a moderator's hand.
        """
        effects: Effects = []
        for newcomer in self._lobby.all():
            refusal = self._refusal(newcomer.arrival)
            if refusal and refusal is not LOCKED:
                self._lobby.remove(newcomer)
                effects += self._send_away(newcomer.connection, newcomer.arrival, refusal)
            elif not refusal and not self._full and not self._must_wait(newcomer.arrival):
                self._lobby.remove(newcomer)
                effects += self._admission.enter(newcomer)
        return effects + self._lobby.tell() if effects else []

    def message(self, connection: Connection, message: FromClient, now: float) -> Effects:
        """Somebody who waits says something; only goodbyes and pings are heard."""
        newcomer = self._lobby.by_connection(connection)
        if newcomer is None:
            return []
        if isinstance(message, Goodbye):
            self._lobby.remove(newcomer)
            return [Close(connection, NORMAL, "Goodbye."), *self._lobby.tell()]
        cid = getattr(message, "cid", None)
        refusal = self._throttle(newcomer, cid, now)
        if refusal:
            return refusal
        if isinstance(message, Ping):
            return [Send((connection,), Pong(message.t, int(now * 1_000_000)))]
        return refuse(connection, "not-joined", "Wait until a moderator lets you in.", cid)

    def unreadable(self, connection: Connection, error: ValueError, now: float) -> Effects:
        """Somebody who waits sent what is no message."""
        newcomer = self._lobby.by_connection(connection)
        if newcomer is None:
            return []
        answer = explain(connection, error)
        if not closes(answer):
            cid = getattr(error, "cid", None)
            return self._throttle(newcomer, cid, now) or answer
        self._lobby.remove(newcomer)
        return answer + self._lobby.tell()

    def _throttle(self, newcomer: Newcomer, cid: str | None, now: float) -> Effects:
        effects = throttle(newcomer.bucket, newcomer.connection, 1.0, cid, now)
        if newcomer.bucket.exhausted:
            self._lobby.remove(newcomer)
            effects += self._lobby.tell()
        return effects

    def gone(self, connection: Connection) -> Effects:
        """The connection of somebody who waited is closed."""
        newcomer = self._lobby.by_connection(connection)
        if newcomer is None:
            return []
        self._lobby.remove(newcomer)
        return self._lobby.tell()

    def update_standing(
        self,
        principal: str,
        credential: str | None,
        standing: Standing | None,
        answer: Answer,
        now: float,
    ) -> Effects:
        """The host's rules say something else of somebody who waits; see ``Room``."""
        effects: Effects = []
        for one in self._lobby.all():
            who = one.arrival
            if who.principal != principal or credential not in (None, who.credential):
                continue
            if standing is None:
                self._lobby.remove(one)
                effects += self._send_away(one.connection, who, answer)
            else:
                one.arrival = dataclasses.replace(who, standing=standing)
        if effects:
            effects += self._lobby.tell()
        return effects + self.reconsider(now)

    # ------------------------------------------------------- who stays out

    def company(self, target: Member) -> list[Member]:
        """Returns everybody who goes when ``target`` is removed, on all their devices."""
        out = self._meant(target)
        return [member for member in self._roster if member.principal in out]

    def shut_out(self, target: Member, now: float) -> Effects:
        """Somebody was removed and must not come back while the room is alive."""
        out = self._meant(target)
        self._removed |= out
        self._admission.been_in -= out
        return self.reconsider(now)

    def _meant(self, target: Member) -> set[str]:
        return _principals(target.user.name, COMPANIONS.get(target.kind, (target.kind,)))

    def forgive(self, name: str) -> None:
        """A moderator invites a user, who may come back then."""
        self._removed -= _principals(name, ("person", "kernel", "guest"))
