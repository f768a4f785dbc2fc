"""A room's chat: saying something. Reading is :mod:`meetwidget.chat_history`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET

from meetwidget.chat_history import ChatHistory
from meetwidget.errors import MeetError, TooLarge
from meetwidget.files import FileLike, Files
from meetwidget.mentions import mentions_in
from meetwidget.messages import Ballot, File, Message
from meetwidget.people import Someone
from meetwidget.relay_client import RelayClient, new_cid
from meetwidget.room_state import RoomState
from meetwidget.wire.control import (
    MAX_BODY_BYTES,
    MAX_DATA_BYTES,
    MAX_FILES,
    MAX_OPTIONS,
    Ack,
    ChatClose,
    ChatDelete,
    ChatEdit,
    ChatPin,
    ChatReact,
    ChatSend,
    ChatTyping,
    ChatVote,
    Location,
    Mention,
    Poll,
)

CONFIRM_SECONDS = 10.0
"""Default wait for the relay's confirmation; long enough for a server to restart."""

Recipients = Someone | str | Iterable[Someone | str]


class Chat(ChatHistory):
    """What is said in a room. Every method may be called from any thread."""

    def __init__(self, client: RelayClient, state: RoomState, files: Files) -> None:
        super().__init__(client, state)
        self._files = files

    def send(
        self,
        body: str,
        *,
        reply_to: Message | str | None = None,
        to: Recipients | None = None,
        data: dict[str, Any] | None = None,
        files: Iterable[FileLike] | FileLike = (),
        mentions: Iterable[Someone] | None = None,
        location: Location | None = None,
        timeout: float = CONFIRM_SECONDS,
    ) -> Message:
        """Says something, and returns it once the relay has kept it.

        While the connection is lost this waits for its return; the message is never doubled.

        Args:
            body: Markdown, at most 16 kB of UTF-8.
            reply_to: the message this answers.
            to: participants, or their ids; nobody else will see it.
            data: a MIME bundle to go with it, at most 1 MB as JSON.
            files: paths, or what :meth:`Files.upload` returned; at most 10.
            mentions: whom it names, so that they are told; by default whoever is here and written
                with an ``@`` in the body. Their names should be in the body with that sign.
            location: the notebook and cell that it points at (:func:`meetwidget.places.here`).
            timeout: seconds to wait for the confirmation.

        Raises:
            TooLarge: body, data or a file.
            TooFast: wait for ``after`` seconds.
            NotKept: the relay's disk is full, say; nobody saw the message.
            Unconfirmed: no answer in time.
            NotConnected: the room has ended.
        """
        self._check(body, data)
        recipients = None if to is None else _ids([to] if isinstance(to, str | Someone) else to)
        files = [files] if isinstance(files, File | str | os.PathLike) else list(files)
        if len(files) > MAX_FILES:
            raise TooLarge(f"A message has at most {MAX_FILES} files; these are {len(files)}.")
        self._client.check_live()
        sent = self._files.uploaded(files)
        named = self._mentions(body, mentions)
        request = ChatSend(
            cid=new_cid(),
            body=body,
            reply_to=_id(reply_to) if reply_to is not None else UNSET,
            to=recipients if recipients is not None else UNSET,
            data=data if data is not None else UNSET,
            files=[file.id for file in sent] or UNSET,
            mentions=named or UNSET,
            location=location if location is not None else UNSET,
        )
        return self._sent(request, sent, timeout)

    def ask(
        self,
        question: str,
        options: Sequence[str],
        multiple: bool = False,
        timeout: float = CONFIRM_SECONDS,
    ) -> Message:
        """Sends a poll; see :meth:`Polls.ask`."""
        self._check(question, None)
        texts = [str(option).strip() for option in options]
        if not 2 <= len(texts) <= MAX_OPTIONS:
            raise MeetError(f"A poll has 2 to {MAX_OPTIONS} options; this has {len(texts)}.", "bad")
        if len(set(texts)) < len(texts) or not all(0 < len(text) <= 200 for text in texts):
            raise MeetError("Options of a poll are different texts of 1 to 200 characters.", "bad")
        if not question.strip():
            raise MeetError("A poll needs a question.", "bad")
        return self._sent(
            ChatSend(cid=new_cid(), body=question, poll=Poll(texts, multiple)), (), timeout
        )

    def vote(
        self, message: Message | str, *choices: str | int, timeout: float = CONFIRM_SECONDS
    ) -> None:
        """Votes in the poll that a message is; see :meth:`Poll.vote`."""
        asked = message if isinstance(message, Message) else self.message(message)
        if asked.poll is None:
            raise MeetError("That message is no poll.", "no-poll")
        places = sorted({_place(asked.poll, choice) for choice in choices})
        if len(places) > 1 and not asked.poll.multiple:
            raise MeetError("This poll takes one choice.", "one-choice")
        self._client.ask(ChatVote(cid=new_cid(), id=asked.id, options=places), timeout)

    def close(self, message: Message | str, timeout: float = CONFIRM_SECONDS) -> None:
        """Ends an own poll; moderators end everybody's. Raises as :meth:`send` does."""
        self._client.ask(ChatClose(cid=new_cid(), id=_id(message)), timeout)

    def pin(
        self, message: Message | str, on: bool = True, timeout: float = CONFIRM_SECONDS
    ) -> None:
        """Keeps a message in everybody's sight, or no longer; moderators may. Raises as :meth:`send`."""
        self._client.ask(ChatPin(cid=new_cid(), id=_id(message), on=on), timeout)

    def edit(self, message: Message | str, body: str, timeout: float = CONFIRM_SECONDS) -> None:
        """Replaces the body of an own message; raises as :meth:`send` does."""
        self._check(body, None)
        self._client.ask(ChatEdit(cid=new_cid(), id=_id(message), body=body), timeout)

    def delete(self, message: Message | str, timeout: float = CONFIRM_SECONDS) -> None:
        """Takes an own message away, moderators everybody's; raises as :meth:`send` does."""
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

    def _check(self, body: str, data: dict[str, Any] | None) -> None:
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

    def _mentions(self, body: str, mentions: Iterable[Someone] | None) -> list[Mention]:
        if mentions is None:
            return mentions_in(body, (who for who in self._state.people if not who.you))
        return [Mention(who.name, who.display_name) for who in mentions]

    def _sent(self, request: ChatSend, files: Sequence[Any], timeout: float) -> Message:
        ack: Ack = self._client.ask(request, timeout)
        if not isinstance(ack.id, str):
            raise MeetError("The relay's confirmation names no message.", "bad-answer")
        poll = request.poll
        return Message(
            id=ack.id,
            body=request.body,
            by=self._state.you,
            at=datetime.fromtimestamp(ack.at / 1000, UTC)
            if isinstance(ack.at, int)
            else datetime.now(UTC),
            offset=ack.offset if isinstance(ack.offset, int) else 0,
            mine=True,
            reply_to=request.reply_to if isinstance(request.reply_to, str) else None,
            to=tuple(request.to) if isinstance(request.to, list) else None,
            data=request.data if isinstance(request.data, dict) else None,
            poll=Ballot(tuple(poll.options), poll.multiple, (), False)
            if isinstance(poll, Poll)
            else None,
            files=tuple(files),
            mentions=tuple(request.mentions) if isinstance(request.mentions, list) else (),
            location=request.location if isinstance(request.location, Location) else None,
        )


def _place(poll: Ballot, choice: str | int) -> int:
    if isinstance(choice, str) and choice in poll.options:
        return poll.options.index(choice)
    if isinstance(choice, int) and 0 <= choice < len(poll.options):
        return choice
    raise MeetError(
        f"{choice!r} is no option of this poll; there are {', '.join(poll.options)}.", "no-option"
    )


def _id(message: Message | str) -> str:
    return message if isinstance(message, str) else message.id


def _ids(people: Iterable[Someone | str]) -> list[str]:
    return [who if isinstance(who, str) else who.id for who in people]
