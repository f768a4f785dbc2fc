"""JupyterHub configurations, and what a hub would make of them."""

from __future__ import annotations

from typing import Any

from jupyterhub.app import JupyterHub
from jupyterhub.roles import get_default_roles
from jupyterhub.spawner import LocalProcessSpawner
from traitlets.config import Config


def run(text: str, config: Config | None = None) -> Config:
    """Runs the text of a configuration file."""
    config = Config() if config is None else config
    exec(compile(text, "jupyterhub_config.py", "exec"), {"c": config, "get_config": lambda: config})
    return config


def granted(config: Config) -> dict[str, Any]:
    """Returns what counts of a configuration, as the hub's own classes read it."""
    hub = JupyterHub(config=config)
    spawner = LocalProcessSpawner(config=config)
    roles = {role["name"]: role for role in get_default_roles()}
    roles["user"]["scopes"] += hub.extra_user_scopes
    for role in hub.load_roles:
        roles[role["name"]] = {**roles.get(role["name"], {}), **role}
    return {
        "services": {
            service["name"]: {
                key: sorted(value) if key == "oauth_client_allowed_scopes" else value
                for key, value in service.items()
            }
            for service in hub.services
        },
        "custom_scopes": hub.custom_scopes,
        "roles": {
            name: {
                key: sorted(role.get(key, ())) for key in ("scopes", "users", "groups", "services")
            }
            for name, role in roles.items()
        },
        "server_token_scopes": spawner.server_token_scopes,
        "oauth_client_allowed_scopes": spawner.oauth_client_allowed_scopes,
        "environment": {
            name: value.below(hub.base_url) if hasattr(value, "below") else value
            for name, value in spawner.environment.items()
        },
    }
