"""Transcript keeper: writes down who came and what was said, as Markdown.

meetwidget bot examples/transcript --room physics-101 --out minutes/
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from meetwidget import Bot, Message, Person, Room

LONGEST = 100_000
"""Messages kept of one meeting."""

bot = Bot("Transcript keeper", "I write down what is said here for all to read.")
bot.option("--out", type=Path, default=Path(), metavar="FOLDER", help="where transcripts are kept")
bot.option("--whole", action="store_true", help="from the room's first message, not from now on")


class Minutes:
    """What was noticed in one room besides the chat, and the file that it is written to."""

    def __init__(self, room: Room) -> None:
        self.since = datetime.min.replace(tzinfo=UTC) if bot.options.whole else datetime.now(UTC)
        self.comings: list[tuple[datetime, str]] = []
        name = f"{room.name}-{datetime.now():%Y-%m-%d-%H%M}.md"
        self.path = bot.options.out.expanduser() / name
        self.changed = threading.Event()

    def note(self, person: Person, what: str) -> None:
        """Notes that somebody came or went; kernels do so all the time, and are left out."""
        if person.kind != "kernel":
            self.comings.append((datetime.now(UTC), f"{person.display_name} {what}"))
            self.changed.set()

    def write(self, room: Room) -> None:
        """Writes everything anew, so that edits and deletes are in it; readers see all or nothing."""
        self.changed.clear()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        draft.write_text(render(room.name, said(room, self.since), self.comings), encoding="utf-8")
        os.replace(draft, self.path)


kept: dict[str, Minutes] = {}
"""By the room's name."""


@bot.start
def begin(room: Room) -> None:
    """Says that everything is written down: nobody should be recorded without knowing."""
    if room.name not in kept:  # a room that was lost and came back goes on in its file
        kept[room.name] = Minutes(room)
        room.chat.send("I keep a transcript of this room. Say `!minutes` to get it.")
        for person in room.people:
            kept[room.name].note(person, "is here")
    kept[room.name].write(room)


@bot.on("join")
def came(room: Room, person: Person) -> None:
    """Notes who came."""
    kept[room.name].note(person, "came")


@bot.on("leave")
def went(room: Room, person: Person) -> None:
    """Notes who went."""
    kept[room.name].note(person, "left")


def changed(room: Room, *_what: object) -> None:
    """The chat reads differently now."""
    kept[room.name].changed.set()


for happening in ("message", "edit", "delete", "clear", "reaction", "vote", "close", "pin"):
    bot.on(happening)(changed)


@bot.every(2)
def write(room: Room) -> None:
    """Writes the file, but not for each word of a busy chat."""
    if kept[room.name].changed.is_set():
        kept[room.name].write(room)


@bot.command("minutes", "sends you the transcript so far")
def minutes(room: Room, message: Message, rest: str) -> None:
    """Sends the transcript to who asked."""
    kept[room.name].write(room)
    room.chat.send("Here it is.", to=message.by, files=[kept[room.name].path])


@bot.end
def finish(room: Room) -> None:
    """Writes what was noticed last; the chat itself cannot be asked any more."""
    print(f"The transcript is {kept[room.name].path}.")  # noqa: T201 - for who runs the bot


def said(room: Room, since: datetime) -> list[Message]:
    """Returns what everybody may read, oldest first."""
    messages = room.chat.history(LONGEST)
    return [message for message in messages if message.to is None and message.at >= since]


def render(room: str, messages: list[Message], comings: list[tuple[datetime, str]]) -> str:
    """Returns the transcript as Markdown: a heading for each day, in order of time."""
    lines = [(message.at, entry(message)) for message in messages]
    lines += [(at, f"*{at.astimezone():%H:%M} {what}.*") for at, what in comings]
    days: defaultdict[str, list[str]] = defaultdict(list)
    for at, text in sorted(lines, key=lambda line: line[0]):
        days[f"{at.astimezone():%A, %d %B %Y}"].append(text)
    parts = [f"# Transcript of {room}"]
    for day, entries in days.items():
        parts += [f"## {day}", *entries]
    return "\n\n".join(parts) + "\n"


def entry(message: Message) -> str:
    """Returns a message with all that belongs to it."""
    parts = [f"**{message.at.astimezone():%H:%M} {message.by.display_name}**"]
    parts += [message.body] if message.body else []
    if message.poll is not None:
        state = "closed" if message.poll.closed else "open"
        parts.append(f"| {state} | votes |\n|---|---:|" + rows(message.poll.results))
    if message.data:
        shared = message.data.get("text/markdown") or fenced(message.data.get("text/plain", ""))
        parts.append(str(shared))
    parts += [f"📎 {file.name}" for file in message.files]
    if message.reactions:
        parts.append(" ".join(f"{emoji} {len(by)}" for emoji, by in message.reactions.items()))
    return "\n\n".join(parts)


def rows(results: dict[str, int]) -> str:
    """Returns a table's rows; what would end a cell is escaped."""
    cells = ((option.replace("|", "\\|"), votes) for option, votes in results.items())
    return "".join(f"\n| {option} | {votes} |" for option, votes in cells)


def fenced(text: str) -> str:
    """Returns text as a block of code that nothing in it can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"
