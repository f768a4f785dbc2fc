"""The relay's endpoints inside a Jupyter server.

People are whoever Jupyter's identity says, kernels show the secret they inherit; Jupyter's
authorizer is asked before every answer. There are no rules besides: whoever is signed in to
this server is a member of its rooms.
"""

from __future__ import annotations

from typing import Any

from jupyter_server import CallContext
from jupyter_server.auth.decorator import allow_unauthenticated, authorized
from jupyter_server.auth.identity import User as JupyterUser
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.web import HTTPError

from meetwidget_server.assets import PATH, RichParts
from meetwidget_server.identity import Identity, kernel, person, shows_secret
from meetwidget_server.policy import Decision
from meetwidget_server.room import MEMBER, RoomRecord
from meetwidget_server.routes.base import Caller, Client, Endpoint, Refusal
from meetwidget_server.routes.control import ControlConversation
from meetwidget_server.routes.files import FileContent, Files
from meetwidget_server.routes.health import Health
from meetwidget_server.routes.media import MediaConversation
from meetwidget_server.routes.metrics import MetricsPage
from meetwidget_server.routes.rooms import Messages, RoomList, Search, Transcript
from meetwidget_server.routes.sockets import RelaySocket
from meetwidget_server.routes.tickets import Addresses, TicketRequests
from meetwidget_server.socket import MeetSocket
from meetwidget_server.store.folder import FILE_ID

AUTH_RESOURCE = "meet"
"""What authorizers call the relay."""
SECRET = "meetwidget_kernel_secret"  # noqa: S105 - the setting's name

# Tornado matches the decoded path, so a name with slashes or worse arrives whole
# and is judged by the rules for names, not by what a pattern lets through.
ROOM = r"/api/rooms/(.+)"


class RelayHandler(Endpoint, APIHandler):
    """A REST endpoint; people by Jupyter's identity, kernels by their secret."""

    auth_resource = AUTH_RESOURCE
    sign_in_first = "Sign in to this Jupyter server first."
    by_secret = False
    """Whether the request showed the kernels' secret."""

    @property
    def kernel_owner(self) -> str:
        """Whose kernels this server runs."""
        return self.relay.config.kernel_owner

    async def prepare(self, **_options: Any) -> None:
        if not shows_secret(self.request.headers.get("Authorization"), self.settings[SECRET]):
            await super().prepare()
            return
        self.seat(kernel(self.kernel_owner))
        self.by_secret = True

    def seat(self, identity: Identity) -> None:
        # What opens this is in a header that a page cannot set for another origin, so no XSRF
        # token is asked for, as for Jupyter's own tokens. The rest is what JupyterHandler.prepare
        # does; the authorizer is asked as always.
        CallContext.set(CallContext.JUPYTER_HANDLER, self)
        if not self.check_host():
            raise HTTPError(403)
        user = identity.user
        self._token_authenticated = True
        self.current_user = self._jupyter_current_user = JupyterUser(
            username=user.name, display_name=user.display_name
        )
        self.set_cors_headers()

    def caller(self, client: Client | None = None) -> Caller:
        return Caller(self._identity(client))

    def _identity(self, client: Client | None) -> Identity:
        if self.by_secret:
            return kernel(self.kernel_owner)
        if client != "kernel":
            return person(self.current_user)
        if self.token_authenticated:
            return kernel(self.kernel_owner)
        raise Refusal(
            403,
            "not-allowed",
            "A kernel needs this server's token, or the secret its own kernels inherit.",
        )

    def decision(self, caller: Caller, room: str, record: RoomRecord | None) -> Decision:
        name = caller.identity.user.name
        shut = record is not None and record.access != "open"
        own = record is None or name in record.invited
        if record is not None and caller.identity.kind == "person":
            own = own or name in record.roles
        return Decision(
            see=own or record is None or record.access != "private",
            create=True,
            join=True,
            read=own or not shut,
            standing=MEMBER,
            code="",
            message="",
        )

    def send(self, body: str | bytes, content_type: str = "application/json") -> None:
        self.finish(body, set_content_type=content_type)


class HealthHandler(Health, RelayHandler):
    _track_activity = False

    @allow_unauthenticated
    def get(self) -> None:
        self.send_health()


class MetricsHandler(MetricsPage, RelayHandler):
    _track_activity = False

    @authorized
    def get(self) -> None:
        self.send_metrics()


class TicketHandler(TicketRequests, RelayHandler):
    @authorized
    async def post(self) -> None:
        await self.issue()

    async def record(self, room: str) -> RoomRecord | None:
        return None  # no rules to ask it for; a meeting goes on while its log cannot be read

    def addresses(self, client: Client, room: str) -> Addresses:
        scheme = "wss" if self.request.protocol == "https" else "ws"
        base = f"{scheme}://{self.request.host}{url_path_join(self.base_url, 'meet/api')}"
        return Addresses(f"{base}/control", f"{base}/media", same_origin=True)


class RoomsHandler(RoomList, RelayHandler):
    @authorized
    async def get(self) -> None:
        await self.list_rooms()


class MessagesHandler(Messages, RelayHandler):
    @authorized
    async def get(self, name: str) -> None:
        await self.send_page(name)


class SearchHandler(Search, RelayHandler):
    @authorized
    async def get(self, name: str) -> None:
        await self.send_hits(name)


class FilesHandler(Files, RelayHandler):
    @authorized
    async def get(self, name: str) -> None:
        await self.send_list(name)

    @authorized
    async def post(self, _name: str) -> None:
        await self.receive()


class FileContentHandler(FileContent, RelayHandler):
    @authorized
    async def get(self, name: str, id_: str) -> None:
        await self.send_content(name, id_)


class TranscriptHandler(Transcript, RelayHandler):
    @authorized
    async def get(self, name: str) -> None:
        await self.send_transcript(name)


class RichPartsHandler(RichParts):
    @allow_unauthenticated
    def get(self, name: str) -> None:
        super().get(name)


class JupyterSocket(RelaySocket, MeetSocket):
    """A socket of this server: what opens it is in its first frame."""

    auth_resource = AUTH_RESOURCE

    @allow_unauthenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        await super().get(*args, **kwargs)


class ControlSocket(ControlConversation, JupyterSocket):
    """``api/control``."""


class MediaSocket(MediaConversation, JupyterSocket):
    """``api/media``."""


def handlers() -> list[tuple[str, type]]:
    """Returns the routes, to be mounted below ``<base_url>``."""
    return [
        (f"/meet{path}", handler)
        for path, handler in [
            ("/metrics", MetricsHandler),
            ("/api/health", HealthHandler),
            ("/api/tickets", TicketHandler),
            ("/api/rooms", RoomsHandler),
            (f"{ROOM}/messages", MessagesHandler),
            (f"{ROOM}/search", SearchHandler),
            (f"{ROOM}/files", FilesHandler),
            (f"{ROOM}/files/({FILE_ID})", FileContentHandler),
            (f"{ROOM}/transcript", TranscriptHandler),
            (f"/{PATH}", RichPartsHandler),
            ("/api/control", ControlSocket),
            ("/api/media", MediaSocket),
        ]
    ]
