"""The rules of a host about its rooms: read once, asked for every ticket, list and re-check."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from meetwidget.wire.rooms import InvalidRoom, check_room
from meetwidget_server.room import RoomRecord, Standing

from .case import Case
from .file import read_rules
from .rule import BUILT_IN, Rule
from .subject import JOIN_SCOPE, NO_STANDING, Decision, Subject
from .term import describe


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
            standing=_standing(case),
            moderates=bool(case.moderates),
            owns=bool(case.owns and case.join_if_there),
            guests=bool(case.guests),
            code=code,
            message=message,
            rule=case.rule.name,
        )

    def case(self, subject: Subject, room: str, record: RoomRecord | None) -> Case:
        """Returns the rule for a valid room name, applied: each right with its reason."""
        for rule in (*self.rules, self.default):
            captures = rule.match(room)
            if captures is not None:
                return Case(rule, captures, subject, record, allow_guests=self.allow_guests)
        raise AssertionError("the default matches every room")


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
