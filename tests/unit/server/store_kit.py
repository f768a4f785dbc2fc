"""What the tests of the store share: people, events, and asking by callback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from meetwidget_server.room import Draft
from meetwidget_server.store.sqlite import SQLiteStore

from meetwidget.wire.control import By, LogEvent, MessageEvent, User

LOGGER = logging.getLogger("test.store")


def user(name: str) -> User:
    return User(name, name.title(), name[:1].upper(), "#123456")


def draft(
    event: LogEvent,
    cid: str,
    author: str = "ada",
    to: frozenset[str] | None = None,
    at: int = 5,
    kind: Any = "person",
) -> Draft:
    return Draft(event, By(f"p-{author}", user(author), kind), f"{kind}:{author}", cid, at, to)


def text(number: int, body: str = "hi", **more: Any) -> MessageEvent:
    return MessageEvent(f"m{number}", body, **more)


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def ask(call: Callable[..., None], *arguments: Any) -> Any:
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    call(*arguments, answer.set_result)
    return await answer


@asynccontextmanager
async def opened(path: Path, kept: int = 1000, **more: Any) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(path, kept=kept, loop=asyncio.get_running_loop(), logger=LOGGER, **more)
    try:
        yield store
    finally:
        await store.close()
