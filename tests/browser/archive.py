"""A room with a long past, written into the relay's own store before its server starts."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from meetwidget_server.room import Draft
from meetwidget_server.store.sqlite import SQLiteStore

from meetwidget.wire.control import By, LogEvent, MessageEvent, PinEvent, User

MINUTE_MS = 60_000
_TEXT = (
    "the loss of both models falls quickly at first and then hardly at all until the learning "
    "rate is lowered which nobody had expected of such a small network"
)
_WORDS = _TEXT.split()
AUTHORS = [
    By(f"past-{name}", User(name, name.title(), name[0].upper(), color), "person")
    for name, color in [
        ("grace", "#4a6fa5"),
        ("hedy", "#c2593a"),
        ("emmy", "#2e6f6a"),
        ("jun", "#6d4c7d"),
    ]
]


def body(number: int) -> str:
    """What message ``number`` says: its number in words no other message has, and some text."""
    length = 2 + number * 7919 % 37
    text = " ".join(_WORDS[(number * 31 + at) % len(_WORDS)] for at in range(length))
    code = (
        "\n\n```python\nfor epoch in range(20):\n    step(model)\n```" if number % 17 == 0 else ""
    )
    return f"note{number} {text}{code}"


def message(number: int) -> MessageEvent:
    """Message ``number``, from 1; its id is ``m<number>``, and every 50th answers an old one."""
    answered = f"m{number - 45}" if number % 50 == 0 else msgspec.UNSET
    return MessageEvent(f"m{number}", body(number), reply_to=answered)


def write_archive(database: Path, room: str, count: int, pinned: tuple[int, ...] = ()) -> None:
    """Writes ``count`` messages, one a minute up to now, of which some are pinned.

    Args:
        database: the store's file, made if need be.
        room: name of the room.
        count: how many messages.
        pinned: numbers of messages that are pinned.
    """
    # In a thread: the browser's driver has an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_write(database, room, count, pinned))).result()


async def _write(database: Path, room: str, count: int, pinned: tuple[int, ...]) -> None:
    loop = asyncio.get_running_loop()
    logger = logging.getLogger("test.archive")
    store = SQLiteStore(database, kept=1_000_000, loop=loop, logger=logger)
    try:
        opened: asyncio.Future[object] = loop.create_future()
        store.open_room(room, opened.set_result)
        record = await opened
        now = int(time.time() * 1000)
        events: list[LogEvent] = [message(number) for number in range(1, count + 1)]
        events += [PinEvent(f"m{number}", True) for number in pinned]
        last = loop.create_future()
        for place, event in enumerate(events, 1):
            by = AUTHORS[place // 3 % len(AUTHORS)]
            at = now - max(0, count - place) * MINUTE_MS
            draft = Draft(event, by, f"person:{by.user.name}", f"c{place}", at, None)
            done = last.set_result if place == len(events) else _nothing
            store.append(record, draft, done)  # type: ignore[arg-type]
        await last
    finally:
        await store.close()


def _nothing(_: object) -> None:
    pass
