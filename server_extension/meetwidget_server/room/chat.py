"""Chat: what may be said, about which message, to whom."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import UNSET

from meetwidget.wire.control import (
    ChatClose,
    ChatDelete,
    ChatEdit,
    ChatPin,
    ChatReact,
    ChatSend,
    ChatVote,
    ClearEvent,
    CloseEvent,
    DeleteEvent,
    EditEvent,
    FileRef,
    LogEvent,
    MessageEvent,
    PinEvent,
    ReactionEvent,
    User,
    VoteEvent,
)

from .answers import not_allowed, refuse_member
from .effects import Effects, FindFiles, Lookup, Referring
from .ledger import Ledger
from .members import Member, Roster
from .options import RoomOptions
from .permissions import (
    may_close,
    may_delete,
    may_edit,
    may_moderate,
    may_see,
    may_speak,
)
from .records import EVERYONE, MessageFacts

_UNKNOWN = "That message is not here any more."
_NO_POLL = "That message is no poll."
_PRIVATE_PIN = "Only messages to everybody can be pinned."
_NO_FILE = "A file of this message is not here any more; attach it again."


class Chat:
    """The rules of one room's log."""

    def __init__(
        self,
        options: RoomOptions,
        roster: Roster,
        ledger: Ledger,
        new_id: Callable[[str], str],
    ) -> None:
        self._options = options
        self._roster = roster
        self._ledger = ledger
        self._new_id = new_id

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
            problem = self._unfit(message)
            if problem:
                return refuse_member(member, "invalid-field", problem, message.cid)
            if message.reply_to is UNSET:
                return self._accept(member, message, None, now)
            about = message.reply_to
        else:
            about = message.id
        assert isinstance(about, str)
        facts = self._ledger.facts(about)
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
        return self._ledger.append(member, ClearEvent(), cid, EVERYONE, now)

    def _oversize(self, message: ChatSend | ChatEdit) -> str | None:
        size = len(message.body.encode())
        if size > self._options.body_bytes:
            return f"The message has {size} bytes; {self._options.body_bytes} are allowed."
        if isinstance(message, ChatSend) and message.data is not UNSET:
            size = len(msgspec.json.encode(message.data))
            if size > self._options.data_bytes:
                return f"The data has {size} bytes; {self._options.data_bytes} are allowed."
        return None

    def _unfit(self, message: ChatSend) -> str | None:
        if message.poll is not UNSET and not message.body.strip():
            return "A poll needs a question."
        if not message.body and message.data is UNSET and message.files is UNSET:
            return "The message is empty."
        if message.files is not UNSET and not self._options.file_bytes:
            return "This relay keeps no files."
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
            if message.files is not UNSET:
                return [FindFiles(member.principal, member.id, message)]
            return self._send(member, message, None, now)
        assert facts is not None
        event: LogEvent
        match message:
            case ChatEdit():
                if not may_edit(member.user, member.kind, facts):
                    return not_allowed(member, "edit that message", cid)
                event = EditEvent(message.id, message.body)
            case ChatDelete():
                if not may_delete(member.user, member.kind, member.role, facts):
                    return not_allowed(member, "delete that message", cid)
                event = DeleteEvent(message.id)
            case ChatReact():
                event = ReactionEvent(message.id, message.emoji, message.on)
            case ChatPin():
                if not may_moderate(member.role):
                    return not_allowed(member, "pin messages", cid)
                if facts.audience is not EVERYONE:
                    return refuse_member(member, "not-allowed", _PRIVATE_PIN, cid)
                event = PinEvent(message.id, message.on)
            case ChatClose():
                if facts.poll is None:
                    return refuse_member(member, "not-found", _NO_POLL, cid)
                if not may_close(member.user, member.kind, member.role, facts):
                    return not_allowed(member, "close that poll", cid)
                event = CloseEvent(message.id)
            case ChatVote():
                problem = self._invalid_vote(message, facts)
                if problem:
                    return refuse_member(member, *problem, cid)
                event = VoteEvent(message.id, sorted(set(message.options)))
        return self._ledger.append(member, event, cid, facts.audience, now)

    def _invalid_vote(self, vote: ChatVote, facts: MessageFacts) -> tuple[str, str] | None:
        """Returns what is wrong with a vote: code and sentence."""
        poll = facts.poll
        if poll is None:
            return "not-found", _NO_POLL
        # One that is just being closed counts as closed: nobody is told "voted" in vain.
        if facts.closed or self._ledger.is_closing(vote.id):
            return "closed", "That poll is closed."
        if any(option >= len(poll.options) for option in vote.options):
            return "invalid-field", f"That poll has {len(poll.options)} options."
        if len(set(vote.options)) > 1 and not poll.multiple:
            return "invalid-field", "Choose one option of that poll."
        return None

    def files_found(self, effect: FindFiles, refs: list[FileRef] | None, now: float) -> Effects:
        """The store knows the files of a message, or (``None``) they are not the sender's to send."""
        member = self._roster.by_id(effect.participant)
        if member is None:
            return []
        if refs is None:
            return refuse_member(member, "not-found", _NO_FILE, effect.message.cid)
        if not may_speak(member.role):  # it may have changed meanwhile
            return not_allowed(member, "chat", effect.message.cid)
        return self._send(member, effect.message, refs, now)

    def _send(
        self, member: Member, message: ChatSend, files: list[FileRef] | None, now: float
    ) -> Effects:
        audience = EVERYONE
        named: dict[str, User] = {}
        if isinstance(message.to, list):
            for participant in message.to:
                reader = self._roster.by_id(participant)
                if reader is None:
                    return refuse_member(
                        member,
                        "not-found",
                        "Somebody you wrote to is not here any more.",
                        message.cid,
                    )
                named[reader.principal] = reader.user
            audience = frozenset({member.principal, *named})
            named.pop(member.principal, None)
        event = MessageEvent(
            self._new_id("message"),
            message.body,
            message.reply_to,
            message.to,
            list(named.values()) if audience is not EVERYONE else UNSET,
            message.data,
            message.poll,
            files if files is not None else UNSET,
            message.mentions or UNSET,
            message.location,
        )
        return self._ledger.append(member, event, message.cid, audience, now)
