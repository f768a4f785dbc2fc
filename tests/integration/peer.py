"""A participant for tests: as plain as the protocol allows, and blind to the relay's insides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self

from meetwidget.wire import media
from tests.integration.wire_client import BINARY, TEXT, Closed, WireClient

Message = dict[str, Any]


class Lane:
    """A media socket."""

    def __init__(self, wire: WireClient) -> None:
        self.wire = wire
        self.frames: list[bytes] = []
        """Media frames received so far, without acknowledgements."""
        self.acks: list[int] = []
        """Counts the relay has acknowledged."""
        self.received_bytes = 0

    @classmethod
    async def open(cls, url: str, token: str, kinds: list[str] | None = None) -> Self:
        """Opens a media socket and waits for ``ready``."""
        lane = cls(await WireClient.connect(url))
        await lane.say_hello(token, kinds)
        return lane

    async def say_hello(self, token: str, kinds: list[str] | None = None) -> None:
        """Shows the token and waits for ``ready``."""
        hello: Message = {"type": "hello", "token": token}
        if kinds is not None:
            hello["kinds"] = kinds
        self.wire.send(TEXT, json.dumps(hello).encode())
        opcode, payload = await self.wire.receive()
        assert (opcode, json.loads(payload)) == (TEXT, {"type": "ready"})

    def send(self, frame: bytes) -> None:
        self.wire.send(BINARY, frame)

    async def next(self) -> bytes:
        """Returns the next media frame; acknowledges what was received."""
        while True:
            opcode, payload = await self.wire.receive()
            assert opcode == BINARY
            if media.parse(payload).kind == media.FrameKind.ACK:
                self.acks.append(media.parse_ack(payload).received)
                continue
            self.received_bytes += len(payload)
            self.wire.send(BINARY, media.pack_ack(self.received_bytes, 0))
            self.frames.append(payload)
            return payload

    async def acked(self, count: int) -> None:
        """Waits until the relay has acknowledged ``count`` bytes."""
        while not self.acks or self.acks[-1] < count:
            _, payload = await self.wire.receive()
            if media.parse(payload).kind == media.FrameKind.ACK:
                self.acks.append(media.parse_ack(payload).received)
            else:
                self.frames.append(payload)


class Peer:
    """One control connection; everything heard is kept in ``heard``."""

    def __init__(self, wire: WireClient, kind: str) -> None:
        self.wire = wire
        self.kind = kind
        self.heard: list[Message] = []
        self._unread = 0
        self._cids = 0
        self.welcome: Message = {}

    @classmethod
    async def connect(cls, url: str, kind: str = "browser") -> Self:
        """Opens the control socket and says nothing yet."""
        return cls(await WireClient.connect(url), kind)

    async def hello(self, ticket: str, resume: Message | None = None, **fields: Any) -> Message:
        """Introduces itself and returns the welcome."""
        hello = {
            "type": "hello",
            "protocol": 1,
            "ticket": ticket,
            "client": {"kind": self.kind, "version": "test"},
            **fields,
        }
        if resume is not None:
            hello["resume"] = resume
        self.say(hello)
        self.welcome = await self.expect("welcome")
        return self.welcome

    # ------------------------------------------------------------------ saying

    def say(self, message: Message | str) -> None:
        """Sends a control message, or any text."""
        text = message if isinstance(message, str) else json.dumps(message)
        self.wire.send(TEXT, text.encode("utf-8", "surrogatepass"))

    def request(self, type_: str, **fields: Any) -> str:
        """Sends a message with a new cid, which is returned."""
        self._cids += 1
        cid = str(fields.pop("cid", f"{id(self):x}-{self._cids}"))
        self.say({"type": type_, "cid": cid, **fields})
        return cid

    async def ask(self, type_: str, **fields: Any) -> Message:
        """Sends a message and returns its ``ack`` or ``error``."""
        start = len(self.heard)
        cid = self.request(type_, **fields)
        return await self.wait_for(
            lambda m: m.get("cid") == cid and m["type"] in ("ack", "error"), start
        )

    async def chat(self, body: str, **fields: Any) -> Message:
        """Sends a chat message and returns its ack."""
        answer = await self.ask("chat.send", body=body, **fields)
        assert answer["type"] == "ack", answer
        return answer

    # ----------------------------------------------------------------- hearing

    async def next(self) -> Message:
        """Returns the next message that was not returned yet."""
        while self._unread == len(self.heard):
            await self._receive()
        self._unread += 1
        return self.heard[self._unread - 1]

    async def wait_for(self, matches: Callable[[Message], bool], start: int = 0) -> Message:
        """Returns the first message, heard already (from ``start``) or to come, that matches."""
        index = start
        while True:
            while index < len(self.heard):
                if matches(self.heard[index]):
                    return self.heard[index]
                index += 1
            await self._receive()

    async def expect(self, type_: str, **fields: Any) -> Message:
        """Waits for a message of this type with these fields."""
        return await self.wait_for(
            lambda m: m["type"] == type_ and all(m.get(k) == v for k, v in fields.items())
        )

    async def body(self, text: str) -> Message:
        """Waits for the event of a chat message with this body."""
        return await self.wait_for(
            lambda m: m["type"] == "event" and m["event"].get("body") == text
        )

    async def settled(self) -> None:
        """Waits for everything the relay has sent so far."""
        self._cids += 1
        t = 1_000_000 + self._cids
        self.say({"type": "ping", "t": t})
        await self.expect("pong", t=t)

    async def _receive(self) -> None:
        opcode, payload = await self.wire.receive()
        assert opcode == TEXT
        self.heard.append(json.loads(payload))

    async def closed(self) -> Closed:
        """Reads to the end and returns how the connection ended."""
        try:
            while True:
                await self._receive()
        except Closed as end:
            return end

    def of(self, type_: str) -> list[Message]:
        """Everything of a type heard so far."""
        return [message for message in self.heard if message["type"] == type_]

    @property
    def bodies(self) -> list[str]:
        """Bodies of the chat messages heard so far, those of the welcome included."""
        events = [*self.welcome.get("events", []), *self.of("event")]
        return [e["event"]["body"] for e in events if e["event"]["kind"] == "message"]

    @property
    def offsets(self) -> list[int]:
        """Offsets of the events heard so far, those of the welcome included."""
        return [event["offset"] for event in [*self.welcome.get("events", []), *self.of("event")]]

    # ------------------------------------------------------------------- media

    async def lane(self, kinds: list[str] | None = None) -> Lane:
        """Opens a media socket."""
        info = self.welcome["media"]
        return await Lane.open(info["url"], info["token"], kinds)

    async def publish(self, source: str = "camera", **rendition: Any) -> tuple[str, list[int]]:
        """Publishes one rendition and returns stream and handles."""
        pictures = source in ("camera", "screen")
        offer = {"codec": "vp8", "width": 320, "height": 180} if pictures else {"codec": "opus"}
        offer |= rendition
        answer = await self.ask("publish", source=source, renditions=[offer])
        assert answer["type"] == "ack", answer
        return answer["stream"], answer["handles"]

    async def leave(self) -> None:
        """Leaves as a person does."""
        self.say({"type": "goodbye"})
        await asyncio.wait_for(self.closed(), 20)
        await self.wire.vanish()


def video(
    handle: int, sequence: int, payload: bytes = b"x", *, key: bool = False, base: int = 1
) -> bytes:
    """Returns a one-fragment video frame."""
    bits = media.flags(key=key)
    return media.Header(2, bits, handle, sequence, sequence * 1000, base).pack() + payload


def audio(handle: int, sequence: int, payload: bytes = b"opus") -> bytes:
    """Returns an audio frame."""
    return media.Header(1, media.flags(), handle, sequence, sequence * 20_000).pack() + payload
