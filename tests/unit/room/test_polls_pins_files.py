"""Polls, pins, files and names in messages: who may do what, and what is told."""

from __future__ import annotations

import pytest
from meetwidget_server.room import RoomOptions

from meetwidget.wire.control import (
    Ack,
    ChatClose,
    ChatDelete,
    ChatPin,
    ChatSend,
    ChatVote,
    CloseEvent,
    Location,
    LogEvent,
    Mention,
    MessageEvent,
    Moderate,
    PinEvent,
    Poll,
    SetState,
    VoteEvent,
)
from meetwidget.wire.fold import Fold, Reading
from tests.unit.room.stage import Peer, Stage

COLOURS = Poll(["red", "green", "blue"])
SEVERAL = Poll(["red", "green", "blue"], multiple=True)
KEEPS_FILES = RoomOptions(file_bytes=1000, room_file_bytes=5000)


def ask(peer: Peer, poll: Poll = COLOURS) -> str:
    return peer.chat("Which colour?", poll=poll)


def vote(peer: Peer, poll: str, *options: int) -> None:
    peer.say(ChatVote(peer.stage.fresh("cid"), poll, list(options)))


def read(stage: Stage, message: str) -> Reading:
    reading = Fold(event for event, _ in stage.log.entries).message(message)
    assert reading is not None
    return reading


def choices(stage: Stage, poll: str) -> dict[str, tuple[int, ...]]:
    return {voice.by.user.name: voice.options for voice in read(stage, poll).votes}


def of(peer: Peer, kind: type[LogEvent]) -> list[LogEvent]:
    return [event for event in peer.events() if isinstance(event, kind)]


def test_everybody_sees_every_vote_and_the_last_word_counts() -> None:
    """A vote is an event for all; a later one of the same user takes its place."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    poll = ask(ada)
    vote(bob, poll, 0)
    vote(bob, poll, 2)
    vote(ada, poll, 1)
    assert of(ada, VoteEvent) == [VoteEvent(poll, [0]), VoteEvent(poll, [2]), VoteEvent(poll, [1])]
    assert choices(stage, poll) == {"bob": (2,), "ada": (1,)}
    vote(bob, poll)
    assert choices(stage, poll) == {"ada": (1,)}


def test_a_user_has_one_vote_on_all_their_devices() -> None:
    """Votes count per user; a kernel is a voter of its own."""
    stage = Stage()
    poll = ask(stage.join("ada"))
    one, other, kernel = stage.join("bob"), stage.join("bob"), stage.join("bob", "kernel")
    vote(one, poll, 0)
    vote(other, poll, 1)
    vote(kernel, poll, 2)
    assert [voice.options for voice in read(stage, poll).votes] == [(1,), (2,)]


@pytest.mark.parametrize(
    ("poll", "options", "code"),
    [
        (COLOURS, [3], "invalid-field"),
        (COLOURS, [0, 1], "invalid-field"),
        (SEVERAL, [0, 7], "invalid-field"),
    ],
)
def test_a_vote_that_does_not_fit_is_refused(poll: Poll, options: list[int], code: str) -> None:
    """Unknown places, and several where one may be chosen, change nothing."""
    stage = Stage()
    ada = stage.join("ada")
    about = ask(ada, poll)
    vote(ada, about, *options)
    assert ada.errors() == [code]
    assert of(ada, VoteEvent) == []


def test_several_choices_are_kept_in_order_and_once() -> None:
    """What a client repeats or shuffles is kept plain."""
    stage = Stage()
    ada = stage.join("ada")
    vote(ada, ask(ada, SEVERAL), 2, 0, 2)
    assert of(ada, VoteEvent)[0].options == [0, 2]  # type: ignore[union-attr]


def test_nobody_votes_on_what_is_no_poll() -> None:
    """Votes and ends belong to polls; an unknown message is answered alike."""
    stage = Stage()
    ada = stage.join("ada")
    plain = ada.chat("hello")
    vote(ada, plain, 0)
    ada.say(ChatClose("c-1", plain))
    vote(ada, "message-99", 0)
    assert ada.errors() == ["not-found"] * 3


def test_a_poll_needs_a_question() -> None:
    """Options alone say nothing."""
    stage = Stage()
    ada = stage.join("ada")
    ada.say(ChatSend("c-1", "  ", poll=COLOURS))
    assert ada.errors() == ["invalid-field"]


def test_a_poll_is_closed_by_whoever_asked_or_a_moderator() -> None:
    """Others may not; after the end no vote is taken, and the result stays."""
    stage = Stage()
    owner, bob, eve = stage.join("ada"), stage.join("bob"), stage.join("eve")
    first, second = ask(bob), ask(bob)
    vote(eve, first, 1)
    eve.say(ChatClose("c-1", first))
    assert eve.errors() == ["not-allowed"]
    bob.say(ChatClose("c-2", first))
    owner.say(ChatClose("c-3", second))
    assert of(eve, CloseEvent) == [CloseEvent(first), CloseEvent(second)]
    eve.forget()
    vote(eve, first, 0)
    assert eve.errors() == ["closed"]
    assert (read(stage, first).closed, choices(stage, first)) == (True, {"eve": (1,)})


def test_a_person_closes_the_poll_of_their_kernel() -> None:
    """As with edits: a quiz that a kernel asks belongs to its person."""
    stage = Stage()
    stage.join("owner")
    bob = stage.join("bob")
    poll = ask(stage.join("bob", "kernel"))
    bob.say(ChatClose("c-1", poll))
    assert of(bob, CloseEvent) == [CloseEvent(poll)]


def test_no_vote_is_taken_while_the_end_is_being_kept() -> None:
    """Nobody is told that they voted when their vote comes after the end."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    poll = ask(ada)
    stage.held = []
    ada.say(ChatClose("c-1", poll))
    vote(bob, poll, 0)
    stage.release()
    assert bob.errors() == ["closed"]
    assert of(bob, VoteEvent) == []


def test_a_poll_of_long_ago_is_known_from_the_store() -> None:
    """A relay that was restarted takes votes on an open poll and none on a closed one."""
    stage = Stage()
    ada = stage.join("ada")
    open_, closed = ask(ada), ask(ada)
    ada.say(ChatClose("c-1", closed))
    again = Stage()
    again.log = stage.log
    bob = again.join("bob")
    vote(bob, open_, 0)
    vote(bob, closed, 0)
    assert of(bob, VoteEvent) == [VoteEvent(open_, [0])]
    assert bob.errors() == ["closed"]


def test_an_observer_may_not_vote() -> None:
    """Who may only watch has no say."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    poll = ask(ada)
    ada.say(Moderate("c-1", "role", bob.id, "observer"))
    vote(bob, poll, 0)
    assert bob.errors() == ["not-allowed"]


def test_moderators_pin_public_messages() -> None:
    """Members do not pin, and nothing private is put before everybody's eyes."""
    stage = Stage()
    owner, bob = stage.join("ada"), stage.join("bob")
    message = bob.chat("The exam is on Friday.")
    secret = owner.chat("psst", to=[bob.id])
    bob.say(ChatPin("c-1", message, True))
    owner.say(ChatPin("c-2", secret, True))
    assert (bob.errors(), owner.errors()) == (["not-allowed"], ["not-allowed"])
    owner.say(ChatPin("c-3", message, True))
    assert of(bob, PinEvent) == [PinEvent(message, True)]
    assert read(stage, message).pinned
    owner.say(ChatPin("c-4", message, False))
    assert not read(stage, message).pinned


def test_a_deleted_message_is_pinned_no_longer() -> None:
    """Nor can it be pinned again, voted on or closed."""
    stage = Stage()
    ada = stage.join("ada")
    poll = ask(ada)
    ada.say(ChatPin("c-1", poll, True))
    ada.say(ChatDelete("c-2", poll))
    assert not read(stage, poll).pinned
    ada.say(ChatPin("c-3", poll, True))
    vote(ada, poll, 0)
    ada.say(ChatClose("c-4", poll))
    assert ada.errors() == ["not-found"] * 3


def test_private_polls_are_private() -> None:
    """Votes go to those who were asked, and nobody else may vote."""
    stage = Stage()
    ada, bob, eve = stage.join("ada"), stage.join("bob"), stage.join("eve")
    poll = ada.chat("Lunch?", poll=COLOURS, to=[bob.id])
    vote(bob, poll, 0)
    vote(eve, poll, 1)
    assert eve.errors() == ["not-found"]
    assert of(eve, VoteEvent) == []
    assert choices(stage, poll) == {"bob": (0,)}


def test_files_go_with_one_message_of_whoever_uploaded_them() -> None:
    """The relay describes the file; what others uploaded, or was sent already, is refused."""
    stage = Stage(KEEPS_FILES)
    ada, bob = stage.join("ada"), stage.join("bob")
    mine, theirs = (
        stage.log.upload("person:ada", "data.csv"),
        stage.log.upload("person:bob", "b.txt"),
    )
    ada.chat("", files=[mine])
    (event,) = bob.events()
    assert isinstance(event, MessageEvent)
    assert [file.name for file in event.files or []] == ["data.csv"]
    ada.chat("again", files=[mine])
    ada.chat("not mine", files=[theirs])
    ada.chat("none such", files=["file-99"])
    assert ada.errors() == ["not-found"] * 3
    assert len(bob.events()) == 1


def test_a_message_with_a_file_may_be_sent_again() -> None:
    """After a loss the same cid is acknowledged with the same message."""
    stage = Stage(KEEPS_FILES)
    ada = stage.join("ada")
    file = stage.log.upload("person:ada", "data.csv")
    first = ada.chat("here", cid="c-1", files=[file])
    ada.drop()
    again = stage.resume(ada)
    assert again.chat("here", cid="c-1", files=[file]) == first


def test_a_relay_that_keeps_no_files_says_so() -> None:
    """A message with a file is refused before anything is looked for."""
    stage = Stage()
    ada = stage.join("ada")
    ada.chat("here", files=["file-1"])
    assert ada.errors() == ["invalid-field"]
    assert ada.welcome.limits.file_bytes == 0


def test_who_loses_the_right_to_speak_sends_no_file() -> None:
    """Rights are asked again once the store has answered."""
    stage = Stage(KEEPS_FILES)
    ada, bob = stage.join("ada"), stage.join("bob")
    file = stage.log.upload("person:bob", "late.txt")
    stage.held = []
    bob.say(ChatSend("c-1", "here", files=[file]))
    ada.say(Moderate("c-2", "role", bob.id, "observer"))
    stage.release()
    assert bob.errors() == ["not-allowed"]
    assert ada.bodies() == []


def test_a_private_message_says_who_reads_it_for_good() -> None:
    """Participants go; the users that the relay stamped remain."""
    stage = Stage()
    ada, bob, eve = stage.join("ada"), stage.join("bob"), stage.join("eve")
    ada.chat("psst", to=[bob.id, ada.id])
    (event,) = bob.events()
    assert isinstance(event, MessageEvent)
    assert [user.name for user in event.readers or []] == ["bob"]
    assert eve.events() == []
    assert ada.last(Ack).id == event.id
    ada.chat("for all")
    assert isinstance(eve.events()[0], MessageEvent)
    assert not eve.events()[0].readers


def test_names_and_places_travel_with_a_message() -> None:
    """Mentions and the place that a message points at reach everybody as they were sent."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    place, names = Location("lab/fit.ipynb", "cell-7"), [Mention("bob", "Bob")]
    ada.chat("@Bob look at this", mentions=names, location=place)
    (event,) = bob.events()
    assert isinstance(event, MessageEvent)
    assert (event.mentions, event.location) == (names, place)


def test_a_place_is_told_and_withdrawn() -> None:
    """``location: null`` takes one's place out of one's state."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    ada.say(SetState(location=Location("lab/fit.ipynb", "cell-7")))
    state = stage.room.participants[0].state
    assert state.location == Location("lab/fit.ipynb", "cell-7")
    ada.say(SetState(hand=True))
    assert stage.room.participants[0].state.location == state.location
    ada.say(SetState(location=None))
    assert not stage.room.participants[0].state.location
    assert bob.errors() == []


def test_where_somebody_was_is_not_kept() -> None:
    """Places are state, not log: history tells nobody who was where."""
    stage = Stage()
    ada = stage.join("ada")
    ada.say(SetState(location=Location("a.ipynb")))
    assert stage.join("bob").welcome.events == []
