"""What the hub tells its service: names, addresses and the token, from ``JUPYTERHUB_*``."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from tornado.netutil import bind_sockets

DEFAULT_LISTEN_URL = "http://127.0.0.1:10101"


class StartError(Exception):
    """Why the service cannot start, as one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class HubEnvironment:
    """Where the service and its hub are."""

    name: str
    """The service's name on the hub."""
    prefix: str
    """Path of the service, with a final slash."""
    listen_url: str
    """Where the service listens."""
    public_url: str = ""
    """The service as browsers reach it, if the hub says so."""
    hub_public_url: str = ""
    """The hub as browsers reach it, if it says so."""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Reads the environment of a service, managed or external.

        Raises:
            StartError: something is missing that has no default.
        """
        if not environ.get("JUPYTERHUB_API_TOKEN"):
            raise StartError(
                "JUPYTERHUB_API_TOKEN is not set: give the service the same api_token as its"
                " entry in c.JupyterHub.services, or let the hub start it."
            )
        name = environ.get("JUPYTERHUB_SERVICE_NAME") or "meet"
        base = environ.get("JUPYTERHUB_BASE_URL") or "/"
        prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX") or f"{base.rstrip('/')}/services/{name}/"
        return cls(
            name,
            f"/{prefix.strip('/')}/",
            environ.get("JUPYTERHUB_SERVICE_URL") or DEFAULT_LISTEN_URL,
            environ.get("JUPYTERHUB_PUBLIC_URL", ""),
            environ.get("JUPYTERHUB_PUBLIC_HUB_URL") or environ.get("JUPYTERHUB_HOST", ""),
        )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on.

        Raises:
            StartError: the URL names none.
        """
        try:
            parts = urlsplit(self.listen_url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme not in ("http", "https"):
            raise StartError(
                f"{self.listen_url!r} is no address to listen on: use one like {DEFAULT_LISTEN_URL}."
            )
        return host, port or (443 if parts.scheme == "https" else 80)

    def listen(self) -> list[socket.socket]:
        """Opens the port; from then on callers wait instead of being turned away.

        Raises:
            StartError: it is taken, or may not be opened.
        """
        host, port = self.address
        try:
            return bind_sockets(port, host)
        except OSError as error:
            raise StartError(
                f"Port {port} on {host} cannot be opened ({error.strerror or error}):"
                " stop what has it, or give the service another url."
            ) from None

    @property
    def apart(self) -> bool:
        """Whether browsers reach the service on another host than the hub and users' servers."""
        return bool(self.public_url and self.hub_public_url) and (
            origin(self.public_url) != origin(self.hub_public_url)
        )

    @property
    def public_origin(self) -> str:
        """Scheme and host of the service as browsers reach it; empty if nobody said."""
        return origin(self.public_url) if self.public_url else ""


def origin(url: str) -> str:
    """Returns ``scheme://host:port`` of a URL, in lower case, as browsers write it."""
    parts = urlsplit(url.lower())
    default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host.removesuffix(default) if default else host}"
