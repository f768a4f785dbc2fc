"""Coming back: after a broken line, a reload, a stop, a crash; no gap, nothing twice."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Server
from tests.integration.peer import Peer, video
from tests.jupyter_process import JupyterProcess


def place(peer: Peer) -> dict[str, Any]:
    """Where a peer is in its room's log."""
    welcome = peer.welcome
    return {
        "session": welcome["session"],
        "epoch": welcome["room"]["epoch"],
        "offset": max([welcome["room"]["offset"], *peer.offsets]),
    }


async def test_broken_line_resumes_with_every_event_once(meet: Server) -> None:
    """Who comes back in time is the same participant and gets exactly what was missed."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    await ada.chat("one")
    await bob.body("one")
    stream, _ = await bob.publish()
    await ada.expect("stream.added")
    was = place(bob)
    await bob.wire.vanish()
    await ada.wait_for(
        lambda m: m["type"] == "participant.updated" and m["participant"]["state"].get("away")
    )
    await ada.chat("two")
    await ada.chat("three")
    back = await meet.join(person="bob", resume=was)
    assert back.welcome["recovered"] is True
    assert [event["event"]["body"] for event in back.welcome["events"]] == ["two", "three"]
    assert back.welcome["you"]["id"] == bob.welcome["you"]["id"]
    assert back.welcome["session"] == bob.welcome["session"]
    assert [s["id"] for s in back.welcome["streams"]] == [stream]
    await ada.wait_for(
        lambda m: (
            m["type"] == "participant.updated"
            and m["participant"]["id"] == bob.welcome["you"]["id"]
            and not m["participant"]["state"].get("away")
        )
    )
    assert ada.of("participant.left") == []
    assert len(ada.of("participant.joined")) == 1


async def test_session_of_somebody_else_is_not_taken_over(meet: Server) -> None:
    """A stolen resume token makes a new participant of the thief's own name."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    eve = await meet.join(person="eve", resume=place(bob))
    assert eve.welcome["you"]["user"]["name"] == "eve"
    assert eve.welcome["you"]["id"] != bob.welcome["you"]["id"]
    assert eve.welcome["session"] != bob.welcome["session"]
    await bob.settled()
    await ada.settled()
    assert ada.of("participant.left") == []


async def test_second_socket_of_a_session_replaces_the_first(meet: Server) -> None:
    """A connection that is only thought to be alive gives way: the old one hears 4409."""
    bob = await meet.join(person="bob")
    back = await meet.join(person="bob", resume=place(bob))
    assert back.welcome["you"]["id"] == bob.welcome["you"]["id"]
    assert (await bob.closed()).code == 4409
    await back.chat("here")


async def test_offset_of_another_log_starts_over(meet: Server) -> None:
    """With an unknown epoch nothing is claimed to be recovered."""
    ada = await meet.join()
    await ada.chat("one")
    was = {"session": "gone", "epoch": "another", "offset": 1}
    back = await meet.join(person="bob", resume=was)
    assert back.welcome["recovered"] is False
    assert back.bodies == ["one"]


async def test_resent_cid_is_the_same_message(meet: Server) -> None:
    """A client that did not hear the ack sends again: same id and offset, no second event."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    first = await ada.chat("once", cid="c-1")
    again = await meet.join(person="ada")
    second = await again.chat("once", cid="c-1")
    assert first == second
    await bob.settled()
    await again.settled()
    assert bob.bodies == ["once"]
    assert await_no_event(again)


def await_no_event(peer: Peer) -> bool:
    return not peer.of("event")


async def test_stopping_server_sends_everybody_away_for_a_moment(meet: Server) -> None:
    """`bye` 1012 with reconnect, then the close; what was said before is on disk."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    lane = await ada.lane()
    cids = [ada.request("chat.send", body=f"{number}") for number in range(20)]
    await ada.settled()
    await meet.extension.stop_extension()
    for peer in (ada, bob):
        assert (await peer.closed()).code == 1012
        (bye,) = peer.of("bye")
        assert (bye["code"], bye["reconnect"], bye["after_ms"]) == (1012, True, 500)
    assert (await lane.wire.closed()).code == 1012
    answer = await meet.fetch("tickets", method="POST", body='{"room": "lab"}')
    assert (answer.code, json.loads(answer.body)["code"]) == (503, "restarting")
    acked = {message["cid"] for message in ada.of("ack")}
    refused = {message["cid"] for message in ada.of("error")}
    assert acked | refused == set(cids)


# ------------------------------------------------------------- a process that dies


@pytest.fixture
def process(tmp_path: Path) -> Iterator[JupyterProcess]:
    with JupyterProcess(tmp_path, "jupyter_server", base_url="/user/ada/") as server:
        yield server


async def enter(process: JupyterProcess, person: str, resume: dict[str, Any] | None = None) -> Peer:
    """Joins room `lab` of a server process."""
    request = urllib.request.Request(
        f"{process.url}meet/api/tickets",
        method="POST",
        data=b'{"room": "lab", "client": "browser"}',
        headers={
            "Authorization": f"token {process.token}",
            "Cookie": f"test-person={person}",
        },
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: ASYNC210
        grant = json.load(answer)
    peer = await Peer.connect(grant["control_url"])
    await peer.hello(grant["ticket"], resume)
    return peer


async def test_kill_dash_nine_loses_no_acknowledged_message_and_doubles_none(
    process: JupyterProcess,
) -> None:
    """Every acknowledged message survives a crash; unacknowledged ones, resent, appear once."""
    ada, bob = await enter(process, "ada"), await enter(process, "bob")
    await ada.chat("before")
    await bob.body("before")
    was = place(bob)
    cids = {ada.request("chat.send", body=f"m{n}", cid=f"c{n}"): f"m{n}" for n in range(90)}
    # The crash comes while they are on their way: some are acknowledged, some are not.
    await ada.wait_for(lambda m: m["type"] == "ack" and m["cid"] == "c10")
    process.kill()
    await ada.closed()
    await bob.closed()
    acked = {m["cid"]: m for m in ada.of("ack") if m["cid"] in cids}
    assert "c10" in acked

    process.start()
    back = await enter(process, "ada", place(ada))
    assert back.welcome["recovered"] is True
    assert back.welcome["room"]["epoch"] == was["epoch"]
    for cid, body in cids.items():
        ack = await back.chat(body, cid=cid)
        if cid in acked:
            assert ack == acked[cid]
    reader = await enter(process, "bob", was)
    assert reader.welcome["recovered"] is True
    missed = [event["event"]["body"] for event in reader.welcome["events"]]
    assert sorted(missed) == sorted(cids.values())
    offsets = [event["offset"] for event in reader.welcome["events"]]
    assert offsets == list(range(was["offset"] + 1, was["offset"] + 1 + len(cids)))
    assert {p["user"]["name"] for p in reader.welcome["participants"]} == {"ada", "bob"}
    for peer in (ada, bob, back, reader):
        await peer.wire.vanish()


async def test_orderly_restart_keeps_rights_and_media_starts_again(
    process: JupyterProcess,
) -> None:
    """After SIGTERM and a new start the owner is the owner and streams are published anew."""
    ada, bob = await enter(process, "ada"), await enter(process, "bob")
    assert ada.welcome["you"]["role"] == "owner"
    process.stop()
    assert (await ada.closed()).code == 1012
    assert (await bob.closed()).code == 1012

    process.start()
    bob_again, ada_again = await enter(process, "bob", place(bob)), await enter(process, "ada")
    assert bob_again.welcome["you"]["role"] == "member"
    assert ada_again.welcome["you"]["role"] == "owner"
    sender, eyes = await ada_again.lane(), await bob_again.lane()
    stream, (handle,) = await ada_again.publish()
    bob_again.say({"type": "watch", "streams": {stream: {"width": 320, "height": 180}}})
    await ada_again.expect("demand")
    sender.send(video(handle, 0, key=True))
    assert await eyes.next() == video(handle, 0, key=True)
    for peer in (ada, bob, ada_again, bob_again):
        await peer.wire.vanish()
