"""Guest links over HTTP: made, listed and ended by moderators, used by whoever has one.

Two switches stand before them, the administrator's ``allow_guests`` and the rule's ``guests``;
both are asked again for every ticket, and so is the link while its guests are in.
"""

from __future__ import annotations

from msgspec import structs

from meetwidget_server.hub.api import addresses
from meetwidget_server.hub.guest_pass import guest_credential, known_guest, pass_for
from meetwidget_server.hub.handlers import HubHandler
from meetwidget_server.hub.recheck import LINK_ENDED
from meetwidget_server.identity import Identity, color
from meetwidget_server.policy import Subject
from meetwidget_server.policy.guests import (
    GuestRefused,
    check_link,
    digest,
    guest_identity,
    holds,
    make_link,
)
from meetwidget_server.room import RoomRecord, principal
from meetwidget_server.routes.base import Caller, Refusal
from meetwidget_server.store import GuestLink, NotKept
from meetwidget_server.tickets import Grant

HOUR_S = 3600
UNREADABLE = "Guest links cannot be read or kept just now."


class GuestLinks(HubHandler):
    """What the two endpoints of moderators share."""

    async def moderated(self, name: str) -> tuple[Caller, RoomRecord]:
        """Returns who asks and the room, if they may make guest links for it.

        Raises:
            Refusal: there is no such room, or they may not.
        """
        room = self.room_name(name)
        caller = self.caller()
        try:
            record = await self.relay.record(room)
        except NotKept:
            raise Refusal(503, "log-unreadable", UNREADABLE) from None
        decision = self.decision(caller, room, record)
        if record is None or not decision.see:
            raise Refusal(404, "not-found", f"There is no room {room}.")
        if not decision.join or not decision.standing.guest_links:
            raise Refusal(
                403,
                "not-allowed",
                "Guest links of this room are for its moderators, where guests are allowed.",
            )
        return caller, record

    def described(self, link: GuestLink) -> dict[str, object]:
        """Returns what moderators see of a link."""
        return {
            "id": link.id,
            "created_by": link.created_by,
            "created_at": link.created_at,
            "expires_at": link.expires_at,
            "uses": link.uses,
        }

    @property
    def now_ms(self) -> int:
        """Ms since 1970."""
        return round(self.relay.now() * 1000)


class GuestLinksHandler(GuestLinks):
    """``GET``, ``POST api/rooms/{room}/guest-links``."""

    async def get(self, name: str) -> None:
        _, record = await self.moderated(name)
        try:
            links = await self.relay.store.guest_links(record.name)
        except NotKept:
            raise Refusal(503, "log-unreadable", UNREADABLE) from None
        self.answer([self.described(link) for link in links if holds(link, self.now_ms)])

    async def post(self, name: str) -> None:
        caller, record = await self.moderated(name)
        try:
            new = make_link(
                record.name,
                caller.identity.user.name,
                self.now_ms,
                self._seconds(),
                self.service.guest_rules,
                await self.relay.store.guest_links(record.name),
            )
            await self.relay.store.add_guest_link(new.link)
        except GuestRefused as refused:
            status = 409 if refused.code == "too-many" else 400
            raise Refusal(status, refused.code, str(refused)) from None
        except NotKept:
            raise Refusal(503, "not-kept", UNREADABLE) from None
        who = principal(caller.identity.kind, caller.identity.user)
        self.relay.audit.guest_link("created", record.name, who, new.link.id)
        environment = self.service.environment
        url = f"{environment.public_origin}{environment.prefix}guest#{new.token}"
        self.answer({**self.described(new.link), "url": url}, 201)

    def _seconds(self) -> int | None:
        hours = self.body().get("hours") if self.request.body else None
        if hours is None:
            return None
        if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours < 1e5:
            raise Refusal(400, "bad-request", "hours is a number, how long the link shall hold.")
        return round(hours * HOUR_S)


class GuestLinkHandler(GuestLinks):
    """``DELETE api/rooms/{room}/guest-links/{id}``: whoever came by it has to leave, too."""

    async def delete(self, name: str, id_: str) -> None:
        caller, record = await self.moderated(name)
        try:
            links = await self.relay.store.guest_links(record.name)
            ended = await self.relay.store.revoke_guest_link(record.name, id_)
        except NotKept:
            raise Refusal(503, "not-kept", "The link could not be ended and still works.") from None
        if not ended:
            raise Refusal(404, "not-found", "This room has no such guest link.")
        who = principal(caller.identity.kind, caller.identity.user)
        self.relay.audit.guest_link("revoked", record.name, who, id_)
        credentials = {guest_credential(link) for link in links if link.id == id_}
        for hosted in self.relay.live():
            if hosted.name == record.name:
                for grant in list(hosted.grants.values()):
                    if grant.credential in credentials:
                        self.relay.change_standing(hosted, grant, None, *LINK_ENDED)
        self.set_status(204)
        self.finish()


class GuestTicketHandler(HubHandler):
    """``POST api/guest-tickets``: whoever has a link gets a ticket, as a guest.

    The answer's ``guest`` names the guest to the service: sent along with the next request, it
    makes them the same guest again, so that a lost connection can be resumed.
    """

    open_to_all = True

    async def post(self) -> None:
        if not self.same_site():
            raise Refusal(403, "foreign-page", "A page of another site may not do this.")
        if self.relay.stopping:
            raise Refusal(503, "restarting", "The relay is stopping; try again in a moment.")
        body = self.body()
        token, name, guest = body.get("link"), body.get("name"), body.get("guest")
        if not isinstance(token, str) or not isinstance(name, str):
            raise Refusal(400, "bad-request", 'Send {"link": "…", "name": "…"}.')
        if not self.service.policy.allow_guests:
            raise Refusal(403, "guests-not-allowed", "This hub takes no guests.")
        try:
            link = await self._link(token)
            known = known_guest(guest, link, self.service.secret)
            self._throttle(known or f"link {link.id}")
            identity = self._identity(name, known)
            record = await self.relay.record(link.room)
        except GuestRefused as refused:
            status = 403 if refused.code == "bad-link" else 400
            raise Refusal(status, refused.code, str(refused)) from None
        except NotKept:
            raise Refusal(503, "log-unreadable", UNREADABLE) from None
        subject = Subject(identity.user.name, "guest")
        decision = self.service.decide(subject, link.room, record)
        if record is None or not decision.join or not decision.guests:
            raise Refusal(403, decision.code or "guests-not-allowed", decision.message)
        where = addresses(self.service, self, "browser", link.room)
        ticket = self.relay.tickets.issue(
            Grant(
                identity,
                link.room,
                "browser",
                where.control_url,
                where.media_url,
                decision.standing,
                guest_credential(link),
            )
        )
        if known is None:
            await self._count(link, identity)
        self.answer(
            {
                "ticket": ticket,
                "expires_in": self.relay.tickets.life,
                "control_url": where.control_url,
                "media_url": where.media_url,
                "same_origin": where.same_origin,
                "page_url": where.page_url,
                "room": link.room,
                "guest": pass_for(identity.user.name, link, self.service.secret),
            },
            201,
        )

    def _throttle(self, who: str) -> None:
        self.allow(self.service.tickets_allowed.take(who), "Too many tickets at once.")

    async def _link(self, token: str) -> GuestLink:
        """Returns the link of a token; an address that tries many that are none has to wait."""
        found = await self.relay.store.guest_link(digest(token))
        try:
            return check_link(found, round(self.relay.now() * 1000))
        except GuestRefused:
            tries = self.service.guests_allowed.take(str(self.request.remote_ip))
            self.allow(tries, "Too many guest links that open nothing.")
            raise

    def _identity(self, name: str, known: str | None) -> Identity:
        identity = guest_identity(name)
        if known is None:
            return identity
        return Identity(structs.replace(identity.user, name=known, color=color(known)), "guest")

    async def _count(self, link: GuestLink, identity: Identity) -> None:
        who = principal("guest", identity.user)
        self.relay.audit.guest_link("used", link.room, who, link.id)
        try:
            await self.relay.store.count_use(link.id)
        except NotKept:
            self.service.log.debug("The use of a guest link could not be counted")


def handlers(prefix: str) -> list[tuple[str, type[HubHandler]]]:
    """Returns the routes of guest links, for Tornado; they stand before those of rooms."""
    return [
        (rf"{prefix}api/rooms/(.+)/guest-links", GuestLinksHandler),
        (rf"{prefix}api/rooms/(.+)/guest-links/([0-9a-f]+)", GuestLinkHandler),
        (rf"{prefix}api/guest-tickets", GuestTicketHandler),
    ]
