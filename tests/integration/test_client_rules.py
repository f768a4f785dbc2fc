"""What the kernel client does about each thing a relay may do, against a relay that does it."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

import meetwidget
from meetwidget import sockets
from meetwidget.discovery import Endpoint
from meetwidget.errors import (
    JoinFailed,
    JoinTimeout,
    NoFrame,
    NotConnected,
    NotKept,
    Refused,
    TooFast,
    TooLarge,
    Unconfirmed,
)
from meetwidget.media.audio_out import AudioOut
from meetwidget.room import Room
from meetwidget.wire.media import FrameKind, Header, flags, parse_ack
from tests.integration.small_relay import SmallRelay, person, until


@pytest.fixture
def relay() -> Iterator[SmallRelay]:
    with SmallRelay() as relay:
        yield relay


@pytest.fixture
def room(relay: SmallRelay) -> Iterator[Room]:
    with join(relay) as room:
        yield room


def join(relay: SmallRelay, timeout: float = 20.0) -> Room:
    return Room(Endpoint(relay.url, "token t"), "r", timeout)


# ------------------------------------------------------------------- joining


def test_the_first_frame_is_a_hello_with_the_ticket(relay: SmallRelay, room: Room) -> None:
    """No credential is in a URL; the host of the ticket's URLs is replaced by the one we used."""
    (hello,) = relay.hellos
    assert (hello["protocol"], hello["ticket"]) == (1, "t1")
    assert hello["client"]["kind"] == "kernel"
    assert "resume" not in hello


def test_the_hello_names_the_codecs(relay: SmallRelay, room: Room) -> None:
    """Senders learn what this kernel decodes, so that nobody sends it what it cannot show."""
    (hello,) = relay.hellos
    assert set(hello["client"]["decodes"]) == {"vp8", "vp9", "av1", "h264", "opus"}


def test_without_the_media_libraries_nothing_is_claimed(
    relay: SmallRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that only chats joins without PyAV, and forbids nobody a codec by claiming none."""
    monkeypatch.setitem(sys.modules, "av", None)
    for module in ("meetwidget.media", "meetwidget.media.codecs"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with join(relay):
        assert "decodes" not in relay.hellos[0]["client"]


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (403, {}, "did not accept the credentials"),
        (401, {}, "did not accept the credentials"),
        (404, {}, "does not relay meetings"),
        (400, {"code": "invalid-room", "message": "No such name."}, "No such name."),
        (201, {"unexpected": 1}, "gave no ticket"),
    ],
)
def test_a_refused_ticket_ends_the_join_with_a_reason(
    relay: SmallRelay, status: int, answer: dict[str, str], words: str
) -> None:
    """Trying again would not help, so the caller hears at once what to do."""
    relay.ticket_status, relay.ticket_answer = status, answer or {"x": 1}
    with pytest.raises(JoinFailed, match=words):
        join(relay)
    assert relay.tickets == 1


def test_a_server_that_starts_is_waited_for(relay: SmallRelay) -> None:
    """A proxy's 503 while the server starts is not the end."""
    relay.ticket_status = 503
    threading.Timer(0.3, lambda: setattr(relay, "ticket_status", 201)).start()
    with join(relay) as room:
        assert room.phase.kind == "live"
    assert relay.tickets > 1


def test_nobody_there_is_said_with_the_address() -> None:
    """A join that times out names what it tried and the last trouble."""
    with pytest.raises(JoinTimeout, match=r"127\.0\.0\.1:9") as failure:
        Room(Endpoint("http://127.0.0.1:9/"), "r", 0.5)
    assert "cannot be reached" in str(failure.value)


def test_a_room_that_is_locked_says_so(relay: SmallRelay) -> None:
    """The error before the close is what the caller reads, not the close code."""
    relay.welcoming = False

    def refuse() -> None:
        until(lambda: relay.hellos)
        relay.say(type="error", code="room-locked", message="The room is locked.")
        relay.close(4403)

    threading.Thread(target=refuse).start()
    with pytest.raises(JoinFailed, match="The room is locked") as failure:
        join(relay)
    assert failure.value.code == "room-locked"


# --------------------------------------------------------- losses and remedies


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 1013, 4401, 4408])
def test_these_closes_are_followed_by_a_resume(relay: SmallRelay, room: Room, code: int) -> None:
    """Session, epoch and last offset come with a new ticket."""
    relay.events.append(relay.event(1, "x", by="p9"))
    relay.say(**relay.event(1, "x", by="p9"))
    until(lambda: room.chat.history())
    relay.close(code)
    hello = until(lambda: relay.hellos[1:])[0]
    assert hello["ticket"] == "t2"
    assert hello["resume"] == {"session": "s-p1", "epoch": "e1", "offset": 1}
    until(lambda: room.phase.kind == "live")


def test_a_cut_connection_is_resumed(relay: SmallRelay, room: Room) -> None:
    """No close frame at all counts as lost."""
    relay.cut()
    until(lambda: len(relay.hellos) == 2)
    until(lambda: room.phase.kind == "live")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (4400, "bad-frame"),
        (4403, "not-allowed"),
        (4409, "replaced"),
        (4410, "removed"),
        (4413, "too-large"),
    ],
)
def test_these_closes_are_final(relay: SmallRelay, room: Room, code: int, name: str) -> None:
    """The client stays away, says why, and every later call raises it."""
    relay.say(type="bye", code=code, reason="Because.", reconnect=False)
    relay.close(code)
    until(lambda: room.phase.kind == "ended")
    assert (room.phase.code, room.phase.reason) == (name, "Because.")
    with pytest.raises(NotConnected, match="Because") as failure:
        room.chat.send("hi")
    assert failure.value.code == name
    assert "Because" in repr(room)
    assert len(relay.hellos) == 1


def test_a_bye_may_ask_to_stay_away_for_a_while(relay: SmallRelay, room: Room) -> None:
    """``after_ms`` is added to the back-off."""
    relay.say(type="bye", code=1012, reason="restart", reconnect=True, after_ms=400)
    relay.close(1012)
    until(lambda: room.phase.kind == "reconnecting")
    assert "restart" in room.phase.reason or "reach" in room.phase.reason
    until(lambda: room.phase.kind == "live")
    assert len(relay.hellos) == 2


def test_a_relay_that_never_welcomes_is_tried_again(
    relay: SmallRelay, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hello without an answer is given up and repeated."""
    monkeypatch.setattr("meetwidget.control_link.WELCOME_SECONDS", 0.2)
    relay.welcoming = False
    relay.cut()
    until(lambda: len(relay.hellos) >= 3)
    relay.welcoming = True
    until(lambda: room.phase.kind == "live")


def test_a_half_open_connection_is_found(
    relay: SmallRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A peer that is gone without a packet answers no ping, and is given up."""
    monkeypatch.setattr(sockets, "PING_SECONDS", 0.3)
    with join(relay) as room:
        for handler in list(relay.controls):  # reads no more, so it answers no ping
            handler.ws_connection._received_pong = False
            monkeypatch.setattr(handler.ws_connection, "_handle_message", lambda *_: None)
        until(lambda: len(relay.hellos) == 2, "a second hello")
        until(lambda: room.phase.kind == "live")


def test_what_a_newer_relay_says_is_ignored(
    relay: SmallRelay, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    """Unknown types pass silently; unreadable frames are logged; the room goes on."""
    with caplog.at_level(logging.WARNING, "meetwidget"):
        relay.say(type="hologram", x=1)
        relay.say(type="event", nonsense=True)
        assert room.chat.send("still here").offset == 1
    assert "unreadable" in caplog.text
    assert "hologram" not in caplog.text


# -------------------------------------------------------------------- sending


def test_an_unanswered_message_is_sent_again_under_its_cid(relay: SmallRelay, room: Room) -> None:
    """The connection is lost between the relay's writing and its answer: still exactly one."""
    relay.acknowledging = False
    said = []
    sender = threading.Thread(target=lambda: said.append(room.chat.send("once")))
    sender.start()
    first = until(lambda: [m for m in relay.heard if m["type"] == "chat.send"])[0]
    relay.acknowledging = True
    relay.cut()
    sender.join(20)
    again = [m for m in relay.heard if m["type"] == "chat.send"]
    assert [m["cid"] for m in again] == [first["cid"]] * 2
    assert said[0].id == "m1"


def test_a_message_sent_while_disconnected_waits_for_the_return(
    relay: SmallRelay, room: Room
) -> None:
    """Callers need not know about connections."""
    relay.ticket_status = 503
    relay.cut()
    until(lambda: room.phase.kind == "reconnecting")
    said = []
    sender = threading.Thread(target=lambda: said.append(room.chat.send("later")))
    sender.start()
    relay.ticket_status = 201
    sender.join(20)
    assert said[0].body == "later"
    assert len(relay.kept) == 1


def test_no_answer_in_time_is_said_and_never_sent_again(relay: SmallRelay, room: Room) -> None:
    """After Unconfirmed the caller decides; the client does not send behind their back."""
    relay.acknowledging = False
    with pytest.raises(Unconfirmed, match="may or may not"):
        room.chat.send("lost?", timeout=0.2)
    relay.cut()
    until(lambda: len(relay.hellos) == 2 and room.phase.kind == "live")
    relay.acknowledging = True
    room.chat.send("next")
    bodies = [m["body"] for m in relay.heard if m["type"] == "chat.send"]
    assert bodies == ["lost?", "next"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("not-kept", NotKept),
        ("too-large", TooLarge),
        ("something-new", Refused),
        ("too-fast", TooFast),
    ],
)
def test_a_refusal_is_an_exception(
    relay: SmallRelay, room: Room, code: str, kind: type[Refused]
) -> None:
    """Each code has its class, an unknown one the general class with its code."""
    relay.acknowledging = False

    def refuse() -> None:
        said = until(lambda: [m for m in relay.heard if m["type"] == "chat.send"])[0]
        relay.say(type="error", code=code, message="No.", cid=said["cid"], retry_after=3)

    threading.Thread(target=refuse).start()
    with pytest.raises(kind, match="No") as failure:
        room.chat.send("x")
    assert failure.value.code == code
    if isinstance(failure.value, TooFast):
        assert failure.value.after == 3


def test_too_large_is_known_before_it_is_sent(relay: SmallRelay, room: Room) -> None:
    """Bytes count, not characters, and the relay is not bothered."""
    with pytest.raises(TooLarge, match="16384"):
        room.chat.send("é" * 9000)
    with pytest.raises(TooLarge, match="1048576"):
        room.chat.send("x", data={"text/plain": "y" * 1_100_000})
    with pytest.raises(TypeError, match="str"):
        room.chat.send(42)  # type: ignore[arg-type]
    assert not [m for m in relay.heard if m["type"] == "chat.send"]


def test_the_end_wakes_whoever_waits_for_an_answer(relay: SmallRelay, room: Room) -> None:
    """``leave`` in one thread ends a ``send`` in another, with a reason."""
    relay.acknowledging = False
    failures = []

    def send() -> None:
        try:
            room.chat.send("x")
        except NotConnected as error:
            failures.append(error)

    sender = threading.Thread(target=send)
    sender.start()
    until(lambda: [m for m in relay.heard if m["type"] == "chat.send"])
    room.leave()
    sender.join(10)
    assert "You have left" in str(failures[0])


def test_leaving_says_goodbye(relay: SmallRelay, room: Room) -> None:
    """Others see it at once instead of after the grace; leaving twice is fine."""
    room.leave()
    room.leave()
    assert room.phase.kind == "ended"
    assert until(lambda: relay.heard)[-1]["type"] == "goodbye"


def test_leaving_while_disconnected_does_not_wait(relay: SmallRelay, room: Room) -> None:
    """Nobody waits for a relay that is gone."""
    relay.ticket_status = 503
    relay.cut()
    until(lambda: room.phase.kind == "reconnecting")
    room.leave()
    assert room.phase.code == "left"


def test_state_is_restored_after_a_restart(relay: SmallRelay, room: Room) -> None:
    """A relay that forgot us hears of the raised hand and the status again."""
    room.hand()
    room.status("thinking")
    until(lambda: len([m for m in relay.heard if m["type"] == "state"]) == 2)
    relay.participant = "p2"
    relay.cut()
    restored = until(lambda: [m for m in relay.heard if m["type"] == "state"][2:])[0]
    assert (restored["hand"], restored["status"]) == (True, "thinking")


# ------------------------------------------------------------------ happenings


def test_missed_messages_reach_callbacks_once(relay: SmallRelay, room: Room) -> None:
    """What was said while we were away comes with the welcome, and is not repeated."""
    heard: list[str] = []
    room.on("message")(lambda message: heard.append(message.body))
    relay.events.append(relay.event(1, "one", by="p9"))
    relay.say(**relay.event(1, "one", by="p9"))
    until(lambda: heard == ["one"])
    relay.events.append(relay.event(2, "two", by="p9"))
    relay.cut()
    until(lambda: heard == ["one", "two"])
    relay.say(**relay.event(2, "two", by="p9"))
    relay.say(**relay.event(3, "three", by="p9"))
    until(lambda: len(heard) > 2)
    assert heard == ["one", "two", "three"]


def test_own_messages_are_no_news(relay: SmallRelay, room: Room) -> None:
    """A callback that answers every message must not answer itself."""
    heard: list[str] = []
    room.on("message")(lambda message: heard.append(message.body))
    relay.say(**relay.event(1, "mine"))
    relay.say(**relay.event(2, "theirs", by="p9"))
    until(lambda: heard)
    assert heard == ["theirs"]
    assert [m.mine for m in room.chat.history()] == [True, False]


def test_a_callback_may_speak(relay: SmallRelay, room: Room) -> None:
    """Answering from a callback waits for an acknowledgement without a deadlock."""
    answers = []
    room.on("message")(lambda message: answers.append(room.chat.send(f"re: {message.body}")))
    relay.say(**relay.event(1, "hi", by="p9"))
    assert until(lambda: answers)[0].body == "re: hi"


def test_people_come_go_and_raise_hands(relay: SmallRelay, room: Room) -> None:
    """Each change is one happening, with the person as they are now."""
    happened: list[tuple[str, str]] = []
    for name in ("join", "leave", "hand", "state"):
        room.on(name)(lambda who, name=name: happened.append((name, str(who))))
    ben = person("p2", "ben", "person")
    relay.say(type="participant.joined", participant=ben)
    relay.say(type="participant.updated", participant={**ben, "state": {"hand": True}})
    relay.say(type="participant.left", id="p2", reason="left")
    until(lambda: len(happened) == 4)
    assert happened == [("join", "Ben"), ("state", "Ben"), ("hand", "Ben"), ("leave", "Ben")]
    assert [str(who) for who in room.people] == ["Ada"]


def test_reactions_typing_and_refusals_are_told(relay: SmallRelay, room: Room) -> None:
    """The passing things reach callbacks, too."""
    happened: list[object] = []
    room.on("reaction")(lambda reaction: happened.append((reaction.emoji, str(reaction.by))))
    room.on("typing")(lambda who, on: happened.append((str(who), on)))
    room.on("refused")(lambda error: happened.append(error.code))
    relay.say(type="reaction", by="p1", emoji="🎉")
    relay.say(type="chat.typing", by="p1", on=True)
    relay.say(type="error", code="unknown-type", message="What?")
    until(lambda: len(happened) == 3)
    assert happened == [("🎉", "Ada"), ("Ada", True), "unknown-type"]


# ----------------------------------------------------------------------- media


def test_a_kernel_that_only_chats_opens_no_media_socket(relay: SmallRelay, room: Room) -> None:
    """Media sockets are opened when first needed, one per lane."""
    room.chat.send("hi")
    assert relay.media_hellos == []
    with room.publish_audio():
        until(lambda: relay.media_hellos)
    assert relay.media_hellos == [{"type": "hello", "token": "m-p1", "kinds": ["audio"]}]


def test_media_are_acknowledged_while_they_flow(relay: SmallRelay, room: Room) -> None:
    """The relay learns the bytes received on this socket, headers included, in at most 100 ms."""
    with room.publish_video(64, 64, 10):
        until(lambda: relay.medias)
        frame = Header(FrameKind.VIDEO, flags(key=True), 7, 0, 1).pack() + b"picture"
        relay.say_media(frame)
        relay.say_media(frame)
        last = until(
            lambda: [f for f in relay.media_frames if parse_ack(f).received == 2 * len(frame)]
        )
    assert last


def test_a_lost_media_socket_comes_back_by_itself(relay: SmallRelay, room: Room) -> None:
    """The control socket stays; only the lane reconnects."""
    with room.publish_video(64, 64, 10):
        until(lambda: relay.medias)
        relay.close_media(1013)
        until(lambda: len(relay.media_hellos) == 2 and relay.medias)
    assert len(relay.hellos) == 1


def test_a_media_socket_that_stands_still_is_opened_anew(
    relay: SmallRelay, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TCP would wait ever longer; a new socket works as soon as the line does."""
    monkeypatch.setattr("meetwidget.media_lane.PROBE_SECONDS", 0.1)
    monkeypatch.setattr("meetwidget.media_lane.STALL_SECONDS", 0.3)
    monkeypatch.setattr(sockets.Socket, "ping", lambda _: None)  # what is asked is not answered
    with room.publish_audio() as sound:
        until(lambda: relay.medias)
        relay.say(type="demand", stream="st-p1", renditions=[{"handle": 100, "on": True}])
        assert sound.wait_watched(20)
        sound.write(np.zeros(960, np.float32))
        until(lambda: len(relay.media_hellos) >= 2, "another socket")
        seen = len(relay.media_frames)
        until(lambda: _heard_more(sound, relay, seen), "sound on the new socket")


def _heard_more(sound: AudioOut, relay: SmallRelay, seen: int) -> bool:
    sound.write(np.full(960, 0.5, np.float32))
    return len(relay.media_frames) > seen


def test_a_media_socket_without_use_is_left_alone(
    relay: SmallRelay, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is silent for long is not asked for signs of life all the time."""
    pings: list[object] = []
    monkeypatch.setattr("meetwidget.media_lane.IN_USE_SECONDS", -1.0)
    monkeypatch.setattr("meetwidget.media_lane.PROBE_SECONDS", 0.0)
    monkeypatch.setattr("meetwidget.media_lane.WATCH_SECONDS", 0.01)
    monkeypatch.setattr(sockets.Socket, "ping", lambda socket: pings.append(socket))
    with room.publish_audio():
        until(lambda: relay.medias)
        before = len(pings)  # while it waited for the greeting
        for _ in range(3):
            room.chat.send("time passes")
        assert len(pings) == before
        monkeypatch.setattr("meetwidget.media_lane.IN_USE_SECONDS", 1e9)
        until(lambda: len(pings) > before)


def test_how_a_stream_comes_through_is_told(relay: SmallRelay, room: Room) -> None:
    """A relay that holds pictures back says whose line is short; unsaid, all is well."""
    told: list[tuple[object, ...]] = []
    room.on("flow")(lambda who, flow: told.append((who.name, flow.state, flow.side)))
    relay.say(type="participant.joined", participant=person("p7", "ben", "person"))
    rendition = {"handle": 9, "codec": "vp8"}
    stream = {"id": "s7", "owner": "p7", "source": "camera", "renditions": [rendition]}
    relay.say(type="stream.added", stream=stream)
    until(lambda: room._state.streams())
    video = room.video["ben"]
    with pytest.raises(NoFrame, match="came within"):
        video.frame(0)
    assert video.flow.state == "full"
    relay.say(type="stream.flow", stream="unknown", state="paused")
    relay.say(type="stream.flow", stream="s7", state="paused", side="receiver")
    until(lambda: told == [("ben", "paused", "receiver")])
    assert (video.flow.state, video.flow.side) == ("paused", "receiver")
    with pytest.raises(NoFrame, match="paused"):
        video.frame(0)
    relay.others, relay.streams = [person("p7", "ben", "person")], [stream]
    relay.cut()
    until(lambda: len(relay.hellos) == 2 and room.phase.kind == "live")
    assert video.flow.state == "paused", "a resumed session is told changes only"
    relay.say(type="stream.flow", stream="s7", state="reduced", side="relay")
    until(lambda: len(told) == 2)
    assert (video.flow.state, video.flow.side) == ("reduced", "relay")
    video.close()
    assert video.flow.state == "full", "what is not watched has no flow"


def test_pictures_that_cannot_be_decoded_are_named(relay: SmallRelay, room: Room) -> None:
    """Whoever waits for a picture in an unknown codec learns why none comes."""
    relay.say(type="participant.joined", participant=person("p7", "ben", "person"))
    rendition = {"handle": 9, "codec": "hev1.1.6.L93"}
    stream = {"id": "s7", "owner": "p7", "source": "camera", "renditions": [rendition]}
    relay.say(type="stream.added", stream=stream)
    until(lambda: room._state.streams())

    def reason() -> str:
        with pytest.raises(NoFrame) as said:
            room.video["ben"].frame(0)
        return str(said.value)

    assert "came within" in reason()
    until(lambda: relay.medias)
    relay.say_media(Header(FrameKind.VIDEO, flags(key=True), 9, 0, 0, 1).pack() + b"x")
    until(lambda: "hev1.1.6.L93, which cannot be decoded here" in reason())


def test_an_expired_media_token_is_renewed(relay: SmallRelay, room: Room) -> None:
    """4401 on a media socket makes the session resume, which brings a new token."""
    with room.publish_video(64, 64, 10):
        until(lambda: relay.medias)
        relay.participant = "p2"
        relay.close_media(4401)
        until(lambda: len(relay.media_hellos) == 2)
    assert relay.media_hellos[1]["token"] == "m-p2"
    assert len(relay.hellos) == 2


def test_a_welcome_ends_a_media_sockets_wait(
    relay: SmallRelay, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a lane backs off, media are back as soon as the relay is."""
    monkeypatch.setattr("meetwidget.media_lane.Backoff.next", lambda _: 600.0)
    with room.publish_video(64, 64, 10):
        until(lambda: relay.medias)
        relay.close_media(1012)
        until(lambda: not relay.medias)
        monkeypatch.undo()
        relay.participant = "p2"
        relay.cut()
        until(lambda: len(relay.media_hellos) == 2)
    assert relay.media_hellos[1]["token"] == "m-p2"


def test_streams_are_published_again_after_a_restart(relay: SmallRelay, room: Room) -> None:
    """A relay that does not know us gets every source again, with a new cid."""
    with room.publish_video(64, 64, 10, source="data:x"):
        relay.participant = "p2"
        relay.cut()
        published = until(
            lambda: (found := [m for m in relay.heard if m["type"] == "publish"])[1:] and found
        )
    assert [m["source"] for m in published] == ["data:x"] * 2
    assert published[0]["cid"] != published[1]["cid"]


def test_nothing_goes_out_on_handles_of_before_a_restart(relay: SmallRelay, room: Room) -> None:
    """They may be somebody else's now: pictures wait for the handles that the new relay gives."""
    picture = np.zeros((64, 64, 3), np.uint8)
    on = {"on": True, "key": True}

    def handles() -> set[int]:
        video.write(picture)
        frames = [frame for frame in relay.media_frames if frame[0] == FrameKind.VIDEO]
        return {int.from_bytes(frame[2:4], "big") for frame in frames}

    with room.publish_video(64, 64, 10, source="data:x") as video:
        relay.say(type="demand", stream="st-p1", renditions=[{"handle": 100, **on}])
        until(lambda: handles() == {100})
        relay.participant, relay.acknowledging = "p2", False
        relay.cut()
        until(lambda: len(relay.media_hellos) == 2)
        again = until(lambda: [m for m in relay.heard if m["type"] == "publish"][1:])[0]
        relay.media_frames.clear()
        for _ in range(8):  # each in a turn of its own: pictures go at 10 a second
            assert handles() == set()
            time.sleep(0.1)
        relay.say(type="ack", cid=again["cid"], stream="st-p2", handles=[200])
        relay.say(type="demand", stream="st-p2", renditions=[{"handle": 200, **on}])
        assert until(handles) == {200}


def test_a_resumed_session_keeps_its_streams(relay: SmallRelay, room: Room) -> None:
    """A relay that still has the stream is not asked to make another."""
    video = room.publish_video(64, 64, 10, source="data:x")
    stream = {"id": "st-p1", "owner": "p1", "source": "data:x", "renditions": []}
    relay.say(type="stream.added", stream=stream)
    until(lambda: [s for s in room._state.streams() if s.id == "st-p1"])
    relay.streams = [stream]
    relay.cut()
    until(lambda: len(relay.hellos) == 2 and room.phase.kind == "live")
    room.chat.send("after")
    assert len([m for m in relay.heard if m["type"] == "publish"]) == 1
    video.close()


def test_a_source_is_published_once(relay: SmallRelay, room: Room) -> None:
    """Two writers of one tile would fight; a closed source may be published anew."""
    with room.publish_video(64, 64, 10), pytest.raises(meetwidget.MeetError, match="already"):
        room.publish_video(64, 64, 10)
    room.publish_video(64, 64, 10).close()
