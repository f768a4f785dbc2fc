"""State, hands, and what is passed on and forgotten; limits on how fast."""

from __future__ import annotations

from meetwidget_server.room import RoomOptions

from meetwidget.wire.control import (
    BadFrame,
    Bye,
    ChatTyping,
    ClientInfo,
    Error,
    Hello,
    InvalidField,
    Location,
    ParticipantUpdated,
    Ping,
    Pong,
    Reaction,
    SendReaction,
    SendSignal,
    SetState,
    Signal,
    Typing,
    UnknownType,
)
from tests.unit.room.stage import Stage


def test_state_merges_and_hands_keep_their_place() -> None:
    """What is not named stays; the relay stamps when a hand went up, and a second raise is no news."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    ada.say(SetState(hand=True, status="thinking"))
    at = int(stage.now * 1000)
    stage.now += 5
    ada.say(SetState(camera=True, location=Location("a.ipynb")))
    state = bob.last(ParticipantUpdated).participant.state
    assert (state.hand, state.hand_at, state.status, state.camera) == (True, at, "thinking", True)
    bob.forget()
    ada.say(SetState(hand=True))
    assert bob.of(ParticipantUpdated) == []
    ada.say(SetState(hand=False))
    assert bob.last(ParticipantUpdated).participant.state.hand_at == 0


def test_typing_goes_to_the_others_and_a_reaction_to_all() -> None:
    """Neither is kept."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    ada.say(ChatTyping(True))
    ada.say(SendReaction("🎉"))
    assert bob.of(Typing) == [Typing(ada.id, True)]
    assert ada.of(Typing) == []
    assert ada.of(Reaction) == bob.of(Reaction) == [Reaction(ada.id, "🎉")]
    assert stage.log.entries == []


def test_signal_goes_to_one_participant_of_the_room() -> None:
    """It is stamped, bounded, and for nobody else."""
    stage = Stage(RoomOptions(signal_bytes=100))
    ada, bob, eve = stage.join("ada"), stage.join("bob"), stage.join("eve")
    ada.say(SendSignal(bob.id, {"sdp": "x"}))
    assert bob.of(Signal) == [Signal(ada.id, {"sdp": "x"})]
    assert eve.of(Signal) == []
    ada.say(SendSignal("participant-none", 1))
    ada.say(SendSignal(bob.id, "x" * 100))
    assert ada.errors() == ["not-found", "too-large"]


def test_ping_tells_the_relays_clock() -> None:
    """In µs, with the client's own word back."""
    stage = Stage()
    ada = stage.join("ada")
    ada.say(Ping(12.5))
    assert ada.last(Pong) == Pong(12.5, int(stage.now * 1e6))


def test_too_fast_is_told_with_the_wait_and_then_closed() -> None:
    """A flood gets errors, then `bye` 4429; the others never notice, and the flooder may resume."""
    stage = Stage(RoomOptions(messages_per_second=10, messages_burst=10))
    ada, bob = stage.join("ada"), stage.join("bob")
    bob.forget()
    for number in range(10_000):
        ada.say(Ping(number))
    assert len(ada.of(Pong)) == 10
    errors = ada.of(Error)
    assert {error.code for error in errors} == {"too-fast"}
    assert isinstance(errors[0].retry_after, float)
    assert len(errors) < 60
    assert ada.closed is not None
    assert ada.closed[0] == 4429
    assert ada.last(Bye).reconnect
    assert [type(m) for m in bob.inbox[1:]] == [ParticipantUpdated]
    hasty = stage.resume(ada)
    hasty.say(Ping(1))
    assert hasty.errors() == ["too-fast"]
    assert hasty.closed is None
    stage.now += 2
    again = stage.resume(hasty)
    assert again.id == ada.id
    again.say(Ping(1))
    assert again.of(Pong)


def test_large_data_costs_more() -> None:
    """The rate limit counts bytes too."""
    stage = Stage(RoomOptions(messages_per_second=1, messages_burst=20))
    ada = stage.join("ada")
    for _ in range(2):
        ada.chat("x", data={"image/png": "y" * 1_000_000})
    assert len(ada.bodies()) == 1
    assert ada.errors() == ["too-fast"]
    stage.now += 20
    ada.chat("x", data={"image/png": "y" * 1_000_000})
    assert len(ada.bodies()) == 2


def test_unreadable_frames_are_answered_or_end_the_connection() -> None:
    """Unknown types and wrong fields get an error; what is no message closes with 4400."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    room, now = stage.room, stage.now
    stage.perform(room.unreadable(ada.connection, UnknownType("dance"), now))
    stage.perform(room.unreadable(ada.connection, InvalidField("no body", "c-1"), now))
    assert ada.errors() == ["unknown-type", "invalid-field"]
    assert ada.last(Error).cid == "c-1"
    assert ada.closed is None
    stage.perform(room.unreadable(ada.connection, BadFrame("not JSON"), now))
    assert ada.closed is not None
    assert ada.closed[0] == 4400
    bob.say(Ping(1))
    assert bob.of(Pong)


def test_second_hello_is_an_error() -> None:
    """One connection, one hello."""
    stage = Stage()
    ada = stage.join("ada")
    ada.say(Hello(1, "ticket", ClientInfo("browser", "1")))
    assert ada.errors() == ["already-joined"]
