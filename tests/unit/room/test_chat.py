"""Chat: permission by the stamp, privacy, durability first."""

from __future__ import annotations

import pytest
from meetwidget_server.room import Append, RoomOptions
from meetwidget_server.room.ledger import REMEMBERED

from meetwidget.wire.control import (
    Ack,
    ChatDelete,
    ChatEdit,
    ChatReact,
    ChatSend,
    DeleteEvent,
    EditEvent,
    Error,
    LoggedEvent,
    MessageEvent,
    Moderate,
    ReactionEvent,
)
from tests.unit.room.stage import Peer, Stage


def ids(peer: Peer) -> list[str]:
    return [error.cid for error in peer.of(Error) if isinstance(error.cid, str)]


def test_message_reaches_everyone_with_stamp_and_offset() -> None:
    """All get the event with the relay's stamp; only the sender sees the cid, and gets an ack."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    ada.say(ChatSend("c-1", "hello"))
    (mine,), (theirs,) = ada.of(LoggedEvent), bob.of(LoggedEvent)
    assert (mine.offset, theirs.offset) == (1, 1)
    assert mine.cid == "c-1"
    assert not isinstance(theirs.cid, str)
    assert theirs.by.id == ada.id
    assert theirs.by.kind == "person"
    assert theirs.at == int(stage.now * 1000)
    assert isinstance(theirs.event, MessageEvent)
    ack = ada.last(Ack)
    assert (ack.cid, ack.id, ack.offset, ack.at) == ("c-1", theirs.event.id, 1, theirs.at)
    assert bob.of(Ack) == []


def test_nothing_is_told_before_it_is_kept() -> None:
    """Neither ack nor event exist while the store writes."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    stage.held = []
    ada.say(ChatSend("c-1", "hello"))
    assert bob.bodies() == ada.bodies() == []
    assert ada.of(Ack) == []
    stage.release()
    assert bob.bodies() == ada.bodies() == ["hello"]


def test_unkept_message_is_told_to_its_sender_alone() -> None:
    """`not-kept` with the cid; nobody else learns of it and the next message is kept."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    effects = stage.room.message(ada.connection, ChatSend("c-1", "lost"), stage.now)
    (append,) = effects
    assert isinstance(append, Append)
    stage.perform(stage.room.append_failed(append, stage.now))
    assert ada.errors() == ["not-kept"]
    assert ids(ada) == ["c-1"]
    ada.chat("kept")
    assert bob.bodies() == ["kept"]


def test_resent_cid_is_acknowledged_again_and_told_once() -> None:
    """The same cid gives the same ack, and no second event."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    first = ada.chat("once", cid="c-1")
    ada.drop()
    again = stage.resume(ada)
    assert again.chat("once", cid="c-1") == first
    assert again.last(Ack).offset == 1
    assert bob.bodies() == ["once"]
    assert again.bodies() == []


def test_same_cid_of_another_user_is_another_message() -> None:
    """A cid belongs to who sends it; so does a kernel's with its owner's name."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    kernel = stage.join("ada", "kernel")
    sent = {peer.chat("x", cid="c-1") for peer in (ada, bob, kernel)}
    assert len(sent) == 3


def test_only_the_author_edits_and_moderators_delete() -> None:
    """Rights come from the stamp of the message and the role of the asker."""
    stage = Stage()
    owner, bob, eve = stage.join("ada"), stage.join("bob"), stage.join("eve")
    message = bob.chat("draft")
    eve.say(ChatEdit("c-1", message, "forged"))
    owner.say(ChatEdit("c-2", message, "forged"))
    eve.say(ChatDelete("c-3", message))
    assert eve.errors() == ["not-allowed", "not-allowed"]
    assert ids(eve) == ["c-1", "c-3"]
    assert owner.errors() == ["not-allowed"]
    bob.say(ChatEdit("c-4", message, "final"))
    assert EditEvent(message, "final") in eve.events()
    owner.say(ChatDelete("c-5", message))
    assert eve.events()[-1] == DeleteEvent(message)
    bob.say(ChatEdit("c-6", message, "too late"))
    assert bob.errors() == ["not-found"]


def test_author_is_known_on_their_other_device() -> None:
    """Permission is the user's, not the connection's."""
    stage = Stage()
    stage.join("owner")
    one = stage.join("bob")
    message = one.chat("draft")
    other = stage.join("bob")
    other.say(ChatEdit("c-1", message, "final"))
    assert other.errors() == []


def test_kernel_cannot_edit_its_owners_words() -> None:
    """A person edits what their kernel said, never the reverse."""
    stage = Stage()
    ada, kernel = stage.join("ada"), stage.join("ada", "kernel")
    hers, its = ada.chat("mine"), kernel.chat("output")
    kernel.say(ChatEdit("c-1", hers, "forged"))
    kernel.say(ChatDelete("c-2", hers))
    assert kernel.errors() == ["not-allowed", "not-allowed"]
    ada.say(ChatEdit("c-3", its, "output, trimmed"))
    assert ada.errors() == []


def test_reactions_go_on_messages_that_exist() -> None:
    """On and off for anyone; an id that nobody made is not found, with the cid."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    message = ada.chat("hello")
    bob.say(ChatReact("c-1", message, "👍", on=True))
    assert ada.events()[-1] == ReactionEvent(message, "👍", on=True)
    bob.say(ChatReact("c-2", "message-none", "👍", on=True))
    bob.say(ChatEdit("c-3", "message-none", "x"))
    bob.say(ChatDelete("c-4", "message-none"))
    bob.say(ChatSend("c-5", "re", reply_to="message-none"))
    assert bob.errors() == ["not-found"] * 4
    assert ids(bob) == ["c-2", "c-3", "c-4", "c-5"]


def test_old_messages_are_looked_up() -> None:
    """Beyond what the room remembers, the store is asked, and the same rules hold."""
    stage = Stage(RoomOptions(messages_burst=5000))
    ada, bob = stage.join("ada"), stage.join("bob")
    old = ada.chat("old")
    for number in range(REMEMBERED):
        ada.chat(str(number))
    stage.held = []
    ada.say(ChatEdit("c-1", old, "new"))
    bob.say(ChatEdit("c-2", old, "forged"))
    assert len(stage.held) == 2
    stage.release()
    assert EditEvent(old, "new") in bob.events()
    assert bob.errors() == ["not-allowed"]


def test_role_taken_during_a_lookup_counts() -> None:
    """Rights are those of the moment when the message would be kept."""
    stage = Stage(RoomOptions(messages_burst=5000))
    owner, bob = stage.join("owner"), stage.join("bob")
    old = bob.chat("old")
    for number in range(REMEMBERED):
        bob.chat(str(number))
    stage.held = []
    bob.say(ChatEdit("c-1", old, "new"))
    owner.say(Moderate("c-2", "role", bob.id, "observer"))
    stage.release()
    assert bob.errors() == ["not-allowed"]


def test_private_message_reaches_its_recipients_users_only() -> None:
    """Sender and recipients on all their devices; others get nothing, live or later."""
    stage = Stage()
    ada, bob, eve = stage.join("ada"), stage.join("bob"), stage.join("eve")
    bobs_phone = stage.join("bob")
    bobs_kernel = stage.join("bob", "kernel")
    message = ada.chat("secret", to=[bob.id])
    assert ada.bodies() == bob.bodies() == bobs_phone.bodies() == ["secret"]
    assert eve.inbox[-1] is not None
    assert eve.bodies() == bobs_kernel.bodies() == []
    bob.say(ChatReact("c-1", message, "🤫", on=True))
    bob.say(ChatSend("c-2", "ok", reply_to=message, to=[ada.id]))
    assert len(ada.events()) == 3
    assert eve.of(LoggedEvent) == []
    later = stage.join("eve")
    assert later.welcome.events == []
    assert len(stage.join("bob").welcome.events) == 3


def test_private_message_is_not_found_by_others() -> None:
    """Who may not read a message cannot touch it either, moderators included, nor learn that it exists."""
    stage = Stage()
    owner, ada, bob = stage.join("owner"), stage.join("ada"), stage.join("bob")
    message = ada.chat("secret", to=[bob.id])
    owner.say(ChatDelete("c-1", message))
    owner.say(ChatReact("c-2", message, "👀", on=True))
    owner.say(ChatSend("c-3", "what?", reply_to=message))
    assert owner.errors() == ["not-found"] * 3


def test_private_message_to_nobody_there_is_refused() -> None:
    """One unknown recipient and nothing is sent."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    ada.say(ChatSend("c-1", "secret", to=[bob.id, "participant-none"]))
    assert ada.errors() == ["not-found"]
    assert bob.bodies() == []


@pytest.mark.parametrize(
    "message",
    [
        ChatSend("c-1", "é" * 40),
        ChatSend("c-1", "x", data={"text/plain": "y" * 200}),
        ChatSend("c-1", ""),
    ],
    ids=["body-in-bytes", "data", "empty"],
)
def test_size_is_counted_in_bytes(message: ChatSend) -> None:
    """Body and data have limits in bytes of UTF-8; nothing at all is no message."""
    stage = Stage(RoomOptions(body_bytes=79, data_bytes=199))
    ada = stage.join("ada")
    ada.say(message)
    assert ada.errors() == ["invalid-field"]
    assert ids(ada) == ["c-1"]
    ada.chat("é" * 39, data={"a": "b"})
    assert len(ada.bodies()) == 1


def test_observers_only_read() -> None:
    """An observer's chat is refused by role, a role given while a lookup runs included."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    message = bob.chat("hello")
    owner.say(Moderate("c-0", "role", bob.id, "observer"))
    bob.say(ChatSend("c-1", "may I?"))
    bob.say(ChatReact("c-2", message, "👍", on=True))
    assert bob.errors() == ["not-allowed"] * 2
    owner.chat("no")
    assert "no" in bob.bodies()


def test_clear_is_kept_and_hides_what_came_before() -> None:
    """A moderator clears by a durable event; members cannot."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    bob.chat("noise")
    bob.say(Moderate("c-1", "clear"))
    assert bob.errors() == ["not-allowed"]
    owner.say(Moderate("c-2", "clear"))
    assert owner.last(Ack).offset == 2
    assert bob.last(LoggedEvent).offset == 2


def test_resent_delete_is_acknowledged() -> None:
    """A delete whose ack was lost can be sent again, though the message is gone by then."""
    stage = Stage()
    ada = stage.join("ada")
    message = ada.chat("oops")
    ada.say(ChatDelete("c-1", message))
    ada.drop()
    again = stage.resume(ada)
    again.say(ChatDelete("c-1", message))
    assert again.last(Ack).offset == 2
    assert again.errors() == []


def test_words_of_one_who_left_are_told() -> None:
    """What was said before leaving reaches the others, though nobody is there to acknowledge it to."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    stage.held = []
    ada.say(ChatSend("c-1", "bye"))
    ada.drop(1000)
    stage.release()
    assert bob.bodies() == ["bye"]
