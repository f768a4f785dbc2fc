"""Roles and rights from record and rules: what is told is what is enforced, also when it changes."""

from __future__ import annotations

import pytest
from meetwidget_server.room import RoomRecord, Standing
from meetwidget_server.room.permissions import role_of

from meetwidget.wire.control import (
    ChatSend,
    Goodbye,
    Kind,
    Lobby,
    Moderate,
    ModerateAction,
    ParticipantLeft,
    ParticipantUpdated,
    Rights,
    RightsChanged,
    Role,
    RoomUpdated,
    SetRoom,
    StreamRemoved,
    User,
    Welcome,
)
from tests.unit.room.stage import Peer, Stage, audio

ALL = Rights(chat=True, publish=True, moderate=True, guest_links=False)
MEMBER_RIGHTS = Rights(chat=True, publish=True, moderate=False, guest_links=False)
BOB = User("bob", "Bob", "B", "#123456")


def lobby_room() -> RoomRecord:
    return RoomRecord("lab", "epoch-1", access="lobby", roles={"owner": "owner"})


def say_anew(
    stage: Stage, name: str, standing: Standing | None, credential: str | None = None
) -> None:
    """The rules say something else of a person."""
    stage.perform(
        stage.room.update_standing(
            f"person:{name}",
            standing,
            "signed-out",
            "You are signed out.",
            stage.now,
            credential=credential,
        )
    )


def refusals(stage: Stage, peer: Peer, target: str) -> set[str]:
    """What of everything a peer may not do, tried."""
    attempts = {
        "chat": lambda: peer.say(ChatSend(stage.fresh("cid"), "x")),
        "publish": lambda: peer.publish("data:plot", []),
        "moderate": lambda: peer.say(SetRoom(stage.fresh("cid"), title="T")),
        "mute": lambda: peer.say(Moderate(stage.fresh("cid"), "mute", target)),
    }
    refused = set()
    for name, attempt in attempts.items():
        before = len(peer.errors())
        attempt()
        if peer.errors()[before:] == ["not-allowed"]:
            refused.add(name)
    return refused


@pytest.mark.parametrize(
    ("recorded", "standing", "role"),
    [
        ("member", Standing(), "member"),
        ("moderator", Standing(), "moderator"),
        ("member", Standing(role="moderator"), "moderator"),
        ("moderator", Standing(role="owner"), "owner"),
        ("owner", Standing(role="moderator"), "owner"),
        ("observer", Standing(role="member"), "member"),
        ("observer", Standing(), "observer"),
        ("owner", Standing(role="observer"), "observer"),
        ("owner", Standing(most="member"), "member"),
        ("observer", Standing(most="member"), "observer"),
        ("member", Standing(role="owner", most="member"), "member"),
    ],
)
def test_role_is_the_higher_of_both_and_capped_by_the_rules(
    recorded: Role, standing: Standing, role: Role
) -> None:
    """Record and rules together make a person's role; what the rules cap stays capped."""
    record = RoomRecord("lab", "e", roles={"bob": recorded})
    assert role_of(record, BOB, "person", standing) == role


@pytest.mark.parametrize("kind", ["kernel", "guest"])
@pytest.mark.parametrize("standing", [Standing(), Standing(role="owner"), Standing(role="member")])
def test_kernels_and_guests_are_members_at_most(kind: Kind, standing: Standing) -> None:
    """Whatever record and rules say of their name, they do not moderate."""
    record = RoomRecord("lab", "e", roles={"bob": "owner"})
    for given in ("observer", "member", "moderator", "owner"):
        role = role_of(record, BOB, kind, standing, given)
        assert role == ("observer" if given == "observer" else "member")
    observer = Standing(role="observer")
    assert role_of(record, BOB, kind, observer) == "observer"


def test_only_who_may_becomes_owner() -> None:
    """The first person does not own a room if the rules say so; the first who may does."""
    stage = Stage()
    eve = stage.join("eve", standing=Standing(may_own=False))
    viewer = stage.join("viewer", standing=Standing(role="observer"))
    capped = stage.join("ada", standing=Standing(most="member"))
    assert [p.welcome.you.role for p in (eve, viewer, capped)] == ["member", "observer", "member"]
    assert stage.saved == []
    bob = stage.join("bob")
    assert bob.welcome.you.role == "owner"
    assert stage.saved[-1].creator == "bob"


@pytest.mark.parametrize(
    ("standing", "rights"),
    [
        (Standing(), MEMBER_RIGHTS),
        (Standing(publish=False), Rights(True, False, False, False)),
        (Standing(role="observer"), Rights(False, False, False, False)),
        (Standing(role="moderator"), ALL),
        (Standing(role="moderator", guest_links=True), Rights(True, True, True, True)),
        (Standing(guest_links=True), MEMBER_RIGHTS),
        (Standing(role="moderator", publish=False), Rights(True, False, True, False)),
    ],
)
def test_rights_told_are_rights_enforced(standing: Standing, rights: Rights) -> None:
    """What the welcome says, trying shows."""
    stage = Stage()
    stage.join("owner")
    guest = stage.join("guest-1", "guest")
    bob = stage.join("bob", standing=standing)
    assert bob.welcome.rights == rights
    assert stage.room.rights_of("person:bob") == rights
    refused = refusals(stage, bob, guest.id)
    assert ("chat" in refused) == (not rights.chat)
    assert ("publish" in refused) == (not rights.publish)
    assert ("moderate" in refused) == ("mute" in refused) == (not rights.moderate)


def test_no_publishing_means_no_source_at_all() -> None:
    """Without the right, data streams are refused like cameras."""
    stage = Stage()
    stage.join("owner")
    bob = stage.join("bob", standing=Standing(publish=False))
    for source in ("microphone", "camera", "screen", "data:plot"):
        bob.publish(source, [])
    assert bob.errors() == ["not-allowed"] * 4


def test_losing_the_right_ends_what_was_published() -> None:
    """Streams go for everybody, frames of them reach nobody, and the owner of them is told."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    stream = bob.publish("microphone", [])
    (handle,) = bob.handles()
    sender, ears = bob.lane(), owner.lane()
    owner.watch(stream)
    say_anew(stage, "bob", Standing(publish=False))
    assert owner.last(StreamRemoved).id == stream
    assert bob.last(RightsChanged).rights == Rights(True, False, False, False)
    sender.send(audio(handle, 0))
    assert ears.take() == []
    assert bob.closed is None
    say_anew(stage, "bob", Standing())
    assert bob.last(RightsChanged).rights == MEMBER_RIGHTS
    assert bob.publish("microphone", []) != stream


def test_what_stays_the_same_is_not_told() -> None:
    """Asking again every half minute makes no noise."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    before = (len(owner.log), len(bob.log))
    say_anew(stage, "bob", Standing())
    say_anew(stage, "bob", Standing(waits=True))
    say_anew(stage, "nobody", None)
    assert (len(owner.log), len(bob.log)) == before


def test_a_new_moderator_gets_what_moderators_see() -> None:
    """Right, invited users and waiting list come with the role; with its end an empty list."""
    stage = Stage(record=lobby_room())
    owner, ada = stage.join("owner"), stage.join("ada")
    owner.let_in(ada)
    owner.set_room(invite=["eve"])
    stage.join("bob")
    assert ada.of(Lobby) == []
    owner.say(Moderate("c-1", "role", ada.id, "moderator"))
    assert ada.last(RightsChanged).rights == ALL
    assert ada.last(RoomUpdated).room.invited == ["eve"]
    assert ada.lobby() == ["bob"]
    owner.say(Moderate("c-2", "role", ada.id, "member"))
    assert ada.last(RightsChanged).rights == MEMBER_RIGHTS
    assert ada.lobby() == []
    ada.forget()
    stage.join("kim")
    assert ada.of(Lobby) == []
    assert owner.lobby() == ["bob", "kim"]


def test_the_rules_promote_and_demote() -> None:
    """A changed group changes the role for all to see, and with it what may be done."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    say_anew(stage, "bob", Standing(role="moderator"))
    assert owner.last(ParticipantUpdated).participant.role == "moderator"
    bob.say(Moderate("c-1", "lock"))
    assert stage.room.info.locked
    say_anew(stage, "bob", Standing(role="observer"))
    assert owner.last(ParticipantUpdated).participant.role == "observer"
    bob.say(Moderate("c-2", "unlock"))
    assert bob.errors() == ["not-allowed"]
    assert stage.room.info.locked


def test_no_moderator_overrides_the_rules() -> None:
    """A role that the rules give or forbid cannot be changed in the room, and nothing is kept."""
    stage = Stage()
    owner = stage.join("owner")
    hub = stage.join("hub", standing=Standing(role="moderator"))
    viewer = stage.join("viewer", standing=Standing(role="observer"))
    saved = len(stage.saved)
    owner.say(Moderate("c-1", "role", hub.id, "member"))
    owner.say(Moderate("c-2", "role", viewer.id, "member"))
    assert owner.errors() == ["not-allowed"] * 2
    assert len(stage.saved) == saved
    assert viewer.of(RightsChanged) == []


def test_an_observing_kernel_stays_one() -> None:
    """A role given to a kernel or guest lasts while the room is alive, also for their next one."""
    stage = Stage()
    owner, kernel = stage.join("owner"), stage.join("bob", "kernel")
    owner.say(Moderate("c-1", "role", kernel.id, "observer"))
    assert kernel.last(RightsChanged).rights == Rights(False, False, False, False)
    kernel.say(Goodbye())
    assert stage.join("bob", "kernel").welcome.you.role == "observer"
    assert stage.join("bob").welcome.you.role == "member"


def test_put_out_everywhere() -> None:
    """Who may not be here any more hears why and is out at once: inside, away and waiting."""
    stage = Stage(record=lobby_room())
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.let_in(bob)
    lane = bob.lane()
    away = stage.join("bob")
    away.drop()
    guest = stage.join("bob", "guest")
    say_anew(stage, "bob", None)
    assert bob.errors() == ["signed-out"]
    assert bob.closed is not None
    assert bob.closed[0] == 4403
    assert lane.closed is not None
    assert not stage.room.holds("person:bob")
    assert stage.room.rights_of("person:bob") is None
    assert [left.id for left in owner.of(ParticipantLeft)] == [bob.id, away.id]
    assert guest.waits
    stage.perform(
        stage.room.update_standing("guest:bob", None, "link-expired", "It is over.", stage.now)
    )
    assert guest.errors() == ["link-expired"]
    assert owner.lobby() == []
    assert stage.join("bob").of(Welcome)  # a new sign-in is a new matter


def test_put_out_while_the_history_is_read() -> None:
    """Somebody between hello and welcome is never welcomed."""
    stage = Stage()
    stage.join("owner")
    stage.held = []
    bob = stage.join("bob")
    say_anew(stage, "bob", None)
    stage.release()
    assert bob.of(Welcome) == []
    assert bob.errors() == ["signed-out"]
    assert bob.closed is not None


def test_rules_that_change_while_the_history_is_read_hold_in_the_welcome() -> None:
    """The welcome tells the rights of its own moment."""
    stage = Stage()
    stage.join("owner")
    stage.held = []
    bob = stage.join("bob")
    say_anew(stage, "bob", Standing(role="observer"))
    stage.release()
    assert bob.welcome.you.role == "observer"
    assert bob.welcome.rights == Rights(False, False, False, False)


def test_each_credential_stands_for_itself() -> None:
    """One device signed out leaves the others; one device's rules do not lift another's cap."""
    stage = Stage(record=RoomRecord("lab", "epoch-1", roles={"o": "owner", "bob": "moderator"}))
    desk = stage.join("bob", credential="desk")
    capped = stage.join("bob", credential="lent", standing=Standing(most="member"))
    assert capped.welcome.rights == MEMBER_RIGHTS
    say_anew(stage, "bob", Standing(role="owner"), "desk")
    changed = capped.of(ParticipantUpdated)
    assert [(one.participant.id, one.participant.role) for one in changed] == [(desk.id, "owner")]
    assert capped.of(RightsChanged) == []
    say_anew(stage, "bob", None, "desk")
    assert desk.closed is not None
    assert capped.closed is None
    assert stage.room.holds("person:bob")
    assert stage.room.rights_of("person:bob") == MEMBER_RIGHTS


def test_who_waits_is_asked_about_by_credential_too() -> None:
    """One sign-out ends the wait of the connection that came with it, and no other."""
    stage = Stage(record=lobby_room())
    owner = stage.join("owner")
    desk, phone = stage.join("bob", credential="desk"), stage.join("bob", credential="phone")
    say_anew(stage, "bob", None, "desk")
    assert desk.errors() == ["signed-out"]
    assert phone.waits
    say_anew(stage, "bob", Standing(passes=True), "desk")
    assert phone.waits
    assert owner.lobby() == ["bob"]


def test_a_resume_brings_the_rules_of_its_own_ticket() -> None:
    """Coming back with a capped credential does not carry the old rights over."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob", standing=Standing(role="moderator"))
    bob.drop()
    again = stage.resume(bob, standing=Standing(role="moderator", most="member"))
    assert again.welcome.you.id == bob.id
    assert again.welcome.rights == MEMBER_RIGHTS
    assert owner.last(ParticipantUpdated).participant.role == "member"
    again.say(Moderate("c-1", "lock"))
    assert again.errors() == ["not-allowed"]


def test_new_rules_decide_anew_on_who_waits() -> None:
    """Who waits comes in when the rules let them, and is sent away when they forbid it."""
    stage = Stage(record=lobby_room())
    stage.join("owner")
    bob = stage.join("bob")
    say_anew(stage, "bob", Standing(passes=True))
    assert bob.of(Welcome)
    open_room = Stage(record=RoomRecord("lab", "epoch-1", roles={"owner": "owner"}))
    eve = open_room.join("eve", standing=Standing(waits=True))
    assert eve.waits
    say_anew(open_room, "eve", Standing())
    assert eve.of(Welcome)


@pytest.mark.parametrize("action", ["mute", "remove", "lock", "unlock", "role", "clear", "admit"])
def test_a_demoted_moderator_moderates_nothing(action: ModerateAction) -> None:
    """From the moment of the change every action is refused."""
    stage = Stage(record=lobby_room())
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.let_in(bob)
    owner.say(Moderate("c-1", "role", bob.id, "moderator"))
    kim = stage.join("kim")
    waiting = bob.last(Lobby).waiting[0].id
    owner.say(Moderate("c-2", "role", bob.id, "member"))
    target = waiting if action == "admit" else owner.id
    bob.say(Moderate("c-3", action, target, "observer"))
    assert bob.errors() == ["not-allowed"]
    assert kim.waits


def test_promoting_somebody_lets_in_their_waiting_device() -> None:
    """A role counts at the door from the moment it is given."""
    stage = Stage(record=RoomRecord("lab", "epoch-1", roles={"owner": "owner"}))
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.set_room(access="lobby")
    kernel = stage.join("bob", "kernel")
    assert kernel.waits
    owner.say(Moderate("c-1", "role", bob.id, "moderator"))
    assert kernel.of(Welcome)
