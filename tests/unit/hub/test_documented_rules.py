"""The examples of docs/rooms-and-rights.md in force: the real service, the real room."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.integration.peer import Peer
from tests.unit.hub.small_hub import PATIENCE_S, Rig, model, until

PAGE = (Path(__file__).parents[3] / "docs" / "rooms-and-rights.md").read_text(encoding="utf-8")
EXAMPLES = "\n".join(
    re.findall(r"```toml\n(.*?)```", PAGE.split("## Examples\n", 1)[1], re.DOTALL)
).replace('pattern = "{course}/', 'pattern = "course-{course}/')
"""All examples in one file; the course's pattern is narrowed so that it leaves the others be."""


@pytest.fixture
def config(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """A service with these rules, which takes guests."""
    path = tmp_path / "policy.toml"
    path.write_text(EXAMPLES.replace("group:{course}", "group:course-{course}"))
    return {"MeetHub": {"policy_file": str(path), "allow_guests": True, "recheck_interval": 0.1}}


@pytest.fixture(autouse=True)
def campus(rig: Rig) -> None:
    """Emmy teaches course-1 and ada takes it; bob does neither; root runs the hub."""
    rig.hub.tokens |= {
        "token-emmy": model("emmy", groups=["course-1-instructors", "staff"]),
        "token-ada": model("ada", groups=["course-1"]),
        "token-root": model("root", admin=True),
    }
    # The exam's pattern captures the course's whole name.
    rig.hub.tokens["token-emmy"]["groups"] += ["course-course-1-instructors"]
    rig.hub.tokens["token-ada"]["groups"] += ["course-course-1"]


async def out(peer: Peer, code: str) -> None:
    """Expects to be put out with this code."""
    assert (await peer.expect("error"))["code"] == code
    assert (await peer.closed()).code == 4403


async def knock(ticket: dict[str, Any]) -> Peer:
    """Goes to a room and is asked to wait."""
    peer = await Peer.connect(ticket["control_url"])
    client = {"kind": "browser", "version": "test"}
    peer.say({"type": "hello", "protocol": 1, "ticket": ticket["ticket"], "client": client})
    await peer.expect("waiting")
    return peer


async def waiting_for(peer: Peer) -> dict[str, Any]:
    """Returns who waits, as a moderator is told."""
    (waiting,) = (await peer.wait_for(lambda said: bool(said.get("waiting"))))["waiting"]
    return dict(waiting)


CAMERA = {
    "source": "camera",
    "renditions": [{"codec": "vp8", "width": 320, "height": 180, "bitrate": 1000}],
}


async def test_lecture(rig: Rig) -> None:
    """Staff open it and send; students write and do not send; others are told whom to ask."""
    assert await rig.code("api/tickets", "ada", {"room": "course-1/lecture"}) == (
        403,
        "no-such-room",
    )
    emmy = await rig.join("course-1/lecture", "emmy")
    assert emmy.welcome["you"]["role"] == "moderator"
    ada = await rig.join("course-1/lecture", "ada")
    assert ada.welcome["rights"] == {
        "chat": True,
        "publish": False,
        "moderate": False,
        "guest_links": False,
    }
    ada.say({"type": "publish", "cid": "p", **CAMERA})
    assert (await ada.expect("error"))["code"] == "not-allowed"
    await ada.chat("May I ask something?")
    await emmy.body("May I ask something?")
    refused = await rig.json("api/tickets", "bob", {"room": "course-1/lecture"})
    assert refused == {
        "code": "not-allowed",
        "message": "Only the group course-1 may join course-1/lecture. "
        "Ask somebody in the group course-1-instructors.",
    }


async def test_losing_the_course(rig: Rig) -> None:
    """Who loses the group is put out of the room that they are in."""
    await rig.join("course-1/lecture", "emmy")
    ada = await rig.join("course-1/lecture", "ada")
    rig.hub.tokens["token-ada"] = model("ada")
    await out(ada, "not-allowed")
    async with asyncio.timeout(PATIENCE_S):  # the hub's word is believed for a moment
        while (await rig.fetch("api/rooms/course-1/lecture/messages", "ada")).code != 403:  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.05)


async def test_office_hour(rig: Rig) -> None:
    """Visitors knock, an administrator too; only the owner lets them in, and reads them first."""
    assert (await rig.code("api/tickets", "root", {"room": "office/emmy"}))[1] == "no-such-room"
    emmy = await rig.join("office/emmy", "emmy")
    assert emmy.welcome["you"]["role"] == "owner"
    ticket = await rig.json("api/tickets", "root", {"room": "office/emmy"})
    root = await knock(ticket)
    assert await rig.code("api/rooms/office/emmy/messages", "root") == (403, "not-allowed")
    waiting = await waiting_for(emmy)
    assert waiting["user"]["name"] == "root"
    await emmy.ask("moderate", action="deny", target=waiting["id"])
    await out(root, "denied")


async def test_exam(rig: Rig) -> None:
    """Nobody finds the exam; a candidate waits, then watches and says nothing."""
    emmy = await rig.join("exam/course-1", "emmy")
    assert [room["name"] for room in await rig.json("api/rooms", "emmy")] == ["exam/course-1"]
    assert await rig.json("api/rooms", "ada") == []
    ticket = await rig.json("api/tickets", "ada", {"room": "exam/course-1"})
    ada = await knock(ticket)
    waiting = await waiting_for(emmy)
    await emmy.ask("moderate", action="admit", target=waiting["id"])
    welcome = await ada.expect("welcome")
    assert welcome["you"]["role"] == "observer"
    assert not any(welcome["rights"].values())
    ada.say({"type": "chat.send", "cid": "c", "body": "What is the answer to 3?"})
    assert (await ada.expect("error"))["code"] == "not-allowed"
    ada.say({"type": "state", "hand": True})
    await emmy.wait_for(lambda said: said.get("participant", {}).get("state", {}).get("hand"))


async def test_guests(rig: Rig) -> None:
    """Staff make a link; a guest waits, writes and is not seen; others make no link."""
    emmy = await rig.join("open-day/hall", "emmy")
    made = await rig.json("api/rooms/open-day/hall/guest-links", "emmy", {"hours": 1})
    token = made["url"].partition("#")[2]
    ticket = await rig.json("api/guest-tickets", None, {"link": token, "name": "Emmy"})
    guest = await knock(ticket)
    waiting = await waiting_for(emmy)
    assert waiting["user"]["display_name"] == "Emmy (guest)"
    await emmy.ask("moderate", action="admit", target=waiting["id"])
    welcome = await guest.expect("welcome")
    assert (welcome["rights"]["chat"], welcome["rights"]["publish"]) == (True, False)
    await rig.join("open-day/hall", "bob")
    assert await rig.code("api/rooms/open-day/hall/guest-links", "bob", {}) == (403, "not-allowed")
    assert await rig.code("api/rooms/course-1/lecture/guest-links", "emmy", {}) == (
        404,
        "not-found",
    )


async def test_opening_a_room_makes_nobody_its_owner(rig: Rig) -> None:
    """Students open rooms of the course; they neither moderate nor erase them. Owners may."""
    ada = await rig.join("course-1/lab", "ada")
    assert ada.welcome["you"]["role"] == "member"
    record = await rig.service.relay.record("course-1/lab")
    assert record is not None
    record.roles["ada"] = "owner"  # as if it had been opened before there were rules
    assert await rig.code("api/rooms/course-1/lab", "ada", method="DELETE") == (403, "not-allowed")
    bob = await rig.join("chess", "bob")
    assert bob.welcome["you"]["role"] == "owner"
    await bob.leave()
    await until(lambda: not rig.service.relay.room("chess"))
    assert (await rig.fetch("api/rooms/chess", "bob", method="DELETE")).code == 204
