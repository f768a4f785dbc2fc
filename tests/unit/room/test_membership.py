"""Coming, staying away for a moment, coming back, and going."""

from __future__ import annotations

from meetwidget_server.room import History, RoomOptions, RoomRecord
from msgspec import UNSET

from meetwidget.wire.control import (
    Bye,
    Error,
    Goodbye,
    LoggedEvent,
    Moderate,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
    Ping,
    Pong,
    Resume,
    StreamRemoved,
    Welcome,
)
from tests.unit.room.stage import Stage


def test_newcomer_is_welcomed_and_the_others_are_told() -> None:
    """`welcome` shows who is there, and everyone else hears of the newcomer, once."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    assert [p.user.name for p in bob.welcome.participants] == ["ada", "bob"]
    assert [m.participant.id for m in ada.of(ParticipantJoined)] == [bob.id]
    assert bob.of(ParticipantJoined) == []
    assert ada.session != bob.session
    assert ada.session not in repr(bob.welcome)


def test_everybody_hears_what_a_newcomer_can_decode() -> None:
    """The codecs of the hello are in every stamp of the participant; none said, none told."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob", decodes=["vp8", "vp9", "opus"])
    told = ada.last(ParticipantJoined).participant
    assert told.decodes == bob.welcome.you.decodes == ["vp8", "vp9", "opus"]
    assert ada.welcome.you.decodes is UNSET


def test_first_person_owns_the_room_and_a_kernel_never_does() -> None:
    """The owner is kept by name; who comes later is a member."""
    stage = Stage()
    kernel, ada, bob = stage.join("k", "kernel"), stage.join("ada"), stage.join("bob")
    roles = [peer.welcome.you.role for peer in (kernel, ada, bob)]
    assert roles == ["member", "owner", "member"]
    assert stage.saved[-1].roles == {"ada": "owner"}


def test_kernel_with_an_owners_name_gets_no_role() -> None:
    """A kernel's token is usable by everyone with access to its server."""
    stage = Stage(record=RoomRecord("lab", "epoch-1", roles={"ada": "owner"}))
    assert stage.join("ada", "kernel").welcome.you.role == "member"
    assert stage.join("ada").welcome.you.role == "owner"


def test_lost_connection_is_a_short_absence() -> None:
    """Others see `away`; a resume within the grace brings back the same participant."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    ada.drop(1006)
    assert bob.last(ParticipantUpdated).participant.state.away
    stage.later(10)
    again = stage.resume(ada)
    assert again.id == ada.id
    assert again.session == ada.session
    assert not bob.last(ParticipantUpdated).participant.state.away
    assert bob.of(ParticipantLeft) == []
    stage.later(30)
    assert bob.of(ParticipantLeft) == []


def test_grace_ends() -> None:
    """Who does not come back is gone, sooner when their page was closed, and unknown afterwards."""
    for code, before, after in ((1006, 14.5, 1.0), (1001, 4.5, 1.0)):
        stage = Stage()
        ada, bob = stage.join("ada"), stage.join("bob")
        ada.drop(code)
        stage.later(before)
        assert bob.of(ParticipantLeft) == []
        stage.later(after)
        assert bob.last(ParticipantLeft).reason == "lost"
        assert stage.left == [ada.id]
        assert stage.resume(ada).id != ada.id


def test_goodbye_and_normal_close_leave_at_once() -> None:
    """Whoever leaves on purpose is gone for everyone without a grace period."""
    stage = Stage()
    ada, bob, eve = stage.join("ada"), stage.join("bob"), stage.join("eve")
    ada.say(Goodbye())
    assert ada.closed is not None
    assert ada.closed[0] == 1000
    eve.drop(1000)
    assert [(m.id, m.reason) for m in bob.of(ParticipantLeft)] == [
        (ada.id, "left"),
        (eve.id, "left"),
    ]


def test_goodbye_while_away_streams_end() -> None:
    """What somebody published goes with them, before they do."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    stream = ada.publish()
    ada.say(Goodbye())
    kinds = [type(m) for m in bob.inbox]
    assert bob.last(StreamRemoved).id == stream
    assert kinds.index(StreamRemoved) < kinds.index(ParticipantLeft)
    assert stage.join("eve").welcome.streams == []


def test_resume_needs_session_and_name() -> None:
    """A session in somebody else's hands, or as another kind, resumes nobody."""
    stage = Stage()
    ada = stage.join("ada")
    ada.drop()
    stolen = Resume(ada.session, "epoch-1", 0)
    assert stage.join("mallory", resume=stolen).id != ada.id
    assert stage.join("ada", "kernel", resume=stolen).id != ada.id
    assert stage.join("ada", resume=stolen).id == ada.id


def test_newer_connection_of_a_session_replaces_the_older() -> None:
    """A half-open socket is said goodbye, and what it still sends or reports is ignored."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    again = stage.resume(ada)
    assert ada.closed is not None
    assert ada.closed[0] == 4409
    ada.say(Ping(1))
    ada.drop(1006)
    assert not any(isinstance(m, Pong) for m in ada.inbox)
    assert bob.of(ParticipantUpdated) == []
    again.say(Ping(2))
    assert again.last(Pong).now == int(stage.now * 1e6)


def test_events_between_history_and_welcome_come_once() -> None:
    """What is said while a newcomer's history is read is neither lost nor repeated."""
    stage = Stage()
    ada = stage.join("ada")
    ada.chat("one")
    stage.held = []
    bob = stage.join("bob")
    ada.chat("two")  # appended and told while bob's history is under way
    load, append = stage.held
    stage.held = None
    append()
    assert bob.inbox == []
    load()  # the history has both
    assert [e.event.body for e in bob.welcome.events] == ["one", "two"]  # type: ignore[union-attr]
    assert bob.of(LoggedEvent) == []
    stage.held = []
    eve = stage.join("eve")
    effect_history = History(
        [event for event, _ in stage.log.entries], False, stage.log.epoch, len(stage.log.entries)
    )
    ada.chat("three")
    stage.held[1]()
    stage.perform(stage.room.history_loaded(eve.connection, effect_history, stage.now))
    assert len(eve.welcome.events) == 2
    assert eve.bodies() == ["three"]


def test_unreadable_log_does_not_stop_the_meeting() -> None:
    """Without history people still come in, are told, and hear what is said from now on."""
    stage = Stage()
    ada = stage.join("ada")
    stage.held = []
    bob = stage.join("bob")
    stage.held = None
    stage.perform(stage.room.history_failed(bob.connection, stage.now))
    assert bob.welcome.events == []
    assert bob.errors() == ["no-history"]
    ada.chat("hello")
    assert bob.bodies() == ["hello"]


def test_locked_room_lets_in_whom_it_knows() -> None:
    """Newcomers are turned away for good; moderators and those who resume get in."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    ada.say(Moderate("c", "lock"))
    bob.drop()
    assert stage.resume(bob).id == bob.id
    eve = stage.join("eve")
    assert eve.of(Welcome) == []
    assert eve.errors() == ["room-locked"]
    assert eve.last(Bye).reconnect is False
    assert eve.closed is not None
    assert eve.closed[0] == 4403
    assert stage.join("ada").of(Welcome)
    kernel = stage.join("ada", "kernel")
    assert kernel.errors() == ["room-locked"]


def test_full_room_turns_away() -> None:
    """Those in a grace period hold their seat."""
    stage = Stage(RoomOptions(participants=2))
    ada = stage.join("ada")
    stage.join("bob")
    ada.drop()
    assert stage.join("eve").errors() == ["room-full"]
    assert stage.resume(ada).id == ada.id


def test_empty_room_says_so() -> None:
    """The driver may drop a room when nobody is in and nothing is being written."""
    stage = Stage()
    assert stage.room.empty
    ada = stage.join("ada")
    assert not stage.room.empty
    stage.held = []
    ada.chat("last words")
    ada.say(Goodbye())
    assert not stage.room.empty
    stage.release()
    assert stage.room.empty
    stage.held = []
    bob = stage.join("bob")
    assert not stage.room.empty
    bob.drop()
    assert stage.room.empty
    stage.release()
    assert bob.of(Welcome) == []


def test_shutdown_tells_everyone_to_come_back() -> None:
    """`bye` 1012 with reconnect to all, and every socket closes."""
    stage = Stage()
    ada = stage.join("ada")
    lane = ada.lane()
    stage.perform(stage.room.shutdown(stage.now, 300))
    bye = ada.last(Bye)
    assert (bye.code, bye.reconnect, bye.after_ms) == (1012, True, 300)
    assert ada.closed is not None
    assert ada.closed[0] == lane.closed == 1012


def test_messages_before_the_welcome_are_refused() -> None:
    """Nobody acts in a room they are not in yet."""
    stage = Stage()
    stage.held = []
    ada = stage.join("ada")
    ada.say(Ping(1))
    assert ada.last(Error).code == "not-joined"
