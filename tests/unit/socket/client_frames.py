"""Frames as a client sends them, and how the cases of RFC 6455 that matter come out."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tornado.util import _websocket_mask

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0
LIMIT = 1000
"""Largest message in the table below, bytes."""


def client_frame(
    opcode: int,
    payload: bytes = b"",
    *,
    final: bool = True,
    reserved: int = 0,
    mask: bytes | None = b"\x11\x22\x33\x44",
    claim: int | None = None,
) -> bytes:
    """Returns a frame; ``claim`` is the length it pretends to have."""
    size = len(payload) if claim is None else claim
    first = (0x80 if final else 0) | reserved << 4 | opcode
    bit = 0 if mask is None else 0x80
    if size < 126:
        head = struct.pack("!BB", first, bit | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    return head + (payload if mask is None else mask + _websocket_mask(mask, payload))


def close_payload(code: int, reason: bytes = b"") -> bytes:
    """Returns what a close frame carries."""
    return struct.pack("!H", code) + reason


Message = tuple[str, bytes]


@dataclass(frozen=True)
class Case:
    """Bytes from a client, what its server's application gets, and how it ends."""

    name: str
    data: bytes
    messages: tuple[Message, ...] = ()
    closed: int | None = None
    """Close code the server answers with; None: the connection stays open."""
    tornado: str = "same"
    """How Tornado's reader differs: ``same`` outcome, or a word for the exception."""


_HALVES = "grüße".encode()

CASES = [
    Case("text", client_frame(TEXT, b"hello"), (("text", b"hello"),)),
    Case("empty text", client_frame(TEXT), (("text", b""),)),
    Case("binary", client_frame(BINARY, b"\x00\xff"), (("binary", b"\x00\xff"),)),
    Case("empty binary", client_frame(BINARY), (("binary", b""),)),
    Case("125 bytes", client_frame(BINARY, b"a" * 125), (("binary", b"a" * 125),)),
    Case("126 bytes", client_frame(BINARY, b"a" * 126), (("binary", b"a" * 126),)),
    Case("the limit", client_frame(BINARY, b"a" * LIMIT), (("binary", b"a" * LIMIT),)),
    Case(
        "many frames at once",
        client_frame(TEXT, b"1") + client_frame(BINARY, b"2") + client_frame(TEXT, b"3"),
        (("text", b"1"), ("binary", b"2"), ("text", b"3")),
    ),
    Case(
        "three fragments",
        client_frame(TEXT, b"a", final=False)
        + client_frame(CONTINUATION, b"b", final=False)
        + client_frame(CONTINUATION, b"c"),
        (("text", b"abc"),),
    ),
    Case(
        "a character cut by fragmentation",
        client_frame(TEXT, _HALVES[:3], final=False) + client_frame(CONTINUATION, _HALVES[3:]),
        (("text", _HALVES),),
    ),
    Case(
        "empty fragments",
        client_frame(BINARY, b"", final=False) + client_frame(CONTINUATION, b""),
        (("binary", b""),),
    ),
    Case(
        "a ping between fragments",
        client_frame(BINARY, b"a", final=False)
        + client_frame(PING, b"?")
        + client_frame(CONTINUATION, b"b"),
        (("binary", b"ab"),),
    ),
    Case(
        "fragments up to the limit",
        client_frame(BINARY, b"a" * 600, final=False) + client_frame(CONTINUATION, b"b" * 400),
        (("binary", b"a" * 600 + b"b" * 400),),
    ),
    Case("an unasked pong", client_frame(PONG, b"x")),
    Case("a close with 1000", client_frame(CLOSE, close_payload(1000)), (), 1000),
    Case("a close with a code of its own", client_frame(CLOSE, close_payload(4001)), (), 4001),
    Case("a close without a code", client_frame(CLOSE), (), 1005),
    Case(
        "nothing counts after a close",
        client_frame(CLOSE, close_payload(1000)) + client_frame(TEXT, b"late"),
        (),
        1000,
    ),
    Case(
        "what came before a violation",
        client_frame(TEXT, b"good") + client_frame(TEXT, b"bad", reserved=4),
        (("text", b"good"),),
        1002,
    ),
    *(
        Case(f"reserved bit {bit}", client_frame(TEXT, b"x", reserved=bit), (), 1002)
        for bit in (1, 2, 4)
    ),
    *(Case(f"opcode {code}", client_frame(code, b""), (), 1002) for code in (3, 7, 11, 15)),
    Case(
        "an unmasked frame",
        client_frame(TEXT, b"x", mask=None),
        (),
        1002,
        tornado="accepts frames without a mask",
    ),
    Case("a fragmented ping", client_frame(PING, b"x", final=False), (), 1002),
    Case("a long ping", client_frame(PING, b"x" * 126), (), 1002),
    Case("a continuation of nothing", client_frame(CONTINUATION, b"x"), (), 1002),
    Case(
        "a message inside a message",
        client_frame(TEXT, b"x", final=False) + client_frame(TEXT, b"y"),
        (),
        1002,
    ),
    Case("text that is not UTF-8", client_frame(TEXT, b"\xc3\x28"), (), 1007),
    Case(
        "fragmented text that is not UTF-8",
        client_frame(TEXT, b"\xc3", final=False) + client_frame(CONTINUATION, b"\x28"),
        (),
        1007,
    ),
    Case("a surrogate", client_frame(TEXT, b"\xed\xa0\x80"), (), 1007),
    Case("one byte too many", client_frame(BINARY, b"a" * (LIMIT + 1)), (), 4413),
    Case("a length that is only claimed", client_frame(BINARY, claim=LIMIT + 1), (), 4413),
    Case("an absurd length", client_frame(BINARY, claim=2**63), (), 4413),
    Case(
        "fragments beyond the limit",
        client_frame(BINARY, b"a" * 600, final=False) + client_frame(CONTINUATION, b"b" * 401),
        (),
        4413,
    ),
    *(
        Case(
            f"a close with {code}",
            client_frame(CLOSE, close_payload(code)),
            (),
            1002,
            tornado="echoes codes that must not be sent",
        )
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000)
    ),
    Case(
        "a close with half a code",
        client_frame(CLOSE, b"\x03"),
        (),
        1002,
        tornado="takes it for a close without a code",
    ),
    Case(
        "a close whose reason is not UTF-8",
        client_frame(CLOSE, close_payload(1000, b"\xff")),
        (),
        1007,
        tornado="fails with an exception",
    ),
]
