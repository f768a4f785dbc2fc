"""``POST api/tickets``: a signed-in browser or kernel gets what opens a control socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from meetwidget_server.identity import Identity, named
from meetwidget_server.room import RoomRecord, principal
from meetwidget_server.routes.base import Caller, Client, Endpoint, Refusal
from meetwidget_server.store import NotKept
from meetwidget_server.tickets import Grant


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a client opens its sockets."""

    control_url: str
    media_url: str
    same_origin: bool
    """Whether clients keep only the path, and take scheme and host from the URL they reached
    this endpoint by: proxies rewrite Host."""
    page_url: str | None = None
    """The room's plain page, for invitations."""


class TicketRequests(Endpoint):
    """Issues tickets."""

    def addresses(self, client: Client, room: str) -> Addresses:
        """Returns where this client finds the sockets."""
        raise NotImplementedError

    async def record(self, room: str) -> RoomRecord | None:
        """Returns what the rules want to know of a room.

        Raises:
            Refusal: that cannot be read, so nobody can say who may come in.
        """
        try:
            return await self.relay.record(room)
        except NotKept:
            raise Refusal(
                503, "log-unreadable", "What is kept of this room cannot be read just now."
            ) from None

    async def before_issue(self, caller: Caller, room: str, record: RoomRecord | None) -> None:
        """Told before a ticket is issued; ``record`` is ``None`` if it opens a new room.

        Raises:
            Refusal: a limit of the front.
        """

    async def issue(self) -> None:
        """Answers with a ticket."""
        if self.relay.stopping:
            raise Refusal(503, "restarting", "The relay is stopping; try again in a moment.")
        wanted = self.body()
        room = self.room_name(wanted.get("room"))
        client = wanted.get("client", "browser")
        if client not in ("browser", "kernel"):
            raise Refusal(400, "bad-request", 'client is "browser" or "kernel".')
        caller = self.caller(client)
        record = await self.record(room)
        decision = self.decision(caller, room, record)
        if not decision.join:
            who = principal(caller.identity.kind, caller.identity.user)
            self.relay.audit.refused(room, who, decision.code)
            raise Refusal(403, decision.code, decision.message)
        await self.before_issue(caller, room, record)
        where = self.addresses(client, room)
        grant = Grant(
            self._stamp(caller.identity, wanted.get("name")),
            room,
            client,
            where.control_url,
            where.media_url,
            decision.standing,
            caller.credential,
        )
        answer = {
            "ticket": self.relay.tickets.issue(grant),
            "expires_in": self.relay.tickets.life,
            "control_url": where.control_url,
            "media_url": where.media_url,
            "same_origin": where.same_origin,
        }
        self.relay.counts.tickets[client] += 1
        if where.page_url is not None:
            answer["page_url"] = where.page_url
        self.answer(answer, 201)

    def _stamp(self, identity: Identity, name: object) -> Identity:
        """Returns who the participant is, with the name that a kernel may have chosen."""
        if name is None:
            return identity
        if identity.kind != "kernel" or not self.relay.config.kernel_names:
            raise Refusal(
                403, "no-names", "This server names its participants itself; join without a name."
            )
        try:
            return named(identity, str(name))
        except ValueError as error:
            raise Refusal(400, "bad-request", str(error)) from None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(error, Refusal):
            self.relay.counts.tickets_refused[error.code] += 1
        super().write_error(status_code, **kwargs)
