"""Reading a room's chat: what is held here, and what the relay is asked for."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from meetwidget.chat_log import fold
from meetwidget.errors import MeetError
from meetwidget.messages import Message, Messages, message_of
from meetwidget.people import Someone
from meetwidget.relay_client import RelayClient
from meetwidget.rest import RoomRest
from meetwidget.room_state import RoomState
from meetwidget.wire.control import By, DeleteEvent, LoggedEvent, MessageEvent
from meetwidget.wire.fold import Fold

if TYPE_CHECKING:
    import pandas

PAGE = 500
"""Events in one page of history, the most the relay gives."""
MAX_HITS = 100
"""Hits in one answer to a search, the most the relay gives."""
TRANSCRIPTS: Final = {".ipynb": "ipynb", ".md": "md", ".json": "json"}
"""Endings of a path, and the transcript that belongs there."""


class _Page(Struct):
    epoch: str
    events: list[LoggedEvent]
    more: bool
    later: list[LoggedEvent] = []


class _Hit(Struct):
    id: str
    offset: int
    at: int
    by: By
    snippet: str
    marks: list[tuple[int, int]] = []


class _Hits(Struct):
    hits: list[_Hit]
    more: bool


@dataclass(frozen=True)
class Found:
    """A message that a search found; :meth:`ChatHistory.message` returns all of it."""

    id: str
    snippet: str
    """The part of the message that fits, as plain text."""
    by: Someone
    at: datetime
    offset: int

    def __str__(self) -> str:
        return f"{self.at.astimezone():%Y-%m-%d %H:%M} {self.by}: {' '.join(self.snippet.split())}"

    def __repr__(self) -> str:
        return f"<{self}>"


class ChatHistory:
    """What was said in a room. Every method may be called from any thread."""

    def __init__(self, client: RelayClient, state: RoomState) -> None:
        self._client = client
        self._state = state
        self._rest = RoomRest(client.endpoint, client.room, client.session_token)

    def history(self, limit: int | None = 50) -> Messages:
        """Returns the newest messages, oldest first, edits applied, deleted ones left out.

        Args:
            limit: at most so many; None: all that the relay has kept.

        Raises:
            MeetError: older messages had to be asked of the relay, which did not answer.
        """
        if limit is not None and limit < 1:
            return Messages()
        entries, mine = self._state.log_snapshot()
        log, said = Fold(entries), _said(entries)
        oldest = entries[0].offset if entries else 1
        # Folding is dearer than counting, so it is done only once enough was said.
        while oldest > 1 and (limit is None or said < limit or len(log.messages()) < limit):
            page = self._page(before=oldest)
            if not page.events:
                break
            log.take(page.events)
            said += _said(page.events)
            oldest = page.events[0].offset if page.more else 1
        left = log.messages() if limit is None else log.messages()[-limit:]
        return Messages([message_of(reading, mine) for reading in left])

    def held(self) -> Messages:
        """Returns the messages that this kernel holds, without asking anybody."""
        return Messages(self._state.messages())

    def pinned(self) -> Messages:
        """Returns the pinned messages, oldest first."""
        return Messages(self._state.pinned())

    def message(self, id_: str) -> Message:
        """Returns one message as it reads now.

        Raises:
            MeetError: there is none of that id, or it was deleted.
        """
        held = self._state.message(id_)
        if held is not None:
            return held
        entries, mine = self._state.log_snapshot()
        known = [e for e in entries if getattr(e.event, "id", None) == id_]
        asked = self._page(about=id_).events if not any(_deletes(e) for e in known) else []
        for message in fold([*asked, *known], mine):
            if message.id == id_:
                return message
        raise MeetError("That message is no longer there.", "no-such-message")

    def around(self, message: Message | str, limit: int = 50) -> Messages:
        """Returns a message of any age with what was said before and after it, oldest first.

        Raises:
            MeetError: the message is not there, or the relay did not answer.
        """
        id_ = message if isinstance(message, str) else message.id
        page = self._page(around=id_, limit=max(1, min(limit, PAGE)))
        _, mine = self._state.log_snapshot()
        return Messages(fold([*page.events, *page.later], mine))

    def search(self, words: str, limit: int = 20) -> list[Found]:
        """Returns the messages that have all the words, in any order, newest first.

        Args:
            words: a word also finds longer ones that begin with it.
            limit: at most so many.

        Raises:
            MeetError: the relay did not answer, or cannot search.
        """
        found: list[Found] = []
        before: int | None = None
        while len(found) < limit:
            most = min(limit - len(found), MAX_HITS)
            page = self._rest.get("search", _Hits, q=words, limit=most, before=before)
            found += [
                Found(
                    hit.id,
                    hit.snippet,
                    Someone.of(hit.by),
                    datetime.fromtimestamp(hit.at / 1000, UTC),
                    hit.offset,
                )
                for hit in page.hits
            ]
            if not page.more or not page.hits:
                break
            before = page.hits[-1].offset
        return found

    def to_records(self, limit: int | None = None) -> list[dict[str, Any]]:
        """Returns messages as plain dicts, for tables of any kind; arguments as :meth:`history`."""
        return [_record(message) for message in self.history(limit)]

    def to_dataframe(self, limit: int | None = None) -> pandas.DataFrame:
        """Returns messages as a pandas DataFrame, one row each, indexed by time (UTC).

        Columns: ``name``, ``display_name`` and ``kind`` of the author, ``body``, ``reply_to``,
        ``private``, ``edited``, ``pinned``, ``reactions`` (how many), ``files`` (how many),
        ``shared`` (the MIME types, as one text), ``votes`` (how many) and ``id``.

        Args:
            limit: the newest so many; None: all that the relay has kept.

        Raises:
            MeetError: pandas is not installed, or as :meth:`history`.
        """
        try:
            import pandas
        except ImportError:
            raise MeetError(
                "pandas is not installed: `pip install pandas`, or take chat.to_records().",
                "no-pandas",
            ) from None
        records = self.to_records(limit)
        frame = pandas.DataFrame(records, columns=list(_COLUMNS))
        frame["at"] = pandas.to_datetime(frame["at"], utc=True)
        return frame.set_index("at")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the meeting's transcript here, and returns where it is.

        Args:
            path: ending in ``.ipynb``, ``.md`` or ``.json``; overwritten if it is there.

        Raises:
            MeetError: another ending, the relay did not answer, or it cannot be written.
        """
        target = Path(path)
        kind = TRANSCRIPTS.get(target.suffix.lower())
        if kind is None:
            raise MeetError(
                f"A transcript's name ends in {', '.join(TRANSCRIPTS)}; {target.name!r} does not.",
                "no-such-format",
            )
        content = io.BytesIO()
        self._rest.fetch("transcript", content, format=kind)
        try:
            target.write_bytes(content.getvalue())
        except OSError as error:
            raise MeetError(
                f"{target} cannot be written: {error.strerror or error}.", "not-written"
            ) from None
        return target

    def __repr__(self) -> str:
        try:
            return repr(self.history(20))
        except MeetError:
            return repr(self.held()[-20:])

    def _page(self, limit: int = PAGE, **where: object) -> _Page:
        return self._rest.get("messages", _Page, limit=limit, **where)


_COLUMNS = (
    *("at", "name", "display_name", "kind", "body", "reply_to", "private", "edited", "pinned"),
    *("reactions", "files", "shared", "votes", "id"),
)


def _record(message: Message) -> dict[str, Any]:
    values = (
        message.at,
        message.by.name,
        message.by.display_name,
        message.by.kind,
        message.body,
        message.reply_to,
        message.to is not None,
        message.edited,
        message.pinned,
        sum(len(who) for who in message.reactions.values()),
        len(message.files),
        ", ".join(message.data or ()),
        0 if message.poll is None else len(message.poll.votes),
        message.id,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _said(entries: Sequence[LoggedEvent]) -> int:
    return sum(isinstance(entry.event, MessageEvent) for entry in entries)


def _deletes(entry: LoggedEvent) -> bool:
    return isinstance(entry.event, DeleteEvent)
