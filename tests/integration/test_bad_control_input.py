"""Whatever a control socket is fed, the answer is named and the room goes on undisturbed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Server
from tests.integration.peer import Peer
from tests.integration.wire_client import BINARY, TEXT

CORPUS = json.loads(
    (Path(__file__).parents[1] / "wire" / "corpus" / "control-invalid.json").read_text()
)
INVALID = [case for case in CORPUS if case["from"] == "client"]


@pytest.fixture
def relay_config() -> dict[str, Any]:
    # The corpus is about what is said, not how fast.
    return {"messages_per_second": 10_000.0, "messages_burst": 10_000}


async def undisturbed(bob: Peer, before: int) -> None:
    """Bob still chats, and has heard of nothing but comings and goings since ``before``."""
    await bob.settled()
    heard = {message["type"] for message in bob.heard[before:]}
    assert heard <= {"participant.joined", "participant.updated", "participant.left", "pong"}
    await bob.chat("still here")


async def test_invalid_frames_are_answered_by_code_and_cid(meet: Server) -> None:
    """Unknown types and wrong fields get an error with the frame's cid, and the socket lives."""
    bob, ada = await meet.join(person="bob"), await meet.join(person="ada")
    await bob.expect("participant.joined")
    await bob.settled()
    before = len(bob.heard)
    for case in INVALID:
        if case["outcome"] == "bad-frame":
            continue
        heard = len(ada.heard)
        ada.say(case["text"])
        await ada.settled()
        errors = [m for m in ada.heard[heard:] if m["type"] == "error"]
        assert [(e["code"], e.get("cid")) for e in errors] == [(case["outcome"], case["cid"])], (
            case["name"]
        )
        assert errors[0]["message"], case["name"]
    await undisturbed(bob, before)


async def test_frames_that_are_no_messages_close_with_4400(meet: Server) -> None:
    """What is not a message of the protocol ends that connection, and no other."""
    bob = await meet.join(person="bob")
    before = len(bob.heard)
    for case in INVALID:
        if case["outcome"] != "bad-frame":
            continue
        ada = await meet.join(person="ada")
        ada.say(case["text"])
        assert (await ada.closed()).code == 4400, case["name"]
        assert [(m["code"], m["reconnect"]) for m in ada.of("bye")] == [(4400, False)]
    await undisturbed(bob, before)


async def test_invalid_frame_instead_of_hello_closes_with_4400(meet: Server) -> None:
    """Before the hello nothing else is listened to, valid or not."""
    first = [case["text"] for case in INVALID[:12]]
    first.append('{"type":"chat.send","cid":"c","body":"hi"}')
    for text in first:
        peer, _ = await meet.connect()
        peer.say(text)
        assert (await peer.closed()).code == 4400, text[:40]


async def test_binary_on_a_control_socket_closes_with_4400(meet: Server) -> None:
    """Control is text; binary ends the connection, before the hello and after."""
    bob = await meet.join(person="bob")
    before = len(bob.heard)
    early, _ = await meet.connect()
    late = await meet.join(person="ada")
    for peer in (early, late):
        peer.wire.send(BINARY, b"\x01\x02")
        assert (await peer.closed()).code == 4400
    await undisturbed(bob, before)


async def test_text_that_is_not_utf8_closes_the_connection(meet: Server) -> None:
    """RFC 6455 asks for close code 1007; the room does not notice."""
    bob, ada = await meet.join(person="bob"), await meet.join(person="ada")
    before = len(bob.heard)
    ada.wire.send(TEXT, b'{"type":"chat.typing\xff"}')
    assert (await ada.closed()).code == 1007
    await undisturbed(bob, before)


async def test_oversized_control_frame_closes_with_4413(meet: Server) -> None:
    """One byte over the largest message ends the connection without its being read."""
    bob, ada = await meet.join(person="bob"), await meet.join(person="ada")
    before = len(bob.heard)
    ada.wire.send(TEXT, b" " * (meet.relay.control_options.max_message_bytes + 1))
    assert (await ada.closed()).code == 4413
    await undisturbed(bob, before)


async def test_stranger_is_given_little_memory(meet: Server) -> None:
    """Before the hello, a frame far below a member's limit is too large already."""
    peer, ticket = await meet.connect()
    hello = {"type": "hello", "protocol": 1, "ticket": ticket, "padding": "x" * 10_000}
    peer.say({**hello, "client": {"kind": "browser", "version": "test"}})
    assert (await peer.closed()).code == 4413


async def test_largest_message_is_accepted_and_a_larger_one_answered(meet: Server) -> None:
    """Body and data up to the limits told in the welcome pass; beyond, an error names the cid."""
    ada = await meet.join()
    limits = ada.welcome["limits"]
    body = "é" * (limits["body_bytes"] // 2)
    room_for_data = limits["data_bytes"] - len('{"text/plain":""}')
    await ada.chat(body, data={"text/plain": "x" * room_for_data})
    for fields in (
        {"body": body + "e"},
        {"body": "x", "data": {"text/plain": "x" * (room_for_data + 1)}},
    ):
        answer = await ada.ask("chat.send", **fields)
        assert answer["type"] == "error", answer
        assert answer["code"] == "invalid-field"


async def test_sender_fields_of_a_client_are_not_read(meet: Server) -> None:
    """Whoever a message claims to be from, the stamp is the relay's own."""
    bob, ada = await meet.join(person="bob"), await meet.join(person="ada")
    forged = {"id": bob.welcome["you"]["id"], "user": {"name": "bob"}, "kind": "person"}
    await ada.chat("it was bob", by=forged, sender="bob", offset=99, at=1, kind="person")
    event = await bob.body("it was bob")
    assert event["by"]["user"]["name"] == "ada"
    assert event["by"]["id"] == ada.welcome["you"]["id"]
    assert event["offset"] == 1
    assert event["at"] > 1_700_000_000_000


async def test_nobody_edits_or_deletes_for_somebody_else(meet: Server) -> None:
    """A member's edit or delete of another's message is refused and told to nobody."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    message = (await ada.chat("mine"))["id"]
    for type_, fields in (("chat.edit", {"body": "hacked"}), ("chat.delete", {})):
        answer = await bob.ask(type_, id=message, **fields)
        assert (answer["type"], answer["code"]) == ("error", "not-allowed")
    answer = await bob.ask("moderate", action="clear")
    assert (answer["type"], answer["code"]) == ("error", "not-allowed")
    await ada.settled()
    assert {event["event"]["kind"] for event in ada.of("event")} == {"message"}
    assert (await ada.ask("chat.edit", id=message, body="better"))["type"] == "ack"


async def test_hello_twice_is_answered_not_obeyed(meet: Server) -> None:
    """A second hello changes nothing: one participant, one welcome."""
    ada = await meet.join()
    ticket = (await meet.ticket("lab", "bob"))["ticket"]
    ada.say(
        {
            "type": "hello",
            "protocol": 1,
            "ticket": ticket,
            "client": {"kind": "browser", "version": "1"},
        }
    )
    await ada.expect("error")
    await ada.settled()
    assert len(ada.of("welcome")) == 1
    assert await meet.json("rooms") == [
        {"name": "lab", "title": "lab", "participants": 1, "locked": False, "access": "open"}
    ]


async def test_protocol_of_another_version_is_refused_for_good(meet: Server) -> None:
    """A client of a later protocol is told which version this relay speaks, and to stop."""
    peer, ticket = await meet.connect()
    peer.say(
        {
            "type": "hello",
            "protocol": 2,
            "ticket": ticket,
            "client": {"kind": "browser", "version": "9"},
        }
    )
    assert (await peer.closed()).code == 4400
    (bye,) = peer.of("bye")
    assert "protocol 1" in bye["reason"]
    assert bye["reconnect"] is False


@pytest.mark.parametrize("relay_config", [{"hello_timeout": 0.2}])
async def test_silence_instead_of_hello_closes_with_4408(meet: Server) -> None:
    """A socket that does not introduce itself is closed; one that does, stays."""
    ada = await meet.join()
    silent, _ = await meet.connect()
    assert (await silent.closed()).code == 4408
    await ada.settled()


@pytest.mark.parametrize("relay_config", [{"messages_per_second": 5.0, "messages_burst": 50}])
async def test_ten_thousand_messages_at_once_are_cut_off_and_bother_nobody(meet: Server) -> None:
    """A flood is told `too-fast`, then closed with 4429; others get what was accepted, in order."""
    bob, ada = await meet.join(person="bob"), await meet.join(person="ada")
    for number in range(10_000):
        ada.request("chat.send", body=f"{number}")
    end = await ada.closed()
    assert end.code == 4429
    errors = ada.of("error")
    assert {error["code"] for error in errors} == {"too-fast"}
    assert all(error["retry_after"] > 0 and error["cid"] for error in errors)
    await bob.chat("after the flood")
    await bob.body("after the flood")
    flood = [body for body in bob.bodies if body != "after the flood"]
    assert 50 <= len(flood) < 1_000
    assert flood == [str(number) for number in range(len(flood))]
    assert bob.offsets == list(range(1, len(bob.offsets) + 1))


async def test_many_rooms_of_one_person_are_as_good_as_one(meet: Server) -> None:
    """A person in several rooms hears each room on its own socket only."""
    rooms = await asyncio.gather(*(meet.join(room=f"course/{n}") for n in range(5)))
    for number, peer in enumerate(rooms):
        await peer.chat(f"in {number}")
    for number, peer in enumerate(rooms):
        await peer.settled()
        assert peer.bodies == [f"in {number}"]
