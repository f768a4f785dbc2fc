"""From media frames to what a decoder may be given."""

from __future__ import annotations

from hypothesis import given, strategies as st

from meetwidget.media.assembly import LARGEST_UNIT, Assembler, Continuity, Selection, Unit
from meetwidget.wire.media import FrameKind, Header, flags, fragment, parse, payload


def header(
    sequence: int = 0,
    *,
    key: bool = False,
    layer: int = 0,
    base: int = 0,
    handle: int = 1,
    capture: int | None = None,
) -> Header:
    when = sequence * 1000 if capture is None else capture
    return Header(FrameKind.VIDEO, flags(key=key, layer=layer), handle, sequence, when, base)


def push(assembler: Assembler | Selection, frames: list[bytes]) -> list[Unit]:
    units = [assembler.push(parse(frame), payload(frame)) for frame in frames]
    return [unit for unit in units if unit is not None]


@given(st.lists(st.binary(min_size=1, max_size=70), max_size=8), st.integers(1, 9))
def test_fragments_become_the_chunks_they_were(chunks: list[bytes], size: int) -> None:
    """Whatever is cut is joined again, in order."""
    assembler, sequence, found = Assembler(), 0xFFFFFFF0, []
    for index, chunk in enumerate(chunks):
        frames = fragment(header(sequence, capture=index), chunk, size)
        sequence = (sequence + len(frames)) & 0xFFFFFFFF
        found += push(assembler, frames)
    assert [unit.data for unit in found] == chunks


@given(st.data())
def test_a_unit_with_a_lost_fragment_is_never_completed(data: st.DataObject) -> None:
    """Units are either whole or absent: only those without a lost frame come out."""
    chunks = data.draw(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=6))
    cut, sequence = [], 0
    for index, chunk in enumerate(chunks):
        frames = fragment(header(sequence, capture=index), chunk, 8)
        sequence += len(frames)
        cut.append(frames)
    lost = data.draw(st.sets(st.integers(0, sequence - 1)))
    # The relay leaves out whole units; within one, only a frame after the first can be missed.
    lost = {n for n in lost if n not in {parse(frames[0]).sequence for frames in cut}}
    kept = [[f for f in frames if parse(f).sequence not in lost] for frames in cut]
    whole = [
        c for c, frames, left in zip(chunks, cut, kept, strict=True) if len(frames) == len(left)
    ]
    found = push(Assembler(), [frame for frames in kept for frame in frames])
    assert [unit.data for unit in found] == whole


def test_a_unit_without_end_is_given_up() -> None:
    """A sender that never says *last* cannot fill the memory."""
    assembler = Assembler()
    part = bytes(1024 * 1024)
    bits = flags(last=False)
    for sequence in range(LARGEST_UNIT // len(part) + 2):
        assembler.push(Header(FrameKind.VIDEO, bits, 1, sequence, 7), part)
    last = Header(FrameKind.VIDEO, flags(), 1, LARGEST_UNIT // len(part) + 2, 7)
    assert assembler.push(last, b"end") is None


def test_decoding_starts_at_a_key_frame() -> None:
    """What comes before the first key frame is of no use."""
    continuity = Continuity()
    assert continuity.waiting
    assert not continuity.admit(header(base=4))
    assert continuity.admit(header(key=True, base=5))
    assert continuity.admit(header(base=6))


def test_a_lost_base_frame_waits_for_a_key_frame() -> None:
    """VP8 would show no error, only wrong pictures."""
    continuity = Continuity()
    continuity.admit(header(key=True, base=1))
    assert not continuity.admit(header(base=3))
    assert not continuity.admit(header(base=4))
    assert continuity.admit(header(key=True, base=5))


def test_upper_frames_belong_to_the_last_base_frame() -> None:
    """They may be left out freely, but one of another base frame is not decoded."""
    continuity = Continuity()
    continuity.admit(header(key=True, base=1))
    assert continuity.admit(header(layer=1, base=1))
    assert not continuity.admit(header(layer=1, base=2))
    assert continuity.admit(header(base=2)), "a stray upper frame costs no base frame"


def test_the_base_counter_wraps() -> None:
    """65535 is followed by 0."""
    continuity = Continuity()
    continuity.admit(header(key=True, base=0xFFFF))
    assert continuity.admit(header(base=0))


def test_a_rendition_is_switched_at_its_key_frame() -> None:
    """Until then the old one goes on; after it, its late frames are left out."""
    selection = Selection()
    frames = [
        header(0, key=True, base=1, handle=1),
        header(7, base=8, handle=2),  # the new one, before its key frame
        header(1, base=2, handle=1),
        header(8, key=True, base=9, handle=2),
        header(2, base=3, handle=1),  # late
        header(9, base=10, handle=2),
    ]
    units = [selection.push(h, b"x") for h in frames]
    assert [u.header.handle for u in units if u] == [1, 1, 2, 2]


def test_a_decoder_that_lost_its_state_waits() -> None:
    """After an error nothing but a key frame is handed on."""
    selection = Selection()
    assert selection.push(header(0, key=True, base=1), b"x")
    selection.lose()
    assert selection.waiting
    assert selection.push(header(1, base=2), b"x") is None
    assert selection.push(header(2, key=True, base=3), b"x")
