"""``POST api/tickets``: a signed-in browser or kernel gets what opens a control socket."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join

from meetwidget_server.routes.base import Refusal, RelayHandler
from meetwidget_server.tickets import Grant


class TicketHandler(RelayHandler):
    """Issues tickets."""

    @authorized
    async def post(self) -> None:
        if self.relay.stopping:
            raise Refusal(503, "restarting", "The relay is stopping; try again in a moment.")
        wanted = self.get_json_body()
        if not isinstance(wanted, dict):
            raise Refusal(400, "bad-request", 'Send {"room": "…", "client": "browser"}.')
        room = self.room_name(wanted.get("room"))
        client = wanted.get("client", "browser")
        if client not in ("browser", "kernel"):
            raise Refusal(400, "bad-request", 'client is "browser" or "kernel".')
        scheme = "wss" if self.request.protocol == "https" else "ws"
        base = f"{scheme}://{self.request.host}{url_path_join(self.base_url, 'meet/api')}"
        grant = Grant(self.identity(client), room, client, f"{base}/control", f"{base}/media")
        self.answer(
            {
                "ticket": self.relay.tickets.issue(grant),
                "expires_in": self.relay.tickets.life,
                "control_url": grant.control_url,
                "media_url": grant.media_url,
                # Proxies rewrite Host: clients keep these paths, and take scheme and host
                # from the URL they reached this endpoint by.
                "same_origin": True,
            },
            201,
        )
