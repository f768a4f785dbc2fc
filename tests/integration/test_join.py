"""Joining, talking and leaving over a real Jupyter server and real sockets."""

from __future__ import annotations

from tests.integration.conftest import Server
from tests.integration.peer import audio, video


async def test_two_people_meet_talk_and_part(meet: Server) -> None:
    """The happy path: both see each other, chat reaches both with its stamp, leaving is seen."""
    ada = await meet.join(person="ada")
    bob = await meet.join(person="bob")
    joined = await ada.expect("participant.joined")
    assert joined["participant"]["user"]["display_name"] == "Bob"
    assert {p["user"]["name"] for p in bob.welcome["participants"]} >= {"ada"}

    ack = await bob.chat("hello")
    for peer in (ada, bob):
        event = await peer.body("hello")
        assert (event["offset"], event["by"]["user"]["name"]) == (1, "bob")
        assert event["event"]["id"] == ack["id"]
    assert ack["offset"] == 1

    await bob.leave()
    left = await ada.expect("participant.left")
    assert (left["id"], left["reason"]) == (bob.welcome["you"]["id"], "left")


async def test_media_flows_to_a_watcher_byte_for_byte(meet: Server) -> None:
    """A watched stream's frames arrive as sent; who does not watch gets none."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    sender, watcher = await ada.lane(), await bob.lane()
    stream, (handle,) = await ada.publish()
    microphone, (voice,) = await ada.publish("microphone", codec="opus")
    await bob.expect("stream.added")
    bob.say(
        {
            "type": "watch",
            "streams": {stream: {"width": 320, "height": 180}, microphone: {}},
        }
    )
    demand = await ada.expect("demand", stream=stream)
    assert demand["renditions"] == [{"handle": handle, "on": True, "key": True}]
    frames = [video(handle, 0, b"key" * 100, key=True), video(handle, 1, b"delta", base=2)]
    frames.append(audio(voice, 0))
    for frame in frames:
        sender.send(frame)
    assert sorted([await watcher.next() for _ in frames]) == sorted(frames)
    await sender.acked(sum(map(len, frames)))


async def test_kernel_is_a_participant_of_its_own_kind(meet: Server) -> None:
    """A kernel is seen as the kernel of the server's owner, not as a person."""
    ada = await meet.join(person="ada")
    kernel = await meet.join(person="ada", client="kernel")
    you = kernel.welcome["you"]
    assert you["kind"] == "kernel"
    assert you["user"]["name"] == meet.relay.config.kernel_owner
    assert you["user"]["display_name"].endswith(" (kernel)")
    await ada.expect("participant.joined", participant=you)
