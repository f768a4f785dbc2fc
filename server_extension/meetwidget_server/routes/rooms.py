"""Rooms and their logs over HTTP: the list, pages of history, and the transcript."""

from __future__ import annotations

import json
from urllib.parse import quote

import msgspec
from jupyter_server.auth.decorator import authorized

from meetwidget.wire.control import LoggedEvent
from meetwidget_server.room import principal
from meetwidget_server.routes.base import Refusal, RelayHandler
from meetwidget_server.routes.transcript import as_json, as_markdown, as_notebook
from meetwidget_server.store import NotKept, Page

MAX_PAGE = 500
"""Most events of one page (PROTOCOL)."""
DEFAULT_PAGE = 100


class RoomsHandler(RelayHandler):
    """``GET api/rooms``: every room of this server is open to whoever is signed in."""

    @authorized
    async def get(self) -> None:
        records = {}
        try:
            records = {record.name: record for record in await self.relay.store.rooms()}
        except NotKept as error:
            self.log.debug("meetwidget: the list has open rooms only: %s", error)
        found = {
            name: {"name": name, "title": one.title, "participants": 0, "locked": one.locked}
            for name, one in records.items()
        }
        for hosted in self.relay.live():
            if hosted.room is not None:
                info = hosted.room.info
                found[info.name] = {
                    "name": info.name,
                    "title": info.title,
                    "participants": len(hosted.room.participants),
                    "locked": info.locked,
                }
        self.answer([found[name] for name in sorted(found)])


class LogHandler(RelayHandler):
    """Reads the log as the one who asks may see it."""

    async def page(self, room: str, before: int | None, limit: int) -> Page:
        """Returns a page of the log.

        Raises:
            Refusal: the log cannot be read just now.
        """
        identity = self.identity("kernel" if self.by_secret else "browser")
        reader = principal(identity.kind, identity.user)
        try:
            return await self.relay.store.history(room, reader, before, limit)
        except NotKept:
            raise Refusal(
                503, "log-unreadable", "The room's history cannot be read just now."
            ) from None

    def number(self, name: str, default: int | None, least: int, most: int) -> int | None:
        """Returns a whole number of the query.

        Raises:
            Refusal: it is something else, or out of bounds.
        """
        text = self.get_query_argument(name, None)
        if text is None:
            return default
        if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
            raise Refusal(400, "bad-request", f"{name} is a number from {least} to {most}.")
        return int(text)


class MessagesHandler(LogHandler):
    """``GET api/rooms/{room}/messages``: a page of history, oldest first."""

    @authorized
    async def get(self, name: str) -> None:
        room = self.room_name(name)
        before = self.number("before", None, 0, 2**53)
        limit = self.number("limit", DEFAULT_PAGE, 1, MAX_PAGE)
        assert limit is not None
        page = await self.page(room, before, limit)
        self.set_header("Cache-Control", "no-store")
        self.finish(
            msgspec.json.encode({"epoch": page.epoch, "events": page.events, "more": page.more})
        )


class TranscriptHandler(LogHandler):
    """``GET api/rooms/{room}/transcript``: the whole log as a file."""

    @authorized
    async def get(self, name: str) -> None:
        room = self.room_name(name)
        format_ = self.get_query_argument("format", "json")
        if format_ not in ("json", "md", "ipynb"):
            raise Refusal(400, "bad-request", "format is json, md or ipynb.")
        events = await self._all(room)
        filename = f"{room.replace('/', '-')}.{format_}"
        self.set_header(
            "Content-Disposition",
            f"attachment; filename=\"{filename}\"; filename*=UTF-8''{quote(filename)}",
        )
        self.set_header("Cache-Control", "no-store")
        if format_ == "md":
            self.finish(as_markdown(room, events), set_content_type="text/markdown; charset=utf-8")
        elif format_ == "ipynb":
            self.finish(
                json.dumps(as_notebook(room, events), indent=1),
                set_content_type="application/x-ipynb+json",
            )
        else:
            self.finish(as_json(room, events))

    async def _all(self, room: str) -> list[LoggedEvent]:
        pages: list[list[LoggedEvent]] = []
        before: int | None = None
        more = True
        while more:
            page = await self.page(room, before, MAX_PAGE)
            pages.append(page.events)
            more = page.more
            before = page.events[0].offset if page.events else None
        return [event for events in reversed(pages) for event in events]
