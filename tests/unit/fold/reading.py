"""What there is to read, in one form for server, kernel and browser."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from meetwidget.wire.control import By, LoggedEvent, Poll
from meetwidget.wire.fold import Reading

JS = Path(__file__).parents[3] / "js"

Canonical = dict[str, Any]
"""A message as it reads, in the words of ``js/tests/reader.ts``."""


def canonical(reading: Reading) -> Canonical:
    """Returns a message in the form in which readers are compared."""
    event, left = reading.event, not reading.deleted
    return {
        "id": reading.id,
        "offset": reading.offset,
        "at": reading.at,
        "by": reading.by.id,
        "body": reading.body,
        "data": event.data if left and event.data is not UNSET else None,
        "reply_to": None if event.reply_to is UNSET else event.reply_to,
        "readers": None if event.readers is UNSET else [user.name for user in event.readers],
        "files": [file.id for file in event.files] if left and event.files else [],
        "mentions": [one.name for one in event.mentions] if left and event.mentions else [],
        "location": event.location.path if left and event.location else None,
        "edited_at": reading.edited_at,
        "deleted": reading.deleted,
        "pinned": reading.pinned,
        "reactions": [[emoji, _ids(people)] for emoji, people in reading.reactions.items()],
        "poll": _poll(reading),
    }


def _ids(people: Iterable[By]) -> list[str]:
    return [by.id for by in people]


def _poll(reading: Reading) -> Canonical | None:
    poll = reading.event.poll
    if reading.deleted or not isinstance(poll, Poll):
        return None
    return {
        "options": [
            _ids(voice.by for voice in reading.votes if place in voice.options)
            for place in range(len(poll.options))
        ],
        "voters": len(reading.votes),
        "closed": reading.closed,
    }


def wire(entries: Sequence[LoggedEvent]) -> Any:
    """Returns events as JSON would have them."""
    return json.loads(msgspec.json.encode(entries))


class Read(msgspec.Struct):
    """What a browser shows at the end of a walk."""

    newest: list[Canonical]
    pinned: list[str]
    missing: list[str]
    """Ids of pinned messages it would look up."""
    messages: list[Canonical]
    """Those of the ids asked for that it knows."""


class Browser:
    """The browser's chat, run by Node."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def read(self, me: By, steps: Sequence[Canonical], ids: Sequence[str]) -> Read:
        """Walks through a room.

        Args:
            me: who reads.
            steps: what they are told, in order; see ``js/tests/reader.ts``.
            ids: of messages to be told of, wherever they are.
        """
        walk = {"me": wire([me])[0], "steps": steps, "ids": ids}  # type: ignore[list-item]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(walk) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the reader in Node ended; see its error above"
        return msgspec.json.decode(answer, type=Read)


@contextmanager
def a_browser(folder: Path) -> Iterator[Browser]:
    """Builds the reader into ``folder`` and runs it."""
    bundle = folder / "reader.mjs"
    esbuild = JS / "node_modules" / ".bin" / "esbuild"
    assert esbuild.exists(), "run `npm ci` in js first"
    build = [
        "tests/reader.ts",
        "--bundle",
        "--platform=node",
        "--format=esm",
        "--log-level=warning",
    ]
    subprocess.run([esbuild, *build, f"--outfile={bundle}"], cwd=JS, check=True)
    with subprocess.Popen(
        ["node", bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Browser(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=30)
