"""Who is it, on a hub: from a token to the relay's stamp and to what the policy must know.

A token is a *person* only if it belongs to a login session: OAuth tokens do, and the hub
revokes them at logout. Every other token of a user (that of their server, which everyone
with access to the server can read, or one made by hand) is at most that user's kernel.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from jupyterhub.services.auth import HubOAuth, check_scopes
from tornado.web import HTTPError

from meetwidget.wire.control import User
from meetwidget_server.identity import Identity, color, initials, kernel
from meetwidget_server.policy import JOIN_SCOPE, MODERATE_SCOPE, Subject
from meetwidget_server.routes.base import Caller, Client, Refusal

Model = Mapping[str, Any]
"""What the hub says of a token's owner: ``name``, ``kind``, ``groups``, ``admin``, ``scopes``, …"""

SOMEBODY = "another user"
"""Whose server a token came through, if it opens those of many."""
PATIENCE_S = 10.0
"""How long the hub may take to answer."""
_ACCESS = re.compile(r"access:servers(?:!(server|user|group)=([^/]+).*)?")


class HubAway(Exception):
    """The hub could not be asked."""


class Hub:
    """The hub, as the service asks it."""

    def __init__(self, auth: HubOAuth, service: str) -> None:
        self.auth = auth
        self.access = f"access:services!service={service}"
        """The scope without which a token is no good here."""

    async def model(self, token: str, *, fresh: bool = False, session: str = "") -> Model | None:
        """Returns whose token it is; ``None``: the hub knows no such token (any more).

        Args:
            token: what was shown.
            fresh: whether an answer of some seconds ago is not good enough.
            session: the browser's login session: an answer counts for this session only.

        Raises:
            HubAway: the hub did not answer, or with an error of its own.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                found: Model | None = await self.auth.user_for_token(
                    token, use_cache=not fresh, session_id=session, sync=False
                )
        except (HTTPError, ValueError, OSError) as error:  # a timeout is an OSError, too
            raise HubAway(str(error)) from None
        return found

    def admits(self, model: Model) -> bool:
        """Whether a token is good for joining: access to this service, and the right to join."""
        return has_scope(model, self.access) and (
            has_scope(model, JOIN_SCOPE) or has_scope(model, MODERATE_SCOPE)
        )


def has_scope(model: Model, scope: str) -> bool:
    """Whether a token has a scope, by itself or within a wider one."""
    return bool(check_scopes({scope}, set(model.get("scopes") or ())))


def is_person(model: Model) -> bool:
    """Whether a token belongs to a login session of a user."""
    return model.get("kind") == "user" and bool(model.get("session_id"))


def is_admin(model: Model) -> bool:
    """Whether who shows this token may act on everybody's data.

    A hub admin in person, not through another user's server; or whatever token has the
    scope, a service's too.
    """
    return has_scope(model, "admin:users") or is_admin_in_person(model)


def is_admin_in_person(model: Model) -> bool:
    """Whether a hub admin has signed in, and not through another user's server."""
    return is_person(model) and bool(model.get("admin")) and not via(model)


def via(model: Model) -> str:
    """Returns through whose server a token may have been issued, if not the user's own; else nothing.

    Who owns a server can read the tokens of those who visit it. A token that opens servers of
    several people may have come through any of them.
    """
    own = str(model.get("name", ""))
    for scope in model.get("scopes") or ():
        found = _ACCESS.fullmatch(scope)
        if found and (found[1] not in ("server", "user") or found[2] != own):
            return found[2] if found[1] in ("server", "user") else SOMEBODY
    return ""


def caller_of(model: Model, token: str, client: Client | None) -> Caller:
    """Returns who asks with this token.

    Raises:
        Refusal: a service, or a browser with a token that is no person's.
    """
    name = str(model.get("name") or "")
    if model.get("kind") != "user" or not name:
        raise Refusal(403, "not-a-user", "Only users and their kernels meet here, not services.")
    in_person = is_person(model) and client != "kernel"
    if client == "browser" and not in_person:
        raise Refusal(
            403,
            "not-in-person",
            "This token belongs to a server or a script, not to somebody who has signed in:"
            " it opens a room for a kernel only.",
        )
    through = via(model)
    subject = Subject(
        name=name,
        kind="person" if in_person else "kernel",
        groups=frozenset(model.get("groups") or ()),
        scopes=frozenset(model.get("scopes") or ()),
        admin=in_person and not through and bool(model.get("admin")),
        via=through,
    )
    return Caller(person(name) if in_person else kernel(name), subject, token)


def person(name: str) -> Identity:
    """Returns the stamp of a hub's user."""
    return Identity(User(name, name, initials(name), color(name)), "person")
