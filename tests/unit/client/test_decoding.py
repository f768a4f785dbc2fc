"""Decoding one stream: errors cost pictures, never the stream."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from meetwidget.media.decoding import KEY_PATIENCE_SECONDS, Decoding
from meetwidget.media.vp8 import Vp8Encoder
from meetwidget.wire.control import Rendition
from meetwidget.wire.media import FrameKind, Header, flags, fragment

VP8 = Rendition(codec="vp8", handle=1)


def stream(count: int, keys: frozenset[int] = frozenset()) -> list[list[bytes]]:
    """Returns the frames of each of ``count`` pictures."""
    encoder, sequence, base, sent = Vp8Encoder(64, 64, 20, 100_000), 0, 0, []
    for index in range(count):
        picture = np.full((64, 64, 3), 10 * index % 256, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        chunk = encoder.encode(frame, 50_000 * index, index in keys)
        assert chunk is not None
        base += chunk.layer == 0
        bits = flags(key=chunk.key, layer=chunk.layer)
        header = Header(FrameKind.VIDEO, bits, 1, sequence, 50_000 * index, base)
        frames = fragment(header, chunk.data)
        sequence += len(frames)
        sent.append(frames)
    return sent


def push(decoding: Decoding, frames: list[bytes], rendition: Rendition = VP8) -> int:
    return sum(len(decoding.push(rendition, frame)) for frame in frames)


def test_every_picture_of_an_unbroken_stream_is_decoded() -> None:
    """Nothing is held back: each picture comes out with its last fragment."""
    decoding = Decoding()
    assert [push(decoding, frames) for frames in stream(10)] == [1] * 10


def test_garbage_waits_for_the_next_key_frame() -> None:
    """A picture that is no picture ends nothing; the stream goes on at its next key frame."""
    decoding = Decoding()
    sent = stream(10, frozenset({6}))
    assert push(decoding, sent[0]) == 1
    assert push(decoding, sent[1]) == 1
    garbage = Header(FrameKind.VIDEO, flags(key=True), 1, 99, 7, 2).pack() + b"\x00\x01garbage"
    assert push(decoding, [garbage, b"", b"\xff" * 30]) == 0
    assert [push(decoding, frames) for frames in sent[2:]] == [0, 0, 0, 0, 1, 1, 1, 1]


def test_a_key_frame_is_asked_for_when_none_comes() -> None:
    """Only after some patience, since the relay asks by itself, and not at every frame."""
    decoding = Decoding()
    sent = stream(5)
    assert not decoding.key_due(0.0)
    assert not decoding.key_due(KEY_PATIENCE_SECONDS - 0.1)
    assert decoding.key_due(KEY_PATIENCE_SECONDS + 0.1)
    assert not decoding.key_due(KEY_PATIENCE_SECONDS + 0.2)
    assert push(decoding, sent[0]) == 1
    assert not decoding.key_due(100.0)
    assert push(decoding, sent[4]) == 0, "a base frame before it is missing"
    assert not decoding.key_due(101.0)
    assert decoding.key_due(101.0 + KEY_PATIENCE_SECONDS + 0.1)


def test_an_unknown_codec_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """The stream is skipped with one line in the log, not one per picture."""
    decoding = Decoding()
    for frames in stream(3):
        assert push(decoding, frames, Rendition(codec="holo.1", handle=1)) == 0
    assert caplog.text.count("holo.1") == 1


def test_a_codec_may_change_in_place() -> None:
    """A sender that turns to another codec keeps its handle; its next key frame opens a new decoder."""
    decoding = Decoding()
    old, new = stream(6), stream(6)
    assert sum(push(decoding, frames) for frames in old[:4]) == 4
    codec = av.CodecContext.create("libvpx-vp9", "w")
    codec.width, codec.height, codec.pix_fmt = 64, 64, "yuv420p"
    codec.time_base = Fraction(1, 20)
    codec.options = {"deadline": "realtime", "lag-in-frames": "0"}
    vp9 = Rendition(codec="vp09.00.10.08", handle=1)
    picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")
    shown = []
    for index in range(4):
        frame = picture.reformat(format="yuv420p")
        frame.pts, frame.time_base = index, Fraction(1, 20)
        (packet,) = codec.encode(frame)
        bits = flags(key=packet.is_keyframe)
        header = Header(FrameKind.VIDEO, bits, 1, 100 + index, 10**9 + index, 50 + index, 1)
        shown.append(push(decoding, fragment(header, bytes(packet)), vp9))
    assert shown == [1, 1, 1, 1]
    assert [push(decoding, frames) for frames in new] == [1] * 6


def test_a_new_codec_waits_for_its_key_frame() -> None:
    """When the change is known before the new codec's pictures come, old ones are not mistaken."""
    decoding = Decoding()
    sent = stream(4)
    assert push(decoding, sent[0]) == 1
    vp9 = Rendition(codec="vp09.00.10.08", handle=1)
    assert [push(decoding, frames, vp9) for frames in sent[1:]] == [0, 0, 0]
    assert not decoding.key_due(0.0)
    assert decoding.key_due(KEY_PATIENCE_SECONDS + 0.1)
