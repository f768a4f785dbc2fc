"""Rooms and their logs over HTTP: the list, pages of history, search, and the transcript."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import msgspec

from meetwidget.wire.fold import Fold, Reading
from meetwidget.wire.log import LoggedEvent
from meetwidget_server.room import RoomRecord
from meetwidget_server.routes.base import Endpoint, Refusal
from meetwidget_server.routes.files import as_attachment
from meetwidget_server.routes.notebook import as_notebook, pictures_of
from meetwidget_server.routes.reading import RoomReader
from meetwidget_server.routes.transcript import as_json, as_markdown
from meetwidget_server.store import NotKept
from meetwidget_server.store.search import MAX_QUERY

MAX_PAGE = 500
"""Most events of one page (PROTOCOL)."""
DEFAULT_PAGE = 100
AT_ONCE = 100
"""Rooms that are looked at in one turn of the loop: about 2 ms."""
AT_A_TIME = 5000
"""Events that a transcript reads in one go."""
MAX_HITS = 100
DEFAULT_HITS = 20
MAX_OFFSET = 2**53
_TURN = "meetwidget_transcript_turn"
"""The setting with the lock of whose transcript is written."""
_TRANSCRIPTS = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "ipynb": "application/x-ipynb+json",
}


class RoomList(Endpoint):
    """``GET api/rooms``: the rooms that whoever asks may see."""

    async def list_rooms(self) -> None:
        """Answers with the list, by name."""
        caller = self.caller()
        records: dict[str, RoomRecord] = {}
        try:
            records = {record.name: record for record in await self.relay.store.rooms()}
        except NotKept as error:
            self.relay.log.debug("meetwidget: the list has open rooms only: %s", error)
        present: dict[str, int] = {}
        for hosted in self.relay.live():
            if hosted.room is not None and hosted.record is not None:
                records[hosted.name] = hosted.record
                present[hosted.name] = len(hosted.room.participants)
        seen = []
        for place, name in enumerate(sorted(records), 1):
            if self.sees(caller, records[name]):
                seen.append(_described(records[name], present.get(name, 0)))
            if place % AT_ONCE == 0:
                await asyncio.sleep(0)  # media must not wait for a long list
        self.answer(seen)


def _described(record: RoomRecord, participants: int) -> dict[str, Any]:
    return {
        "name": record.name,
        "title": record.title,
        "participants": participants,
        "locked": record.locked,
        "access": record.access,
    }


class Messages(RoomReader):
    """``GET api/rooms/{room}/messages``: a page of history, oldest first."""

    async def send_page(self, name: str) -> None:
        """Answers with the page that the query asks for."""
        room = self.room_name(name)
        before = self.number("before", None, 0, MAX_OFFSET)
        after = self.number("after", None, 0, MAX_OFFSET)
        around = self.get_query_argument("around", None)
        about = self.get_query_argument("about", None)
        limit = self.number("limit", DEFAULT_PAGE, 1, MAX_PAGE)
        assert limit is not None
        if sum(asked is not None for asked in (before, after, around, about)) > 1:
            raise Refusal(400, "bad-request", "Ask for one of before, after, around and about.")
        reader = await self.reader(room)
        store = self.relay.store
        if after is not None:
            page = await self.readable(store.passage(room, reader, after, limit))
        elif around is not None:
            found = await self.readable(store.around(room, reader, around, limit))
            if found is None:
                raise Refusal(404, "not-found", "That message is not here any more.")
            page = found
        elif about is not None:
            page = await self.readable(store.about(room, reader, about))
        else:
            page = await self.readable(store.history(room, reader, before, limit))
        self.set_header("Cache-Control", "no-store")
        self.send(
            msgspec.json.encode(
                {
                    "epoch": page.epoch,
                    "events": page.events,
                    "more": page.more,
                    "newer": page.newer,
                    "later": page.later,
                }
            )
        )


class Search(RoomReader):
    """``GET api/rooms/{room}/search``: messages with all the words of a query, newest first."""

    async def send_hits(self, name: str) -> None:
        """Answers with what was found."""
        room = self.room_name(name)
        query = self.get_query_argument("q", "")
        before = self.number("before", None, 0, MAX_OFFSET)
        limit = self.number("limit", DEFAULT_HITS, 1, MAX_HITS)
        assert limit is not None
        if len(query) > MAX_QUERY:
            raise Refusal(400, "bad-request", f"Search for at most {MAX_QUERY} characters.")
        reader = await self.reader(room)
        found = await self.readable(self.relay.store.search(room, reader, query, before, limit))
        self.set_header("Cache-Control", "no-store")
        self.send(
            msgspec.json.encode({"epoch": found.epoch, "hits": found.hits, "more": found.more})
        )


class Transcript(RoomReader):
    """``GET api/rooms/{room}/transcript``: the whole log as a file."""

    async def send_transcript(self, name: str) -> None:
        """Answers with the file."""
        room = self.room_name(name)
        format_ = self.get_query_argument("format", "json")
        if format_ not in _TRANSCRIPTS:
            raise Refusal(400, "bad-request", "format is json, md or ipynb.")
        reader = await self.reader(room)
        # One after the other: a long log takes memory, and seconds of a thread beside the media's.
        async with self.settings.setdefault(_TURN, asyncio.Lock()):
            content = await self._written(room, reader, format_)
        self.set_header("Content-Disposition", as_attachment(f"{room.replace('/', '-')}.{format_}"))
        self.set_header("Cache-Control", "no-store")
        self.send(content, _TRANSCRIPTS[format_])

    async def _written(self, room: str, reader: str, format_: str) -> str | bytes:
        aside = asyncio.get_running_loop().run_in_executor
        events = await self._all(room, reader)
        readings = await aside(None, _read, events)
        if format_ == "md":
            return await aside(None, as_markdown, room, readings)
        if format_ == "ipynb":
            pictures = await self._pictures(room, reader, readings)
            return await aside(None, as_notebook, room, readings, pictures)
        return await aside(None, as_json, room, events, readings)

    async def _pictures(self, room: str, reader: str, readings: list[Reading]) -> dict[str, bytes]:
        aside = asyncio.get_running_loop().run_in_executor
        pictures = {}
        for file in pictures_of(readings):
            found = await self.readable(self.relay.store.file(room, reader, file.id))
            if found is not None:
                with contextlib.suppress(OSError):  # it is gone meanwhile
                    pictures[file.id] = await aside(None, found[1].read_bytes)
        return pictures

    async def _all(self, room: str, reader: str) -> list[LoggedEvent]:
        pages: list[list[LoggedEvent]] = []
        before: int | None = None
        more = True
        while more:
            page = await self.readable(self.relay.store.history(room, reader, before, AT_A_TIME))
            pages.append(page.events)
            more = page.more
            before = page.events[0].offset if page.events else None
        return [event for events in reversed(pages) for event in events]


def _read(events: list[LoggedEvent]) -> list[Reading]:
    return Fold(events).messages()
