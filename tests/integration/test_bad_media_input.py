"""Whatever a media socket is fed, that socket bears it alone: the room and its chat go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from meetwidget.wire import media
from tests.integration.conftest import Server
from tests.integration.peer import Lane, Peer, audio, video
from tests.integration.wire_client import BINARY, TEXT, WireClient

INVALID = json.loads(
    (Path(__file__).parents[1] / "wire" / "corpus" / "media-invalid.json").read_text()
)


class Stage:
    """Ada sends a camera that bob watches; both have media sockets."""

    ada: Peer
    bob: Peer
    sender: Lane
    watcher: Lane
    stream: str
    handle: int
    sequence = 0

    async def set(self, meet: Server) -> Stage:
        self.ada, self.bob = await meet.join(person="ada"), await meet.join(person="bob")
        self.sender, self.watcher = await self.ada.lane(), await self.bob.lane()
        self.stream, (self.handle,) = await self.ada.publish()
        await self.bob.expect("stream.added")
        self.bob.say({"type": "watch", "streams": {self.stream: {"width": 320, "height": 180}}})
        await self.ada.expect("demand")
        return self

    async def goes_on(self) -> None:
        """A frame still gets from ada to bob, and so does a word."""
        frame = video(self.handle, self.sequence, key=True, base=self.sequence + 1)
        self.sequence += 1
        self.sender.send(frame)
        assert await self.watcher.next() == frame
        await self.ada.chat(f"frame {self.sequence}")
        await self.bob.body(f"frame {self.sequence}")


@pytest.fixture
def relay_config() -> dict[str, Any]:
    return {"messages_per_second": 10_000.0, "messages_burst": 10_000}


async def test_bytes_that_are_no_media_frame_close_with_4400(meet: Server) -> None:
    """Every invalid frame of the corpus ends its own socket and reaches nobody."""
    stage = await Stage().set(meet)
    for case in INVALID:
        eve = await meet.join(person="eve")
        lane = await eve.lane()
        lane.wire.send(BINARY, bytes.fromhex(case["hex"]))
        assert (await lane.wire.closed()).code == 4400, case["name"]
        await eve.settled()  # the control socket lives
        await eve.leave()
    await stage.goes_on()
    assert len(stage.watcher.frames) == 1


async def test_text_on_a_media_socket_closes_with_4400(meet: Server) -> None:
    """After its hello a media socket is binary only."""
    stage = await Stage().set(meet)
    eve = await meet.join(person="eve")
    lane = await eve.lane()
    lane.wire.send(TEXT, b'{"type":"ping","t":1}')
    assert (await lane.wire.closed()).code == 4400
    await stage.goes_on()


@pytest.mark.parametrize("first", ["frame", "nonsense", "wrong-type", "no-token", "bad-kind"])
async def test_anything_but_a_hello_first_closes_with_4400(meet: Server, first: str) -> None:
    """A media socket that does not introduce itself properly is closed."""
    ada = await meet.join()
    token = ada.welcome["media"]["token"]
    wire = await WireClient.connect(ada.welcome["media"]["url"])
    opcode, payload = {
        "frame": (BINARY, video(0, 0)),
        "nonsense": (TEXT, b"hello"),
        "wrong-type": (TEXT, json.dumps({"type": "hi", "token": token}).encode()),
        "no-token": (TEXT, b'{"type":"hello"}'),
        "bad-kind": (
            TEXT,
            json.dumps({"type": "hello", "token": token, "kinds": ["smell"]}).encode(),
        ),
    }[first]
    wire.send(opcode, payload)
    assert (await wire.closed()).code == 4400
    await wire.vanish()
    await ada.settled()


async def test_unknown_media_token_closes_with_4401(meet: Server) -> None:
    """A made-up token, and that of somebody who has left, open nothing."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    left = bob.welcome["media"]
    await bob.leave()
    await ada.expect("participant.left")
    for token in ("made-up", left["token"]):
        wire = await WireClient.connect(left["url"])
        wire.send(TEXT, json.dumps({"type": "hello", "token": token}).encode())
        assert (await wire.closed()).code == 4401
        await wire.vanish()


@pytest.mark.parametrize("relay_config", [{"hello_timeout": 0.2}])
async def test_silence_on_a_media_socket_closes_with_4408(meet: Server) -> None:
    """A media socket that does not introduce itself is closed; one that did, may be silent."""
    ada = await meet.join()
    quiet = await ada.lane()
    wire = await WireClient.connect(ada.welcome["media"]["url"])
    assert (await wire.closed()).code == 4408
    await wire.vanish()
    _, (handle,) = await ada.publish()
    quiet.send(video(handle, 0, key=True))
    await quiet.acked(21)


async def test_handle_of_somebody_else_closes_with_4403(meet: Server) -> None:
    """Nobody speaks for another: the socket is closed, the watcher gets nothing of it."""
    stage = await Stage().set(meet)
    eve = await meet.join(person="eve")
    lane = await eve.lane()
    lane.send(video(stage.handle, 0, b"forged", key=True))
    assert (await lane.wire.closed()).code == 4403
    await stage.goes_on()
    assert all(b"forged" not in frame for frame in stage.watcher.frames)


async def test_handle_that_nobody_has_closes_with_4403(meet: Server) -> None:
    """A handle that was never given is nobody's."""
    ada = await meet.join()
    lane = await ada.lane()
    lane.send(video(4711, 0, key=True))
    assert (await lane.wire.closed()).code == 4403
    await ada.settled()


async def test_frame_right_after_unpublish_is_passed_over(meet: Server) -> None:
    """A frame that was under way when its stream ended is no offence."""
    stage = await Stage().set(meet)
    extra, (handle,) = await stage.ada.publish("screen")
    await stage.ada.ask("unpublish", stream=extra)
    stage.sender.send(video(handle, 0, key=True))
    await stage.goes_on()


async def test_oversized_media_frame_closes_with_4413(meet: Server) -> None:
    """A frame over the limit told in the welcome ends its socket; one at the limit passes."""
    stage = await Stage().set(meet)
    limit = stage.ada.welcome["limits"]["frame_bytes"]
    largest = video(stage.handle, 0, b"x" * (limit - media.HEADER_BYTES), key=True)
    stage.sequence = 1
    stage.sender.send(largest)
    assert await stage.watcher.next() == largest
    eve = await meet.join(person="eve")
    lane = await eve.lane()
    _, (handle,) = await eve.publish()
    lane.send(video(handle, 0, b"x" * (limit - media.HEADER_BYTES + 1), key=True))
    assert (await lane.wire.closed()).code == 4413
    await stage.goes_on()


async def test_voice_on_the_audio_lane_and_pictures_on_the_other(meet: Server) -> None:
    """Each kind goes to the socket that asked for it."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    sender = await ada.lane()
    ears, eyes = await bob.lane(["audio"]), await bob.lane(["video", "data"])
    camera, (picture,) = await ada.publish()
    microphone, (voice,) = await ada.publish("microphone", codec="opus")
    cursor, (data,) = await ada.publish("data:cursor", codec="raw")
    bob.say(
        {
            "type": "watch",
            "streams": {camera: {"width": 320, "height": 180}, microphone: {}, cursor: {}},
        }
    )
    for stream in (camera, microphone, cursor):
        await ada.expect("demand", stream=stream)
    pointer = media.Header(3, media.flags(), data, 0, 0).pack() + b"{}"
    for frame in (audio(voice, 0), video(picture, 0, key=True), pointer, audio(voice, 1)):
        sender.send(frame)
    assert [await ears.next(), await ears.next()] == [audio(voice, 0), audio(voice, 1)]
    assert {await eyes.next(), await eyes.next()} == {video(picture, 0, key=True), pointer}


async def test_newcomer_gets_a_picture_at_once(meet: Server) -> None:
    """Who starts to watch gets the frames since the last key frame without the sender's help."""
    stage = await Stage().set(meet)
    frames = [video(stage.handle, 0, b"old", key=True, base=1)]
    frames += [video(stage.handle, 1, b"key", key=True, base=2)]
    frames += [video(stage.handle, n, b"delta", base=n + 1) for n in (2, 3)]
    for frame in frames:
        stage.sender.send(frame)
        assert await stage.watcher.next() == frame
    eve = await meet.join(person="eve")
    lane = await eve.lane()
    eve.say({"type": "watch", "streams": {stage.stream: {"width": 320, "height": 180}}})
    assert [await lane.next() for _ in range(3)] == frames[1:]
