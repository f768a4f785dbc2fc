"""The load of the benchmarks is what docs/performance.md says it is."""

from __future__ import annotations

import itertools
import socket
from types import SimpleNamespace
from typing import Any, cast

import pytest

from meetwidget.wire import media
from meetwidget.wire.media import FrameKind, Header
from tests.benchmarks.capacity import LEAST, Capacity, largest
from tests.benchmarks.load import Seat
from tests.benchmarks.participants import HEARD, SPEAKERS, STAGE, WATCHED, seen_by
from tests.benchmarks.senders import (
    CYCLE_MS,
    FPS,
    KEY_SECONDS,
    OPUS_BYTES,
    PACKETS,
    PICTURES,
    VIDEO_BITS,
    Sender,
)


def sent(kind: FrameKind, count: int, phase: int = 0) -> list[tuple[Header, int]]:
    """Returns headers and payload sizes of a sender's first frames, read off a socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        client = SimpleNamespace(socket=ours, unread=b"")
        sender = Sender(Seat(cast("Any", client), (0, 0), acknowledges=False), "s", 7, kind, phase)
        frames = []
        for _ in range(count):
            assert sender.send()
            data = theirs.recv(1 << 16)
            start = 8 if data[1] & 0x7F == 126 else 6
            header = media.parse(data[start:])
            frames.append((header, len(data) - start - media.HEADER_BYTES))
    return frames


@pytest.mark.parametrize("phase", [0, 7, 40])
def test_camera(phase: int) -> None:
    """150 kbit/s in two layers: a key frame first and then every ten seconds, bases counted."""
    frames = sent(FrameKind.VIDEO, 3 * len(PICTURES), phase)
    keys = [header.sequence for header, _ in frames if header.key]
    assert keys[0] == 0
    assert set(keys[1:]) == {place for place in range(1, 450) if (place + phase * 2) % 150 == 0}
    steady = frames[-len(PICTURES) :]
    assert len(PICTURES) == FPS * KEY_SECONDS
    assert sum(size for _, size in steady) * 8 / KEY_SECONDS == pytest.approx(VIDEO_BITS, rel=0.05)
    deltas = [(header.layer, size) for header, size in steady if not header.key]
    base = sum(size for layer, size in deltas if layer == 0)
    assert base / sum(size for _, size in deltas) == pytest.approx(0.6, abs=0.03)
    bases = 0
    for header, _ in frames:
        bases += header.layer == 0
        assert (header.handle, header.base_count, header.last) == (7, bases, True)


def test_microphone() -> None:
    """32 kbit/s in packets of 80 bytes, every one a base frame."""
    frames = sent(FrameKind.AUDIO, 5)
    assert [size for _, size in frames] == [OPUS_BYTES] * 5
    assert OPUS_BYTES * 8 * PACKETS == 32_000
    assert [header.base_count for header, _ in frames] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("phase", range(60))
def test_times(phase: int) -> None:
    """In each cycle a camera sends its three frames and a microphone its ten packets, evenly."""
    for kind, rate in ((FrameKind.VIDEO, FPS), (FrameKind.AUDIO, PACKETS)):
        slots = Sender(cast("Any", None), "s", 1, kind, phase).slots()
        assert len(slots) * 1000 == rate * CYCLE_MS
        assert slots[0] >= 0
        assert slots[-1] < CYCLE_MS
        gaps = {after - before for before, after in itertools.pairwise(slots)}
        assert max(gaps) - min(gaps) <= 1


@pytest.mark.parametrize("number", range(30))
def test_everybody_sees_six_and_hears_three(number: int) -> None:
    """On the stage or not, nobody watches themself, and all watch the same number."""
    cameras = [f"c{place}" for place in range(STAGE)]
    microphones = [f"m{place}" for place in range(SPEAKERS)]
    seen = seen_by(number, cameras, microphones)
    assert len([one for one in seen if one in cameras]) == WATCHED
    assert len([one for one in seen if one in microphones]) == HEARD
    assert f"c{number}" not in seen
    assert f"m{number}" not in seen


@pytest.mark.parametrize("true", [0, 20, 21, 56, 57, 98, 400, 1001, 2099, 2100, 9999])
def test_search(true: int) -> None:
    """The search finds the largest number that is carried, to four in a hundred, in few tries."""
    tried: list[int] = []

    def carries(count: int) -> Capacity | None:
        tried.append(count)
        return Capacity(count, 0, 0, 0, 0, 0, 0, 0, 0) if count <= true else None

    found = largest(carries, 56, LEAST, STAGE, 2100)
    assert len(set(tried)) == len(tried) <= 15
    if true < LEAST:
        assert found is None
    else:
        assert found is not None
        most = min(true, 2100)
        assert most - max(2 * STAGE, 0.05 * most) <= found.participants <= most
