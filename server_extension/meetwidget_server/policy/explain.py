"""What the policy says about somebody at a room, in words: for ``meetwidget-hub policy``."""

from __future__ import annotations

from meetwidget.wire.rooms import InvalidRoom, check_room
from meetwidget_server.room import RoomRecord

from .case import Case
from .finding import Finding
from .policy import Policy
from .rule import DEFAULT
from .subject import Subject


def explain(policy: Policy, subject: Subject, room: str, record: RoomRecord | None = None) -> str:
    """Returns which rule decides and every right with its reason, one a line.

    Args:
        policy: the rules.
        subject: who would ask.
        room: a room's name.
        record: what is known of the room; without it the answer is for a room that is there,
            open, and has no owner yet.
    """
    try:
        check_room(room)
    except InvalidRoom as error:
        return str(error)
    known = record or RoomRecord(room, "")
    case = policy.case(subject, room, known)
    decision = policy.decide(subject, room, known)
    lines = [_who(subject), f"Room: {room}", f"Rule: {_rule(policy, case, room)}", ""]
    lines += [_line(right, finding) for right, finding in _findings(case)]
    if decision.message:
        lines += ["", f"They are told: {decision.message}"]
    return "\n".join(lines)


def _findings(case: Case) -> list[tuple[str, Finding]]:
    return [
        ("see", case.see),
        ("join", case.join),
        ("create", case.create),
        ("wait", case.waits if case.join else Finding(False, "they may not join")),
        ("read", case.read),
        ("chat", case.chat),
        ("publish", case.publish),
        ("moderate", case.moderates),
        ("own", _owning(case)),
        ("guest links", case.links),
    ]


def _owning(case: Case) -> Finding:
    if case.owns or not case.may_own:
        return case.owns if case.owns else case.may_own
    return Finding(True, f"whoever opens the room owns it, and {case.may_own.why}")


def _line(right: str, finding: Finding) -> str:
    return f"  {right:12} {'yes' if finding else 'no ':4} {finding.why}"


def _who(subject: Subject) -> str:
    groups = ", ".join(sorted(subject.groups)) or "none"
    scopes = ", ".join(sorted(subject.scopes)) or "none"
    admin = ", administrator" if subject.admin else ""
    through = f", through the server of {subject.via}" if subject.via else ""
    name = f"{subject.name} ({subject.kind}{admin}{through})"
    return f"Who:  {name}\n      groups: {groups}\n      scopes: {scopes}"


def _rule(policy: Policy, case: Case, room: str) -> str:
    rule = case.rule
    if not rule.line:
        return f"{DEFAULT}, as built in"
    name = DEFAULT if rule.pattern is None else f'[[rooms]] "{rule.name}"'
    captures = rule.match(room) or {}
    values = "".join(f", {{{key}}} = {value}" for key, value in captures.items())
    return f"{name} ({policy.source}, line {rule.line}){values}"
