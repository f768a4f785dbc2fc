"""The frame reader alone: bytes in, callbacks out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from meetwidget_server.socket.reader import FrameReader

from tests.unit.socket.client_frames import (
    BINARY,
    CASES,
    CLOSE,
    CONTINUATION,
    LIMIT,
    PING,
    TEXT,
    Case,
    Message,
    client_frame,
    close_payload,
)


@dataclass
class Listener:
    """Keeps what a reader says."""

    limit: int = LIMIT
    messages: list[Message] = field(default_factory=list)
    pings: list[bytes] = field(default_factory=list)
    closed: tuple[int, str] | None = None
    failed: tuple[int, str] | None = None

    def __post_init__(self) -> None:
        self.reader = FrameReader(
            self.limit,
            on_text=lambda payload: self.messages.append(("text", payload)),
            on_binary=lambda payload: self.messages.append(("binary", payload)),
            on_ping=self.pings.append,
            on_close=self._close,
            on_failure=self._fail,
        )

    def _close(self, code: int, reason: str) -> None:
        assert self.closed is None
        assert self.failed is None
        self.closed = (code, reason)

    def _fail(self, code: int, reason: str) -> None:
        assert self.closed is None
        assert self.failed is None
        self.failed = (code, reason)

    @property
    def outcome(self) -> int | None:
        """The code the connection ends with, None while it is open."""
        end = self.closed or self.failed
        return None if end is None else end[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("step", [1, 3, 7, None], ids=["1", "3", "7", "whole"])
def test_every_case_comes_out_the_same_in_any_chunks(case: Case, step: int | None) -> None:
    """Messages and end of a case do not depend on how its bytes were cut."""
    listener = Listener()
    step = step or len(case.data)
    for start in range(0, len(case.data), step):
        listener.reader.feed(case.data[start : start + step])
    assert tuple(listener.messages) == case.messages
    assert listener.outcome == case.closed


def test_a_close_says_code_and_reason() -> None:
    """The application learns why the client left."""
    listener = Listener()
    listener.reader.feed(client_frame(CLOSE, close_payload(4321, "grüße".encode())))
    assert listener.closed == (4321, "grüße")


def test_pings_come_with_their_payload() -> None:
    """A pong can carry what the ping carried."""
    listener = Listener()
    listener.reader.feed(client_frame(PING, b"a") + client_frame(PING, b""))
    assert listener.pings == [b"a", b""]


def test_too_long_a_frame_is_refused_before_its_payload_is_held() -> None:
    """A claimed length costs no memory: the header is enough to refuse it."""
    listener = Listener()
    listener.reader.feed(client_frame(BINARY, claim=LIMIT + 1)[:4])
    assert listener.outcome == 4413
    assert listener.reader.buffered == 0


def test_nothing_is_held_for_a_connection_that_failed() -> None:
    """After a failure bytes are dropped as they come."""
    listener = Listener()
    listener.reader.feed(client_frame(3))
    listener.reader.feed(b"x" * 100_000)
    assert listener.reader.buffered == 0
    assert listener.messages == []


def test_many_empty_fragments_hold_nothing() -> None:
    """A message in a hundred thousand empty fragments is as cheap as an empty one."""
    listener = Listener()
    listener.reader.feed(client_frame(BINARY, final=False))
    listener.reader.feed(client_frame(CONTINUATION, final=False) * 100_000)
    assert listener.reader.buffered == 0
    listener.reader.feed(client_frame(CONTINUATION, b"end"))
    assert listener.messages == [("binary", b"end")]


def test_ignoring_messages_takes_effect_within_the_same_bytes() -> None:
    """Once the application closes, the rest of what had arrived is not delivered."""
    listener = Listener()

    def first_only(payload: bytes) -> None:
        listener.messages.append(("text", payload))
        listener.reader.ignore_messages()

    listener.reader.on_text = first_only
    listener.reader.feed(
        client_frame(TEXT, b"1")
        + client_frame(TEXT, b"2")
        + client_frame(PING, b"?")
        + client_frame(CLOSE, close_payload(1000))
    )
    assert listener.messages == [("text", b"1")]
    assert listener.pings == []
    assert listener.closed == (1000, "")


def test_stopping_within_a_callback_silences_all_that_follows() -> None:
    """A reader stopped by its owner calls nobody, whatever is left in the bytes."""
    listener = Listener()
    listener.reader.on_binary = lambda _: listener.reader.stop()
    listener.reader.feed(
        client_frame(BINARY, b"1") + client_frame(3) + client_frame(CLOSE, b"") + b"\x82"
    )
    assert listener.outcome is None
    assert listener.reader.buffered == 0
