"""A room's chat."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET

from meetwidget import rest
from meetwidget.chat_log import Message, fold
from meetwidget.errors import MeetError, TooLarge
from meetwidget.people import Someone
from meetwidget.relay_client import RelayClient, new_cid
from meetwidget.room_state import RoomState
from meetwidget.wire.control import (
    MAX_BODY_BYTES,
    MAX_DATA_BYTES,
    ChatDelete,
    ChatEdit,
    ChatReact,
    ChatSend,
    ChatTyping,
    LoggedEvent,
)

CONFIRM_SECONDS = 10.0
"""Default wait for the relay's confirmation; long enough for a server to restart."""
PAGE = 500
"""Events in one page of history, the most the relay gives."""


class _Page(msgspec.Struct):
    epoch: str
    events: list[LoggedEvent]
    more: bool


class Chat:
    """What is said in a room. Every method may be called from any thread."""

    def __init__(self, client: RelayClient, state: RoomState) -> None:
        self._client = client
        self._state = state

    def send(
        self,
        body: str,
        *,
        reply_to: Message | str | None = None,
        to: Someone | str | Iterable[Someone | str] | None = None,
        data: dict[str, Any] | None = None,
        timeout: float = CONFIRM_SECONDS,
    ) -> Message:
        """Says something, and returns it once the relay has kept it.

        While the connection is lost this waits for its return; the message is never doubled.

        Args:
            body: Markdown, at most 16 kB of UTF-8.
            reply_to: the message this answers.
            to: participants, or their ids; nobody else will see it.
            data: a MIME bundle to go with it, at most 1 MB as JSON.
            timeout: seconds to wait for the confirmation.

        Raises:
            TooLarge: body or data.
            TooFast: wait for ``after`` seconds.
            NotKept: the relay's disk is full, say; nobody saw the message.
            Unconfirmed: no answer in time.
            NotConnected: the room has ended.
        """
        if not isinstance(body, str):
            raise TypeError(f"A chat message is a str, not {type(body).__name__}.")
        limits = self._state.limits
        most = limits.body_bytes if limits is not None else MAX_BODY_BYTES
        size = len(body.encode())
        if size > most:
            raise TooLarge(f"A message has at most {most} bytes; this one has {size}.")
        most = limits.data_bytes if limits is not None else MAX_DATA_BYTES
        if data is not None and len(json.dumps(data).encode()) > most:
            raise TooLarge(f"The data of a message have at most {most} bytes as JSON.")
        recipients = None if to is None else _ids([to] if isinstance(to, str | Someone) else to)
        request = ChatSend(
            cid=new_cid(),
            body=body,
            reply_to=_id(reply_to) if reply_to is not None else UNSET,
            to=recipients if recipients is not None else UNSET,
            data=data if data is not None else UNSET,
        )
        ack = self._client.ask(request, timeout)
        if not isinstance(ack.id, str):
            raise MeetError("The relay's confirmation names no message.", "bad-answer")
        return Message(
            id=ack.id,
            body=body,
            by=self._state.you,
            at=datetime.fromtimestamp(ack.at / 1000, UTC)
            if isinstance(ack.at, int)
            else datetime.now(UTC),
            offset=ack.offset if isinstance(ack.offset, int) else 0,
            mine=True,
            reply_to=_id(reply_to) if reply_to is not None else None,
            to=tuple(recipients) if recipients is not None else None,
            data=data,
        )

    def edit(self, message: Message | str, body: str, timeout: float = CONFIRM_SECONDS) -> None:
        """Replaces the body of an own message; raises as :meth:`send` does."""
        self._client.ask(ChatEdit(cid=new_cid(), id=_id(message), body=body), timeout)

    def delete(self, message: Message | str, timeout: float = CONFIRM_SECONDS) -> None:
        """Takes an own message away; raises as :meth:`send` does."""
        self._client.ask(ChatDelete(cid=new_cid(), id=_id(message)), timeout)

    def react(
        self,
        message: Message | str,
        emoji: str,
        on: bool = True,
        timeout: float = CONFIRM_SECONDS,
    ) -> None:
        """Puts an emoji on a message, or takes it off; raises as :meth:`send` does."""
        self._client.ask(ChatReact(cid=new_cid(), id=_id(message), emoji=emoji, on=on), timeout)

    def typing(self, on: bool = True) -> None:
        """Shows others that a message is being written."""
        self._client.tell(ChatTyping(on=on))

    def history(self, limit: int = 50) -> list[Message]:
        """Returns the newest messages, oldest first, edits applied, deleted ones left out.

        Raises:
            MeetError: older messages had to be asked of the relay, which did not answer.
        """
        if limit < 1:
            return []
        entries, mine = self._state.log_snapshot()
        messages = fold(entries, mine)
        while len(messages) < limit and entries and entries[0].offset > 1:
            page = self._page(entries[0].offset)
            entries = [*page.events, *entries]
            messages = fold(entries, mine)
            if not page.more or not page.events:
                break
        return messages[-limit:]

    def __repr__(self) -> str:
        return "\n".join(str(message) for message in self.history(20)) or "(nothing said yet)"

    def _page(self, before: int) -> _Page:
        endpoint = self._client.endpoint
        query = urlencode({"before": before, "limit": PAGE})
        return rest.get(endpoint, f"{endpoint.messages_url(self._client.room)}?{query}", _Page)


def _id(message: Message | str) -> str:
    return message if isinstance(message, str) else message.id


def _ids(people: Iterable[Someone | str]) -> list[str]:
    return [who if isinstance(who, str) else who.id for who in people]
