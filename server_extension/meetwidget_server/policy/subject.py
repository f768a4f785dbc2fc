"""Who asks, as the rules see them, and what the rules answer."""

from __future__ import annotations

from dataclasses import dataclass

from meetwidget.wire.control import Kind
from meetwidget_server.room import Standing

JOIN_SCOPE = "custom:meet:join"
"""Without it (or :data:`MODERATE_SCOPE`, which holds it) no rule lets anybody in."""
MODERATE_SCOPE = "custom:meet:moderate"
"""Whoever has it moderates every room whose rule does not say ``hub_moderators = false``."""

NO_STANDING = Standing(role="observer", most="observer", may_own=False, publish=False, waits=True)
"""What somebody is worth who may not join, should they be in all the same."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who wants something of a room, as the host's identity provider says."""

    name: str
    """User name; a guest's is made up."""
    kind: Kind
    groups: frozenset[str] = frozenset()
    """The host's groups of this user, by name."""
    scopes: frozenset[str] = frozenset()
    """What the credential they showed may do, expanded, without filters (``scope!filter``)."""
    admin: bool = False
    """Administrator of the host."""
    via: str = ""
    """Owner of another person's server through which the credential came; who owns that server
    can read it, so it never carries the rights of a moderator."""

    @property
    def may_use(self) -> bool:
        """Whether their credential is good for meeting rooms at all."""
        return JOIN_SCOPE in self.scopes or MODERATE_SCOPE in self.scopes

    @property
    def in_person(self) -> bool:
        """Whether nobody else can be behind this credential: what moderating and owning takes."""
        return self.kind == "person" and not self.via


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody may do with one room. The default is: nothing."""

    see: bool = False
    """The room stands in their list of rooms."""
    create: bool = False
    """They may open this room if it is not there."""
    join: bool = False
    """They get a ticket: the rules let them in, and open the room if it is not there."""
    read: bool = False
    """They get its messages without being in: they could walk in without asking anybody."""
    standing: Standing = NO_STANDING
    moderates: bool = False
    """They moderate, by rule or because the room made them owner or moderator."""
    owns: bool = False
    """The room is theirs, by rule or because they opened it."""
    guests: bool = False
    """Guest links open this room: rule and administrator both say so."""
    code: str = "not-allowed"
    """Why not ``join``; empty if they may. ``invalid-room``, ``no-join-scope``, ``not-allowed``,
    ``no-such-room`` (only others may open it) or ``guests-not-allowed``."""
    message: str = "You may not join this room."
    """The same as one or two sentences for people, with who can help; empty if they may."""
    rule: str = ""
    """Pattern of the rule that decided, or ``[default]``."""
