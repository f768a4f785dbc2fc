"""Stands in for :mod:`meetwidget_server.policy` until it is there: everybody may everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from meetwidget_server.room import MEMBER, RoomRecord, Standing


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    kind: str = "person"
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    admin: bool = False
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    see: bool
    create: bool
    join: bool
    read: bool
    standing: Standing = field(default=MEMBER)
    code: str = ""
    message: str = ""


class Policy:
    @classmethod
    def load(cls, path: Path | None) -> Policy:
        return cls()

    def decide(self, subject: Subject, room: str, record: RoomRecord | None) -> Decision:
        return Decision(True, True, True, True)
