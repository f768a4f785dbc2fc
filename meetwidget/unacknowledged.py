"""What was said and not yet answered; it survives lost connections.

A message keeps its ``cid`` until the relay answers. After a reconnect everything unanswered is
sent again in order; the relay knows the ``cid``s it has kept, so nothing is doubled.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from meetwidget.errors import MeetError, TooFast, refusal
from meetwidget.wire.control import (
    Ack,
    ChatClose,
    ChatDelete,
    ChatEdit,
    ChatPin,
    ChatReact,
    ChatSend,
    ChatVote,
    Error,
    Moderate,
    Publish,
    Unpublish,
)

Request = (
    ChatSend
    | ChatEdit
    | ChatDelete
    | ChatReact
    | ChatVote
    | ChatClose
    | ChatPin
    | Publish
    | Unpublish
    | Moderate
)
"""Everything the relay answers with an ``ack`` or an ``error``."""


@dataclass
class _Entry:
    request: Request
    answer: Future[Ack]
    times_sent: int = 0


class Unacknowledged:
    """Requests by ``cid``, in the order they were made. Lives on the connection's thread."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, request: Request, answer: Future[Ack]) -> None:
        """Remembers a request until it is answered or withdrawn."""
        self._entries[request.cid] = _Entry(request, answer)

    def take(self, cid: str) -> Request | None:
        """Returns the request to send, counting the attempt; None if nobody waits any more."""
        entry = self._entries.get(cid)
        if entry is None:
            return None
        entry.times_sent += 1
        return entry.request

    def cids(self) -> Iterator[str]:
        """Yields what is unanswered, oldest first."""
        yield from list(self._entries)

    def withdraw(self, cid: str) -> None:
        """Forgets a request that nobody waits for any more."""
        self._entries.pop(cid, None)

    def answer(self, ack: Ack) -> None:
        """Hands an acknowledgement to whoever waits for it."""
        entry = self._entries.pop(ack.cid, None)
        if entry is not None and entry.answer.set_running_or_notify_cancel():
            entry.answer.set_result(ack)

    def refuse(self, error: Error) -> float | None:
        """Hands a refusal to whoever waits for it.

        Returns the seconds after which to send again instead, when a message that was sent
        before is refused as too fast: the relay may have kept the first copy, so only its answer to
        this ``cid`` tells; a caller who retries with a new one would double the message.
        """
        cid = error.cid if isinstance(error.cid, str) else ""
        entry = self._entries.get(cid)
        if entry is None:
            return None
        after = error.retry_after if isinstance(error.retry_after, int | float) else None
        if error.code == TooFast.code and entry.times_sent > 1:
            return 1.0 if after is None else after
        self._fail(cid, refusal(error.code, error.message, after))
        return None

    def fail_all(self, reason: MeetError) -> None:
        """Tells everybody who waits that there will be no answer."""
        for cid in list(self._entries):
            self._fail(cid, type(reason)(str(reason), reason.code))

    def _fail(self, cid: str, error: MeetError) -> None:
        entry = self._entries.pop(cid, None)
        if entry is not None and entry.answer.set_running_or_notify_cancel():
            entry.answer.set_exception(error)
