"""What operators and users ask of what is kept: numbers, exports, and that it be erased."""

from __future__ import annotations

from meetwidget_server.hub.handlers import HubHandler
from meetwidget_server.hub.identity import has_scope, is_admin, is_person, via
from meetwidget_server.operations.erasure import erase_room, erase_user
from meetwidget_server.routes.base import Refusal
from meetwidget_server.routes.files import NOT_HERE, Download
from meetwidget_server.routes.metrics import MetricsPage
from meetwidget_server.store import NotKept
from meetwidget_server.store.folder import FILE_ID

METRICS_SCOPE = "read:metrics"


class MetricsHandler(MetricsPage, HubHandler):
    """``GET metrics``: for a token with the scope, such as Prometheus's, or an admin."""

    def require_rights(self) -> None:
        assert self.model is not None
        if not has_scope(self.model, METRICS_SCOPE) and not is_admin(self.model):
            raise Refusal(403, "not-allowed", f"Metrics are for tokens with {METRICS_SCOPE}.")

    async def get(self) -> None:
        self.send_metrics()


class DataHandler(HubHandler):
    """What the endpoints about somebody's data share."""

    def require_rights(self) -> None:
        """The methods decide: an admin's token need not be one for meetings."""

    @property
    def asker(self) -> str:
        """Who asks, for the books: ``kind:name``; a service has no kind."""
        assert self.model is not None
        # A user's token without a login session may be in anybody's hands.
        kind = "kernel" if self.model.get("kind") == "user" else ""
        kind = "person" if is_person(self.model) else kind
        return f"{kind}:{self.model['name']}"

    @property
    def administrates(self) -> bool:
        """Whether who asks may act on everybody's data."""
        assert self.model is not None
        return is_admin(self.model)

    def is_self(self, name: str) -> bool:
        """Whether who asks is this user, in person, and nobody can have borrowed their token."""
        assert self.model is not None
        return is_person(self.model) and not via(self.model) and self.model["name"] == name


class RoomHandler(DataHandler):
    """``DELETE api/rooms/{room}``: for its owner and admins; everything about it is erased."""

    async def delete(self, name: str) -> None:
        room = self.room_name(name)
        try:
            record = await self.relay.record(room)
            allowed = self.administrates
            if not allowed:
                HubHandler.require_rights(self)
                allowed = self.decision(self.caller(), room, record).owns
            if not allowed:
                raise Refusal(403, "not-allowed", "Only the owner of a room may erase it.")
            if not await erase_room(self.relay, room):
                raise Refusal(404, "not-found", f"There is no room {room}.")
        except NotKept:
            raise Refusal(503, "not-kept", "Nothing was erased; try again later.") from None
        self.relay.audit.personal_data("erased-room", self.asker, room)
        self.set_status(204)
        self.finish()


class UserHandler(DataHandler):
    """``GET api/users/{name}/export``, ``DELETE api/users/{name}``: the user's own, and admins'."""

    def _check(self, name: str) -> None:
        if not self.administrates and not self.is_self(name):
            raise Refusal(403, "not-allowed", "Only the user and an administrator may do this.")


class ExportHandler(UserHandler):
    async def get(self, name: str) -> None:
        self._check(name)
        try:
            found = await self.relay.store.export_user(name)
        except NotKept:
            raise Refusal(503, "log-unreadable", "The data cannot be read just now.") from None
        self.relay.audit.personal_data("exported-user", self.asker, name)
        self.answer(found)


class ExportedFileHandler(Download, UserHandler):
    """``GET api/users/{name}/export/files/{id}``: a file that the export names."""

    async def get(self, name: str, id_: str) -> None:
        self._check(name)
        try:
            found = await self.relay.store.file_of_user(name, id_)
        except NotKept:
            raise Refusal(503, "log-unreadable", "The data cannot be read just now.") from None
        if found is None:
            raise Refusal(404, "not-found", NOT_HERE)
        await self.send_file(*found)


class EraseHandler(UserHandler):
    async def delete(self, name: str) -> None:
        self._check(name)
        try:
            await erase_user(self.relay, name)
        except NotKept:
            raise Refusal(503, "not-kept", "Nothing was erased; try again later.") from None
        self.relay.audit.personal_data("erased-user", self.asker, name)
        self.set_status(204)
        self.finish()


def handlers(prefix: str) -> list[tuple[str, type[HubHandler]]]:
    """Returns the routes, for Tornado; that of a room goes last of all rooms'."""
    return [
        (f"{prefix}metrics", MetricsHandler),
        (rf"{prefix}api/users/(.+)/export/files/({FILE_ID})", ExportedFileHandler),
        (rf"{prefix}api/users/(.+)/export", ExportHandler),
        (rf"{prefix}api/users/(.+)", EraseHandler),
        (rf"{prefix}api/rooms/(.+)", RoomHandler),
    ]
