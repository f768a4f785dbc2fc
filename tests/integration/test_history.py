"""History over REST: pages, privacy, transcripts."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from tests.integration.conftest import Server


@pytest.fixture(params=["fast"])
def socket_path(request: pytest.FixtureRequest) -> str:
    """History knows no sockets."""
    return str(request.param)


@pytest.fixture
def relay_config() -> dict[str, Any]:
    """Tests talk faster than people may."""
    return {"messages_burst": 1000}


async def test_pages_lead_back_to_the_beginning(meet: Server) -> None:
    """Pages are oldest first, join without gap, and say whether there is more."""
    ada = await meet.join("course/lab")
    for number in range(7):
        await ada.chat(f"{number}")
    first = await meet.json("rooms/course/lab/messages", params={"limit": "3"})
    assert first["epoch"] == ada.welcome["room"]["epoch"]
    assert ([event["offset"] for event in first["events"]], first["more"]) == ([5, 6, 7], True)
    second = await meet.json("rooms/course/lab/messages", params={"limit": "4", "before": "5"})
    assert ([e["event"]["body"] for e in second["events"]], second["more"]) == (
        ["0", "1", "2", "3"],
        False,
    )
    assert "cid" not in second["events"][0]
    assert second["events"][0]["type"] == "event"


async def test_room_nobody_was_ever_in_has_no_history(meet: Server) -> None:
    """Asking for it makes no room."""
    assert (await meet.json("rooms/nowhere/messages"))["events"] == []
    assert await meet.json("rooms") == []


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "x"},
        {"before": "-1"},
        {"after": "-1"},
        {"limit": "٣"},
    ],
)
async def test_paging_out_of_bounds_is_explained(meet: Server, query: dict[str, str]) -> None:
    """A wrong number gets 400 and says what would be right."""
    answer = await meet.fetch("rooms/lab/messages", params=query)
    assert answer.code == 400
    assert "number from" in json.loads(answer.body)["message"]


async def test_pages_from_anywhere_read_as_the_room_does(meet: Server) -> None:
    """After an offset or around a message: what happened later to its messages comes with it."""
    ada = await meet.join()
    acks = [await ada.chat(f"{number}") for number in range(9)]
    id_ = acks[3]["id"]
    assert (await ada.ask("chat.edit", id=id_, body="three"))["type"] == "ack"
    page = await meet.json("rooms/lab/messages", params={"after": "2", "limit": "3"})
    assert [event["offset"] for event in page["events"]] == [3, 4, 5]
    assert (page["more"], page["newer"]) == (True, True)
    assert [event["event"]["body"] for event in page["later"]] == ["three"]
    page = await meet.json("rooms/lab/messages", params={"around": id_, "limit": "3"})
    assert [event["offset"] for event in page["events"]] == [3, 4, 5]
    assert [event["offset"] for event in page["later"]] == [10]
    about = await meet.json("rooms/lab/messages", params={"about": id_})
    assert [event["event"]["kind"] for event in about["events"]] == ["message", "edit"]
    gone = await meet.fetch("rooms/lab/messages", params={"around": "nothing"})
    assert (gone.code, json.loads(gone.body)["code"]) == (404, "not-found")


async def test_search_finds_what_is_said_now(meet: Server) -> None:
    """Hits are newest first, tell who and when, and mark what was found."""
    ada = await meet.join()
    acks = [await ada.chat(f"the needle no {number}") for number in range(3)]
    await ada.chat("hay")
    assert (await ada.ask("chat.edit", id=acks[1]["id"], body="hay"))["type"] == "ack"
    found = await meet.json("rooms/lab/search", params={"q": "needle", "limit": "1"})
    assert (found["epoch"], found["more"]) == (ada.welcome["room"]["epoch"], True)
    (hit,) = found["hits"]
    assert hit == {
        "id": acks[2]["id"],
        "offset": 3,
        "at": acks[2]["at"],
        "by": hit["by"],
        "snippet": "the needle no 2",
        "marks": [[4, 6]],
    }
    assert hit["by"]["user"]["name"] == "ada"
    found = await meet.json("rooms/lab/search", params={"q": "needle", "before": "3"})
    assert [hit["id"] for hit in found["hits"]] == [acks[0]["id"]]
    assert not found["more"]


async def test_newcomer_is_told_what_is_pinned_long_ago(meet: Server) -> None:
    """The welcome has the pinned message although the newest events do not reach back to it."""
    ada = await meet.join()
    ack = await ada.chat("the rules")
    assert (await ada.ask("chat.pin", id=ack["id"], on=True))["type"] == "ack"
    for number in range(205):
        await ada.chat(f"{number}")
    bob = await meet.join(person="bob")
    assert [e["event"]["kind"] for e in bob.welcome["pinned"]] == ["message", "pin"]
    assert bob.welcome["pinned"][0]["event"]["body"] == "the rules"
    assert "the rules" not in bob.bodies


async def test_private_message_is_in_the_history_of_two(meet: Server) -> None:
    """Live and over REST only sender and recipient see a private message."""
    ada, bob, eve = [await meet.join(person=name) for name in ("ada", "bob", "eve")]
    await ada.chat("psst", to=[bob.welcome["you"]["id"]])
    await bob.body("psst")
    await ada.chat("for all")
    await eve.body("for all")
    assert eve.bodies == ["for all"]
    for person, expected in (
        ("ada", ["psst", "for all"]),
        ("bob", ["psst", "for all"]),
        ("eve", ["for all"]),
    ):
        page = await meet.json("rooms/lab/messages", person)
        assert [e["event"]["body"] for e in page["events"]] == expected
        text = (await meet.fetch("rooms/lab/transcript", person, params={"format": "md"})).body
        assert (b"psst" in text) == (person != "eve")


async def test_deleted_message_is_gone_from_history(meet: Server) -> None:
    """Its offset stays, its words do not."""
    ada = await meet.join()
    ack = await ada.chat("regretted")
    assert (await ada.ask("chat.delete", id=ack["id"]))["type"] == "ack"
    page = await meet.json("rooms/lab/messages")
    assert [e["event"]["kind"] for e in page["events"]] == ["message", "delete"]
    assert "regretted" not in json.dumps(page)


@pytest.mark.parametrize("format_", ["json", "md", "ipynb"])
async def test_transcript_is_a_file(meet: Server, format_: str) -> None:
    """The whole log, longer than a page, as a file with a name."""
    ada = await meet.join("course/lab")
    for number in range(60):
        await ada.chat(f"word-{number}")
    answer = await meet.fetch("rooms/course/lab/transcript", params={"format": format_})
    assert f'filename="course-lab.{format_}"' in answer.headers["Content-Disposition"]
    text = answer.body.decode()
    assert [text.index(f"word-{number}") > 0 for number in range(60)] == [True] * 60
    if format_ == "ipynb":
        nbformat.validate(nbformat.reads(text, as_version=4))


async def test_transcript_in_an_unknown_format(meet: Server) -> None:
    """The answer says which formats there are."""
    answer = await meet.fetch("rooms/lab/transcript", params={"format": "docx"})
    assert (answer.code, json.loads(answer.body)["message"]) == (
        400,
        "format is json, md or ipynb.",
    )


async def test_unknown_endpoint_is_not_found(meet: Server) -> None:
    """What does not exist is 404, signed in or not."""
    assert (await meet.fetch("teapot")).code == 404
