"""The service's REST endpoints and sockets: the relay's own, on a hub's terms."""

from __future__ import annotations

from urllib.parse import quote

from tornado.web import RequestHandler

import meetwidget
from meetwidget_server.hub.handlers import HubHandler, OAuthCallback
from meetwidget_server.hub.identity import is_admin_in_person
from meetwidget_server.hub.service import Service, service_of
from meetwidget_server.relay import Relay
from meetwidget_server.room import RoomRecord
from meetwidget_server.routes.base import Caller, Client, Refusal
from meetwidget_server.routes.control import ControlConversation
from meetwidget_server.routes.files import FileContent, Files
from meetwidget_server.routes.health import Health
from meetwidget_server.routes.media import MediaConversation
from meetwidget_server.routes.rooms import Messages, RoomList, Search, Transcript
from meetwidget_server.routes.sockets import RelaySocket
from meetwidget_server.routes.tickets import Addresses, TicketRequests
from meetwidget_server.store.folder import FILE_ID

ROOM = r"api/rooms/(.+)"
NEW_ROOM = "new-room"
"""A name that stands for any room which is not there yet, to tell whether somebody may open one."""


class HealthHandler(Health, HubHandler):
    open_to_all = True

    def require_ready(self) -> None:
        """Health tells in every state."""

    async def get(self) -> None:
        self.send_health(self.service.state)


def addresses(service: Service, handler: RequestHandler, client: Client, room: str) -> Addresses:
    """Returns where a client of the service opens its sockets.

    Browsers where the service has a host of its own are told it, since the page may be on
    another; everybody else finds the sockets on the host they reached this endpoint by.
    """
    environment = service.environment
    path = f"{environment.prefix}api"
    page = f"{environment.prefix}rooms/{quote(room)}"
    here = f"{handler.request.protocol}://{handler.request.host}"
    apart = environment.apart
    if apart:
        page = environment.public_origin + page
    base = environment.public_origin if apart and client == "browser" else here
    base = "ws" + base.removeprefix("http")
    return Addresses(
        f"{base}{path}/control",
        f"{base}{path}/media",
        same_origin=not (apart and client == "browser"),
        page_url=page,
    )


class TicketHandler(TicketRequests, HubHandler):
    async def post(self) -> None:
        await self.issue()

    def addresses(self, client: Client, room: str) -> Addresses:
        return addresses(self.service, self, client, room)

    async def before_issue(self, caller: Caller, room: str, record: RoomRecord | None) -> None:
        name = caller.identity.user.name
        self.allow(self.service.tickets_allowed.take(name), "You ask for too many tickets.")
        if record is None and self.service.max_rooms_per_user:
            made = sum(one.creator == name for one in await self.relay.store.rooms())
            if made >= self.service.max_rooms_per_user:
                raise Refusal(
                    403,
                    "too-many-rooms",
                    f"You have opened {made} rooms already, the most one user may have here."
                    " Erase one that is not needed, or ask an administrator of this hub.",
                )


class RoomsHandler(RoomList, HubHandler):
    async def get(self) -> None:
        await self.list_rooms()


class MessagesHandler(Messages, HubHandler):
    async def get(self, name: str) -> None:
        await self.send_page(name)


class SearchHandler(Search, HubHandler):
    async def get(self, name: str) -> None:
        await self.send_hits(name)


class FilesHandler(Files, HubHandler):
    async def get(self, name: str) -> None:
        await self.send_list(name)

    async def post(self, _name: str) -> None:
        await self.receive()


class FileContentHandler(FileContent, HubHandler):
    async def get(self, name: str, id_: str) -> None:
        await self.send_content(name, id_)


class TranscriptHandler(Transcript, HubHandler):
    async def get(self, name: str) -> None:
        await self.send_transcript(name)


class MeHandler(HubHandler):
    """``GET api/me``: who the service takes the caller for."""

    async def get(self) -> None:
        assert self.model is not None
        caller = self.caller()
        user = caller.identity.user
        self.answer(
            {
                "name": user.name,
                "display_name": user.display_name,
                "may_create": self.decision(caller, NEW_ROOM, None).create,
                "admin": is_admin_in_person(self.model),
                "version": meetwidget.__version__,
            }
        )


class NotFound(HubHandler):
    """Whatever is not there, in the API's own words."""

    open_to_all = True

    async def prepare(self) -> None:
        raise Refusal(404, "not-found", "There is nothing here.")


class HubSocket(RelaySocket):
    """A socket of the service: neither cookie nor token opens it, only what its first frame shows."""

    @property
    def relay(self) -> Relay:
        return service_of(self).relay

    async def prepare(self) -> None:
        if service_of(self).state == "starting":
            self.set_status(503)
            self.finish()

    def check_origin(self, origin: str) -> bool:
        return service_of(self).origins.trusts(origin, self.request)


class ControlSocket(ControlConversation, HubSocket):
    """``api/control``."""


class MediaSocket(MediaConversation, HubSocket):
    """``api/media``."""


def handlers(prefix: str) -> list[tuple[str, type[RequestHandler]]]:
    """Returns the API's routes below the service's path, for Tornado."""
    found: list[tuple[str, type[RequestHandler]]] = [
        ("api/health", HealthHandler),
        ("api/tickets", TicketHandler),
        ("api/me", MeHandler),
        ("api/rooms", RoomsHandler),
        (f"{ROOM}/messages", MessagesHandler),
        (f"{ROOM}/search", SearchHandler),
        (f"{ROOM}/files", FilesHandler),
        (f"{ROOM}/files/({FILE_ID})", FileContentHandler),
        (f"{ROOM}/transcript", TranscriptHandler),
        ("api/control", ControlSocket),
        ("api/media", MediaSocket),
        ("oauth_callback", OAuthCallback),
    ]
    return [(f"{prefix}{path}", handler) for path, handler in found]
