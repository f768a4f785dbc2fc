"""Which web pages may open the service's sockets.

A socket is worth nothing without a ticket, so this is a second fence: a page of a foreign
site cannot even make the handshake. Pages of this hub are those on the host the request was
sent to; where each user has a domain, those on the hub's domain and below it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

from meetwidget_server.hub.environment import HubEnvironment, origin


class Origins:
    """The origins of one hub."""

    def __init__(self, environment: HubEnvironment) -> None:
        self._exact = {
            origin(url) for url in (environment.public_url, environment.hub_public_url) if url
        }
        self._scheme = self._below = ""
        if environment.apart:
            hub = urlsplit(origin(environment.hub_public_url))
            self._scheme, self._below = hub.scheme, f".{hub.netloc}"

    def trusts(self, claimed: str, request: HTTPServerRequest) -> bool:
        """Whether a page of ``claimed`` (an ``Origin`` header) is of this hub."""
        try:
            normal = origin(claimed)
            parts = urlsplit(normal)
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return False
        if normal in self._exact:
            return True
        if self._below and parts.scheme == self._scheme and parts.netloc.endswith(self._below):
            return True
        # A proxy in front may have changed Host; no page can set either header.
        hosts = [request.headers.get("Host", "")]
        hosts += request.headers.get("X-Forwarded-Host", "").split(",")[:1]
        return any(
            normal == origin(f"{parts.scheme}://{host.strip()}") for host in hosts if host.strip()
        )
