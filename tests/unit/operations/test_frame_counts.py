"""The relay's media counts: every frame at a receiver is sent, waiting, or dropped for a reason."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st
from meetwidget_server.room import RoomOptions
from meetwidget_server.room.tally import KindTally

from meetwidget.wire.media import FrameKind
from tests.unit.room.stage import Camera, audio, data
from tests.unit.room.test_queue import Bench

KINDS = (FrameKind.AUDIO, FrameKind.VIDEO, FrameKind.DATA)


def waiting(bench: Bench) -> dict[int, int]:
    """How many frames of each kind wait in the queue now."""
    return {
        FrameKind.AUDIO: len(bench.queue._sound),
        FrameKind.DATA: len(bench.queue._data),
        FrameKind.VIDEO: sum(
            len(unit.frames) for lane in bench.lanes.values() for unit in lane.units
        ),
    }


def gone(tally: KindTally) -> int:
    return tally.frames_out + sum(tally.drops.values())


@settings(max_examples=300, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["base", "key", "other", "sound", "data", "fill", "ack", "wait"]),
            st.integers(1, 4),
        ),
        max_size=80,
    ),
    queue_bytes=st.sampled_from([5_000, 30_000, 100_000]),
)
def test_no_frame_is_counted_twice_or_lost(steps: list[tuple[str, int]], queue_bytes: int) -> None:
    """Whatever the line does: in = out + dropped + waiting, for each kind, and out is what came."""
    bench = Bench(RoomOptions(queue_bytes=queue_bytes))
    one, two = Camera(1, size=1500, fragments=3), Camera(2, size=700)
    offered = dict.fromkeys(KINDS, 0)
    for what, number in steps:
        bench.now += 0.02
        frames: list[bytes] = []
        match what:
            case "base" | "key":
                for _ in range(number):
                    frames += one.unit(key=what == "key")
            case "other":
                frames = two.unit(key=number == 1)
            case "sound":
                frames = [audio(3, number)] * number
            case "data":
                frames = [data(4, number)] * number
            case "fill":
                bench.fill()
            case "ack":
                bench.ack()
            case "wait":
                bench.later(0.08 * number)
        frames = [
            frame for frame in frames if frame[0] != FrameKind.VIDEO or not _unusable(bench, frame)
        ]
        for frame in frames:
            offered[FrameKind(frame[0])] += 1
        if frames:
            _settle(bench, frames)
        left = waiting(bench)
        for kind in KINDS:
            tally = bench.tally.of(kind)
            assert tally.frames_in == offered[kind]
            assert gone(tally) + left[kind] == offered[kind]
            came = [frame for frame in bench.got if frame[0] == kind]
            assert (tally.frames_out, tally.bytes_out) == (len(came), sum(map(len, came)))
            assert sum(tally.waits) <= tally.frames_out
            assert tally.waited_s >= 0


def _unusable(bench: Bench, frame: bytes) -> bool:
    """Hands a frame to its route's sequence, as the intake does before it counts anything."""
    route = bench.routes[frame[3]]
    sequence = route.sequence
    assert sequence is not None
    admitted = sequence.admit(frame)
    if admitted and not route.frames:
        route.batch_in_unit = sequence.before_in_unit
        route.batch_capture = sequence.before_capture
    if admitted:
        route.frames.append(frame)
        route.size += len(frame)
    return not admitted


def _settle(bench: Bench, frames: list[bytes]) -> None:
    for frame in frames:
        if frame[0] != FrameKind.VIDEO:
            route = bench.routes[frame[3]]
            route.frames.append(frame)
            route.size += len(frame)
    for route in bench.routes.values():
        route.settle(bench.now)
    bench.take()


def test_waiting_is_told_as_long_as_it_was() -> None:
    """A frame that waited 30 ms is counted in the class up to 50 ms; one that passed in none."""
    bench = Bench()
    bench.send(audio(3, 0))
    bench.fill()
    bench.queue.sent += 10_000
    packet = audio(3, 1)
    bench.send(packet)
    bench.now += 0.03
    assert bench.ack() == [packet]
    tally = bench.tally.audio
    assert (tally.frames_out, sum(tally.waits)) == (2, 1)
    assert tally.waits[5] == 1  # more than 20 ms, up to 50 ms
    assert 0.0299 < tally.waited_s < 0.0301


def test_dropped_frames_are_counted_by_reason() -> None:
    """Sound and data past their deadline, upper layers that made way, deltas without their key."""
    bench = Bench()
    camera = Camera(1)
    bench.send(*camera.unit(key=True), *camera.unit())
    bench.fill()
    bench.queue.sent += 10_000
    bench.send(*camera.unit(), *camera.unit())  # base, upper
    bench.send(*camera.unit())  # base: the upper one makes way
    bench.send(audio(3, 0), data(4, 0))
    bench.later(0.3)
    bench.send(*camera.unit())
    tally = bench.tally
    assert tally.audio.drops["deadline"] == 1
    assert tally.data.drops["deadline"] == 1
    assert tally.video.drops["layer"] == 1
    assert tally.video.drops["deadline"] == 2
    assert tally.video.drops["until-key"] == 1
