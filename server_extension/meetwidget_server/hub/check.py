"""``meetwidget-hub check --config``: what a hub's configuration lacks, each with its line.

It reads the file as the hub would and compares it with what ``enable()`` grants, without
starting anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from traitlets.config.loader import Config, LazyConfigValue, PyFileConfigLoader

from meetwidget_server.hub.configuration import (
    entries,
    has_extra_user_scopes,
    hiding_sections,
    mapping,
    named,
)
from meetwidget_server.hub.deployment import (
    DEFAULT_NAME,
    DEFAULT_URL,
    JOIN,
    MODERATE,
    SERVER_DEFAULT_SCOPES,
    SERVICE_VARIABLE,
    Deployment,
    SetupError,
)
from meetwidget_server.hub.findings import Finding, note, right, wrong

ENABLE = "from meetwidget_server.hub import enable\nenable(c)"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_ELSEWHERE = ("docker", "kube", "swarm", "batch", "slurm", "ssh", "yarn", "remote")
"""Parts of the names of spawners whose servers do not run beside the hub."""


def check_config(path: Path, name: str = DEFAULT_NAME) -> list[Finding]:
    """Returns what a configuration file of JupyterHub grants and lacks.

    Args:
        path: The file; it is run, as the hub runs it.
        name: Name of the service.
    """
    if not path.is_file():
        return [wrong(f"There is no file {path}: name your jupyterhub_config.py.")]
    try:
        config = PyFileConfigLoader(path.name, path=str(path.absolute().parent)).load_config()
    except (Exception, SystemExit) as error:  # whatever an admin's file may raise
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        return [wrong(f"{path} cannot be read as the hub would read it ({what}).")]
    return list(_findings(config, name))


def _findings(config: Config, name: str) -> Iterator[Finding]:
    service = named(entries(config["JupyterHub"].get("services")), name)
    if service is None:
        yield wrong(
            f"The hub has no service {name!r}: one line adds all that meetings need.", ENABLE
        )
        return
    try:
        deployment = Deployment(name=name, url=str(service.get("url") or DEFAULT_URL))
    except SetupError as error:
        yield wrong(str(error))
        return
    yield from _service(config, service, deployment)
    yield from _grants(config, deployment)
    yield from _tokens(config, deployment)
    yield from _address(config, deployment)
    yield from _neighbours(config)


# ---------------------------------------------------------------------------- the service


def _service(config: Config, service: dict[str, Any], expected: Deployment) -> Iterator[Finding]:
    name = expected.name
    if not service.get("url"):
        yield wrong(
            f"The service {name!r} has no url, so the hub sends nobody to it.",
            f'"url": {json.dumps(expected.url)},  # in its entry of c.JupyterHub.services',
        )
    elif service.get("command"):
        yield right(f"The hub starts the service {name!r} at {expected.url}.")
    elif service.get("api_token"):
        yield right(f"You start the service {name!r}, and the hub expects it at {expected.url}.")
    else:
        yield wrong(
            f"The service {name!r} has neither a command nor a token.",
            '"command": [sys.executable, "-m", "meetwidget_server.hub"],  # the hub starts it, or\n'
            '"api_token": "…",  # you start it: openssl rand -hex 32',
        )
    if not service.get("oauth_no_confirm"):
        yield wrong(
            "Everybody is asked for consent before the first meeting.",
            '"oauth_no_confirm": True,  # in the entry of the service',
        )
    missing = _missing(service.get("oauth_client_allowed_scopes"), expected.page_token_scopes)
    if missing:
        yield wrong(
            f"On the service's own page nobody has {_and(missing)}.",
            f'"oauth_client_allowed_scopes": {json.dumps(expected.page_token_scopes)},'
            "  # in the entry of the service",
        )
    else:
        yield right("Nobody is asked for consent, and the page gets its scopes.")
    same = [
        str(other.get("name"))
        for other in entries(config["JupyterHub"].get("services"))
        if other is not service and _port(other.get("url")) == expected.port
    ]
    if same:
        yield wrong(
            f"Port {expected.port} is also that of the service {same[0]!r}.",
            f'enable(c, url="http://127.0.0.1:{expected.port + 1}")',
        )
    yield from _policy(service)


def _policy(service: dict[str, Any]) -> Iterator[Finding]:
    for argument in service.get("command") or ():
        flag, _, file = str(argument).partition("=")
        if flag not in {"--MeetHub.policy_file", "--policy"}:
            continue
        from meetwidget_server.policy import Policy, PolicyError

        try:
            Policy.load(Path(file))
        except PolicyError as error:
            yield wrong(str(error))
        else:
            yield right(f"The policy {file} can be read.")


def _grants(config: Config, expected: Deployment) -> Iterator[Finding]:
    defined = mapping(config["JupyterHub"].get("custom_scopes"))
    for scope, definition in expected.custom_scopes.items():
        if scope not in defined:
            yield wrong(
                f"The hub does not know the scope {scope}.",
                f"c.JupyterHub.custom_scopes.update({json.dumps({scope: definition})})",
            )
    if JOIN not in defined.get(MODERATE, {}).get("subscopes", [JOIN]):
        yield wrong(f"Moderators may not join: {MODERATE} lacks its subscope {JOIN}.", ENABLE)
    roles = entries(config["JupyterHub"].get("load_roles"))
    user = named(roles, "user") or {}
    held = user.get("scopes") or ["self", *entries(config["JupyterHub"].get("extra_user_scopes"))]
    if expected.access not in held and "access:services" not in held:
        yield wrong(
            "Users may not reach the service.",
            _for_all_users([expected.access, JOIN]),
        )
    elif JOIN in held:
        yield right("Every user may reach the service and join.")
    else:
        others = [str(role.get("name")) for role in roles if {JOIN, MODERATE} & _scopes(role)]
        if others:
            yield note(f"Not every user may join, only those with {_and(others)}.")
        else:
            yield wrong(
                f"Nobody may join: no role has {JOIN}.",
                _for_all_users([JOIN]),
            )
    moderating = [str(role.get("name")) for role in roles if MODERATE in _scopes(role)]
    if moderating:
        yield right(f"Every room is moderated by {_and(moderating)}.")
    else:
        yield note(
            "Nobody moderates every room; whoever opens a room moderates it.",
            'enable(c, moderators=["group:instructors"])',
        )
    yield _activity(roles, expected)


def _for_all_users(scopes: list[str]) -> str:
    if has_extra_user_scopes():
        added = ", ".join(json.dumps(scope) for scope in scopes)
        return f'c.JupyterHub.extra_user_scopes.update({{{added}}})  # or in your role "user"'
    role = {"name": "user", "scopes": ["self", *scopes]}
    return f"c.JupyterHub.load_roles.append({json.dumps(role)})"


def _activity(roles: list[dict[str, Any]], expected: Deployment) -> Finding:
    for role in roles:
        if expected.name in role.get("services", ()) and _scopes(role) & {
            "users:activity",
            "admin:users",
        }:
            return right("A meeting keeps a user's server from being culled.")
    return note(
        "A meeting does not keep a user's server from being culled.",
        "enable(c, count_meetings_as_activity=True)",
    )


# ----------------------------------------------------------------------------- the tokens


def _tokens(config: Config, expected: Deployment) -> Iterator[Finding]:
    wanted = {
        "server_token_scopes": (
            [SERVER_DEFAULT_SCOPES[0], *expected.server_token_scopes],
            "Kernels",
        ),
        "oauth_client_allowed_scopes": (expected.viewer_token_scopes, "People in JupyterLab"),
    }
    for setting, (scopes, who) in wanted.items():
        faults = 0
        for section in _spawners(config, setting):
            value = config[section].get(setting)
            if callable(value) and not isinstance(value, LazyConfigValue):
                if not hasattr(value, "and_also"):  # enable() has not been there
                    yield note(
                        f"c.{section}.{setting} is a function: see that it gives {_and(scopes)}."
                    )
                continue
            if missing := _missing(entries(value), scopes):
                faults += 1
                yield wrong(
                    f"{who} come without {_and(missing)}.",
                    f"c.{section}.{setting}.extend({json.dumps(missing)})",
                )
        if not faults:
            yield right(f"{who} come with the scopes to meet.")


def _address(config: Config, expected: Deployment) -> Iterator[Finding]:
    base_url = str(config["JupyterHub"].get("base_url") or "") or (
        urlsplit(str(config["JupyterHub"].get("bind_url") or "")).path or "/"
    )
    for section in _spawners(config, "environment"):
        value = mapping(config[section].get("environment")).get(SERVICE_VARIABLE)
        if value is None:
            yield wrong(
                f"Users' servers are not told where the service is ({SERVICE_VARIABLE}).",
                f"c.{section}.environment.update("
                f'{{"{SERVICE_VARIABLE}": "{expected.base_url(base_url)}"}})',
            )
            continue
        address = value.below(base_url) if hasattr(value, "below") else str(value)
        spawner = str(config["JupyterHub"].get("spawner_class") or "")
        if not urlsplit(address).path.endswith(f"/services/{expected.name}/"):
            yield wrong(
                f"{SERVICE_VARIABLE} is {address}, which does not end in"
                f" /services/{expected.name}/ with its last slash."
            )
        elif urlsplit(address).hostname in _LOOPBACK and any(
            word in spawner.lower() for word in _ELSEWHERE
        ):
            yield wrong(
                f"Servers of {spawner} cannot reach {address}, which is this machine's own address.",
                'enable(c, url="http://0.0.0.0:10101", service_url_for_servers="http://HUB:10101")',
            )
        else:
            yield right(f"Users' servers find the service at {address}.")


def _neighbours(config: Config) -> Iterator[Finding]:
    if not config["JupyterHub"].get("subdomain_host"):
        yield note(
            "All users' pages share one origin; what that leaves open is in docs/security.md.",
            'c.JupyterHub.subdomain_host = "https://hub.example.org"  # if you have the domains',
        )


# -------------------------------------------------------------------------------- reading


def _scopes(role: dict[str, Any]) -> set[str]:
    return set(role.get("scopes") or ())


def _spawners(config: Config, setting: str) -> list[str]:
    return hiding_sections(config, setting) or ["Spawner"]


def _missing(held: Any, wanted: list[str]) -> list[str]:
    present = set(held or ())
    return [] if "inherit" in present else [scope for scope in wanted if scope not in present]


def _port(url: Any) -> int | None:
    try:
        return urlsplit(str(url or "")).port
    except ValueError:
        return None


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
