"""Moderation: who may, on whom, and what happens."""

from __future__ import annotations

import pytest
from meetwidget_server.room.permissions import may_grant, may_mute, may_remove

from meetwidget.wire.control import (
    Ack,
    Bye,
    ChatSend,
    Demand,
    Moderate,
    ModerateAction,
    Moderated,
    ParticipantLeft,
    ParticipantUpdated,
    Role,
    RoomUpdated,
    SetState,
    StreamRemoved,
)
from tests.unit.room.stage import Stage, audio

RANKS: list[Role] = ["observer", "member", "moderator", "owner"]


@pytest.mark.parametrize("action", ["mute", "remove", "lock", "unlock", "role", "clear"])
def test_members_moderate_nothing(action: ModerateAction) -> None:
    """Without the role every action is refused, with its cid, and nothing happens."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    bob.say(Moderate("c-1", action, owner.id, "member"))
    assert bob.errors() == ["not-allowed"]
    assert owner.of(Moderated) == []
    assert owner.closed is None
    assert not stage.room.info.locked


def test_rank_decides() -> None:
    """Nobody acts on somebody above; only an owner gives a role as high as their own."""
    for actor in RANKS:
        for target in RANKS:
            above = RANKS.index(actor) > RANKS.index(target)
            moderates = actor in ("moderator", "owner")
            assert may_remove(actor, target) == (moderates and (above or actor == "owner"))
            assert may_mute(actor, target) == (
                moderates and RANKS.index(actor) >= RANKS.index(target)
            )
            for role in RANKS:
                higher = RANKS.index(role) >= RANKS.index(actor)
                if may_grant(actor, target, role) and actor != "owner":
                    assert moderates
                    assert above
                    assert not higher


def test_lock_is_told_and_kept() -> None:
    """Everyone sees the room locked, and it still is after a restart."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.say(Moderate("c-1", "lock"))
    assert bob.last(RoomUpdated).room.locked
    assert bob.last(Moderated) == Moderated("lock", owner.id)
    assert owner.last(Ack).cid == "c-1"
    assert stage.saved[-1].locked
    owner.say(Moderate("c-2", "unlock"))
    assert not stage.saved[-1].locked


def test_removed_participant_is_out_for_good() -> None:
    """They are told why, every socket of theirs closes with 4410, and the session is void."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    lane = bob.lane()
    owner.say(Moderate("c-1", "remove", bob.id))
    assert bob.last(Moderated).action == "remove"
    assert bob.last(Bye).reconnect is False
    assert bob.closed is not None
    assert bob.closed[0] == lane.closed == 4410
    assert owner.last(ParticipantLeft).reason == "removed"
    again = stage.resume(bob)
    assert again.errors() == ["removed"]
    assert again.closed is not None
    assert again.closed[0] == 4403


def test_mute_silences_at_the_relay_until_unmuted_by_oneself() -> None:
    """A muted microphone reaches nobody, whatever its client sends; its owner may turn it on again."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    bob.say(SetState(microphone=True))
    stream = bob.publish("microphone", [])
    (handle,) = bob.handles()
    sender, ears = bob.lane(), owner.lane()
    owner.watch(stream)
    sender.send(audio(handle, 0))
    assert ears.take() == [audio(handle, 0)]
    owner.say(Moderate("c-1", "mute", bob.id))
    assert bob.last(Moderated).by == owner.id
    assert owner.last(ParticipantUpdated).participant.state.microphone is False
    assert bob.last(Demand).renditions[0].on is False
    sender.send(audio(handle, 1))
    assert ears.take() == []
    assert sender.closed is None
    bob.say(SetState(microphone=True))
    assert bob.last(Demand).renditions[0].on is True
    sender.send(audio(handle, 2))
    assert ears.take() == [audio(handle, 2)]


def test_muted_member_cannot_publish_around_it() -> None:
    """A new microphone stream is as silent as the old one."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.say(Moderate("c-1", "mute", bob.id))
    stream = bob.publish("microphone", [])
    (handle,) = bob.handles()
    ears = owner.lane()
    owner.watch(stream)
    bob.lane().send(audio(handle, 0))
    assert ears.take() == []
    assert not any(bob.demand(stream).values())


def test_role_is_the_users_on_all_devices_and_kept() -> None:
    """A person's role holds for every session of theirs, for now and for later."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    phone = stage.join("bob")
    owner.say(Moderate("c-1", "role", bob.id, "moderator"))
    assert owner.last(Ack).cid == "c-1"
    assert stage.saved[-1].roles["bob"] == "moderator"
    phone.say(Moderate("c-2", "lock"))
    assert stage.room.info.locked
    assert stage.join("bob").welcome.you.role == "moderator"


def test_owner_stays() -> None:
    """The last owner cannot be demoted, and a moderator cannot touch one."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.say(Moderate("c-1", "role", owner.id, "member"))
    assert owner.errors() == ["not-allowed"]
    owner.say(Moderate("c-2", "role", bob.id, "moderator"))
    for action in ("mute", "remove", "role"):
        bob.say(Moderate("c-3", action, owner.id, "observer"))  # type: ignore[arg-type]
    bob.say(Moderate("c-4", "role", bob.id, "owner"))
    assert bob.errors() == ["not-allowed"] * 4


def test_kernel_gets_no_moderating_role() -> None:
    """What a kernel may do, everyone with access to its server may do."""
    stage = Stage()
    owner, kernel = stage.join("owner"), stage.join("owner", "kernel")
    owner.say(Moderate("c-1", "role", kernel.id, "moderator"))
    assert owner.errors() == ["not-allowed"]
    kernel.say(Moderate("c-2", "lock"))
    assert kernel.errors() == ["not-allowed"]


def test_observer_stops_publishing() -> None:
    """What somebody published ends when they may not publish any more."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    stream = bob.publish()
    owner.say(Moderate("c-1", "role", bob.id, "observer"))
    assert owner.last(StreamRemoved).id == stream
    assert bob.publish() == stream  # the last ack is still the old one
    assert bob.errors() == ["not-allowed"]
    bob.say(ChatSend("c-2", "x"))
    assert bob.errors() == ["not-allowed"] * 2


def test_what_is_not_there_says_so() -> None:
    """Who does not wait cannot be admitted; nobody unknown; no role without a name."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.say(Moderate("c-1", "admit", bob.id))
    owner.say(Moderate("c-2", "deny", bob.id))
    owner.say(Moderate("c-3", "mute"))
    owner.say(Moderate("c-4", "remove", "participant-none"))
    owner.say(Moderate("c-5", "role", bob.id))
    codes = ["not-found", "not-found", "not-found", "not-found", "invalid-field"]
    assert owner.errors() == codes
