"""What ``enable()`` adds, as configuration text for admins who want to read or paste it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from meetwidget_server.hub.deployment import (
    SERVER_DEFAULT_SCOPES,
    SERVICE_VARIABLE,
    Deployment,
)
from meetwidget_server.hub.setup import service_entry

_WIDTH = 60
"""Columns beyond which a value gets lines of its own, so that all fits into 100."""
_INDENT = 4
PASTED_TOKEN = "paste-the-output-of-openssl-rand-hex-32"  # noqa: S105 - a placeholder


def plain(
    deployment: Deployment,
    *,
    managed: bool = True,
    settings: Mapping[str, Any] | None = None,
    base_url: str = "/",
    service_url_for_servers: str | None = None,
    subdomain_host: str = "",
) -> str:
    """Returns lines for ``jupyterhub_config.py`` that grant what ``enable()`` grants.

    Args:
        deployment: What to grant.
        managed: Whether the hub starts the service.
        settings: The service's traits by their full names; only for a managed one.
        base_url: The hub's base URL.
        service_url_for_servers: Address by which users' servers reach the service.
        subdomain_host: ``c.JupyterHub.subdomain_host``, if users have domains; an external
            service must be told.
    """
    token = None if managed else PASTED_TOKEN
    service = service_entry(deployment, managed, token, dict(settings or {}))
    address = deployment.base_url(base_url, service_url_for_servers)
    parts = [
        ["import sys", ""] if managed else [],
        ["# Meetings: the service that relays them."],
        [f"c.JupyterHub.services.append({_pretty(service)})"],
        ["", "# Scopes of our own: who may join, and who moderates everywhere."],
        [f"c.JupyterHub.custom_scopes.update({_pretty(deployment.custom_scopes)})"],
        ["", "# What every user is granted. JupyterHub 5 has no extra_user_scopes: write there"],
        ["# c.JupyterHub.load_roles.append({'name': 'user', 'scopes': ['self', …these…]})."],
        ["# Is there a role 'user' in your load_roles? Then add these to its scopes instead."],
        [f"c.JupyterHub.extra_user_scopes.update({_pretty(set(deployment.user_scopes))})"],
    ]
    if deployment.roles:
        parts += [["", "# What the service and its moderators are granted."]]
        parts += [[f"c.JupyterHub.load_roles.append({_pretty(role)})"] for role in deployment.roles]
    server = [*SERVER_DEFAULT_SCOPES, *deployment.server_token_scopes]
    parts += [
        ["", "# Tokens of users' servers (their kernels join with them); the first two are what"],
        ["# JupyterHub gives by itself as long as this list is not set."],
        [f"c.Spawner.server_token_scopes.extend({_pretty(server)})"],
        ["", "# Tokens of the people who look at a user's server."],
        [
            "c.Spawner.oauth_client_allowed_scopes.extend("
            f"{_pretty(deployment.viewer_token_scopes)})"
        ],
        ["", "# Where users' servers and kernels find the service."],
        [f"c.Spawner.environment.update({_pretty({SERVICE_VARIABLE: address})})"],
    ]
    if not managed:
        environment = deployment.environment(base_url=base_url, subdomain_host=subdomain_host)
        parts += [
            ["", "# The service itself is started with this environment:"],
            [f"# JUPYTERHUB_API_TOKEN={PASTED_TOKEN}"],
            [f"# {name}={value}" for name, value in environment.items()],
        ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _pretty(value: Any, column: int = 0) -> str:
    """Returns a value as Python, on one line where it fits."""
    one_line = _one_line(value)
    if len(one_line) + column <= _WIDTH or not isinstance(value, dict | list | set):
        return one_line
    inner = column + _INDENT
    lines = [
        f"{_one_line(key)}: {_pretty(item, inner)}" if isinstance(value, dict) else item
        for key, item in (
            value.items()
            if isinstance(value, dict)
            else ((None, _pretty(item, inner)) for item in _ordered(value))
        )
    ]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    body = "".join(f"{' ' * inner}{line},\n" for line in lines)
    return f"{opening}\n{body}{' ' * column}{closing}"


def _one_line(value: Any) -> str:
    if value is sys.executable:
        return "sys.executable"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        items = ", ".join(f"{_one_line(key)}: {_one_line(item)}" for key, item in value.items())
        return f"{{{items}}}"
    if isinstance(value, list | set):
        opening, closing = "[]" if isinstance(value, list) else "{}"
        return f"{opening}{', '.join(map(_one_line, _ordered(value)))}{closing}"
    return repr(value)


def _ordered(values: Any) -> list[Any]:
    return sorted(values) if isinstance(values, set) else list(values)
