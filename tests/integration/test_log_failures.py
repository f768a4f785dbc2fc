"""The disk full, the log unwritable, unreadable or in use: the meeting goes on, and says so."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from meetwidget_server.store.schema import Claim
from meetwidget_server.store.sqlite import SQLiteStore

from tests.integration.conftest import Server
from tests.integration.peer import video


@pytest.fixture(params=["fast"])
def socket_path(request: pytest.FixtureRequest) -> str:
    """The log knows no sockets."""
    return str(request.param)


async def pragma(meet: Server, what: str) -> None:
    """Sets something on the writer's own connection."""
    store = meet.relay.store
    assert isinstance(store, SQLiteStore)
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    store._writer.ask(lambda db: db.execute(f"PRAGMA {what}").fetchall(), done.set_result)
    await done


@pytest.mark.parametrize(
    ("breaks", "mends"),
    [("query_only = ON", "query_only = OFF"), ("max_page_count = 1", "max_page_count = 100000")],
    ids=["unwritable", "disk-full"],
)
async def test_sender_is_told_that_the_message_was_not_kept(
    meet: Server, breaks: str, mends: str
) -> None:
    """`not-kept` with the cid to the sender, nothing to others; presence and media go on."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    await ada.chat("before")
    await pragma(meet, breaks)

    body = "lost " * 3000
    answer = await ada.ask("chat.send", body=body, cid="c-lost")
    assert (answer["type"], answer["code"], answer["cid"]) == ("error", "not-kept", "c-lost")
    assert answer["message"]

    ada.say({"type": "state", "hand": True})
    await bob.wait_for(
        lambda m: m["type"] == "participant.updated" and m["participant"]["state"].get("hand")
    )
    sender, eyes = await ada.lane(), await bob.lane()
    stream, (handle,) = await ada.publish()
    bob.say({"type": "watch", "streams": {stream: {"width": 320, "height": 180}}})
    await ada.expect("demand")
    frame = video(handle, 0, key=True)
    sender.send(frame)
    assert await eyes.next() == frame
    eve = await meet.join(person="eve")
    assert eve.bodies == ["before"]

    await pragma(meet, mends)
    again = await ada.ask("chat.send", body=body, cid="c-lost")  # as a client would resend it
    assert (again["type"], again["offset"]) == ("ack", 2)
    await bob.body(body)
    assert bob.offsets == [1, 2]
    assert bob.bodies == ["before", body]


class TestWithoutALog:
    @pytest.fixture
    def relay_config(self, tmp_path: Path) -> dict[str, Any]:
        (tmp_path / "a-file").write_text("in the way")
        return {"database": str(tmp_path / "a-file" / "rooms.sqlite")}

    async def test_people_meet_where_no_log_can_be_made(self, meet: Server) -> None:
        """A server that cannot keep anything still holds meetings, and every sender is told."""
        ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
        assert ada.welcome["events"] == []
        answer = await ada.ask("chat.send", body="hello?")
        assert (answer["type"], answer["code"]) == ("error", "not-kept")
        ada.say({"type": "reaction", "emoji": "👋"})
        await bob.expect("reaction", emoji="👋")
        history = await meet.fetch("rooms/lab/messages")
        assert (history.code, json.loads(history.body)["code"]) == (503, "log-unreadable")
        rooms = await meet.json("rooms")
        assert [room["participants"] for room in rooms] == [2]


class TestTwoServers:
    @pytest.fixture
    def relay_config(self, tmp_path: Path) -> dict[str, Any]:
        path = tmp_path / "shared" / "rooms.sqlite"
        self.claim = Claim(path)
        return {"database": str(path)}

    async def test_second_server_keeps_a_log_of_its_own(self, meet: Server) -> None:
        """Two servers of one directory never number the same room's events."""
        store = meet.relay.store
        assert isinstance(store, SQLiteStore)
        assert store.path.name == "rooms-2.sqlite"
        await (await meet.join()).chat("kept")
        assert not store.path.with_name("rooms.sqlite").exists()
        self.claim.release()
