"""A room's log as people keep it: as Markdown and as JSON; see :mod:`.notebook` for notebooks.

What there is to read is decided by :mod:`meetwidget.wire.fold`, as for everybody else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET

from meetwidget.wire.fold import Reading
from meetwidget.wire.log import LoggedEvent
from meetwidget.wire.share import CELL_MIME, SharedCell
from meetwidget.wire.values import FileRef

LANGUAGES = {"text/x-python": "python", "text/x-r-source": "r", "text/x-julia": "julia"}
"""MIME types of code in a message's data, and their names in Markdown fences."""
NAMELESS = re.compile(r"<IPython\.core\.display\.\w+ object>")
"""Plain text of IPython's display objects, which says nothing of what they show."""
QUOTED = 80
"""Characters of a message that an answer to it quotes."""


def as_json(room: str, events: Sequence[LoggedEvent], readings: Sequence[Reading]) -> bytes:
    """Returns the log as it is, event by event, and the messages as they read now."""
    return msgspec.json.encode(
        {"room": room, "events": events, "messages": [_plain(reading) for reading in readings]}
    )


def as_markdown(room: str, readings: Sequence[Reading]) -> str:
    """Returns the conversation as one Markdown document; ``readings`` are oldest first."""
    by_id = {reading.id: reading for reading in readings}
    parts = [f"# {room}"]
    for reading in readings:
        parts += [*words_of(by_id, reading), *_bundle(reading)]
    return "\n\n".join(parts) + "\n"


def words_of(
    by_id: Mapping[str, Reading], reading: Reading, pictures: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Gives a message's paragraphs, as Markdown, without its data.

    Args:
        by_id: what was said besides, for answers.
        reading: the message.
        pictures: by file id, addresses of images that are shown where they were sent.
    """
    event = reading.event
    yield _heading(reading)
    if event.reply_to is not UNSET:
        first = by_id.get(event.reply_to)
        if first is not None:
            yield f"> In answer to {_name(first)}: {_excerpt(first.body)}"
    if reading.body:
        yield reading.body
    if event.poll is not UNSET:
        yield _poll(reading)
    if event.files is not UNSET:
        yield "\n".join(_file(file, (pictures or {}).get(file.id)) for file in event.files)
    if event.location is not UNSET:
        cell = event.location.cell
        where = f", cell `{cell}`" if cell is not UNSET else ""
        yield f"*In `{event.location.path}`{where}*"
    chips = [f"{emoji} {len(by)}" for emoji, by in reading.reactions.items()]
    if chips:
        yield " · ".join(chips)


def shared_cell(reading: Reading) -> SharedCell | None:
    """Returns the notebook cell that a message shares, if it does."""
    data = reading.event.data
    if not isinstance(data, dict) or CELL_MIME not in data:
        return None
    try:
        return msgspec.convert(data[CELL_MIME], SharedCell)
    except msgspec.ValidationError:  # what a bundle holds is its sender's affair
        return None


def amount(size: int) -> str:
    """Returns bytes for people."""
    for unit, name in ((1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def _heading(reading: Reading) -> str:
    at = datetime.fromtimestamp(reading.at / 1000, UTC)
    marks = [f"{at:%Y-%m-%d %H:%M} UTC"]
    readers = reading.event.readers
    if readers is not UNSET:
        marks.append("privately to " + ", ".join(user.display_name for user in readers))
    if reading.pinned:
        marks.append("pinned")
    edited = " (edited)" if reading.edited_at is not None else ""
    return f"**{_name(reading)}** · {' · '.join(marks)}{edited}"


def _name(reading: Reading) -> str:
    return reading.by.user.display_name


def _excerpt(body: str) -> str:
    line = " ".join(body.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"


def _poll(reading: Reading) -> str:
    poll = reading.event.poll
    assert poll is not UNSET
    rows = ["| Answer | Votes | Who |", "|---|---:|---|"]
    for place, option in enumerate(poll.options):
        who = [voice.by.user.display_name for voice in reading.votes if place in voice.options]
        rows.append(f"| {_cell(option)} | {len(who)} | {_cell(', '.join(who))} |")
    ended = "The poll has ended." if reading.closed else "The poll is open."
    kind = " Several answers were possible." if poll.multiple else ""
    return "\n".join(rows) + f"\n\n{ended}{kind}"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _file(file: FileRef, picture: str | None) -> str:
    name = file.name.replace("[", "(").replace("]", ")")
    if picture is not None:
        return f"![{name}]({picture})"
    return f"- {name} ({file.type}, {amount(file.size)})"


def _bundle(reading: Reading) -> Iterator[str]:
    data = reading.event.data
    cell = shared_cell(reading)
    if cell is not None:
        yield _fenced(cell.source, cell.language)
        for output in cell.outputs:
            if text := _output(output):
                yield text
    elif isinstance(data, dict):
        for mime, language in LANGUAGES.items():
            if isinstance(data.get(mime), str):
                yield _fenced(data[mime], language)
                return
        if text := _shown(data):
            yield text


def _output(output: dict[str, Any]) -> str:
    text = output.get("text")
    data = output.get("data")
    if isinstance(text, str):
        text = text.rstrip("\n")
        return _fenced(text, "") if text else ""
    if isinstance(data, dict):
        return _shown(data)
    if output.get("output_type") == "error":
        return _fenced(f"{output.get('ename')}: {output.get('evalue')}", "")
    return ""


def _shown(data: dict[str, Any]) -> str:
    """Returns the form of a bundle that says most in Markdown; "" if none can be read."""
    markdown, tex, text, html = (
        data.get(f"text/{kind}") for kind in ("markdown", "latex", "plain", "html")
    )
    if isinstance(markdown, str):
        return markdown
    if isinstance(tex, str):
        return tex if tex.lstrip().startswith("$") else f"$$\n{tex}\n$$"
    if isinstance(text, str) and not NAMELESS.fullmatch(text):
        return _fenced(text, "")
    if isinstance(html, str):
        return _fenced(html, "html")
    if "application/json" in data:
        return _fenced(json.dumps(data["application/json"], indent=2, ensure_ascii=False), "json")
    return _fenced(text, "") if isinstance(text, str) else ""


def _fenced(code: str, language: str) -> str:
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}{language}\n{code}\n{fence}"


def _plain(reading: Reading) -> dict[str, Any]:
    """Returns a message as it reads now, ready for JSON; times are ms since 1970."""
    event = reading.event
    told = msgspec.to_builtins(event)
    told |= {
        "offset": reading.offset,
        "at": reading.at,
        "by": reading.by,
        "body": reading.body,
        "edited_at": reading.edited_at,
        "reactions": {emoji: list(by) for emoji, by in reading.reactions.items()},
        "pinned": reading.pinned,
    }
    if event.poll is not UNSET:
        votes = [{"by": voice.by, "options": list(voice.options)} for voice in reading.votes]
        told |= {"votes": votes, "closed": reading.closed}
    told.pop("kind", None)
    return dict(told)
