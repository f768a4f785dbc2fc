"""A room in which much was said: words as often as in a language, answers, edits, reactions."""

from __future__ import annotations

import random
from pathlib import Path

from meetwidget_server.room import Draft
from meetwidget_server.store import log
from meetwidget_server.store.rooms import open_room
from meetwidget_server.store.schema import connect

from meetwidget.wire.log import EditEvent, LogEvent, MessageEvent, ReactionEvent
from meetwidget.wire.values import By, User

VOCABULARY = 20_000
"""Different words."""
PEOPLE = 30
EDITED, REACTED = 20, 10
"""One of so many messages is edited, has a reaction."""
EVERY_MS = 5_000
"""A message each so many milliseconds."""
AGAIN = 10_000
"""Messages that are written in one transaction."""


def words(chance: random.Random, count: int) -> list[str]:
    """Returns words of which the most common ones are in every third message (Zipf's law)."""
    ranks = (min(VOCABULARY, int(chance.paretovariate(0.6))) for _ in range(count))
    return [f"{_SYLLABLES[rank % 20]}{_SYLLABLES[rank // 20 % 20]}{rank}" for rank in ranks]


_SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "bu",
    "da",
    "de",
    "di",
    "do",
    "du",
    "ka",
    "ke",
    "ki",
    "ko",
    "ku",
    "ma",
    "me",
    "mi",
    "mo",
    "mu",
]


def fill(database: Path, room: str, messages: int, seed: int = 1) -> int:
    """Writes a log that no server has open.

    Args:
        database: its file, made if it is not there.
        room: the room's name.
        messages: how many; edits and reactions come on top.
        seed: the same talk for the same seed.

    Returns:
        How many events were written.
    """
    chance = random.Random(seed)
    people = [
        By(f"p{n}", User(f"u{n}", f"User {n}", "U", "#1f77b4"), "person") for n in range(PEOPLE)
    ]
    db = connect(database)
    epoch = open_room(db, room).epoch
    written = 0

    def say(event: LogEvent) -> None:
        nonlocal written
        by = chance.choice(people)
        at = 1_760_000_000_000 + written * EVERY_MS
        draft = Draft(event, by, f"person:{by.user.name}", f"c{written}", at)
        log.append(db, room, epoch, draft)
        written += 1

    for start in range(0, messages, AGAIN):
        db.execute("BEGIN")
        for number in range(start, min(start + AGAIN, messages)):
            say(MessageEvent(f"m{number}", " ".join(words(chance, chance.randint(3, 30)))))
            if number % EDITED == 0:
                say(EditEvent(f"m{number}", " ".join(words(chance, 12))))
            if number % REACTED == 0:
                say(ReactionEvent(f"m{number}", "👍", True))
        db.execute("COMMIT")
    db.close()
    return written
