"""One subject at one room: every right with the reason for it.

Decisions and explanations come from here alike, so that what an administrator is told is
what the relay does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from meetwidget.wire.control import Role
from meetwidget_server.room import RoomRecord

from .finding import Finding, once
from .rule import Rule, Terms
from .subject import JOIN_SCOPE, MODERATE_SCOPE, Subject
from .term import Term


class Case:
    """What a rule says about a subject at a room that it is for."""

    def __init__(
        self,
        rule: Rule,
        captures: Mapping[str, str],
        subject: Subject,
        record: RoomRecord | None,
        *,
        allow_guests: bool,
    ) -> None:
        self.rule = rule
        self.subject = subject
        self.record = record
        self._captures = captures
        self._allow_guests = allow_guests

    @once
    def person(self) -> Case:
        """The same for the person behind a kernel: it goes where they would, without their power."""
        if self.subject.kind != "kernel":
            return self
        return Case(
            self.rule,
            self._captures,
            replace(self.subject, kind="person"),
            self.record,
            allow_guests=self._allow_guests,
        )

    def people(self, terms: Terms) -> list[Term]:
        """Returns a list of people with this room's captures filled in."""
        return [term.filled(self._captures) for term in terms]

    def _named(self, key: str, terms: Terms) -> Finding:
        for term in self.people(terms):
            if term.names(self.subject):
                return Finding(True, f"{key} names {term}")
            if term.kind == "owner" and self.person.owns:
                return Finding(True, f"{key} names the owner")
        return self._not_named(key, terms)

    def _not_named(self, key: str, terms: Terms) -> Finding:
        return Finding(False, lambda: f"{key} is for {', '.join(map(str, self.people(terms)))}")

    # ------------------------------------------------------------- standing

    @once
    def uses(self) -> Finding:
        """Whether meeting rooms are for them at all."""
        if self.subject.kind == "guest":
            return self.guests
        if self.subject.kind not in ("person", "kernel") or not self.subject.name:
            return Finding(False, "it is not known who they are")
        if self.subject.may_use:
            return Finding(True, f"they have the scope {JOIN_SCOPE}")
        return Finding(False, f"they lack the scope {JOIN_SCOPE}")

    @once
    def guests(self) -> Finding:
        """Whether guest links open this room."""
        if not self._allow_guests:
            return Finding(False, "guests are switched off (c.MeetHub.allow_guests)")
        if not self.rule.guests:
            return Finding(False, "the rule does not say guests = true")
        return Finding(True, "the rule says guests = true")

    @once
    def _alone(self) -> Finding:
        if self.subject.in_person:
            return self.uses
        if self.subject.via:
            return Finding(False, f"they come through the server of {self.subject.via}")
        return Finding(False, f"a {self.subject.kind} is nobody in person")

    @once
    def hub_moderator(self) -> Finding:
        """Whether they moderate wherever they are."""
        if not self._alone:
            return self._alone
        if not self.rule.hub_moderators:
            return Finding(False, "the rule says hub_moderators = false")
        if MODERATE_SCOPE in self.subject.scopes:
            return Finding(True, f"they have the scope {MODERATE_SCOPE}")
        if self.subject.admin:
            return Finding(True, "they administrate the hub")
        return Finding(False, "they do not moderate the whole hub")

    @once
    def owns_by_rule(self) -> Finding:
        """Whether the rule makes them the owner."""
        if not self._alone:
            return self._alone
        if not isinstance(self.rule.owner, Term):
            return Finding(False, lambda: f'the rule says owner = "{self.rule.owner}"')
        term = self.rule.owner.filled(self._captures)
        return Finding(term.names(self.subject), lambda: f'the rule says owner = "{term}"')

    @once
    def _held(self) -> str:
        """The role that the room itself gave them.

        Where a rule says who owns, having opened the room once means nothing.
        """
        if not self._alone or self.record is None:
            return ""
        role = self.record.roles.get(self.subject.name, "")
        return "" if role == "owner" and self.rule.owner != "creator" else role

    @once
    def owns(self) -> Finding:
        """Whether the room is theirs, by rule or because they opened it."""
        if not self.owns_by_rule and self._held == "owner":
            return Finding(True, "the room has them as its owner")
        return self.owns_by_rule

    @once
    def most(self) -> Role:
        """The highest role that they can have here, whatever the room's record says."""
        if not self._alone:
            return "member"
        if self.rule.owner == "creator" or self.owns_by_rule:
            return "owner"
        recorded = self.record.roles.get(self.subject.name) if self.record else None
        if recorded == "owner" and not self.moderates_by_rule:
            return "member"
        return "moderator"

    @once
    def moderates_by_rule(self) -> Finding:
        """Whether they moderate whatever the room itself says."""
        if not self._alone:
            return self._alone
        if self.hub_moderator:
            return self.hub_moderator
        if self.owns_by_rule:
            return self.owns_by_rule
        # Whom the room has as its owner is the room's word, not the rule's.
        others = tuple(term for term in self.rule.moderate if term.kind != "owner")
        return self._named("moderate", others) or self._not_named("moderate", self.rule.moderate)

    @once
    def moderates(self) -> Finding:
        """Whether they moderate, by rule or because the room made them owner or moderator."""
        if self.moderates_by_rule:
            return self.moderates_by_rule
        if self.join_if_there and self._held in ("owner", "moderator"):
            return Finding(True, f"the room made them {self._held}")
        return self.moderates_by_rule

    @property
    def passes(self) -> Finding:
        """Whether they come in without asking: the rule's moderators, and moderators' kernels."""
        return self.person.moderates if self.subject.kind == "kernel" else self.moderates_by_rule

    # --------------------------------------------------------------- rights

    @once
    def join_if_there(self) -> Finding:
        """Whether the rules let them in, into a room that is there.

        Owning a room that one opened is no way in for somebody whom the rule no longer names.
        """
        if not self.uses or self.subject.kind == "guest":
            return self.uses
        if self.person.moderates_by_rule:
            return Finding(True, lambda: f"they moderate: {self.person.moderates_by_rule.why}")
        return self._named("join", self.rule.join)

    @once
    def create(self) -> Finding:
        """Whether they may open the room."""
        if not self.join_if_there:
            return Finding(False, lambda: f"they may not join: {self.join_if_there.why}")
        if self.subject.kind == "guest":
            return Finding(False, "guests open no rooms")
        if self.person.hub_moderator:
            return self.person.hub_moderator
        return self._named("create", self.rule.create)

    @once
    def join(self) -> Finding:
        """Whether they get a ticket now."""
        if self.record is None and self.join_if_there and not self.create:
            return Finding(False, f"the room is not there, and {self.create.why}")
        return self.join_if_there

    @once
    def may_own(self) -> Finding:
        """Whether they become the owner of a room without one."""
        if not self._alone:
            return self._alone
        if self.rule.owner != "creator":
            return Finding(False, lambda: f'the rule says owner = "{self.rule.owner}"')
        return self.create

    @once
    def chat(self) -> Finding:
        """Whether they may write; who may not only watches."""
        if not self.join:
            return Finding(False, "they may not join")
        return self.person.moderates or self._named("chat", self.rule.chat)

    @once
    def publish(self) -> Finding:
        """Whether they may send sound, pictures and data."""
        if not self.chat:
            return Finding(False, f"they only watch: {self.chat.why}")
        return self.person.moderates or self._named("publish", self.rule.publish)

    @once
    def waits(self) -> Finding:
        """Whether they wait to be let in."""
        if self.passes:
            return Finding(False, self.passes.why)
        if self.rule.lobby == "everyone":
            return Finding(True, "the rule says lobby = true")
        if self.rule.lobby == "guests":
            guest = self.subject.kind == "guest"
            return Finding(guest, 'the rule says lobby = "guests"')
        return Finding(False, "the rule has no lobby")

    @once
    def links(self) -> Finding:
        """Whether they may make guest links."""
        if not self._alone:
            return self._alone
        if not self.guests or self.moderates:
            return self.guests
        return Finding(False, f"they do not moderate: {self.moderates.why}")

    @once
    def read(self) -> Finding:
        """Whether they could walk in without asking anybody, and so may read what was said."""
        if self.subject.kind == "guest" or not self.join:
            return Finding(False, "they may not join")
        if self.record is None:
            return self.join
        if self.person.moderates:
            return self.person.moderates
        if self.record.locked:
            return Finding(False, "the room is locked")
        if self.subject.name in self.record.invited:
            return Finding(True, "they are invited")
        if self.record.access != "open":
            return Finding(False, f'the access of the room is "{self.record.access}"')
        return Finding(not self.waits, self.waits.why)

    @once
    def see(self) -> Finding:
        """Whether the room stands in their list."""
        if self.subject.kind == "guest" or not self.uses:
            return Finding(False, "they may not use meeting rooms")
        if self.person.moderates:
            return self.person.moderates
        if self.record and self.record.access == "private":
            invited = self.subject.name in self.record.invited and bool(self.join_if_there)
            return Finding(invited, "the room is private")
        if self.join_if_there and Term("joiners") in self.rule.see:
            return Finding(True, lambda: f"they may join: {self.join_if_there.why}")
        return self._named("see", self.rule.see)

    # -------------------------------------------------------------- refusal

    def whom_to_ask(self) -> str:
        """Returns a sentence that says who can help."""
        if self.rule.help:
            return self.rule.help
        people = self.people(self.rule.moderate)
        if isinstance(self.rule.owner, Term):
            people.append(self.rule.owner.filled(self._captures))
        groups = dict.fromkeys(term.value for term in people if term.kind == "group")
        if groups:
            return f"Ask somebody in the group {' or '.join(groups)}."
        if any(term.kind == "user" for term in people):
            return "Ask the owner of the room."
        return "Ask an administrator of this hub."
