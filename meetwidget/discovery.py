"""Which relay to use, and with which credential.

The order is fixed and never guesses: what the caller says, then the meeting service that a
JupyterHub names to its users' servers, then what the server extension put into the environment
of its kernels, then the Jupyter server that started this kernel, then, outside a kernel, the
one server this user runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urljoin, urlsplit, urlunsplit

from jupyter_core.paths import jupyter_runtime_dir

from meetwidget.errors import NoRelay

URL_VARIABLE = "MEETWIDGET_URL"
SECRET_VARIABLE = "MEETWIDGET_SECRET"  # noqa: S105 - the variable's name, not a secret
HUB_VARIABLE = "MEETWIDGET_HUB_SERVICE"
"""Set by a JupyterHub with meetings: base URL of its meeting service, with a final slash."""
HUB_TOKEN_VARIABLE = "JUPYTERHUB_API_TOKEN"  # noqa: S105 - the variable's name
"""Set by every JupyterHub: what this server and its kernels show to the hub's services."""
PARENT_VARIABLE = "JPY_PARENT_PID"
"""Set by jupyter_client in every kernel it starts: the process id of the server."""

HOW_TO_START = (
    "Start one with `jupyter lab` (meetwidget's server extension must be installed in the same "
    "environment), or name one: url='http://host:8888/', token='…'."
)
_APP_SEGMENTS = frozenset({"lab", "tree", "notebooks", "doc", "edit", "terminals", "meet"})


@dataclass(frozen=True)
class Endpoint:
    """Who relays meetings, a Jupyter server or a hub's service, and how to prove who we are."""

    url: str
    """The base URL of the server or of the service, with a final slash."""
    authorization: str | None = field(default=None, repr=False)
    """Value of the ``Authorization`` header."""
    found_by: str = "arguments"
    service: bool = False
    """Whether ``url`` is a hub's meeting service."""

    @property
    def api(self) -> str:
        """Base URL of the relay's REST API, with a final slash."""
        return f"{self.url}api/" if self.service else f"{self.url}meet/api/"

    @property
    def description(self) -> str:
        """What it is and where, to begin a sentence with."""
        what = "The hub's meeting service" if self.service else "The Jupyter server"
        return f"{what} at {self.url}"

    def messages_url(self, room: str) -> str:
        """Returns where the history of ``room`` is."""
        return f"{self.api}rooms/{quote(room, safe='/')}/messages"


def discover(
    url: str | None = None,
    token: str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    runtime_dir: str | Path | None = None,
) -> Endpoint:
    """Finds the relay.

    Args:
        url: a Jupyter server, or a hub's meeting service; an address copied from the browser
            (``…/lab?token=…``, ``…/services/meet/rooms/physics-101``) will do.
        token: that server's token, or one made on the hub's token page.
        environ: instead of the process's environment.
        runtime_dir: instead of Jupyter's runtime directory.

    Raises:
        NoRelay: none was found, or several; the message says what to do.
    """
    environment = os.environ if environ is None else environ
    runtime = Path(jupyter_runtime_dir() if runtime_dir is None else runtime_dir)
    if url:
        return _explicit(url, token, environment, runtime)
    for named in (_hub(environment), _inherited(environment)):
        if named is not None:
            return named if token is None else _with_token(named, token)
    parent = environment.get(PARENT_VARIABLE, "")
    if parent.isdecimal():
        return _parent(int(parent), token, runtime)
    return _only(token, runtime)


def _explicit(
    url: str, token: str | None, environment: Mapping[str, str], runtime: Path
) -> Endpoint:
    address, token_in_url = _split(url)
    token = token or token_in_url
    hub, inherited = _hub(environment), _inherited(environment)
    known = [named for named in (hub, inherited) if named is not None]
    known += [
        Endpoint(_split(server["url"])[0], _authorization(server))
        for server in running_servers(runtime)
    ]
    found = next((one for one in known if _is_below(address, one.url)), None)
    if found is not None:
        base = urljoin(address, urlsplit(found.url).path)
        authorization, service = found.authorization, found.service
    else:
        base, service = _without_page(address)
        authorization = None
    return Endpoint(base, f"token {token}" if token else authorization, service=service)


def _with_token(endpoint: Endpoint, token: str) -> Endpoint:
    return Endpoint(endpoint.url, f"token {token}", service=endpoint.service)


def _hub(environment: Mapping[str, str]) -> Endpoint | None:
    url, token = environment.get(HUB_VARIABLE), environment.get(HUB_TOKEN_VARIABLE)
    if not url or not token:
        return None
    return Endpoint(_split(url)[0], f"token {token}", "the hub's environment", service=True)


def _inherited(environment: Mapping[str, str]) -> Endpoint | None:
    url, secret = environment.get(URL_VARIABLE), environment.get(SECRET_VARIABLE)
    if not url or not secret:
        return None
    return Endpoint(_split(url)[0], f"meet {secret}", "environment")


def _parent(pid: int, token: str | None, runtime: Path) -> Endpoint:
    server = _read(runtime / f"jpserver-{pid}.json")
    if server is None:
        raise NoRelay(
            f"The Jupyter server that started this kernel (process {pid}) has no runtime file in "
            f"{runtime}, so its address is unknown. Enable meetwidget's server extension there, "
            "or name it: url='http://host:8888/', token='…'."
        )
    return Endpoint(
        _split(server["url"])[0], _authorization(server, token), "the server of this kernel"
    )


def _only(token: str | None, runtime: Path) -> Endpoint:
    servers = running_servers(runtime)
    if not servers:
        raise NoRelay(f"No running Jupyter server of yours was found. {HOW_TO_START}")
    if len(servers) > 1:
        urls = ", ".join(server["url"] for server in servers)
        raise NoRelay(
            f"{len(servers)} Jupyter servers of yours are running: {urls}. "
            f"Choose one with url='{servers[0]['url']}'."
        )
    (server,) = servers
    return Endpoint(
        _split(server["url"])[0], _authorization(server, token), "the only running server"
    )


def running_servers(runtime_dir: str | Path | None = None) -> list[dict[str, Any]]:
    """Returns the runtime records of this user's living Jupyter servers, by URL.

    Unlike jupyter_server's own list this deletes nothing and imports nothing heavy.
    """
    runtime = Path(jupyter_runtime_dir() if runtime_dir is None else runtime_dir)
    records = (_read(path) for path in runtime.glob("jpserver-*.json"))
    living = [r for r in records if r is not None and not r.get("sock") and _alive(r.get("pid"))]
    return sorted(living, key=lambda record: str(record["url"]))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict) or not isinstance(record.get("url"), str):
        return None
    return record


def _alive(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    if os.name == "nt":  # os.kill(pid, 0) ends the process on Windows
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _authorization(server: Mapping[str, Any], token: str | None = None) -> str | None:
    token = token or server.get("token")
    return f"token {token}" if token else None


def _is_below(address: str, base: str) -> bool:
    """Whether an address is a page of the server with that base URL, by whatever local name."""
    given, known = urlsplit(address), urlsplit(base)
    local = {"localhost", "127.0.0.1", "::1"}
    same_host = given.hostname == known.hostname or {given.hostname, known.hostname} <= local
    return (
        same_host
        and given.port == known.port
        and given.path.startswith(known.path.rstrip("/") + "/")
        and (
            known.path != "/" or _without_page(address)[0] == urlunsplit((*given[:2], "/", "", ""))
        )
    )


def _split(url: str) -> tuple[str, str | None]:
    """Returns the address with a final slash and without a query, and the token if it had one."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoRelay(f"{url!r} is not the address of a Jupyter server: try 'http://host:8888/'.")
    path = "/".join(["", *[segment for segment in parts.path.split("/") if segment], ""])
    tokens = parse_qs(parts.query).get("token")
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")), tokens[0] if tokens else None


def _without_page(address: str) -> tuple[str, bool]:
    """Returns the base URL for the address of a page, and whether it is a hub's service."""
    parts = urlsplit(address)
    segments = [segment for segment in parts.path.split("/") if segment]
    service = False
    for index, segment in enumerate(segments):
        # /user/lab/… on a hub is somebody called lab, not JupyterLab.
        after_user = index > 0 and segments[index - 1] == "user"
        if segment == "services" and not after_user and index + 1 < len(segments):
            service = True
            del segments[index + 2 :]
            break
        if segment in _APP_SEGMENTS and not after_user:
            del segments[index:]
            break
    return urlunsplit((parts.scheme, parts.netloc, "/".join(["", *segments, ""]), "", "")), service
