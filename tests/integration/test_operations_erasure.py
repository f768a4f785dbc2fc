"""Erasing while a meeting goes on: it leaves the log, and the screens of those who are in."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from meetwidget_server.operations.erasure import ERASED, erase_room, erase_user
from meetwidget_server.store import NotKept

from meetwidget.wire.close import CloseCode
from tests.integration.conftest import Server
from tests.integration.peer import Peer
from tests.integration.test_resume import place


async def bodies(meet: Server, room: str = "lab", person: str = "bob") -> list[str]:
    """What a page of history says."""
    page = await meet.json(f"rooms/{room}/messages", person)
    return [event["event"].get("body", event["event"]["kind"]) for event in page["events"]]


async def test_erased_user_is_gone_from_a_meeting_that_goes_on(meet: Server) -> None:
    """Everybody is back in a moment, starts over, and sees a mark where the words were."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    await ada.chat("of ada")
    await bob.chat("of bob")
    await bob.body("of bob")
    was = place(bob)
    assert await erase_user(meet.relay, "ada") == ["lab"]
    for peer in (ada, bob):
        bye = await peer.expect("bye")
        assert (bye["code"], bye["reconnect"]) == (CloseCode.RESTARTING, True)
        assert (await peer.closed()).code == CloseCode.RESTARTING

    back = await meet.join(person="bob", resume=was)
    assert not back.welcome["recovered"]
    assert back.welcome["room"]["epoch"] != was["epoch"]
    events = back.welcome["events"]
    assert [e["event"]["kind"] for e in events] == ["delete", "message"]
    assert events[0]["by"]["user"]["display_name"] == "Deleted user"
    assert "of ada" not in str(back.welcome)
    await back.chat("and on it goes")
    await back.body("and on it goes")
    assert await bodies(meet) == ["delete", "of bob", "and on it goes"]


async def test_files_of_an_erased_user_are_gone(meet: Server) -> None:
    """Neither the address nor a search nor the disk has them any more."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    answer = await meet.fetch(
        "rooms/lab/files", "ada", method="POST", body=b"of ada", params={"name": "plan.txt"}
    )
    file = json.loads(answer.body)
    await ada.chat("attached", files=[file["id"]])
    await bob.body("attached")
    assert (await meet.fetch(f"rooms/lab/files/{file['id']}", "bob")).body == b"of ada"
    await erase_user(meet.relay, "ada")
    await bob.closed()
    assert (await meet.fetch(f"rooms/lab/files/{file['id']}", "bob")).code == 404
    found = await meet.json("rooms/lab/search", "bob", params={"q": "plan"})
    assert found["hits"] == []
    assert os.listdir(meet.relay.config.database + ".files") == []


async def test_meeting_without_the_erased_user_is_not_disturbed(meet: Server) -> None:
    """Only rooms that keep something of the user begin anew."""
    bob = await meet.join("quiet", person="bob")
    ada = await meet.join("loud", person="ada")
    await ada.chat("of ada")
    assert await erase_user(meet.relay, "ada") == ["loud"]
    await ada.closed()
    await bob.chat("undisturbed")
    await bob.body("undisturbed")
    assert bob.of("bye") == []


async def test_erased_room_puts_everybody_out_and_begins_anew(meet: Server) -> None:
    """Those in it are told so and do not come back by themselves; the name is free again."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    await ada.chat("words")
    await bob.body("words")
    was = place(bob)
    assert await erase_room(meet.relay, "lab")
    for peer in (ada, bob):
        error = await peer.expect("error")
        assert error["code"] == ERASED
        assert (await peer.closed()).code == CloseCode.NOT_ALLOWED
    assert meet.relay.room("lab") is None
    assert await meet.json("rooms") == []
    assert await bodies(meet) == []

    eve = await meet.join(person="eve", resume=was)
    assert eve.welcome["events"] == []
    assert eve.welcome["room"]["epoch"] != was["epoch"]
    await eve.chat("a new beginning")
    assert await bodies(meet) == ["a new beginning"]
    assert not await erase_room(meet.relay, "no-such-room")


async def test_message_under_way_while_its_room_is_erased_does_not_come_back(meet: Server) -> None:
    """An append that was asked for before the erasure leaves nothing behind."""
    ada = await meet.join(person="ada")
    ada.request("chat.send", body="too late")
    await ada.settled()
    await erase_room(meet.relay, "lab")
    await meet.relay.store.settle()
    assert await meet.relay.store.find("lab") is None


async def test_erased_user_with_nothing_kept_changes_nothing(meet: Server) -> None:
    """A user who only listened leaves no trace, and nobody is disturbed."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    await ada.chat("of ada")
    assert await erase_user(meet.relay, "bob") == []
    await bob.settled()
    assert bob.of("bye") == []


async def test_what_cannot_be_erased_is_not_said_to_be(
    meet: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the log, erasing fails aloud."""
    await meet.relay.store.close()
    with pytest.raises(NotKept):
        await erase_user(meet.relay, "ada")
    with pytest.raises(NotKept):
        await erase_room(meet.relay, "lab")


async def test_media_tokens_of_a_restarted_room_open_nothing(meet: Server) -> None:
    """What opened a media socket before an erasure does not afterwards."""
    ada: Peer = await meet.join(person="ada")
    await ada.chat("of ada")
    token: Any = ada.welcome["media"]["token"]
    assert token in meet.relay._runner.media_tokens
    await erase_user(meet.relay, "ada")
    await ada.closed()
    assert meet.relay._runner.media_tokens == {}
