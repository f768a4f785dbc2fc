"""What all handlers of the hub service share: the relay, the rules, the hub, and its own state."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from tornado.web import RequestHandler

from meetwidget_server.hub.environment import HubEnvironment
from meetwidget_server.hub.identity import Hub
from meetwidget_server.hub.limits import Allowances
from meetwidget_server.hub.origins import Origins
from meetwidget_server.policy import Decision, Policy, Subject
from meetwidget_server.policy.guests import GuestRules
from meetwidget_server.relay import Relay
from meetwidget_server.room import RoomRecord

State = Literal["starting", "ok", "draining"]
SERVICE = "meetwidget_hub_service"


@dataclass(slots=True)
class Service:
    """The service as its handlers see it."""

    environment: HubEnvironment
    hub: Hub
    log: logging.Logger
    tickets_allowed: Allowances[str]
    """Tickets, by user, by guest and by guest link."""
    guests_allowed: Allowances[str]
    """Tries of guest links that open nothing, by address."""
    max_rooms_per_user: int
    guest_rules: GuestRules
    secret: bytes
    """Signs what the service gives out and wants to know again."""
    state: State = "starting"
    policy: Policy = field(default_factory=Policy)
    _relay: Relay | None = None
    origins: Origins = field(init=False)
    run: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    """Names this run of the service."""

    def __post_init__(self) -> None:
        self.origins = Origins(self.environment)

    @property
    def relay(self) -> Relay:
        """The relay; there is none while the service starts."""
        assert self._relay is not None
        return self._relay

    @relay.setter
    def relay(self, relay: Relay) -> None:
        self._relay = relay

    def decide(self, subject: Subject, room: str, record: RoomRecord | None) -> Decision:
        """Returns what the policy lets somebody do, and never more than their credential can bear.

        A token that came through another user's server can be read by that server's owner, and a
        kernel's by everybody with access to its server.
        """
        decision = self.policy.decide(subject, room, record)
        if subject.kind == "person" and not subject.via:
            return decision
        standing = replace(
            decision.standing,
            most="observer" if decision.standing.role == "observer" else "member",
            may_own=False,
            passes=False,
            guest_links=False,
        )
        return replace(decision, standing=standing)


def service_of(handler: RequestHandler) -> Service:
    """Returns the service that a handler belongs to."""
    return cast("Service", handler.settings[SERVICE])
