"""The rules of a host about its rooms: read once, asked for every ticket, list and re-check."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from meetwidget.wire.rooms import InvalidRoom, check_room
from meetwidget_server.room import RoomRecord, Standing

from .case import Case
from .file import read_rules
from .rule import BUILT_IN, Rule
from .subject import JOIN_SCOPE, NO_STANDING, Decision, Subject
from .term import describe

REMEMBERED = 10_000
"""Rooms whose rule is kept at hand."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may do what in which room. Never changes: a new file is a new policy."""

    rules: tuple[Rule, ...] = ()
    """In the order of the file: the first whose pattern matches decides."""
    default: Rule = BUILT_IN
    """For rooms that no rule names."""
    allow_guests: bool = False
    """The administrator's switch; a rule's ``guests = true`` means nothing without it."""
    source: str = ""
    """Path of the file; empty if there is none."""
    _found: dict[str, tuple[Rule, dict[str, str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Which rule is for a room: the same for everybody, and asked again and again."""

    @classmethod
    def load(cls, path: Path | str | None, *, allow_guests: bool = False) -> Policy:
        """Reads a policy file (TOML); ``None`` gives the built-in default.

        Raises:
            PolicyError: there is no such file, or it holds something that is not understood;
                the message names file, line and what to change. Keep the policy you have.
        """
        if path is None:
            return cls(allow_guests=allow_guests)
        rules, default = read_rules(Path(path))
        return cls(rules, default, allow_guests, str(path))

    def decide(self, subject: Subject, room: str, record: RoomRecord | None) -> Decision:
        """Says what ``subject`` may do in ``room``.

        Args:
            subject: who asks.
            room: the room's name; one that no room can have is refused.
            record: what is known of the room, ``None`` if it is not there.
        """
        try:
            check_room(room)
        except InvalidRoom as error:
            return Decision(code=error.code, message=str(error))
        case = self.case(subject, room, record)
        code, message = _refusal(case, room)
        return Decision(
            see=bool(case.see),
            create=bool(case.create),
            join=bool(case.join),
            read=bool(case.read),
            standing=_standing(self._opened(case, room)),
            moderates=bool(case.moderates),
            owns=bool(case.owns and case.join_if_there),
            guests=bool(case.guests),
            code=code,
            message=message,
            rule=case.rule.name,
        )

    def _opened(self, case: Case, room: str) -> Case:
        """Returns the case as it is once they are in: who opens a room may own it by then."""
        if case.record is not None or not case.join or not case.may_own:
            return case
        name = case.subject.name
        return self.case(case.subject, room, RoomRecord(room, "", roles={name: "owner"}))

    def sees(self, subject: Subject, room: str, record: RoomRecord) -> bool:
        """Whether a room stands in their list; as :meth:`decide` says, at a tenth of its price."""
        return bool(self.case(subject, room, record).see)

    def case(self, subject: Subject, room: str, record: RoomRecord | None) -> Case:
        """Returns the rule for a valid room name, applied: each right with its reason."""
        found = self._found.get(room)
        if found is None:
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            found = self._found[room] = self._rule(room)
        return Case(*found, subject, record, allow_guests=self.allow_guests)

    def _rule(self, room: str) -> tuple[Rule, dict[str, str]]:
        for rule in self.rules:
            captures = rule.match(room)
            if captures is not None:
                return rule, captures
        return self.default, {}


def _standing(case: Case) -> Standing:
    if not case.join:
        return NO_STANDING
    return Standing(
        most=case.most,
        may_own=bool(case.may_own),
        publish=bool(case.publish),
        guest_links=bool(case.links),
        waits=bool(case.waits),
        passes=bool(case.passes),
        role="owner"
        if case.owns_by_rule
        else "moderator"
        if case.moderates_by_rule
        else None
        if case.chat
        else "observer",
    )


def _refusal(case: Case, room: str) -> tuple[str, str]:
    if case.join:
        return "", ""
    if case.subject.kind == "guest" and case.guests:
        return "no-such-room", f"The room {room} is not there any more. Ask who invited you."
    if case.subject.kind == "guest":
        return "guests-not-allowed", f"{room} takes no guests. Ask who invited you."
    if not case.uses:
        who = "This server" if case.subject.kind == "kernel" else "You"
        return "no-join-scope", (
            f"{who} may not use the meeting rooms of this hub: the scope {JOIN_SCOPE} is missing. "
            "Ask an administrator of this hub; meetwidget-hub check tells them what to add."
        )
    if case.join_if_there:
        who = describe(case.people(case.rule.create))
        return "no-such-room", (
            f"The room {room} is not there, and only {who} may open it. {case.whom_to_ask()}"
        )
    who = describe(case.people(case.rule.join))
    return "not-allowed", f"Only {who} may join {room}. {case.whom_to_ask()}"
