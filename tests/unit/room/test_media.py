"""Streams, handles, watches, demand, and every frame's way."""

from __future__ import annotations

from collections import Counter, deque

import pytest
from meetwidget_server.room import RoomOptions

from meetwidget.wire import media
from meetwidget.wire.control import (
    Ack,
    Demand,
    Moderate,
    Publish,
    RenditionOffer,
    Stream,
    StreamAdded,
    StreamRemoved,
    StreamUpdated,
    Unpublish,
    Want,
    Watch,
)
from tests.unit.room.stage import Camera, Decoder, Lane, Peer, Stage, audio, data, video


class Show:
    """Ada publishes a camera in 180p and 360p; bob is there to watch."""

    def __init__(self, options: RoomOptions | None = None) -> None:
        self.stage = Stage(options)
        self.ada, self.bob = self.stage.join("ada"), self.stage.join("bob")
        self.stream = self.ada.publish()
        self.small, self.large = self.ada.handles()
        self.sender = self.ada.lane()

    def send(self, frames: list[bytes]) -> None:
        for frame in frames:
            self.sender.send(frame)

    def viewer(self, name: str, height: int = 180) -> tuple[Peer, Lane]:
        peer = self.stage.join(name)
        lane = peer.lane()
        peer.watch(self.stream, height)
        return peer, lane


def test_publish_is_acknowledged_and_told() -> None:
    """The publisher gets stream and handles in order; everyone sees the stream, latecomers too."""
    show = Show()
    added = show.bob.last(StreamAdded).stream
    assert (added.id, added.owner, added.source) == (show.stream, show.ada.id, "camera")
    assert [r.handle for r in added.renditions] == [show.small, show.large]
    assert show.stage.join("eve").welcome.streams == [added]


def test_sound_of_a_shared_tab_is_sound_that_no_moderator_mutes() -> None:
    """`screen-audio` goes out on the sound socket; a muted microphone leaves it alone."""
    show = Show()
    voice = show.ada.publish("microphone", [])
    (spoken,) = show.ada.handles()
    tab = show.ada.publish("screen-audio", [])
    (played,) = show.ada.handles()
    eve = show.stage.join("eve")
    sound = eve.lane("audio")
    eve.watch(voice, 0)
    eve.watch(tab, 0)
    show.send([audio(played, 0), audio(spoken, 0)])
    assert [frame[3] for frame in sound.take()] == [played, spoken]
    show.ada.say(Moderate("m1", "mute", show.ada.id))
    show.send([audio(played, 1), audio(spoken, 1)])
    assert sound.take() == [audio(played, 1)]


def test_same_source_again_updates_in_place() -> None:
    """The stream keeps its id, and its handles by index."""
    show = Show()
    assert show.ada.publish("camera", [90, 180, 720]) == show.stream
    handles = show.ada.handles()
    assert handles[:2] == [show.small, show.large]
    assert len(set(handles)) == 3
    updated: Stream = show.bob.last(StreamUpdated).stream
    assert [r.height for r in updated.renditions] == [90, 180, 720]
    assert show.ada.publish("camera", [90]) == show.stream
    assert show.ada.handles() == [show.small]


def test_unpublish_ends_the_stream() -> None:
    """Only its owner can; the others are told; late frames are excused, a stranger's are not."""
    show = Show()
    show.bob.say(Unpublish("c-1", show.stream))
    assert show.bob.errors() == ["not-found"]
    show.ada.say(Unpublish("c-2", show.stream))
    assert show.ada.last(Ack).cid == "c-2"
    assert show.bob.last(StreamRemoved).id == show.stream
    show.sender.send(video(show.small, 0, 1, key=True))
    assert show.sender.closed is None
    thief = show.bob.lane()
    thief.send(video(show.small, 0, 1, key=True))
    assert thief.closed == 4403


def test_handle_that_passed_to_somebody_else_is_foreign() -> None:
    """What a socket could send once is no right to send it for ever."""
    show = Show()
    show.send([video(show.small, 0, 1, key=True)])
    show.ada.say(Unpublish("c-1", show.stream))
    show.stage.later(61, step=1)
    show.bob.publish()  # handles that rested are free from now on
    show.send([video(show.small, 1, 2, key=True)])
    assert show.sender.closed == 4403


def test_streams_are_bounded() -> None:
    """One participant publishes no more than allowed."""
    stage = Stage(RoomOptions(streams=2))
    ada = stage.join("ada")
    for name in "abc":
        ada.say(Publish(f"c-{name}", f"data:{name}", [RenditionOffer("raw")]))
    assert ada.errors() == ["too-many"]
    assert len(stage.join("bob").welcome.streams) == 2


def test_nothing_is_encoded_that_nobody_watches() -> None:
    """Demand follows the watches: off at first, on with the first, off after the last."""
    show = Show()
    assert show.ada.of(Demand) == []
    _, _ = show.viewer("eve")
    assert show.ada.demand(show.stream) == {show.small: True, show.large: False}
    assert show.ada.last(Demand).renditions[0].key
    count = len(show.ada.of(Demand))
    show.viewer("joe")
    show.stage.later(2)
    show.bob.watch(show.stream, 0)
    show.bob.watch(show.stream, None)
    for peer in show.stage.peers.values():
        if peer.name in ("eve", "joe"):
            assert show.ada.demand(show.stream)[show.small]
            peer.watch(show.stream, None)
    assert show.ada.demand(show.stream) == {show.small: False, show.large: False}
    assert len(show.ada.of(Demand)) > count


@pytest.mark.parametrize(
    ("wanted", "chosen"), [(0, 0), (90, 0), (180, 0), (181, 1), (360, 1), (2000, 1)]
)
def test_rendition_fits_the_tile(wanted: int, chosen: int) -> None:
    """The smallest that is at least as high as the tile, else the largest."""
    show = Show()
    show.bob.watch(show.stream, wanted)
    handles = (show.small, show.large)
    assert show.ada.demand(show.stream) == {
        handle: index == chosen for index, handle in enumerate(handles)
    }


def test_frames_reach_watchers_byte_for_byte_and_nobody_else() -> None:
    """Neither those who watch nothing nor the sender get them."""
    show = Show()
    _, eyes = show.viewer("eve")
    others = show.bob.lane()
    camera = Camera(show.small)
    frames = [*camera.unit(key=True), *camera.unit()]
    show.send(frames)
    assert eyes.take() == frames
    assert others.take() == []
    assert show.sender.take() == []


def test_kinds_go_to_the_socket_that_asked() -> None:
    """Sound on the audio socket, the rest on the other, whichever was opened first."""
    stage = Stage()
    ada, bob = stage.join("ada"), stage.join("bob")
    sender = ada.lane()
    streams = {}
    for source, heights in (("microphone", []), ("camera", [180]), ("data:cursor", [])):
        streams[source] = (ada.publish(source, heights), ada.handles()[0])
    for stream, _ in streams.values():
        bob.watch(stream)
    ears, eyes = bob.lane("audio"), bob.lane("video", "data")
    voice = audio(streams["microphone"][1], 0)
    picture = video(streams["camera"][1], 0, 1, key=True)
    cursor = data(streams["data:cursor"][1], 0)
    for frame in (voice, picture, cursor):
        sender.send(frame)
    assert ears.take() == [voice]
    assert sorted(eyes.got) == sorted([picture, cursor])


def test_newer_socket_takes_over_its_kinds() -> None:
    """A reconnected media socket gets the frames; one that has no kind left is closed."""
    show = Show()
    eve, old = show.viewer("eve")
    camera = Camera(show.small)
    show.send(camera.unit(key=True))
    assert len(old.take()) == 1
    new = eve.lane()
    assert old.closed == 4409
    assert len(new.take()) == 1  # the picture so far, at once
    show.send(camera.unit())
    assert len(new.take()) == 1
    assert old.take() == []
    sound = eve.lane("audio")
    assert new.closed is None
    show.stage.perform(show.stage.room.close_media(sound.port, show.stage.now))
    show.send(camera.unit())
    assert len(new.take()) == 1


def test_joiner_gets_a_picture_at_once() -> None:
    """The base layer since the last key frame comes without asking the sender, and then live."""
    show = Show()
    show.viewer("eve")
    camera = Camera(show.small)
    show.send(camera.unit(key=True))
    for _ in range(7):
        show.send(camera.unit())
    asked = show.ada.keys_asked()
    _, lane = show.viewer("joe")
    decoder = Decoder()
    cached = lane.take()
    assert len(cached) == 5, "four base units, and the newest picture"
    for _ in range(6):
        show.send(camera.unit())
    live = lane.take()
    assert len(live) == 6
    for frame in [*cached, *live]:
        decoder.feed(frame)
    assert show.ada.keys_asked() == asked


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("flushed", [False, True])
@pytest.mark.parametrize("cache", [0, 1 << 20])
def test_joiner_in_the_middle_of_a_unit(upper: bool, flushed: bool, cache: int) -> None:
    """Whoever starts to watch between two fragments still gets whole units only."""
    show = Show(RoomOptions(cache_bytes=cache))
    show.viewer("eve")
    camera = Camera(show.small, fragments=3, size=300)
    show.send(camera.unit(key=True))
    if not upper:
        show.send(camera.unit())
    first, *rest = camera.unit()
    show.send([first])
    if flushed:
        show.stage.flush()
    _, lane = show.viewer("joe")
    show.send(rest)
    show.send(camera.unit(key=not cache))
    for _ in range(3):
        show.send(camera.unit())
    decoder = Decoder()
    for frame in lane.take():
        decoder.feed(frame)
    assert decoder.decoded >= 4


def test_joiner_in_the_middle_of_a_key_frame() -> None:
    """The second half of a key frame is no beginning."""
    show = Show(RoomOptions(cache_bytes=0))
    show.viewer("eve")
    camera = Camera(show.small, fragments=2)
    first, second = camera.unit(key=True)
    show.send([first])
    _, lane = show.viewer("joe")
    show.send([second, *camera.unit()])
    assert lane.take() == []
    key = camera.unit(key=True)
    show.send(key)
    assert lane.take() == key


def test_joiner_without_a_cache_waits_for_one_requested_key() -> None:
    """When the group of pictures is too large to keep, a key frame is asked for, once for all."""
    show = Show(RoomOptions(cache_bytes=3000))
    show.viewer("eve")
    camera = Camera(show.small)
    show.send(camera.unit(key=True))
    for _ in range(20):
        show.send(camera.unit())
    show.stage.later(1)
    asked = show.ada.keys_asked()
    lanes = [show.viewer(name)[1] for name in ("joe", "kim", "lee")]
    assert show.ada.keys_asked() == asked + 1
    key = camera.unit(key=True)
    show.send(camera.unit())
    show.send(key)
    for lane in lanes:
        assert lane.take()[:1] == key


def test_key_requests_are_coalesced_and_repeated_when_unanswered() -> None:
    """At most one per 500 ms, only while somebody waits, and again when none came."""
    show = Show(RoomOptions(cache_bytes=0))
    show.viewer("eve")
    assert show.ada.keys_asked() == 1
    show.stage.now += 0.05
    show.viewer("joe")
    assert show.ada.keys_asked() == 1
    show.stage.later(0.6)
    assert show.ada.keys_asked() == 2
    show.stage.later(2)
    assert show.ada.keys_asked() == 3
    show.send(Camera(show.small).unit(key=True))
    show.stage.later(10)
    assert show.ada.keys_asked() == 3


def test_same_watch_again_asks_for_a_key() -> None:
    """A receiver whose decoder failed says so by watching again; nothing is interrupted."""
    show = Show()
    eve, lane = show.viewer("eve")
    camera = Camera(show.small)
    show.send(camera.unit(key=True))
    show.stage.later(1)
    asked = show.ada.keys_asked()
    eve.watch(show.stream, 180)
    assert show.ada.keys_asked() == asked + 1
    eve.watch(show.stream, 180)
    assert show.ada.keys_asked() == asked + 1
    show.stage.later(0.6)
    assert show.ada.keys_asked() == asked + 2
    show.send(camera.unit())
    assert len(lane.take()) == 2


def test_gap_in_the_senders_count_asks_for_a_key() -> None:
    """A sender that dropped a base frame of its own is asked to start anew; nothing wrong is passed on."""
    show = Show()
    _, lane = show.viewer("eve")
    show.send([video(show.small, 0, 1, key=True)])
    show.stage.later(1)
    asked = show.ada.keys_asked()
    show.send([video(show.small, 2, 3)])
    assert show.ada.keys_asked() == asked + 1
    assert [media.parse(f).sequence for f in lane.take()] == [0]


def test_switch_waits_for_the_new_renditions_key_frame() -> None:
    """The old one flows, and both are encoded, until the new one can be decoded; then only the new."""
    show = Show()
    eve, lane = show.viewer("eve")
    small, large = Camera(show.small), Camera(show.large)
    show.send(small.unit(key=True))
    assert {f[3] for f in lane.take()} == {show.small}
    show.stage.later(1)
    eve.watch(show.stream, 360)
    assert show.ada.demand(show.stream) == {show.small: True, show.large: True}
    assert show.ada.last(Demand).renditions[1].key
    show.send(small.unit())
    assert {f[3] for f in lane.take()} == {show.small}
    show.send(large.unit(key=True))
    show.send(small.unit())
    show.send(large.unit())
    assert {f[3] for f in lane.take()} == {show.large}
    show.stage.later(0.1)
    assert show.ada.demand(show.stream) == {show.small: False, show.large: True}
    show.send(small.unit())
    assert lane.take() == []


def test_switch_to_what_others_watch_is_immediate_and_without_repetition() -> None:
    """Frames that gather at this very moment come once."""
    show = Show()
    eve, lane = show.viewer("eve")
    _, other = show.viewer("joe", 360)
    large = Camera(show.large)
    show.send(Camera(show.small).unit(key=True))
    lane.take()
    frames = [*large.unit(key=True), *large.unit(), *large.unit()]
    show.send(frames)
    eve.watch(show.stream, 360)
    assert other.take() == frames
    assert lane.take() == [frames[0], frames[2]]


def test_changed_mind_during_a_switch() -> None:
    """Back to the old rendition before the new one came: nothing was interrupted."""
    show = Show()
    eve, lane = show.viewer("eve")
    small, large = Camera(show.small), Camera(show.large)
    show.send(small.unit(key=True))
    eve.watch(show.stream, 360)
    eve.watch(show.stream, 180)
    assert show.ada.demand(show.stream) == {show.small: True, show.large: False}
    show.send(large.unit(key=True))
    show.send(small.unit())
    assert [f[3] for f in lane.take()] == [show.small, show.small]


def test_sockets_are_acknowledged() -> None:
    """The relay tells a sender how many bytes of frames it has, at most once per tick."""
    show = Show()
    frame = video(show.small, 0, 1, key=True, size=500)
    show.send([frame, frame])
    show.stage.later(0.1)
    assert show.sender.acks == [1000]
    show.stage.later(1)
    assert show.sender.acks == [1000]


def test_unacknowledged_receiver_is_held_back_and_then_let_go() -> None:
    """Who never acknowledges gets a window of bytes, then nothing, then close 1013; the others all."""
    show = Show()
    _, deaf = show.viewer("eve")
    _, well = show.viewer("joe")
    camera = Camera(show.small, size=2000)
    show.send(camera.unit(key=True))
    for number in range(130):
        show.stage.later(0.1)
        show.send(camera.unit(key=number % 20 == 0))
        show.stage.flush()
        well.ack()
    assert deaf.closed == 1013
    assert deaf.bytes < 60_000
    assert well.closed is None
    assert well.bytes == 131 * 2000


def test_starved_receiver_gets_smaller_pictures_then_none_and_sound_throughout() -> None:
    """Down the ladder on a line too thin, back up when it widens; the voice goes on."""
    show = Show()
    stage = show.stage
    microphone = show.ada.publish("microphone", [])
    (voice,) = show.ada.handles()
    eve, lane = show.viewer("eve", 360)
    eve.watch(microphone)
    cameras = {show.small: Camera(show.small, 2000), show.large: Camera(show.large, 12_000)}
    first = dict.fromkeys(cameras, True)
    debt = 0.0
    received = 0
    heights: list[tuple[int, ...]] = []

    def run(seconds: float, rate: float) -> None:
        nonlocal debt, received
        lately: deque[tuple[int, ...]] = deque(maxlen=100)
        for tick in range(int(seconds * 20)):
            keys = {r.handle for d in show.ada.of(Demand)[-3:] for r in d.renditions if r.key}
            show.ada.forget()
            for handle, on in last_demand.items():
                if on:
                    show.send(cameras[handle].unit(key=first[handle] or handle in keys))
                    first[handle] = False
            show.sender.send(audio(voice, stage_count[0]))
            stage_count[0] += 1
            stage.later(0.05, step=0.05)
            last_demand.update(show.ada.demand(show.stream))
            received = min(lane.bytes, received + int(rate * 0.05))
            if tick % 2:
                lane.ack(received)
            stage.flush()
            last_demand.update(show.ada.demand(show.stream))
            lately.append(tuple(h for h, on in last_demand.items() if on))
        # Most of the last 5 s: now and then more is tried.
        heights.append(Counter(lately).most_common(1)[0][0])

    last_demand = show.ada.demand(show.stream)
    stage_count = [0]
    run(3, 10_000_000)
    assert heights[-1] == (show.large,)
    run(15, 60_000)
    assert show.large not in heights[-1]
    run(15, 4_000)
    assert heights[-1] == ()
    run(90, 10_000_000)
    assert heights[-1] == (show.large,)
    sounds = [media.parse(f).sequence for f in lane.got if f[0] == 1]
    # What was under way when the line fell to 4 kB/s takes 5 s: sound behind it would be late.
    fell = 18 * 20
    assert [n for n in sounds if not fell <= n < fell + 100] == [
        n for n in range(stage_count[0]) if not fell <= n < fell + 100
    ]
    decoders = {handle: Decoder(returning=True) for handle in cameras}
    for frame in lane.got:
        if frame[0] == 2:
            decoders[frame[3]].feed(frame)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"", 4400),
        (b"\x02", 4400),
        (bytes(20), 4400),
        (video(1, 0, 1)[:19], 4400),
        (b"\x07" + video(1, 0, 1)[1:], 4400),
        (video(1, 0, 1)[:19] + b"\x01", 4400),
        (audio(1, 0), 4400),
        (video(99, 0, 1), 4403),
        (video(1, 0, 1, key=True, size=70_000), 4413),
        (media.pack_ack(1, 1)[:-1], 4400),
    ],
    ids=[
        "empty", "short", "kind-0", "cut", "kind-7", "reserved", "wrong-kind", "foreign", "large",
        "short-ack",
    ],
)  # fmt: skip
def test_wrong_frames_close_the_socket_and_disturb_nobody(frame: bytes, code: int) -> None:
    """Each has its close code, before and after right frames of the same handle; others go on."""
    for warmed_up in (False, True):
        show = Show()
        assert show.small == 1
        stream = show.bob.publish()
        (handle, _) = show.bob.handles()
        _, eyes = show.viewer("eve")
        eve = next(p for p in show.stage.peers.values() if p.name == "eve")
        eve.watch(stream)
        good = show.bob.lane()
        if warmed_up:
            show.send([video(1, 0, 1, key=True)])
            eyes.take()
        show.sender.send(frame)
        assert show.sender.closed == code
        show.sender.send(video(1, 9, 9, key=True))
        assert eyes.take() == []
        good.send(video(handle, 0, 1, key=True))
        assert len(eyes.take()) == 1


def test_extension_block_is_checked_every_time() -> None:
    """A right frame with an extension does not let a wrong one of the same shape through."""
    show = Show()
    _, eyes = show.viewer("eve")
    head = media.Header(2, media.flags(key=True, extension=True), show.small, 0, 0, 1).pack()
    right = head + b"\x00\x02ab" + b"payload"
    show.sender.send(right)
    assert eyes.take() == [right]
    show.sender.send(head + b"\xff\xff" + b"payload")
    assert show.sender.closed == 4400
    assert eyes.take() == []


def test_lost_participant_keeps_streams_and_frames_flow_again() -> None:
    """In the grace period the stream stays; what only the lost one watched is not encoded."""
    show = Show()
    eve, lane = show.viewer("eve")
    show.send([video(show.small, 0, 1, key=True)])
    lane.take()
    show.stage.perform(show.stage.room.close_media(lane.port, show.stage.now))
    eve.drop()
    assert show.ada.demand(show.stream)[show.small] is False
    again = show.stage.resume(eve)
    assert show.ada.demand(show.stream)[show.small] is True
    assert len(again.lane().take()) == 1
    show.ada.drop()
    ada = show.stage.resume(show.ada)
    assert ada.demand(show.stream)[show.small] is True
    assert [s.id for s in ada.welcome.streams] == [show.stream]


def test_media_of_a_lost_control_connection_goes_on() -> None:
    """Three sockets are three lines: losing one stops no picture."""
    show = Show()
    eve, lane = show.viewer("eve")
    show.send([video(show.small, 0, 1, key=True)])
    eve.drop()
    show.ada.drop()
    show.send([video(show.small, 1, 2)])
    assert len(lane.take()) == 2


def test_watching_what_is_not_there_is_passed_over() -> None:
    """A watch that crosses the end of a stream is no error; the rest of it holds."""
    show = Show()
    show.bob.say(Watch({"stream-none": Want(), show.stream: Want(320, 180)}))
    assert show.bob.errors() == []
    assert show.ada.demand(show.stream)[show.small]


def test_unknown_session_opens_no_media() -> None:
    """Without a living session there is no port."""
    stage = Stage()
    port, effects = stage.room.open_media("session-none", "socket", ["audio"], stage.now)
    assert port is None
    assert list(effects) == []


def test_one_write_carries_all_of_a_turn() -> None:
    """Frames of one turn come out as one piece per receiver, the same object for all in step."""
    show = Show()
    lanes = [show.viewer(name)[1] for name in ("eve", "joe")]
    show.send([video(show.small, 0, 1, key=True)])
    show.stage.flush()
    camera = Camera(show.small)
    camera.unit(key=True)
    for _ in range(3):
        show.send(camera.unit())
    writes = show.stage.room.flush(show.stage.now)
    assert {socket for socket, _ in writes} == {lane.socket for lane in lanes}
    (first, second) = (piece for _, piece in writes)
    assert first is second
    assert not show.stage.room.unflushed
