"""How what is said becomes durable, and who is told of it then.

Nothing is told to anyone before the store has it. The store also makes resends harmless: it
answers a known (author, ``cid``) with the entry it made the first time.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from msgspec import UNSET

from meetwidget.wire.control import (
    Ack,
    ClearEvent,
    CloseEvent,
    DeleteEvent,
    LogEvent,
    LoggedEvent,
    MessageEvent,
)

from .answers import refuse_member
from .effects import Append, Effects, Send
from .members import Member, Roster
from .records import Draft, MessageFacts, RoomRecord, Stored

REMEMBERED = 1024
"""Messages whose author the room knows without asking the store."""


class Ledger:
    """One room's log on its way to the store and from there to the members."""

    def __init__(self, record: RoomRecord, roster: Roster) -> None:
        self._record = record
        self._roster = roster
        self._recent: OrderedDict[str, MessageFacts] = OrderedDict()
        self._closing: set[str] = set()
        self.under_way = 0
        """Appends the store has not answered yet."""

    def facts(self, message: str) -> MessageFacts | None:
        """Returns what the room remembers of a message; ``None``: ask the store."""
        return self._recent.get(message)

    def is_closing(self, poll: str) -> bool:
        """Whether a poll's end is on its way to the store."""
        return poll in self._closing

    def append(
        self,
        member: Member,
        event: LogEvent,
        cid: str,
        audience: frozenset[str] | None,
        now: float,
    ) -> Effects:
        """Asks the store to keep an event of ``member``, for these principals to see."""
        self.under_way += 1
        if isinstance(event, CloseEvent):
            self._closing.add(event.id)
        at = int(now * 1000)
        draft = Draft(event, member.stamp(), member.principal, cid, at, audience)
        return [Append(draft, member.id)]

    def appended(self, effect: Append, stored: Stored) -> Effects:
        """The entry is durable: everyone in its audience hears of it, the sender gets an ack."""
        self.under_way -= 1
        draft = effect.draft
        if isinstance(draft.event, CloseEvent):
            self._closing.discard(draft.event.id)
        sender = self._roster.by_id(effect.participant)
        effects: Effects = []
        if not stored.duplicate:
            self._record.offset = max(self._record.offset, stored.offset)
            facts = self._remember(draft, stored)
            effects += self._fan_out(draft, stored, facts, sender)
        if sender is not None and sender.listening:
            ack = Ack(draft.cid, offset=stored.offset, at=stored.at)
            if not isinstance(stored.event, ClearEvent):
                ack.id = stored.event.id
            effects.append(Send((sender.connection,), ack))
        return effects

    def append_failed(self, effect: Append) -> Effects:
        """The entry was not kept: the sender hears of it, nobody else anything."""
        self.under_way -= 1
        if isinstance(effect.draft.event, CloseEvent):
            self._closing.discard(effect.draft.event.id)
        sender = self._roster.by_id(effect.participant)
        if sender is None:
            return []
        return refuse_member(
            sender,
            "not-kept",
            "The message could not be saved, so nobody got it. Try again in a moment.",
            effect.draft.cid,
        )

    def _fan_out(
        self, draft: Draft, stored: Stored, facts: MessageFacts, sender: Member | None
    ) -> Effects:
        event = LoggedEvent(stored.offset, stored.at, draft.by, stored.event)
        with_cid = LoggedEvent(stored.offset, stored.at, draft.by, stored.event, draft.cid)
        live = []
        effects: Effects = []
        for member in self._roster.audience(facts):
            mine = with_cid if member is sender else event
            if member.connection is None:
                continue
            if member.phase != "in":
                member.held.append(mine)
            elif stored.offset <= member.caught_up_to:
                continue  # the history of their welcome had it already
            elif member is sender:
                effects.append(Send((member.connection,), mine))
            else:
                live.append(member.connection)
        if live:
            effects.append(Send(tuple(live), event))
        return effects

    def _remember(self, draft: Draft, stored: Stored) -> MessageFacts:
        event = stored.event
        facts = MessageFacts(draft.author, draft.audience)
        if isinstance(event, ClearEvent):
            self._recent.clear()
        elif isinstance(event, MessageEvent):
            facts = replace(facts, poll=event.poll if event.poll is not UNSET else None)
            self._recent[event.id] = facts
            if len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)
        elif event.id in self._recent:
            known = self._recent[event.id]
            if isinstance(event, DeleteEvent):
                self._recent[event.id] = replace(known, deleted=True)
            elif isinstance(event, CloseEvent):
                self._recent[event.id] = replace(known, closed=True)
        return facts
