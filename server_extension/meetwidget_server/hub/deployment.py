"""What a hub must grant for meetings, said once.

``enable()``, the plain configuration, the Helm values and ``meetwidget-hub check`` are all made
from this description, so that no two of them can grant different things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

JOIN = "custom:meet:join"
MODERATE = "custom:meet:moderate"

SERVICE_VARIABLE = "MEETWIDGET_HUB_SERVICE"
"""Environment of users' servers: base URL of the service, with a final slash."""

DEFAULT_NAME = "meet"
DEFAULT_PORT = 10101
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"

DEFAULT_HUB_API = "http://127.0.0.1:8081"
"""Where a hub's own API is unless it was moved."""

SERVER_DEFAULT_SCOPES = ("users:activity!user", "access:servers!server")
"""What JupyterHub gives a server's token as long as nobody sets ``server_token_scopes``
(its role ``server``); setting the list replaces them, so they are repeated in it."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_MODERATOR = re.compile(r"(?P<kind>group|user):(?P<name>.+)")


class SetupError(ValueError):
    """The hub cannot be set up like this; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One meeting service of a hub and what everybody is granted for it.

    Raises:
        SetupError: A value that no hub would accept, with what to write instead.
    """

    name: str = DEFAULT_NAME
    """Name of the service; its pages are at ``<hub>/services/<name>/``."""
    url: str = DEFAULT_URL
    """Where the service listens, as hub and proxy reach it."""
    moderators: Sequence[str] = ()
    """Who moderates every room: ``group:NAME`` or ``user:NAME``."""
    everyone_joins: bool = True
    """Whether every user may join; otherwise only those to whom a role gives ``JOIN``."""
    counts_activity: bool = True
    """Whether the service may report to the hub that somebody is active in a meeting."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise SetupError(
                f"The service cannot be called {self.name!r}:"
                " use small letters, digits and hyphens, for example 'meet'."
            )
        parts = urlsplit(self.url)
        try:
            port = parts.port
        except ValueError:
            port = None
        if parts.scheme not in {"http", "https"} or not parts.hostname or port is None:
            raise SetupError(
                f"url={self.url!r} is not an address with a port: write one like {DEFAULT_URL!r}."
            )
        if isinstance(self.moderators, str):
            raise SetupError(f"moderators is a list: write moderators=[{self.moderators!r}].")
        for moderator in self.moderators:
            if not _MODERATOR.fullmatch(moderator):
                raise SetupError(
                    f"moderators has {moderator!r}:"
                    f" write 'group:{moderator}' for a group or 'user:{moderator}' for a person."
                )

    # ----------------------------------------------------------------- scopes

    @property
    def access(self) -> str:
        """The scope to reach the service at all."""
        return f"access:services!service={self.name}"

    @property
    def custom_scopes(self) -> dict[str, dict[str, Any]]:
        """Scopes of our own, for ``c.JupyterHub.custom_scopes``."""
        return {
            JOIN: {"description": "Join meeting rooms"},
            MODERATE: {"description": "Moderate every meeting room", "subscopes": [JOIN]},
        }

    @property
    def user_scopes(self) -> list[str]:
        """What the role ``user`` needs besides what it has."""
        return [self.access, JOIN] if self.everyone_joins else [self.access]

    @property
    def server_token_scopes(self) -> list[str]:
        """For tokens of users' servers, which is what kernels use; they never moderate."""
        return [self.access, JOIN]

    @property
    def viewer_token_scopes(self) -> list[str]:
        """For the tokens of people who look at a user's server, as far as they hold them."""
        return [self.access, JOIN, MODERATE]

    @property
    def page_token_scopes(self) -> list[str]:
        """For the tokens of people on the service's own pages, as far as they hold them."""
        return [JOIN, MODERATE]

    @property
    def service_scopes(self) -> list[str]:
        """What the service itself may do; it identifies people with their own tokens."""
        return ["users:activity"] if self.counts_activity else []

    @property
    def roles(self) -> list[dict[str, Any]]:
        """The roles besides ``user``, for ``c.JupyterHub.load_roles``."""
        roles: list[dict[str, Any]] = []
        if self.service_scopes:
            roles.append(
                {
                    "name": f"{self.name}-service",
                    "description": "What the meeting service may do",
                    "scopes": self.service_scopes,
                    "services": [self.name],
                }
            )
        if self.moderators:
            role: dict[str, Any] = {
                "name": f"{self.name}-moderator",
                "description": "Moderate every meeting room",
                "scopes": [MODERATE],
            }
            for kind in ("group", "user"):
                if names := [
                    m[len(kind) + 1 :] for m in self.moderators if m.startswith(f"{kind}:")
                ]:
                    role[f"{kind}s"] = names
            roles.append(role)
        return roles

    # ---------------------------------------------------------------- service

    def service(self, **more: Any) -> dict[str, Any]:
        """Returns the entry for ``c.JupyterHub.services``."""
        return {
            "name": self.name,
            "url": self.url,
            "oauth_no_confirm": True,
            "oauth_client_allowed_scopes": self.page_token_scopes,
            **more,
        }

    @property
    def port(self) -> int:
        """The service's port."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def base_url(self, hub_base_url: str, origin: str | None = None) -> str:
        """Returns the service's base URL below a hub's base URL, with a final slash.

        Args:
            hub_base_url: Path of the hub, ``/`` for most.
            origin: Scheme, host and port through which the service is reached; by default
                those of ``url``. One that has a path is taken as it is.
        """
        origin = self.url if origin is None else origin
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SetupError(
                f"{origin!r} is not an address: write one like 'http://hub.internal:{self.port}'."
            )
        if origin is not self.url and parts.path.strip("/"):
            return origin.rstrip("/") + "/"
        prefix = f"/{hub_base_url.strip('/')}/".replace("//", "/")
        return f"{parts.scheme}://{parts.netloc}{prefix}services/{self.name}/"

    def environment(
        self,
        *,
        base_url: str = "/",
        hub_api: str = DEFAULT_HUB_API,
        listen_url: str | None = None,
        subdomain_host: str = "",
    ) -> dict[str, str]:
        """Returns what a service that the hub does not start must find in its environment.

        The hub tells the same to a service that it starts. The token is not among them.

        Args:
            base_url: Path of the hub.
            hub_api: Scheme, host and port of the hub's own API, as the service reaches it.
            listen_url: Where the service listens; by default at ``url``.
            subdomain_host: ``c.JupyterHub.subdomain_host``, if users have domains.
        """
        root = f"/{base_url.strip('/')}/".replace("//", "/")
        prefix = f"{root}services/{self.name}/"
        found = {
            "JUPYTERHUB_SERVICE_NAME": self.name,
            "JUPYTERHUB_SERVICE_PREFIX": prefix,
            "JUPYTERHUB_SERVICE_URL": self.url if listen_url is None else listen_url,
            "JUPYTERHUB_BASE_URL": root,
            "JUPYTERHUB_API_URL": f"{hub_api.rstrip('/')}{root}hub/api",
            "JUPYTERHUB_CLIENT_ID": f"service-{self.name}",
        }
        if subdomain_host:
            hub = urlsplit(subdomain_host)
            if hub.scheme not in {"http", "https"} or not hub.netloc:
                raise SetupError(
                    f"{subdomain_host!r} is not an address: write it as in"
                    " c.JupyterHub.subdomain_host, like 'https://hub.example.org'."
                )
            host = f"{hub.scheme}://{hub.netloc}"
            service = f"{hub.scheme}://{self.name}--service.{hub.netloc}{prefix}"
            found |= {
                "JUPYTERHUB_HOST": host,
                "JUPYTERHUB_PUBLIC_HUB_URL": f"{host}{root}hub/",
                "JUPYTERHUB_PUBLIC_URL": service,
                "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{service}oauth_callback",
            }
        return found


def arguments(options: Mapping[str, Any]) -> list[str]:
    """Returns traits as command line arguments: ``{"MeetHub.port": 1}`` → ``--MeetHub.port=1``.

    Raises:
        SetupError: A name without its class, or a value that no command line can carry.
    """
    made: list[str] = []
    for name, value in options.items():
        if "." not in name:
            raise SetupError(
                f"options has {name!r}: write it with its class, like 'MeetRelay.{name}'."
            )
        if isinstance(value, Mapping):
            made += [f"--{name}={key}={item}" for key, item in value.items()]
        elif isinstance(value, list | tuple | set | frozenset):
            made += [f"--{name}={item}" for item in value]
        elif isinstance(value, str | int | float):
            made.append(f"--{name}={value}")
        else:
            raise SetupError(f"options[{name!r}] is {value!r}: give text, a number or a list.")
    return made
