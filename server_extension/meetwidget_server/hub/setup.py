"""``enable(c)``: everything a JupyterHub configuration needs for meetings, in one line.

It runs inside the hub while the configuration file is read, so it imports nothing heavy. What
the admin has set stays: lists are added to, never replaced, whether they are lists already, not
yet set, or functions.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from inspect import isawaitable
from pathlib import Path
from typing import Any

from traitlets.config.loader import LazyConfigValue

from meetwidget_server.hub.configuration import (
    add_to_dict,
    add_to_set,
    entries,
    growing,
    has_extra_user_scopes,
    hiding_sections,
    named,
    union,
)
from meetwidget_server.hub.deployment import (
    DEFAULT_NAME,
    DEFAULT_URL,
    SERVER_DEFAULT_SCOPES,
    SERVICE_VARIABLE,
    Deployment,
    SetupError,
    arguments,
)

Scopes = list[str]


def enable(
    c: Any,
    *,
    name: str = DEFAULT_NAME,
    url: str = DEFAULT_URL,
    managed: bool = True,
    api_token: str | None = None,
    service_url_for_servers: str | None = None,
    user: str | None = None,
    policy: str | Path | None = None,
    database: str | Path | None = None,
    log_format: str | None = None,
    audit_file: str | Path | None = None,
    allow_guests: bool = False,
    moderators: Sequence[str] = (),
    everyone_joins: bool = True,
    count_meetings_as_activity: bool = True,
    options: Mapping[str, Any] | None = None,
) -> Deployment:
    """Adds the meeting service to a JupyterHub configuration; call it once, at the end.

    Args:
        c: The configuration object of ``jupyterhub_config.py``.
        name: Name of the service; its pages are at ``<hub>/services/<name>/``.
        url: Where the service listens. Change the port if something else has it.
        managed: Whether the hub starts the service itself. If not, you start it
            (``meetwidget-hub serve``) and give ``api_token``.
        api_token: Token of the service; needed if it is not managed.
        service_url_for_servers: Address by which users' servers reach the service, if it is
            not ``url``: ``http://hub.internal:10101``, or the hub's public address.
        user: System account that a managed service runs as; by default the hub's own, which
            may be root. It must be able to write the folder of ``database``.
        policy: File that says who may do what in which rooms.
        database: File of the room logs.
        log_format: ``text`` or ``json``.
        audit_file: File to which joins, moderation and deletions are written.
        allow_guests: Whether people without an account may come in by a guest link, in the
            rooms whose policy allows it too.
        moderators: Who moderates every room: ``group:NAME`` or ``user:NAME``.
        everyone_joins: Whether every user of the hub may join meetings. If not, only those to
            whom one of your roles gives ``custom:meet:join``.
        count_meetings_as_activity: Whether a meeting keeps a user's server from being culled.
        options: Further traits of the service, like ``{"MeetRelay.max_participants": 50}``.

    Returns:
        What has been granted.

    Raises:
        SetupError: The values contradict each other or the configuration.
    """
    deployment = Deployment(
        name=name,
        url=url,
        moderators=tuple(moderators) if not isinstance(moderators, str) else moderators,
        everyone_joins=everyone_joins,
        counts_activity=count_meetings_as_activity,
    )
    settings = service_options(
        policy=policy,
        database=database,
        log_format=log_format,
        audit_file=audit_file,
        allow_guests=allow_guests,
        count_meetings_as_activity=count_meetings_as_activity,
        options=options,
    )
    hub = c.JupyterHub
    service = service_entry(deployment, managed, api_token, settings)
    if user is not None:
        if not managed or database is None:
            raise SetupError(
                f"user={user!r} is for a service that the hub starts, and needs database=… in a"
                " folder that this account may write."
            )
        service["user"] = user
    _add_service(hub, service)
    add_to_dict(hub, "custom_scopes", deployment.custom_scopes)
    _grant_users(hub, deployment.user_scopes)
    for role in deployment.roles:
        _add_role(hub, role)
    _add_scopes(c, "server_token_scopes", deployment.server_token_scopes, _server_defaults(hub))
    _add_scopes(c, "oauth_client_allowed_scopes", deployment.viewer_token_scopes, [])
    if service_url_for_servers is not None:
        deployment.base_url("/", service_url_for_servers)  # says now what is wrong with it
    address = ServiceAddress(deployment, service_url_for_servers)
    for section in _spawners(c, "environment"):
        add_to_dict(section, "environment", {SERVICE_VARIABLE: address})
    return deployment


class ServiceAddress:
    """The service's base URL as a user's server reaches it.

    Asked at each start of a server, because the hub's base URL may be set after the
    configuration file has been read, on the command line.
    """

    def __init__(self, deployment: Deployment, origin: str | None = None) -> None:
        self._deployment = deployment
        self._origin = origin

    def __call__(self, spawner: Any) -> str:
        """Returns the URL, with a final slash."""
        return self.below(str(spawner.hub.base_url).removesuffix("hub/"))

    def below(self, hub_base_url: str) -> str:
        """Returns the URL below a hub's base URL, with a final slash."""
        return self._deployment.base_url(hub_base_url, self._origin)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ServiceAddress) and self.below("/") == other.below("/")

    def __hash__(self) -> int:
        return hash(self.below("/"))

    def __repr__(self) -> str:
        return f"<{self.below('/')}>"


def service_options(
    *,
    policy: str | Path | None = None,
    database: str | Path | None = None,
    log_format: str | None = None,
    audit_file: str | Path | None = None,
    allow_guests: bool = False,
    count_meetings_as_activity: bool = True,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Returns the service's traits by their full names; only those that were asked for."""
    made: dict[str, Any] = {}
    if policy is not None:
        made["MeetHub.policy_file"] = _absolute(policy)
    if database is not None:
        made["MeetRelay.database"] = _absolute(database)
    if log_format is not None:
        made["MeetHub.log_format"] = log_format
    if audit_file is not None:
        made["MeetHub.audit_file"] = _absolute(audit_file)
    if allow_guests:
        made["MeetHub.allow_guests"] = True
    if not count_meetings_as_activity:
        made["MeetRelay.count_meetings_as_activity"] = False
    return made | dict(options or {})


def _absolute(path: str | Path) -> str:
    # The hub may start the service in another directory than the one it runs in.
    return str(Path(path).expanduser().absolute())


def service_entry(
    deployment: Deployment, managed: bool, api_token: str | None, settings: dict[str, Any]
) -> dict[str, Any]:
    """Returns the entry for ``c.JupyterHub.services``.

    Raises:
        SetupError: The hub does not start the service, and something is missing or too much.
    """
    if managed:
        command = [sys.executable, "-m", "meetwidget_server.hub", *arguments(settings)]
        more: dict[str, Any] = {"command": command}
        return deployment.service(**more, **({"api_token": api_token} if api_token else {}))
    if not api_token:
        raise SetupError(
            "A service that the hub does not start needs a token: give enable() api_token=…"
            " (make one with `openssl rand -hex 32`) and the same to the service."
        )
    away = [key for key in settings if key != "MeetRelay.count_meetings_as_activity"]
    if away:
        raise SetupError(
            f"{', '.join(away)}: the hub does not start this service, so it cannot pass this on;"
            " set it where the service is started."
        )
    return deployment.service(api_token=api_token)


# ------------------------------------------------------------- merging into the configuration


def _add_service(hub: Any, service: dict[str, Any]) -> None:
    services = growing(hub, "services")
    existing = named(services, service["name"])
    if existing is None:
        services.append(service)
        return
    for key, value in service.items():
        if isinstance(value, list) and key != "command":
            existing[key] = union(existing.get(key, []), value)
        elif existing.setdefault(key, value) != value and key in {"url", "command", "api_token"}:
            raise SetupError(
                f"c.JupyterHub.services already has a service {service['name']!r} with another"
                f" {key}: remove that entry, or give enable() another name."
            )


def _grant_users(hub: Any, scopes: Scopes) -> None:
    roles = growing(hub, "load_roles")
    role = named(roles, "user")
    if role is not None and "scopes" in role:
        role["scopes"] = union(role["scopes"], scopes)
    elif has_extra_user_scopes():  # leaves the role, and who has it, alone
        add_to_set(hub, "extra_user_scopes", scopes)
    elif role is not None:
        role["scopes"] = ["self", *scopes]
    else:
        roles.append({"name": "user", "scopes": ["self", *scopes]})


def _add_role(hub: Any, role: dict[str, Any]) -> None:
    roles = growing(hub, "load_roles")
    existing = named(roles, role["name"])
    if existing is None:
        roles.append(role)
        return
    for key, value in role.items():
        if isinstance(value, list):
            existing[key] = union(existing.get(key, []), value)


def _server_defaults(hub: Any) -> Scopes:
    """What servers' tokens have while nobody sets them: the role ``server``, perhaps changed."""
    role = named(growing(hub, "load_roles"), "server") or {}
    return list(role.get("scopes", SERVER_DEFAULT_SCOPES))


def _add_scopes(c: Any, name: str, scopes: Scopes, defaults: Scopes) -> None:
    for section in _spawners(c, name):
        value = getattr(section, name)
        if isinstance(value, LazyConfigValue):
            held = entries(value)
            value.extend([scope for scope in [*defaults, *scopes] if scope not in held])
        elif isinstance(value, ScopesToo):
            setattr(section, name, value.and_also(scopes))
        elif callable(value):
            setattr(section, name, ScopesToo(value, scopes, defaults))
        else:
            setattr(section, name, union(value or defaults, scopes))


def _spawners(c: Any, setting: str) -> list[Any]:
    return [c.Spawner, *(c[section] for section in hiding_sections(c, setting))]


class ScopesToo:
    """The admin's function for a list of scopes, and ours added to what it gives."""

    def __init__(
        self,
        function: Callable[[Any], Iterable[str] | Awaitable[Iterable[str]]],
        scopes: Scopes,
        defaults: Scopes,
    ) -> None:
        self._function, self._scopes, self._defaults = function, scopes, defaults

    def and_also(self, scopes: Scopes) -> ScopesToo:
        """Returns the same with more scopes."""
        return ScopesToo(self._function, union(self._scopes, scopes), self._defaults)

    def __call__(self, spawner: Any) -> Scopes | Awaitable[Scopes]:
        """Returns the scopes, or a promise of them if the admin's function gives one."""
        given = self._function(spawner)
        return self._later(given) if isawaitable(given) else self._added(given)

    async def _later(self, given: Awaitable[Iterable[str]]) -> Scopes:
        return self._added(await given)

    def _added(self, given: Iterable[str]) -> Scopes:
        return union(list(given or ()) or self._defaults, self._scopes)
