"""Rooms and their logs over HTTP: the list, pages of history, and the transcript."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import msgspec

from meetwidget.wire.control import LoggedEvent
from meetwidget_server.room import RoomRecord, principal
from meetwidget_server.routes.base import Endpoint, Refusal
from meetwidget_server.routes.transcript import as_json, as_markdown, as_notebook
from meetwidget_server.store import NotKept, Page

MAX_PAGE = 500
"""Most events of one page (PROTOCOL)."""
DEFAULT_PAGE = 100
AT_ONCE = 100
"""Rooms that are looked at in one turn of the loop: about 2 ms."""
UNREADABLE = "The room's history cannot be read just now."
NOT_YOURS = "Only who is in this room may read what was said."


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


class LogHandler(Endpoint):
    """Reads the log as the one who asks may see it."""

    async def reader(self, room: str) -> str:
        """Returns the principal who may read this room.

        Raises:
            Refusal: they may not.
        """
        caller = self.caller()
        reader = principal(caller.identity.kind, caller.identity.user)
        live = self.relay.room(room)
        if live is not None and live.holds(reader):
            return reader
        try:
            record = await self.relay.record(room)
        except NotKept:
            raise Refusal(503, "log-unreadable", UNREADABLE) from None
        if not self.decision(caller, room, record).read:
            raise Refusal(403, "not-allowed", NOT_YOURS)
        return reader

    async def page(self, room: str, reader: str, before: int | None, limit: int) -> Page:
        """Returns a page of the log.

        Raises:
            Refusal: the log cannot be read just now.
        """
        try:
            return await self.relay.store.history(room, reader, before, limit)
        except NotKept:
            raise Refusal(503, "log-unreadable", UNREADABLE) from None


class Messages(LogHandler):
    """``GET api/rooms/{room}/messages``: a page of history, oldest first."""

    async def send_page(self, name: str) -> None:
        """Answers with the page that the query asks for."""
        room = self.room_name(name)
        before = self.number("before", None, 0, 2**53)
        limit = self.number("limit", DEFAULT_PAGE, 1, MAX_PAGE)
        assert limit is not None
        page = await self.page(room, await self.reader(room), before, limit)
        self.set_header("Cache-Control", "no-store")
        self.send(
            msgspec.json.encode({"epoch": page.epoch, "events": page.events, "more": page.more})
        )


class Transcript(LogHandler):
    """``GET api/rooms/{room}/transcript``: the whole log as a file."""

    async def send_transcript(self, name: str) -> None:
        """Answers with the file."""
        room = self.room_name(name)
        format_ = self.get_query_argument("format", "json")
        if format_ not in ("json", "md", "ipynb"):
            raise Refusal(400, "bad-request", "format is json, md or ipynb.")
        events = await self._all(room, await self.reader(room))
        filename = f"{room.replace('/', '-')}.{format_}"
        self.set_header(
            "Content-Disposition",
            f"attachment; filename=\"{filename}\"; filename*=UTF-8''{quote(filename)}",
        )
        self.set_header("Cache-Control", "no-store")
        if format_ == "md":
            self.send(as_markdown(room, events), "text/markdown; charset=utf-8")
        elif format_ == "ipynb":
            self.send(json.dumps(as_notebook(room, events), indent=1), "application/x-ipynb+json")
        else:
            self.send(as_json(room, events))

    async def _all(self, room: str, reader: str) -> list[LoggedEvent]:
        pages: list[list[LoggedEvent]] = []
        before: int | None = None
        more = True
        while more:
            page = await self.page(room, reader, before, MAX_PAGE)
            pages.append(page.events)
            more = page.more
            before = page.events[0].offset if page.events else None
        return [event for events in reversed(pages) for event in events]
