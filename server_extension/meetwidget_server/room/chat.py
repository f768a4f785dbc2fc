"""Chat: what may be said, about which message, to whom; and how it becomes durable.

Nothing is told to anyone before the store has it. The store also makes resends harmless: it
answers a known (author, ``cid``) with the entry it made the first time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import msgspec
from msgspec import UNSET

from meetwidget.wire.control import (
    Ack,
    ChatDelete,
    ChatEdit,
    ChatSend,
    ClearEvent,
    DeleteEvent,
    EditEvent,
    LogEvent,
    LoggedEvent,
    MessageEvent,
    ReactionEvent,
)

from .answers import not_allowed, refuse_member
from .effects import Append, Effects, Lookup, Referring, Send
from .members import Member, Roster
from .options import RoomOptions
from .permissions import may_delete, may_edit, may_see, may_speak
from .records import EVERYONE, Draft, MessageFacts, RoomRecord, Stored

REMEMBERED = 1024
"""Messages whose author the room knows without asking the store."""
_UNKNOWN = "That message is not here any more."


class Chat:
    """The rules of one room's log."""

    def __init__(
        self,
        record: RoomRecord,
        options: RoomOptions,
        roster: Roster,
        new_id: Callable[[str], str],
    ) -> None:
        self._record = record
        self._options = options
        self._roster = roster
        self._new_id = new_id
        self._recent: OrderedDict[str, MessageFacts] = OrderedDict()
        self.under_way = 0
        """Appends the store has not answered yet."""

    # -------------------------------------------------------------- saying

    def cost(self, message: Referring) -> float:
        """Returns what a message costs of the rate limit: large bundles cost more."""
        if not isinstance(message, ChatSend) or message.data is UNSET:
            return 1.0
        return 1.0 + len(msgspec.json.encode(message.data)) / (64 * 1024)

    def say(self, member: Member, message: Referring, now: float) -> Effects:
        """A member sends, edits, deletes or reacts."""
        if not may_speak(member.role):
            return not_allowed(member, "chat", message.cid)
        if isinstance(message, ChatSend | ChatEdit):
            problem = self._oversize(message)
            if problem:
                return refuse_member(member, "invalid-field", problem, message.cid)
        if isinstance(message, ChatSend):
            if not message.body and message.data is UNSET:
                return refuse_member(member, "invalid-field", "The message is empty.", message.cid)
            if message.reply_to is UNSET:
                return self._accept(member, message, None, now)
            about = message.reply_to
        else:
            about = message.id
        assert isinstance(about, str)
        facts = self._recent.get(about)
        if facts is None:
            return [Lookup(about, member.id, message)]
        return self._accept(member, message, facts, now)

    def looked_up(self, effect: Lookup, facts: MessageFacts | None, now: float) -> Effects:
        """The store knows, or does not know, the message spoken of."""
        member = self._roster.by_id(effect.participant)
        if member is None:
            return []
        if facts is None:
            return refuse_member(member, "not-found", _UNKNOWN, effect.message.cid)
        if not may_speak(member.role):  # it may have changed meanwhile
            return not_allowed(member, "chat", effect.message.cid)
        return self._accept(member, effect.message, facts, now)

    def clear(self, member: Member, cid: str, now: float) -> Effects:
        """A moderator clears the chat (the caller has checked the role)."""
        return self._append(member, ClearEvent(), cid, EVERYONE, now)

    def _oversize(self, message: ChatSend | ChatEdit) -> str | None:
        size = len(message.body.encode())
        if size > self._options.body_bytes:
            return f"The message has {size} bytes; {self._options.body_bytes} are allowed."
        if isinstance(message, ChatSend) and message.data is not UNSET:
            size = len(msgspec.json.encode(message.data))
            if size > self._options.data_bytes:
                return f"The data has {size} bytes; {self._options.data_bytes} are allowed."
        return None

    def _accept(
        self, member: Member, message: Referring, facts: MessageFacts | None, now: float
    ) -> Effects:
        """Checks what is said against the message it is about, and drafts the entry."""
        cid = message.cid
        # Who may not see a message is not told that it exists. A deleted one can only be
        # deleted again, so that a resent delete gets its acknowledgement.
        if facts is not None and (
            not may_see(member.principal, facts)
            or (facts.deleted and not isinstance(message, ChatDelete))
        ):
            return refuse_member(member, "not-found", _UNKNOWN, cid)
        if isinstance(message, ChatSend):
            return self._send(member, message, now)
        assert facts is not None
        event: LogEvent
        if isinstance(message, ChatEdit):
            if not may_edit(member.user, member.kind, facts):
                return not_allowed(member, "edit that message", cid)
            event = EditEvent(message.id, message.body)
        elif isinstance(message, ChatDelete):
            if not may_delete(member.user, member.kind, member.role, facts):
                return not_allowed(member, "delete that message", cid)
            event = DeleteEvent(message.id)
        else:
            event = ReactionEvent(message.id, message.emoji, message.on)
        return self._append(member, event, cid, facts.audience, now)

    def _send(self, member: Member, message: ChatSend, now: float) -> Effects:
        audience = EVERYONE
        if isinstance(message.to, list):
            readers = {member.principal}
            for participant in message.to:
                reader = self._roster.by_id(participant)
                if reader is None:
                    return refuse_member(
                        member,
                        "not-found",
                        "Somebody you wrote to is not here any more.",
                        message.cid,
                    )
                readers.add(reader.principal)
            audience = frozenset(readers)
        event = MessageEvent(
            self._new_id("message"),
            message.body,
            message.reply_to,
            message.to,
            data=message.data,
        )
        return self._append(member, event, message.cid, audience, now)

    # ------------------------------------------------------------- keeping

    def _append(
        self,
        member: Member,
        event: LogEvent,
        cid: str,
        audience: frozenset[str] | None,
        now: float,
    ) -> Effects:
        self.under_way += 1
        at = int(now * 1000)
        draft = Draft(event, member.stamp(), member.principal, cid, at, audience)
        return [Append(draft, member.id)]

    def appended(self, effect: Append, stored: Stored) -> Effects:
        """The entry is durable: everyone in its audience hears of it, the sender gets an ack."""
        self.under_way -= 1
        draft = effect.draft
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
            self._recent[event.id] = facts
            if len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)
        elif isinstance(event, DeleteEvent) and event.id in self._recent:
            known = self._recent[event.id]
            self._recent[event.id] = MessageFacts(known.author, known.audience, deleted=True)
        return facts
