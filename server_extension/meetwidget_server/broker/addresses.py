"""Where the clients of a user's server find the sockets of the hub's service.

The service answers the broker under the name the broker knows it by, which outsiders cannot
reach. Whoever came through the hub's proxy finds the service there too; whoever came directly,
a process beside this server, finds it where this server does.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tornado.httputil import HTTPServerRequest

_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded")
_SOCKETS = ("control_url", "media_url")


def readdressed(
    ticket: dict[str, Any], request: HTTPServerRequest, service_url: str
) -> dict[str, Any]:
    """Returns the service's answer to a ticket request with addresses that the asker can reach.

    Args:
        ticket: the service's answer.
        request: the call that is answered.
        service_url: the service as this server reaches it.
    """
    if ticket.get("same_origin") is not True:
        return ticket
    answer = dict(ticket)
    page = urlsplit(str(ticket.get("page_url") or ""))
    if not any(name in request.headers for name in _FORWARDED):
        origin, same = service_url, False
    elif page.netloc and page.netloc != request.host:  # a domain per user, and one for the service
        origin, same = urlunsplit((page.scheme, page.netloc, "", "", "")), False
    else:
        origin, same = f"{request.protocol}://{request.host}", True
        if page.path:
            answer["page_url"] = _moved(page.path, origin)
    for name in _SOCKETS:
        if isinstance(ticket.get(name), str):
            answer[name] = _moved(ticket[name], origin, socket=True)
    answer["same_origin"] = same
    return answer


def _moved(url: str, origin: str, *, socket: bool = False) -> str:
    target, there = urlsplit(url), urlsplit(origin)
    scheme = there.scheme
    if socket:
        scheme = "wss" if there.scheme == "https" else "ws"
    return urlunsplit((scheme, there.netloc, target.path, target.query, ""))
