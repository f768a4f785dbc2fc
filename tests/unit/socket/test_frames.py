"""Frames that the relay sends."""

from __future__ import annotations

import pytest
from meetwidget_server.socket import binary_frame, binary_frames, close_frame, text_frame


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, "8200"),
        (125, "827d"),
        (126, "827e007e"),
        (65535, "827effff"),
        (65536, "827f0000000000010000"),
    ],
)
def test_a_frame_has_the_shortest_length_that_fits(size: int, head: str) -> None:
    """RFC 6455, 5.2: the minimal number of bytes, no mask, final."""
    assert binary_frame(b"x" * size) == bytes.fromhex(head) + b"x" * size


def test_text_and_binary_differ_in_the_opcode_only() -> None:
    """A text frame is a binary frame with another first byte."""
    assert text_frame(b"hello") == b"\x81" + binary_frame(b"hello")[1:]


def test_several_frames_are_one_write() -> None:
    """Order and content stay."""
    assert binary_frames([b"a", b"b" * 200]) == binary_frame(b"a") + binary_frame(b"b" * 200)


def test_a_close_reason_is_cut_between_characters() -> None:
    """A control frame carries at most 125 bytes, and its reason stays UTF-8."""
    frame = close_frame(4400, "ü" * 100)
    assert len(frame) - 2 <= 125
    assert frame[4:].decode() == "ü" * 61


def test_no_code_makes_an_empty_close_frame() -> None:
    """1005 means "no code" and must not be sent."""
    assert close_frame(1005, "ignored") == b"\x88\x00"
