"""Properties of the media codec that hold for every frame, not just those of the corpus."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from meetwidget.wire import media

headers = st.builds(
    media.Header,
    kind=st.integers(1, 3),
    flags=st.builds(
        media.flags,
        key=st.booleans(),
        last=st.booleans(),
        layer=st.integers(0, 3),
    ),
    handle=st.integers(0, 2**16 - 1),
    sequence=st.integers(0, 2**32 - 1),
    capture_us=st.integers(0, 2**64 - 1),
    base_count=st.integers(0, 2**16 - 1),
    config=st.integers(0, 255),
)


@given(headers, st.binary(max_size=300))
def test_frame_comes_back_as_it_was_packed(header: media.Header, payload: bytes) -> None:
    """Header and payload survive packing and parsing."""
    frame = header.pack() + payload
    assert media.parse(frame) == header
    assert bytes(media.payload(frame)) == payload


@given(headers, st.binary(max_size=300), st.binary(max_size=100))
def test_extension_block_is_skipped(header: media.Header, block: bytes, payload: bytes) -> None:
    """A reader that knows no extension still finds the payload."""
    marked = header._replace(flags=header.flags | media.FLAG_EXTENSION)
    frame = marked.pack() + len(block).to_bytes(2, "big") + block + payload
    assert bytes(media.payload(frame)) == payload


@given(st.binary(max_size=64))
def test_arbitrary_bytes_parse_or_raise(data: bytes) -> None:
    """Whatever comes off the wire, it is a header or a BadMediaFrame, nothing else."""
    try:
        header = media.parse(data)
    except media.BadMediaFrame:
        return
    assert header.pack() == data[: media.HEADER_BYTES]


@given(headers, st.binary(min_size=1, max_size=400), st.integers(1, 150))
def test_fragments_join_to_the_chunk(header: media.Header, chunk: bytes, size: int) -> None:
    """Fragments carry the chunk in order, number on, and only the final one says last."""
    frames = media.fragment(header, chunk, size)
    parsed = [media.parse(frame) for frame in frames]
    assert b"".join(bytes(media.payload(frame)) for frame in frames) == chunk
    assert [part.last for part in parsed] == [False] * (len(frames) - 1) + [True]
    assert [part.sequence for part in parsed] == [
        (header.sequence + index) % 2**32 for index in range(len(frames))
    ]
    assert {(part.capture_us, part.base_count, part.key, part.layer) for part in parsed} == {
        (header.capture_us, header.base_count, header.key, header.layer)
    }


def test_empty_chunk_is_one_frame() -> None:
    """A chunk without bytes still makes one frame, marked as the last."""
    (frame,) = media.fragment(media.Header(2, 0, 1, 0, 0), b"")
    assert media.parse(frame).last


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_acknowledgement_comes_back(received: int, clock: int) -> None:
    """Counts and clock of an acknowledgement survive the wire."""
    assert media.parse_ack(media.pack_ack(received, clock)) == (received, clock)


@given(headers, st.binary(max_size=40))
def test_other_frames_are_no_acknowledgement(header: media.Header, payload: bytes) -> None:
    """A media frame is never mistaken for an acknowledgement."""
    with pytest.raises(media.BadMediaFrame):
        media.parse_ack(header.pack() + payload)


@given(st.floats(-200, 20), st.booleans())
def test_loudness_survives_the_wire(dbov: float, voice: bool) -> None:
    """A level put into an extension block is read again, within half a decibel of its range."""
    frame = (
        media.Header(1, media.flags(extension=True), 7, 0, 0).pack()
        + media.level_extension(dbov, voice)
        + b"x"
    )
    level = media.audio_level(frame)
    assert level is not None
    assert abs(level[0] - min(0, max(-127, dbov))) <= 0.5
    assert level[1] is voice
    assert bytes(media.payload(frame)) == b"x"


@given(st.binary(max_size=40))
def test_any_extension_block_is_read_without_error(block: bytes) -> None:
    """Unknown entries and cut-off ones are passed over: no level, or a level in range."""
    frame = (
        media.Header(1, media.flags(extension=True), 7, 0, 0).pack()
        + len(block).to_bytes(2, "big")
        + block
    )
    media.parse(frame)
    level = media.audio_level(frame)
    assert level is None or -127 <= level[0] <= 0
