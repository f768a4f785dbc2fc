"""A room's log as people keep it: edits applied, deleted messages left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from meetwidget.wire.control import (
    ClearEvent,
    DeleteEvent,
    EditEvent,
    LoggedEvent,
    MessageEvent,
    ReactionEvent,
)

_LANGUAGES = {"text/x-python": "python", "text/x-r-source": "r", "text/x-julia": "julia"}
"""MIME types of code in a message's data, and their names in Markdown fences."""


@dataclass
class Line:
    """A message as it reads at the end."""

    at: datetime
    author: str
    kind: str
    body: str
    data: dict[str, Any] = field(default_factory=dict)
    edited: bool = False
    reactions: dict[str, set[str]] = field(default_factory=dict)
    """Emoji → user names."""


def fold(events: Iterable[LoggedEvent]) -> list[Line]:
    """Returns the messages that are left, oldest first."""
    lines: dict[str, Line] = {}
    for entry in events:
        event = entry.event
        if isinstance(event, MessageEvent):
            lines[event.id] = Line(
                datetime.fromtimestamp(entry.at / 1000, UTC),
                entry.by.user.display_name,
                entry.by.kind,
                event.body,
                event.data if isinstance(event.data, dict) else {},
            )
        elif isinstance(event, ClearEvent):
            lines.clear()
        elif isinstance(event, DeleteEvent):
            lines.pop(event.id, None)
        elif event.id in lines:
            line = lines[event.id]
            if isinstance(event, EditEvent):
                line.body, line.edited = event.body, True
            elif isinstance(event, ReactionEvent):
                users = line.reactions.setdefault(event.emoji, set())
                (users.add if event.on else users.discard)(entry.by.user.name)
    return list(lines.values())


def as_json(room: str, events: list[LoggedEvent]) -> bytes:
    """Returns the log as it is, event by event."""
    return msgspec.json.encode({"room": room, "events": events})


def as_markdown(room: str, events: list[LoggedEvent]) -> str:
    """Returns the conversation as one Markdown document."""
    return "\n\n".join([f"# {room}", *map(_markdown, fold(events))]) + "\n"


def as_notebook(room: str, events: list[LoggedEvent]) -> dict[str, Any]:
    """Returns the conversation as a notebook; code that was shared becomes code cells."""
    cells = [_cell("markdown", f"# {room}", "title")]
    for number, line in enumerate(fold(events), 1):
        cells.append(_cell("markdown", _heading(line) + "\n\n" + line.body, f"m{number}"))
        code = line.data.get("text/x-python")
        if isinstance(code, str):
            cells.append(_cell("code", code, f"c{number}"))
    return {
        "cells": cells,
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(kind: str, source: str, id_: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": id_, "metadata": {}, "source": source}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell


def _heading(line: Line) -> str:
    edited = " (edited)" if line.edited else ""
    return f"**{line.author}** · {line.at:%Y-%m-%d %H:%M} UTC{edited}"


def _markdown(line: Line) -> str:
    parts = [_heading(line), line.body]
    for mime, language in _LANGUAGES.items():
        code = line.data.get(mime)
        if isinstance(code, str):
            fence = "```"
            while fence in code:
                fence += "`"
            parts.append(f"{fence}{language}\n{code}\n{fence}")
    chips = [f"{emoji} {len(users)}" for emoji, users in line.reactions.items() if users]
    if chips:
        parts.append(" · ".join(chips))
    return "\n\n".join(part for part in parts if part)
