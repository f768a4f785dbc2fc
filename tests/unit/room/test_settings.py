"""``room.set``: who may, what everybody is told, and what becomes of those inside and outside."""

from __future__ import annotations

import pytest
from meetwidget_server.room import RoomOptions, RoomRecord, Standing
from msgspec import UNSET

from meetwidget.wire.control import (
    Access,
    Ack,
    Lobby,
    Moderate,
    RoomUpdated,
    SetRoom,
    Waiting,
    Welcome,
)
from tests.unit.room.stage import Stage


def lobby_room() -> RoomRecord:
    return RoomRecord("lab", "epoch-1", access="lobby", roles={"owner": "owner"})


def test_settings_are_told_and_kept() -> None:
    """Everybody learns of title and access, the record is saved, and the cid acknowledged."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.say(SetRoom("c-1", title="  Physics ", access="private"))
    assert bob.last(RoomUpdated).room == stage.room.info
    assert (stage.room.info.title, stage.room.info.access) == ("Physics", "private")
    assert (stage.saved[-1].title, stage.saved[-1].access) == ("Physics", "private")
    assert owner.last(Ack).cid == "c-1"
    owner.say(SetRoom("c-2", title=""))
    assert bob.last(RoomUpdated).room.title == "lab"


def test_only_moderators_learn_who_is_invited() -> None:
    """The list of invited users is in what moderators get, sorted, and in nobody else's."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.set_room(invite=["eve", "ada"])
    owner.say(Moderate("c-1", "lock"))
    assert [update.room.invited for update in owner.of(RoomUpdated)] == [["ada", "eve"]] * 2
    assert [update.room.invited for update in bob.of(RoomUpdated)] == [UNSET] * 2
    assert stage.room.info.invited is UNSET
    owner.say(Moderate("c-2", "unlock"))
    assert stage.join("owner").welcome.room.invited == ["ada", "eve"]
    assert stage.join("ada").welcome.room.invited is UNSET
    assert stage.saved[-1].invited == {"ada", "eve"}


@pytest.mark.parametrize("kind", ["person", "kernel", "guest"])
def test_without_the_right_nothing_is_set(kind: str) -> None:
    """Members, kernels and guests change nothing, and hear so with their cid."""
    stage = Stage()
    stage.join("owner")
    peer = stage.join("owner" if kind == "kernel" else "bob", kind)  # type: ignore[arg-type]
    saved = len(stage.saved)
    peer.say(SetRoom("c-1", access="private", invite=["eve"]))
    assert peer.errors() == ["not-allowed"]
    assert stage.room.info.access == "open"
    assert len(stage.saved) == saved


def test_what_changes_nothing_is_acknowledged_and_not_told() -> None:
    """Setting what is set already makes no noise."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    saved = len(stage.saved)
    owner.say(SetRoom("c-1", access="open", uninvite=["nobody"]))
    assert owner.last(Ack).cid == "c-1"
    assert bob.of(RoomUpdated) == []
    assert len(stage.saved) == saved


def test_the_list_of_invited_has_a_bound() -> None:
    """Beyond the limit nothing of the message is done; taking names off always works."""
    stage = Stage(RoomOptions(invited=2))
    owner = stage.join("owner")
    owner.set_room(invite=["a", "b"])
    owner.say(SetRoom("c-1", access="private", invite=["c"]))
    assert owner.errors() == ["too-many"]
    assert stage.room.info.access == "open"
    owner.set_room(invite=["c"], uninvite=["a"])
    assert stage.saved[-1].invited == {"b", "c"}


@pytest.mark.parametrize("access", ["lobby", "invited", "private"])
def test_who_is_inside_stays(access: Access) -> None:
    """A new access sends nobody out, and a lost line may resume."""
    stage = Stage()
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.set_room(access=access)
    assert bob.closed is None
    bob.drop()
    assert stage.resume(bob).of(Welcome)
    owner.set_room(invite=["bob"])
    owner.set_room(uninvite=["bob"])
    assert stage.room.holds("person:bob")


def test_opening_lets_everybody_in() -> None:
    """All who wait are welcomed when the room opens, but whom the rules make wait anywhere."""
    stage = Stage(record=lobby_room())
    owner, bob, guest = stage.join("owner"), stage.join("bob"), stage.join("g", "guest")
    eve = stage.join("eve", standing=Standing(waits=True))
    owner.set_room(access="open")
    assert bob.of(Welcome)
    assert guest.of(Welcome)
    assert eve.waits
    assert owner.lobby() == ["eve"]


def test_opening_a_locked_room_lets_nobody_in() -> None:
    """Who waited when the lock came goes on waiting, until it is gone or a moderator admits."""
    stage = Stage(record=lobby_room())
    owner, bob, eve = stage.join("owner"), stage.join("bob"), stage.join("eve")
    owner.say(Moderate("c-1", "lock"))
    owner.set_room(access="open")
    stage.later(0.3)
    assert bob.waits
    owner.let_in(bob)
    assert bob.of(Welcome)
    assert eve.waits
    owner.say(Moderate("c-2", "unlock"))
    assert eve.of(Welcome)


@pytest.mark.parametrize("access", ["invited", "private"])
def test_closing_sends_away_who_waits_uninvited(access: Access) -> None:
    """When only invited people may come, the others need not wait any more; guests may."""
    stage = Stage(record=lobby_room())
    owner, bob, guest = stage.join("owner"), stage.join("bob"), stage.join("g", "guest")
    ada = stage.join("ada")
    owner.set_room(access=access, invite=["ada"])
    assert bob.errors() == ["not-invited"]
    assert bob.closed is not None
    assert bob.closed[0] == 4403
    assert ada.of(Welcome)
    assert guest.waits
    assert owner.lobby() == ["g"]


def test_inviting_somebody_who_waits_lets_them_in() -> None:
    """An invitation is an answer to who stands before the door."""
    stage = Stage(record=lobby_room())
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.set_room(invite=["bob"])
    assert bob.of(Welcome)
    assert owner.last(Lobby).waiting == []


def test_settings_of_who_waits_do_not_change_by_title() -> None:
    """A new title decides nothing about who waits."""
    stage = Stage(record=lobby_room())
    owner, bob = stage.join("owner"), stage.join("bob")
    owner.set_room(title="Other")
    assert bob.waits
    assert len(bob.of(Waiting)) == 1
