"""The door: who comes in at once, who waits, who is sent away, and what a waiting person learns."""

from __future__ import annotations

import pytest
from meetwidget_server.room import Room, RoomOptions, RoomRecord, Standing

from meetwidget.wire import control
from meetwidget.wire.control import (
    Access,
    Ack,
    Bye,
    ChatSend,
    Error,
    Goodbye,
    InvalidField,
    Lobby,
    Moderate,
    Ping,
    Pong,
    Waiting,
    Welcome,
)
from tests.unit.room.stage import Peer, Stage

PASSES = Standing(role="moderator", passes=True)
WAITS = Standing(waits=True)


def record(access: Access = "lobby", **fields: object) -> RoomRecord:
    """A room that has an owner."""
    known = RoomRecord("lab", "epoch-1", access=access, roles={"owner": "owner"})
    for name, value in fields.items():
        setattr(known, name, value)
    return known


def turned_away(peer: Peer) -> str | None:
    """The code with which somebody was sent away with 4403, if they were."""
    if peer.closed is None or peer.closed[0] != 4403 or peer.of(Welcome):
        return None
    assert peer.last(Bye).reconnect is False
    assert peer.last(Error).message.endswith(".")
    return peer.errors()[-1]


# ------------------------------------------------------------------ who comes in


def test_newcomers_wait_until_a_moderator_lets_them_in() -> None:
    """In a lobby room a newcomer waits, moderators see them, and admitting welcomes them."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    assert bob.waits
    assert owner.lobby() == ["bob"]
    assert not stage.room.holds("person:bob")
    owner.let_in(bob)
    assert bob.welcome.you.user.name == "bob"
    assert owner.lobby() == []
    assert owner.of(control.ParticipantJoined)[-1].participant.id == bob.id
    assert stage.room.holds("person:bob")


def test_the_id_in_the_list_is_the_participants() -> None:
    """Who is admitted keeps the id under which moderators saw them."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    listed = owner.last(Lobby).waiting[0].id
    owner.let_in(bob)
    assert bob.id == listed


def test_denied_means_away() -> None:
    """Who is denied hears so and is closed with 4403; the list is empty again."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.let_in(bob, "deny")
    assert turned_away(bob) == "denied"
    assert owner.lobby() == []
    assert owner.of(Ack)


def test_nobody_is_admitted_twice() -> None:
    """Of two moderators who admit the same person, the second hears that nobody waits."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    other = stage.join("hub", standing=PASSES)
    waiting = owner.last(Lobby).waiting[0].id
    owner.say(Moderate("c-1", "admit", waiting))
    other.say(Moderate("c-2", "admit", waiting))
    other.say(Moderate("c-3", "deny", waiting))
    assert other.errors() == ["not-found", "not-found"]
    assert len(bob.of(Welcome)) == 1


def test_members_admit_nobody() -> None:
    """Without the right to moderate, a waiting person stays waiting."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.let_in(bob)
    eve = stage.join("eve")
    waiting = owner.last(Lobby).waiting[0].id
    bob.say(Moderate("c-1", "admit", waiting))
    assert bob.errors() == ["not-allowed"]
    assert eve.waits
    assert bob.of(Lobby) == []


@pytest.mark.parametrize("access", ["invited", "private"])
def test_who_is_not_invited_is_sent_away(access: Access) -> None:
    """Rooms for invited people let in those, moderators, and nobody else."""
    stage = Stage(record=record(access, invited={"bob"}))
    assert turned_away(stage.join("eve")) == "not-invited"
    assert turned_away(stage.join("eve", "kernel")) == "not-invited"
    assert turned_away(stage.join("eve", standing=WAITS)) == "not-invited"
    assert stage.join("bob").of(Welcome)
    assert stage.join("owner").of(Welcome)
    assert stage.join("hub", standing=PASSES).of(Welcome)


@pytest.mark.parametrize("access", ["lobby", "invited", "private"])
def test_expected_people_do_not_wait(access: Access) -> None:
    """Moderators of the room or by the rules, and invited users, come in past every access."""
    known = record(access, invited={"ada"}, roles={"owner": "owner", "mod": "moderator"})
    stage = Stage(record=known)
    for name, standing in (
        ("ada", WAITS),
        ("mod", WAITS),
        ("hub", PASSES),
        ("teacher", Standing(role="moderator")),
    ):
        assert stage.join(name, standing=standing).of(Welcome), name


def test_a_kernel_comes_in_where_its_person_would() -> None:
    """Kernels of moderators and invited users enter; others wait like everybody."""
    stage = Stage(record=record("lobby", invited={"ada"}))
    assert stage.join("owner", "kernel").of(Welcome)
    assert stage.join("ada", "kernel").of(Welcome)
    assert stage.join("bob", "kernel").waits


def test_no_name_in_the_record_means_a_guest() -> None:
    """A guest who calls themself like the owner or an invited user gets nothing by it."""
    stage = Stage(record=record("invited", invited={"ada"}))
    for name in ("owner", "ada"):
        guest = stage.join(name, "guest", standing=PASSES)
        assert guest.waits
    stage = Stage(record=record("open", locked=True))
    assert turned_away(stage.join("owner", "guest", standing=PASSES)) == "room-locked"


def test_a_capped_credential_passes_nothing() -> None:
    """A token that others can read does not bring a moderator in past the waiting room."""
    capped = Standing(most="member", may_own=False)
    assert Stage(record=record()).join("owner", standing=capped).waits
    stage = Stage(record=record("private"))
    assert turned_away(stage.join("owner", standing=capped)) == "not-invited"
    stage = Stage(record=record("open", locked=True))
    assert turned_away(stage.join("owner", standing=capped)) == "room-locked"


def test_rules_make_people_wait_in_open_rooms() -> None:
    """Whom the host's rules make wait does so even where the room is open."""
    stage = Stage(record=record("open"))
    owner = stage.join("owner")
    assert stage.join("eve").of(Welcome)
    bob = stage.join("bob", standing=WAITS)
    assert bob.waits
    owner.let_in(bob)
    assert bob.of(Welcome)


def test_who_opens_a_new_room_does_not_wait() -> None:
    """The first person of a new room becomes its owner at once; the next one waits for them."""
    stage = Stage()
    stage.held = []
    ada, bob = stage.join("ada", standing=WAITS), stage.join("bob", standing=WAITS)
    stage.release()
    assert ada.welcome.you.role == "owner"
    assert stage.saved[-1].creator == "ada"
    assert bob.waits


def test_who_may_not_own_waits_in_a_new_room() -> None:
    """Nobody comes in past the rules only because nobody is there."""
    stage = Stage()
    stranger = stage.join("eve", standing=Standing(waits=True, may_own=False))
    guest = stage.join("guest-1", "guest", standing=WAITS)
    assert stranger.waits
    assert guest.waits
    assert not stage.room.empty


def test_guests_knock_where_others_need_an_invitation() -> None:
    """A link holder may wait before an invited or private room, and is a member at most."""
    stage = Stage(record=record("private"))
    owner = stage.join("owner")
    guest = stage.join("guest-1", "guest", standing=Standing(role="owner"))
    assert guest.waits
    owner.let_in(guest)
    assert guest.welcome.you.role == "member"
    assert guest.welcome.rights == control.Rights(True, True, False, False)


def test_who_was_in_does_not_wait_again() -> None:
    """Coming back is free while the room is alive; for guests, whose names prove nothing, not."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    guest = stage.join("guest-1", "guest")
    owner.let_in(bob)
    owner.let_in(guest)
    bob.say(Goodbye())
    guest.say(Goodbye())
    assert stage.join("bob").of(Welcome)
    assert stage.join("guest-1", "guest").waits


def test_a_lock_holds_for_invited_people_but_not_for_moderators() -> None:
    """Locked means nobody new, except moderators in person."""
    stage = Stage(record=record("lobby", locked=True, invited={"ada"}))
    assert turned_away(stage.join("ada")) == "room-locked"
    assert turned_away(stage.join("bob")) == "room-locked"
    assert turned_away(stage.join("owner", "kernel")) == "room-locked"
    assert stage.join("hub", standing=PASSES).of(Welcome)
    assert stage.join("owner").of(Welcome)


def test_the_waiting_room_has_a_bound() -> None:
    """More than the limit do not wait; they are told that it is full."""
    stage = Stage(RoomOptions(waiting=2), record())
    stage.join("a")
    stage.join("b")
    assert turned_away(stage.join("c")) == "room-full"


def test_a_full_room_is_no_reason_to_lose_ones_place() -> None:
    """Admitting into a full room is refused, and the person goes on waiting until there is room."""
    stage = Stage(RoomOptions(participants=2), record())
    owner, mod = stage.join("owner"), stage.join("hub", standing=PASSES)
    assert turned_away(stage.join("early")) == "room-full"
    mod.say(Goodbye())
    bob = stage.join("bob")
    again = stage.join("hub", standing=PASSES)
    owner.let_in(bob)
    assert owner.errors() == ["room-full"]
    assert bob.waits
    owner.set_room(access="open")
    assert bob.waits
    again.say(Goodbye())
    stage.later(0.2)
    assert bob.of(Welcome)


def test_connections_of_one_user_are_limited() -> None:
    """Nobody fills a room or its waiting room alone; a resume does not count twice."""
    stage = Stage(RoomOptions(connections_per_user=2), record("open"))
    first, _ = stage.join("bob"), stage.join("bob")
    assert turned_away(stage.join("bob")) == "too-many"
    assert stage.join("bob", "kernel").of(Welcome)
    first.drop()
    assert stage.resume(first).of(Welcome)
    stage = Stage(RoomOptions(connections_per_user=2), record())
    assert [stage.join("eve").waits for _ in range(3)] == [True, True, False]


# ----------------------------------------------------------- while they wait


def test_waiting_tells_only_what_stands_at_the_door() -> None:
    """Name, title, lock and access; neither the log's state nor who is invited."""
    stage = Stage(record=record("lobby", title="Physics", invited={"ada"}, offset=7))
    bob = stage.join("bob")
    assert bob.last(Waiting).room == control.RoomInfo(
        "lab", "Physics", False, "", 0, "lobby", control.RoomInfo("", "", False, "", 0).invited
    )


def test_nothing_said_in_the_room_reaches_who_waits() -> None:
    """Whatever happens inside, somebody who waits receives no message at all."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    before = list(bob.log)
    ada = stage.join("owner")
    stream = ada.publish()
    owner.chat("secret")
    owner.say(control.SendReaction("👍"))
    owner.say(control.ChatTyping(True))
    owner.say(control.SetState(hand=True))
    owner.say(control.SendSignal(owner.last(Lobby).waiting[0].id, {"sdp": 1}))
    owner.watch(stream, 360)
    owner.set_room(title="Other")
    owner.say(Moderate("c-9", "lock"))
    ada.say(Goodbye())
    assert bob.log == before
    assert owner.errors() == ["not-found"]


def test_only_goodbye_and_ping_are_heard() -> None:
    """Everything else is refused as not joined, with its cid, and changes nothing."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    bob.say(Ping(3.0))
    assert bob.last(Pong).t == 3.0
    bob.say(ChatSend("c-1", "hello?"))
    bob.say(Moderate("c-2", "admit", owner.last(Lobby).waiting[0].id))
    bob.say(control.SetRoom("c-3", access="open"))
    bob.say(control.Publish("c-4", "camera", [control.RenditionOffer("vp8")]))
    assert bob.errors() == ["not-joined"] * 4
    assert [error.cid for error in bob.of(Error)] == ["c-1", "c-2", "c-3", "c-4"]
    assert stage.log.entries == []
    assert bob.waits
    bob.say(Goodbye())
    assert bob.closed == (1000, "Goodbye.")
    assert owner.lobby() == []


def test_who_waits_and_shouts_is_closed() -> None:
    """The pace of messages is limited before the door as it is inside."""
    stage = Stage(RoomOptions(messages_burst=2), record())
    owner, bob = stage.join("owner"), stage.join("bob")
    for _ in range(12):
        bob.say(Ping(1.0))
    assert bob.closed is not None
    assert bob.closed[0] == 4429
    assert "too-fast" in bob.errors()
    assert owner.lobby() == []


def test_garbage_from_who_waits() -> None:
    """A wrong field is answered; what is no message closes with 4400 and empties the list."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    wrong = InvalidField("chat.send: no body", "c-1")
    stage.perform(stage.room.unreadable(bob.connection, wrong, stage.now))
    assert bob.last(Error).cid == "c-1"
    assert bob.waits
    stage.perform(stage.room.unreadable(bob.connection, control.BadFrame("no"), stage.now))
    assert bob.closed is not None
    assert bob.closed[0] == 4400
    assert owner.lobby() == []


def test_who_goes_is_off_the_list() -> None:
    """A lost connection ends the wait at once; the same person may come anew."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    bob.drop()
    assert owner.lobby() == []
    assert stage.join("bob").waits
    assert owner.lobby() == ["bob"]


def test_a_waiting_media_token_opens_nothing() -> None:
    """There is no session before the welcome, so no media socket either."""
    stage = Stage(record=record())
    stage.join("owner")
    bob = stage.join("bob")
    assert bob.session == ""
    assert stage.room.open_media(bob.session, "socket", (), stage.now) == (None, [])


def test_the_list_is_in_order_of_arrival_and_shown_after_the_welcome() -> None:
    """A moderator who comes later sees who waits already; no list means that nobody does."""
    stage = Stage(record=record())
    for name in ("ada", "bob", "eve"):
        stage.join(name)
    owner = stage.join("owner")
    assert isinstance(owner.inbox[0], Welcome)
    assert owner.lobby() == ["ada", "bob", "eve"]
    owner.let_in(stage.peers[list(stage.peers)[1]])
    owner.drop()
    again = stage.resume(owner)
    assert again.lobby() == ["ada", "eve"]


def test_a_restarting_relay_says_so_to_who_waits() -> None:
    """They are told to come back; after the restart they simply say hello again."""
    stage = Stage(record=record())
    bob = stage.join("bob")
    stage.perform(stage.room.shutdown(stage.now))
    assert bob.last(Bye).reconnect
    assert bob.closed is not None
    assert bob.closed[0] == 1012


def test_the_room_is_kept_while_somebody_waits() -> None:
    """A room with only waiting people is not empty; when they are gone, it is."""
    stage = Stage(record=record())
    bob = stage.join("bob")
    assert not stage.room.empty
    assert stage.room.participants == []
    bob.drop()
    assert stage.room.empty


# ------------------------------------------------------------------- removal


def test_removed_people_stay_out_with_everything_they_have() -> None:
    """All devices and kernels of a removed person go, and none of them comes back."""
    stage = Stage()
    owner, bob, phone = stage.join("owner"), stage.join("bob"), stage.join("bob")
    kernel, other = stage.join("bob", "kernel"), stage.join("eve", "kernel")
    owner.say(Moderate("c-1", "remove", bob.id))
    for gone in (bob, phone, kernel):
        assert gone.closed is not None
        assert gone.closed[0] == 4410
        assert gone.last(control.Moderated).target == gone.id
    assert other.closed is None
    assert turned_away(stage.join("bob")) == "removed"
    assert turned_away(stage.join("bob", "kernel")) == "removed"


def test_a_removed_kernel_leaves_its_person_alone() -> None:
    """Removing a kernel keeps out that user's kernels only."""
    stage = Stage()
    owner, bob, kernel = stage.join("owner"), stage.join("bob"), stage.join("bob", "kernel")
    owner.say(Moderate("c-1", "remove", kernel.id))
    assert bob.closed is None
    assert turned_away(stage.join("bob", "kernel")) == "removed"
    assert stage.join("bob").of(Welcome)


def test_an_invitation_lifts_a_removal() -> None:
    """A moderator invites somebody back; uninviting in the same breath does not."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.say(Moderate("c-1", "remove", bob.id))
    owner.set_room(invite=["bob"], uninvite=["bob"])
    assert turned_away(stage.join("bob")) == "removed"
    owner.set_room(invite=["bob"])
    assert stage.join("bob").of(Welcome)


def test_who_was_removed_waits_again() -> None:
    """Having been in does not count any more, even after the removal was lifted."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.let_in(bob)
    owner.say(Moderate("c-1", "remove", bob.id))
    owner.set_room(invite=["bob"])
    owner.set_room(uninvite=["bob"])
    assert stage.join("bob").waits


def test_removal_ends_with_the_room() -> None:
    """It is remembered while anybody is there, and no longer."""
    stage = Stage()
    owner, guest = stage.join("owner"), stage.join("guest-1", "guest")
    owner.say(Moderate("c-1", "remove", guest.id))
    assert turned_away(stage.join("guest-1", "guest")) == "removed"
    owner.say(Goodbye())
    assert stage.room.empty
    stage.room = Room(stage.saved[-1], RoomOptions(), stage.fresh, lambda frames: b"".join(frames))
    assert stage.join("guest-1", "guest").of(Welcome)


def test_removal_reaches_who_still_waits() -> None:
    """A second device of theirs before the door is sent away, too."""
    stage = Stage(record=record())
    owner, first = stage.join("owner"), stage.join("guest-1", "guest")
    owner.let_in(first)
    second = stage.join("guest-1", "guest")
    assert second.waits
    owner.say(Moderate("c-1", "remove", first.id))
    assert turned_away(second) == "removed"
    assert owner.lobby() == []


def test_moderators_of_the_rules_cannot_be_kept_out() -> None:
    """An owner may remove a hub's moderator from the room, who comes back at will."""
    stage = Stage()
    owner, hub = stage.join("owner"), stage.join("hub", standing=PASSES)
    owner.say(Moderate("c-1", "remove", hub.id))
    assert hub.closed is not None
    assert stage.join("hub", standing=PASSES).of(Welcome)
    assert turned_away(stage.join("hub")) == "removed"


def test_an_owner_is_not_removed_through_a_device_with_less() -> None:
    """Who moderates cannot reach somebody above them by way of a capped connection of theirs."""
    roles = {"owner": "owner", "second": "owner", "mod": "moderator"}
    stage = Stage(record=record("open", roles=roles))
    mod = stage.join("mod")
    capped = stage.join("owner", standing=Standing(most="member", may_own=False))
    assert capped.welcome.you.role == "member"
    mod.say(Moderate("c-1", "remove", capped.id))
    mod.say(Moderate("c-2", "role", capped.id, "observer"))
    assert mod.errors() == ["not-allowed", "not-allowed"]
    assert stage.join("owner").welcome.you.role == "owner"


def test_leaving_by_ones_own_hand_is_no_removal() -> None:
    """An owner who removes themself may come back."""
    stage = Stage()
    owner = stage.join("owner")
    stage.join("bob")
    owner.say(Moderate("c-1", "remove", owner.id))
    assert owner.closed is not None
    assert stage.join("owner").of(Welcome)


def test_the_books_hear_of_the_door() -> None:
    """Waiting, admission, denial, refusal and removal are noted with who and whom."""
    stage = Stage(record=record())
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.let_in(bob)
    owner.let_in(stage.join("eve"), "deny")
    owner.say(Moderate("c-1", "remove", bob.id))
    stage.join("bob")
    assert stage.noted == [
        ("joined", "person:owner", ""),
        ("waits", "person:bob", ""),
        ("admitted", "person:owner", "person:bob"),
        ("joined", "person:bob", ""),
        ("waits", "person:eve", ""),
        ("denied", "person:owner", "person:eve"),
        ("left", "person:bob", ""),
        ("removed", "person:owner", "person:bob"),
        ("refused", "person:bob", ""),
    ]
