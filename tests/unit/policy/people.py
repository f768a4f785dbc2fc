"""People and policies that the tests of the rules share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from meetwidget_server.policy import JOIN_SCOPE, Decision, Policy, Subject
from meetwidget_server.room import RoomRecord

from meetwidget.wire.control import Kind

Rules = Callable[..., Policy]
JOIN = frozenset({JOIN_SCOPE})


def person(name: str, *groups: str, **more: Any) -> Subject:
    """Returns a signed-in user of the hub's meeting rooms."""
    return somebody(name, "person", *groups, **more)


def kernel(name: str, *groups: str, **more: Any) -> Subject:
    """Returns the kernel of a user."""
    return somebody(name, "kernel", *groups, **more)


def guest() -> Subject:
    """Returns somebody who came by a guest link."""
    return Subject("guest:1a2b", "guest")


def somebody(name: str, kind: Kind, *groups: str, **more: Any) -> Subject:
    return Subject(name, kind, frozenset(groups), more.pop("scopes", JOIN), **more)


def room(name: str, **more: Any) -> RoomRecord:
    """Returns the record of a room that is there."""
    return RoomRecord(name, "epoch", **more)


def write(folder: Path, text: str) -> Path:
    """Writes a policy file."""
    path = folder / "policy.toml"
    path.write_text(text)
    return path


def inside(policy: Policy, subject: Subject, name: str, **record: Any) -> Decision:
    """Returns the decision for a room that is there."""
    return policy.decide(subject, name, room(name, **record))
