"""Clients that do not read, do not answer, or vanish: they hurt themselves only."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from tests.integration.conftest import Server, until
from tests.integration.peer import Peer, video
from tests.integration.wire_client import PING, WireClient


@pytest.fixture
def relay_config() -> dict[str, Any]:
    return {"messages_per_second": 10_000.0, "messages_burst": 10_000}


def stop_reading(wire: WireClient) -> None:
    """The client's program hangs: the connection stays open, and nobody reads from it."""
    wire._writer.transport.pause_reading()


def shrink_send_buffers(meet: Server) -> None:
    """Makes the kernel take little, so that a test need not send megabytes to see waiting."""
    for server_socket in meet.listening:
        server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024)


@pytest.mark.parametrize(
    "relay_config",
    [
        {
            "max_pending_bytes": 256 * 1024,
            "messages_per_second": 10_000.0,
            "messages_burst": 10_000,
        }
    ],
)
async def test_control_socket_that_never_reads_is_cut_off_and_delays_nobody(
    meet: Server,
) -> None:
    """What waits for a client is bounded; beyond, it is closed with 1013, others hear it all."""
    shrink_send_buffers(meet)
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    others = meet.control_sockets()
    eve = await meet.join(person="eve")
    (end,) = [socket for socket in meet.control_sockets() if socket not in others]
    stop_reading(eve.wire)
    most = sent = 0
    while not end.closing:
        # Bob hears each message before the next is sent: eve holds up nobody.
        await ada.chat(f"{sent}", data={"text/plain": "x" * 50_000})
        await bob.body(f"{sent}")
        sent += 1
        most = max(most, end.pending_bytes)
        assert sent < 1_000, "eve was never cut off"
    assert most <= meet.relay.config.max_pending_bytes + 60_000
    await bob.wait_for(
        lambda m: (
            m["type"] == "participant.updated"
            and m["participant"]["id"] == eve.welcome["you"]["id"]
            and m["participant"]["state"].get("away")
        )
    )
    eve.wire._writer.transport.resume_reading()
    assert (await eve.closed()).code in (1013, 1006)


async def test_media_socket_that_never_reads_loses_frames_and_delays_nobody(
    meet: Server,
) -> None:
    """The queue for a stalled receiver stays within its bytes; another gets every frame."""
    shrink_send_buffers(meet)
    ada, bob, eve = [await meet.join(person=name) for name in ("ada", "bob", "eve")]
    sender, eyes, stalled = await ada.lane(), await bob.lane(), await eve.lane()
    stream, (handle,) = await ada.publish()
    for peer in (bob, eve):
        peer.say({"type": "watch", "streams": {stream: {"width": 320, "height": 180}}})
        await peer.settled()
    stop_reading(stalled.wire)
    limit = meet.relay.config.queue_bytes
    most = 0
    for number in range(400):
        frame = video(handle, number, b"x" * 16_000, key=number % 20 == 0, base=number + 1)
        sender.send(frame)
        assert await eyes.next() == frame
        most = max([most, *(s.pending_bytes for s in meet.media_sockets())])
    # 6.4 MB were sent; what waits in sockets is only what has no acknowledgement yet.
    assert most <= limit
    await eve.settled()  # her control socket is as quick as ever


@pytest.mark.parametrize("relay_config", [{"ping_interval": 0.2, "ping_timeout": 0.0}])
async def test_pings_are_really_sent_on_both_kinds_of_sockets(meet: Server) -> None:
    """An idle connection carries pings, so that no proxy cuts it."""
    ada = await meet.join()
    lane = await ada.lane()
    for wire in (ada.wire, lane.wire):
        pings = 0
        while pings < 3:
            frame = await wire.receive_any()
            if frame.opcode == PING:
                pings += 1
                wire.send(10, frame.payload)
    assert meet.relay.busy


@pytest.mark.parametrize("relay_config", [{"ping_interval": 0.3, "ping_timeout": 0.3}])
async def test_half_open_connection_is_noticed(meet: Server) -> None:
    """Who answers no ping is away, then gone: the others learn of it."""
    ada = await meet.join(person="ada")
    eve = await meet.join(person="eve")
    eve_id = eve.welcome["you"]["id"]
    eve.wire.answers_pings = False
    listening = asyncio.ensure_future(eve.closed())
    await ada.wait_for(
        lambda m: (
            m["type"] == "participant.updated"
            and m["participant"]["id"] == eve_id
            and m["participant"]["state"]["away"]
        )
    )
    assert (await listening).code == 1006


@pytest.mark.parametrize("relay_config", [{"grace": 0.3}])
async def test_who_vanishes_is_away_then_lost(meet: Server) -> None:
    """A broken connection keeps its place for the grace period, then its streams end too."""
    ada, eve = await meet.join(person="ada"), await meet.join(person="eve")
    eve_id = eve.welcome["you"]["id"]
    stream, _ = await eve.publish()
    await ada.expect("stream.added")
    await eve.wire.vanish()
    await ada.wait_for(
        lambda m: m["type"] == "participant.updated" and m["participant"]["state"].get("away")
    )
    await ada.expect("stream.removed", id=stream)
    left = await ada.expect("participant.left", id=eve_id)
    assert left["reason"] == "lost"


async def test_socket_that_fails_to_send_touches_no_other(
    meet: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error while one receiver is written to is that receiver's own."""
    ada, eve = await meet.join(person="ada"), await meet.join(person="eve")
    others = meet.control_sockets()
    await meet.join(person="bob")
    (broken,) = [end for end in meet.control_sockets() if end not in others]

    def fail(_frame: bytes) -> None:
        raise OSError("the cable is out")

    monkeypatch.setattr(broken, "send", fail)
    ack = await eve.ask("chat.send", body="still here")
    assert ack["type"] == "ack"
    await ada.body("still here")


@pytest.mark.parametrize("relay_config", [{"grace": 0.1, "grace_going_away": 0.1}])
async def test_empty_room_is_let_go_and_found_again(meet: Server) -> None:
    """When the last one is gone the relay forgets the room, and the log does not."""
    ada = await meet.join()
    await ada.chat("remember me")
    await ada.leave()
    await until(lambda: meet.relay.room("lab") is None)
    assert meet.relay._runner.media_tokens == {}
    assert meet.relay._runner._tokens == {}
    assert not meet.relay.busy
    again = await meet.join(person="bob")
    assert again.bodies == ["remember me"]
    assert again.welcome["you"]["role"] == "member"  # ada owns the room still


@pytest.mark.parametrize("relay_config", [{"max_participants": 2}])
async def test_full_room_says_so(meet: Server) -> None:
    """One too many is told why and turned away for good; the others do not notice."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    peer, ticket = await meet.connect(person="eve")
    peer.say(
        {
            "type": "hello",
            "protocol": 1,
            "ticket": ticket,
            "client": {"kind": "browser", "version": "test"},
        }
    )
    end = await peer.closed()
    assert end.code == 4403
    assert [error["code"] for error in peer.of("error")] == ["room-full"]
    await bob.leave()
    await ada.expect("participant.left")
    assert isinstance(await meet.join(person="eve"), Peer)
