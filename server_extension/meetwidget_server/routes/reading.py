"""Who may read what was said in a room: those who are in it, and whom its rules let read it.

Who is in a room can show that instead of their sign-in, by the token of their media
(``welcome.media.token``). So guests, who have no sign-in, read history and send files too.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

from tornado.web import HTTPError

from meetwidget.wire.values import Participant
from meetwidget_server.identity import Identity
from meetwidget_server.room import principal
from meetwidget_server.routes.base import Endpoint, Refusal
from meetwidget_server.store import NotKept

T = TypeVar("T")

SESSION_HEADER = "X-Meet-Session"
UNREADABLE = "The room's history cannot be read just now."
NOT_YOURS = "Only who is in this room may read what was said."
NOT_IN = "You are not in this room any more: join it again."


class RoomReader(Endpoint):
    """An endpoint about what was said in a room."""

    holder: tuple[str, Participant] | None = None
    """The room and the participant whose media token the request shows."""

    async def prepare(self, **options: Any) -> None:
        token = self.request.headers.get(SESSION_HEADER)
        if token:
            self.require_ready()
            self.holder = self.relay.holder(token)
        if self.holder is not None:
            # A page cannot set this header for another origin, and the token is a secret.
            participant = self.holder[1]
            self.seat(Identity(participant.user, participant.kind))
            return
        try:
            await super().prepare(**options)  # type: ignore[misc]
        except HTTPError as error:
            if token and error.status_code in (401, 403):
                raise Refusal(403, "not-joined", NOT_IN) from None
            raise

    async def reader(self, room: str) -> str:
        """Returns the principal who may read this room.

        Raises:
            Refusal: they may not.
        """
        if self.holder is not None:
            where, participant = self.holder
            if where != room:
                raise Refusal(403, "not-allowed", NOT_YOURS)
            return principal(participant.kind, participant.user)
        caller = self.caller()
        reader = principal(caller.identity.kind, caller.identity.user)
        live = self.relay.room(room)
        if live is not None and live.holds(reader):
            return reader
        record = await self.readable(self.relay.record(room))
        if not self.decision(caller, room, record).read:
            raise Refusal(403, "not-allowed", NOT_YOURS)
        return reader

    async def readable(self, answer: Awaitable[T]) -> T:
        """Returns what the log answers.

        Raises:
            Refusal: the log cannot be read just now.
        """
        try:
            return await answer
        except NotKept:
            raise Refusal(503, "log-unreadable", UNREADABLE) from None
