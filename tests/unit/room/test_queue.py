"""What a receiver that lags gets, and what they lose in which order."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st
from meetwidget_server.room import RoomOptions
from meetwidget_server.room.lane import Lane
from meetwidget_server.room.queue import ReceiverQueue
from meetwidget_server.room.route import Route
from meetwidget_server.room.sequence import VideoSequence
from meetwidget_server.room.tally import MediaTally

from meetwidget.wire import media
from tests.unit.room.stage import Camera, Decoder, audio, data, decode, encode

OPTIONS = RoomOptions(queue_bytes=100_000)
"""More than two begun units, the only ones that may not be dropped whole."""


class Bench:
    """One receiver, watching video on handles 1 and 2, sound on 3 and data on 4."""

    def __init__(self, options: RoomOptions = OPTIONS) -> None:
        self.now = 100.0
        self.owed: list[Route] = []
        self.ready: list[object] = []
        kinds: frozenset[media.MediaKind] = frozenset(("audio", "video", "data"))
        self.tally = MediaTally()
        self.queue = ReceiverQueue(
            "socket", kinds, options, encode, self.ready, self.now, self.tally
        )
        self.routes: dict[int, Route] = {}
        self.lanes: dict[int, Lane] = {}
        self.got: list[bytes] = []
        for handle, code in ((1, 2), (2, 2), (3, 1), (4, 3)):
            sequence = VideoSequence(1 << 20, 1000) if code == 2 else None
            tally = self.tally.of(code)
            route = Route(
                handle, code, f"s{handle}", sequence, encode, self.owed, self.ready, tally
            )
            lane = Lane(self.queue, route, priority=handle)
            self.queue.attach(lane)
            self.routes[handle], self.lanes[handle] = route, lane

    def send(self, *frames: bytes) -> list[bytes]:
        """One loop turn with these frames; returns what the receiver got in it."""
        for frame in frames:
            route = self.routes[frame[3]]
            sequence = route.sequence
            if sequence is not None:
                assert sequence.admit(frame)
                if not route.frames:
                    route.batch_in_unit = sequence.before_in_unit
                    route.batch_capture = sequence.before_capture
            route.frames.append(frame)
            route.size += len(frame)
        for route in self.routes.values():
            route.settle(self.now)
        return self.take()

    def take(self) -> list[bytes]:
        self.ready.clear()
        got = decode(self.queue.take()) if self.queue.out else []
        self.got += got
        return got

    def ack(self, all_but: int = 0) -> list[bytes]:
        self.queue.acknowledge(self.queue.sent - all_but, self.now)
        return self.take()

    def fill(self) -> None:
        """Uses up the credit with sound from nowhere, so that everything else must wait."""
        self.queue.sent = self.queue.credit.acked + self.queue.credit.window
        self.queue.limit = self.queue.sent

    def later(self, seconds: float) -> list[bytes]:
        self.now += seconds
        self.queue.drain(self.now)
        return self.take()


def handles(frames: list[bytes]) -> list[int]:
    return [frame[3] for frame in frames]


def test_receiver_that_keeps_up_gets_everything_in_one_piece() -> None:
    """A turn's frames of one handle come as one write, byte for byte."""
    bench = Bench()
    camera = Camera(1)
    frames = [*camera.unit(key=True), *camera.unit(), *camera.unit()]
    assert bench.send(*frames) == frames
    assert bench.lanes[1].queue.waiting == 0
    assert bench.queue in bench.routes[1].fast
    more = camera.unit()
    bench.routes[1].sequence.admit(more[0])  # type: ignore[union-attr]
    assert bench.send(audio(3, 0), data(4, 0)) == [audio(3, 0), data(4, 0)]


def test_bytes_in_flight_are_bounded_by_the_window() -> None:
    """Without acknowledgements no more than the window and the margin of sound goes out."""
    bench = Bench()
    camera = Camera(1, size=5000)
    bench.send(*camera.unit(key=True))
    for number in range(200):
        bench.now += 0.01
        bench.send(*camera.unit(), audio(3, number))
    assert bench.queue.sent <= bench.queue.credit.window + 4000
    assert bench.queue.waiting <= OPTIONS.queue_bytes


def test_sound_passes_waiting_video() -> None:
    """With credit for a little, the voice goes first."""
    bench = Bench()
    camera = Camera(1, size=3000)
    bench.send(*camera.unit(key=True))
    bench.fill()
    assert bench.send(*camera.unit()) == []
    packet = audio(3, 0)
    assert bench.send(packet) == [packet]


def test_upper_layer_goes_first() -> None:
    """A waiting upper-layer unit makes way as soon as a newer base unit waits, and nothing breaks."""
    bench = Bench()
    camera, decoder = Camera(1), Decoder()
    bench.send(*camera.unit(key=True))
    bench.send(*camera.unit())  # upper
    bench.fill()
    units = [camera.unit() for _ in range(4)]  # base, upper, base, upper
    for unit in units:
        bench.send(*unit)
    assert bench.ack() == [*units[0], *units[2], *units[3]]
    for frame in bench.got:
        decoder.feed(frame)
    assert not bench.routes[1].key_wanted


def test_late_base_unit_costs_all_deltas_until_the_next_key() -> None:
    """Past the deadline nothing of the group is sent, a key frame is asked for once, and it mends."""
    bench = Bench()
    camera, decoder = Camera(1), Decoder()
    bench.send(*camera.unit(key=True), *camera.unit())
    bench.owed.clear()
    bench.fill()
    bench.send(*camera.unit(), *camera.unit())
    bench.later(0.3)
    assert bench.owed == [bench.routes[1]]
    assert bench.routes[1].needs_key
    assert bench.queue.waiting == 0
    bench.ack()
    assert bench.send(*camera.unit(), *camera.unit()) == []
    assert bench.owed == [bench.routes[1]]
    after = [*camera.unit(key=True), *camera.unit(), *camera.unit()]
    assert bench.send(*after) == after
    for frame in bench.got:
        decoder.feed(frame)
    assert bench.queue in bench.routes[1].fast


def test_nothing_is_sent_past_its_deadline() -> None:
    """Sound, data and video that waited too long are gone when credit comes."""
    bench = Bench()
    camera = Camera(1)
    bench.send(*camera.unit(key=True), *camera.unit())
    bench.fill()
    bench.queue.sent += 10_000  # beyond the margin of sound, too
    bench.send(*camera.unit(), audio(3, 0), data(4, 0))
    assert bench.later(0.3) == []
    assert bench.ack() == []
    assert bench.queue.waiting == 0


def test_video_is_given_up_before_sound() -> None:
    """A packet of sound is dropped only when no video unit waits."""
    bench = Bench()
    camera = Camera(1)
    bench.send(*camera.unit(key=True), *camera.unit())
    bench.fill()
    bench.queue.sent += 10_000
    bench.send(audio(3, 0))
    bench.now += 0.19
    bench.send(*camera.unit())
    bench.later(0.02)
    assert not bench.lanes[1].units
    assert bench.queue.waiting == 0


def test_fragments_go_all_or_none() -> None:
    """A unit whose beginning went out is finished, whatever its deadline; others go whole."""
    bench = Bench()
    camera, decoder = Camera(1, size=4000, fragments=4), Decoder()
    bench.send(*camera.unit(key=True))
    assert bench.queue.waiting == 0
    first = camera.unit()
    out = bench.send(*first)
    assert 0 < len(out) < 4
    bench.later(0.5)
    for _ in range(5):
        bench.ack()
    bench.send(*camera.unit())
    for _ in range(9):
        bench.ack()
    for frame in bench.got:
        decoder.feed(frame)
    assert decoder.decoded >= 2


def test_unit_begun_in_passing_is_finished() -> None:
    """When a receiver falls behind between two fragments, the rest of that unit still comes.

    Also the second time, when what the queue knew of the first lag is out of date.
    """
    bench = Bench()
    camera, decoder = Camera(1, fragments=3), Decoder()
    bench.send(*camera.unit(key=True))
    for _ in range(3):
        first, second, third = camera.unit()
        assert bench.send(first) == [first]
        bench.fill()
        assert bench.send(second) == []
        assert bench.later(0.4) == []
        assert bench.send(third) == []
        assert bench.ack() == [second, third]
        assert bench.queue in bench.routes[1].fast
        bench.send(*camera.unit())
    for frame in bench.got:
        decoder.feed(frame)


def test_key_frame_replaces_what_waits() -> None:
    """When a new beginning is here, the older deltas are not worth the line."""
    bench = Bench()
    camera = Camera(1)
    bench.send(*camera.unit(key=True), *camera.unit())
    bench.fill()
    bench.send(*camera.unit())
    key = camera.unit(key=True)
    bench.send(*key)
    assert bench.ack() == key


def test_higher_priority_goes_first() -> None:
    """With credit for one tile, it is the one that the receiver cares for."""
    bench = Bench()
    one, two = Camera(1), Camera(2)
    bench.send(*one.unit(key=True), *two.unit(key=True))
    bench.fill()
    first, second = one.unit(), two.unit()
    bench.send(*first, *second)
    assert handles(bench.ack()) == [2, 1]


def test_frame_larger_than_the_window_passes_alone() -> None:
    """No window is too small for one frame when nothing else is under way."""
    bench = Bench()
    bench.queue.credit.window = 1000
    bench.queue.limit = 1000
    camera = Camera(1, size=30_000)
    key = camera.unit(key=True)
    assert bench.send(*key) == key


def test_bytes_run_out_for_the_fullest_tile_first() -> None:
    """The bound on waiting bytes holds; sound survives it."""
    bench = Bench(RoomOptions(queue_bytes=10_000))
    one, two = Camera(1, size=9000), Camera(2, size=500)
    bench.send(*one.unit(key=True), *two.unit(key=True))
    bench.fill()
    bench.queue.sent += 10_000
    packet = audio(3, 0)
    bench.send(packet, *two.unit(), *one.unit())
    bench.send(*one.unit(), *one.unit(), *one.unit())
    assert bench.queue.waiting <= 10_000
    assert packet in bench.ack()


def test_endless_unit_is_broken_off() -> None:
    """A sender that never ends its unit cannot fill the relay's memory; a key frame mends it."""
    bench = Bench(RoomOptions(queue_bytes=20_000))
    camera = Camera(1, size=4000, fragments=40)
    bench.fill()
    bench.queue.sent -= 5000
    bench.queue.limit = bench.queue.sent
    for frame in camera.unit(key=True)[:-1]:
        bench.send(frame)
        assert bench.queue.waiting <= 20_000
    assert bench.routes[1].needs_key
    camera.fragments = 1
    key = camera.unit(key=True)
    assert bench.send(*key) + bench.ack() == key


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("video"), st.sampled_from([1, 2]), st.booleans()),
            st.tuples(st.just("audio"), st.just(3), st.booleans()),
            st.tuples(st.just("wait"), st.floats(0.001, 0.4), st.booleans()),
            st.tuples(st.just("ack"), st.integers(0, 30_000), st.booleans()),
        ),
        max_size=120,
    ),
    st.integers(1, 3),
    st.sampled_from([300, 4000, 12_000]),
)
def test_any_line_leaves_something_decodable(
    steps: list[tuple[str, float, bool]], fragments: int, size: int
) -> None:
    """Whatever comes and however badly it is acknowledged: what is sent decodes, and memory is bounded."""
    bench = Bench()
    cameras = {h: Camera(h, size=size, fragments=fragments) for h in (1, 2)}
    decoders = {1: Decoder(), 2: Decoder()}
    sound: list[int] = []
    fed = 0
    for count, (what, number, flag) in enumerate(steps):
        if what == "video":
            handle = int(number)
            broken = bench.routes[handle].sequence.broken  # type: ignore[union-attr]
            unit = cameras[handle].unit(key=broken or (flag and bench.routes[handle].needs_key))
            if flag:
                bench.send(*unit)
            else:  # fragments in turns of their own
                for frame in unit:
                    bench.send(frame)
        elif what == "audio":
            bench.send(audio(3, count, size=400))
        elif what == "wait":
            bench.later(number)
        else:
            bench.ack(all_but=min(int(number), bench.queue.sent - bench.queue.credit.acked))
        queue = bench.queue
        assert 0 <= queue.waiting <= OPTIONS.queue_bytes
        assert queue.sent - queue.credit.acked <= max(queue.credit.window, 25_000) + 80_000
        for frame in bench.got[fed:]:
            if frame[3] in decoders:
                decoders[frame[3]].feed(frame)
            else:
                sound.append(media.parse(frame).sequence)
        fed = len(bench.got)
    assert sound == sorted(set(sound))
    held = sum(u.size for lane in bench.lanes.values() for u in lane.units)
    held += sum(len(f) for _, f in bench.queue._sound)
    assert bench.queue.waiting == held
