"""Single-use tickets: what a socket shows in its first frame instead of cookie or token.

A ticket never stands in a URL, where proxies would log it, and a stolen one is worth
little: it opens one room for one identity, once, for half a minute.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from meetwidget_server.identity import Identity
from meetwidget_server.room import MEMBER, Standing

MAX_PER_USER = 100
"""Unused tickets of one user; beyond, the oldest is void. Bounds memory per user."""
MAX_TICKETS = 10_000
"""Unused tickets of all users; beyond, the oldest is void."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a ticket is good for."""

    identity: Identity
    room: str
    client: Literal["browser", "kernel"]
    control_url: str
    media_url: str
    standing: Standing = MEMBER
    credential: str | None = field(default=None, repr=False)
    """The hub token it was asked for with, so that it can be checked again while they are in."""


class Tickets:
    """The tickets that have been issued and not used yet."""

    def __init__(self, life: float, clock: Callable[[], float]) -> None:
        """Starts with none.

        Args:
            life: how long a ticket is good, seconds.
            clock: a clock that never runs backwards, seconds.
        """
        self.life = life
        self._clock = clock
        self._open: OrderedDict[str, tuple[float, Grant]] = OrderedDict()
        """In order of expiry, since all live equally long."""

    def __len__(self) -> int:
        return len(self._open)

    def issue(self, grant: Grant) -> str:
        """Returns a new ticket for ``grant``."""
        self._expire()
        name = grant.identity.user.name
        own = [ticket for ticket, (_, other) in self._open.items() if self._is(other, name)]
        if len(own) >= MAX_PER_USER:
            del self._open[own[0]]
        elif len(self._open) >= MAX_TICKETS:
            self._open.popitem(last=False)
        ticket = secrets.token_urlsafe(32)
        self._open[ticket] = (self._clock() + self.life, grant)
        return ticket

    def redeem(self, ticket: str) -> Grant | None:
        """Returns what the ticket is good for and voids it; ``None`` if it is no good."""
        self._expire()
        found = self._open.pop(ticket, None)
        return None if found is None else found[1]

    @staticmethod
    def _is(grant: Grant, name: str) -> bool:
        return grant.identity.user.name == name

    def _expire(self) -> None:
        now = self._clock()
        while self._open:
            ticket, (expires, _) = next(iter(self._open.items()))
            if expires > now:
                return
            del self._open[ticket]
