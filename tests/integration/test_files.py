"""Files over REST: who may send and read them, what is told of them, and when they are gone."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tornado.httpclient import HTTPResponse

from tests.integration.conftest import Server, until
from tests.integration.peer import Peer

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGP4z8AAQRAKAQAl9AP9N3l4iwAAAABJRU5E"
    "rkJggg=="
)
"""3 × 2 pixels."""


@pytest.fixture(params=["fast"])
def socket_path(request: pytest.FixtureRequest) -> str:
    """Files know no sockets."""
    return str(request.param)


@pytest.fixture
def relay_config() -> dict[str, Any]:
    return {"max_file_bytes": 300_000, "max_room_file_bytes": 500_000}


async def upload(
    meet: Server,
    content: bytes,
    name: str = "notes.txt",
    *,
    person: str | None = "ada",
    room: str = "lab",
    **headers: str,
) -> HTTPResponse:
    """Posts a file."""
    return await meet.fetch(
        f"rooms/{room}/files",
        person,
        method="POST",
        body=content,
        params={"name": name},
        headers=headers,
    )


async def sent(meet: Server, peer: Peer, content: bytes, name: str, **fields: Any) -> Any:
    """Uploads a file as ada, sends it with a message, and returns its description."""
    file = json.loads((await upload(meet, content, name)).body)
    await peer.chat(fields.pop("body", ""), files=[file["id"]], **fields)
    return file


def folder(meet: Server) -> Path:
    return Path(meet.relay.config.database + ".files")


def on_disk(meet: Server) -> list[str]:
    return sorted(path.name for path in folder(meet).iterdir()) if folder(meet).exists() else []


async def test_file_goes_with_a_message_and_comes_back_as_it_was(meet: Server) -> None:
    """Its description is the relay's own; everybody in the room reads and lists it."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    answer = await upload(meet, PNG, "../../holiday é.txt")
    assert answer.code == 201
    file = json.loads(answer.body)
    assert file == {
        "id": file["id"],
        "name": "holiday é.txt",
        "type": "image/png",
        "size": len(PNG),
        "width": 3,
        "height": 2,
    }
    ack = await ada.chat("look", files=[file["id"]])
    event = (await bob.body("look"))["event"]
    assert event["files"] == [file]
    content = await meet.fetch(f"rooms/lab/files/{file['id']}", "bob")
    assert content.body == PNG
    assert content.headers["Content-Type"] == "image/png"
    assert f"filename*=UTF-8''{quote('holiday é.txt')}" in content.headers["Content-Disposition"]
    listed = await meet.json("rooms/lab/files", "bob")
    (entry,) = listed["files"]
    assert entry["id"] == file["id"]
    assert (entry["message"], entry["by"]["user"]["name"]) == (ack["id"], "ada")


async def test_download_is_fenced(meet: Server) -> None:
    """Whatever a file holds is an attachment of a type that no browser runs, in a sandbox."""
    ada = await meet.join()
    page = b"<!doctype html><script>alert(1)</script>"
    for name in ("page.html", "image.svg", "x.xhtml", "feed.xml"):
        file = await sent(meet, ada, page, name)
        answer = await meet.fetch(f"rooms/lab/files/{file['id']}")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_text_arrives_whole_where_the_server_compresses(meet: Server) -> None:
    """A long text is the same after Jupyter's own compression, whose length nobody knows before."""
    ada = await meet.join()
    text = b"the same line again and again\n" * 9000
    file = await sent(meet, ada, text, "long.csv")
    assert file["type"] == "text/csv"
    answer = await meet.fetch(f"rooms/lab/files/{file['id']}", decompress_response=True)
    assert answer.body == text


async def test_unchanged_file_is_not_sent_twice(meet: Server) -> None:
    """Who has it asks whether they may still have it, and is told so without the content."""
    ada = await meet.join()
    file = await sent(meet, ada, b"once", "a.txt")
    first = await meet.fetch(f"rooms/lab/files/{file['id']}")
    again = await meet.fetch(
        f"rooms/lab/files/{file['id']}", headers={"If-None-Match": first.headers["Etag"]}
    )
    assert (again.code, again.body) == (304, b"")
    assert "no-cache" in first.headers["Cache-Control"]


async def test_file_that_was_not_sent_is_its_uploaders_alone(meet: Server) -> None:
    """Others neither read it nor send it; its uploader does both."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    file = json.loads((await upload(meet, b"draft")).body)
    assert (await meet.fetch(f"rooms/lab/files/{file['id']}", "bob")).code == 404
    assert (await meet.json("rooms/lab/files", "ada"))["files"] == []
    refused = await bob.ask("chat.send", body="mine", files=[file["id"]])
    assert refused["type"] == "error"
    assert (await meet.fetch(f"rooms/lab/files/{file['id']}", "ada")).body == b"draft"
    await ada.chat("", files=[file["id"]])
    assert (await ada.ask("chat.send", body="twice", files=[file["id"]]))["type"] == "error"
    assert (await meet.fetch(f"rooms/lab/files/{file['id']}", "bob")).body == b"draft"


async def test_file_of_a_private_message_is_private(meet: Server) -> None:
    """Only who may read the message reads, lists or finds its file."""
    ada, bob, eve = [await meet.join(person=name) for name in ("ada", "bob", "eve")]
    file = await sent(meet, ada, b"secret", "secret-plan.txt", to=[bob.welcome["you"]["id"]])
    for person, code in (("ada", 200), ("bob", 200), ("eve", 404)):
        assert (await meet.fetch(f"rooms/lab/files/{file['id']}", person)).code == code
        assert bool((await meet.json("rooms/lab/files", person))["files"]) == (code == 200)
        hits = await meet.json("rooms/lab/search", person, params={"q": "secret-plan"})
        assert bool(hits["hits"]) == (code == 200)
    del eve


async def test_file_is_gone_with_its_message(meet: Server) -> None:
    """Deleting and clearing take the content off the disk."""
    ada = await meet.join()
    file = await sent(meet, ada, b"one", "a.txt", body="one")
    kept = await sent(meet, ada, b"two", "b.txt", body="two")
    first = (await ada.body("one"))["event"]["id"]
    assert (await ada.ask("chat.delete", id=first))["type"] == "ack"
    assert on_disk(meet) == [kept["id"]]
    assert (await meet.fetch(f"rooms/lab/files/{file['id']}")).code == 404
    assert (await ada.ask("moderate", action="clear"))["type"] == "ack"
    assert on_disk(meet) == []
    assert (await meet.json("rooms/lab/files"))["files"] == []
    assert "a.txt" not in json.dumps(await meet.json("rooms/lab/messages"))


async def test_limits_are_named(meet: Server) -> None:
    """What is too large, or finds no space in the room, is refused with the limit in words."""
    await meet.join()
    large = await upload(meet, b"x" * 300_001)
    assert large.code == 413
    assert "293 kB" in json.loads(large.body)["message"]
    assert (await upload(meet, b"x" * 300_000)).code == 201
    full = await upload(meet, b"x" * 300_000)
    assert (full.code, json.loads(full.body)["code"]) == (507, "room-full")
    assert "488 kB" in json.loads(full.body)["message"]
    empty = await upload(meet, b"")
    assert empty.code == 400
    assert len(on_disk(meet)) == 1


async def test_only_who_is_in_the_room_sends_files(meet: Server) -> None:
    """Neither somebody outside nor an observer nor nobody fills the disk."""
    ada, eve = await meet.join(person="ada"), await meet.join(person="eve")
    role = {"action": "role", "target": eve.welcome["you"]["id"], "role": "observer"}
    assert (await ada.ask("moderate", **role))["type"] == "ack"
    assert (await upload(meet, b"x", person="eve")).code == 403
    for person in ("bob", None):
        assert (await upload(meet, b"x", person=person)).code == 403
    assert on_disk(meet) == []


async def test_token_of_the_session_is_enough(meet: Server) -> None:
    """Who is in the room reads and uploads by it, in that room only, while they are in."""
    ada = await meet.join(person="ada")
    await meet.join("other", person="bob")
    shown = {"X-Meet-Session": ada.welcome["media"]["token"]}
    await ada.chat("hello")
    answer = await meet.fetch("rooms/lab/messages", None, headers=shown)
    assert json.loads(answer.body)["events"][0]["event"]["body"] == "hello"
    assert (await meet.fetch("rooms/other/messages", None, headers=shown)).code == 403
    uploaded = await upload(meet, b"by token", person=None, **shown)
    assert uploaded.code == 201
    file = json.loads(uploaded.body)
    await ada.chat("mine", files=[file["id"]])
    assert (await meet.fetch(f"rooms/lab/files/{file['id']}", None, headers=shown)).code == 200
    await ada.leave()
    await until(lambda: meet.relay.holder(shown["X-Meet-Session"]) is None)
    over = await meet.fetch("rooms/lab/messages", None, headers=shown)
    assert over.code == 403


async def test_upload_that_breaks_off_leaves_nothing(meet: Server) -> None:
    """A connection that is cut in the middle of a file leaves no bytes behind."""
    ada = await meet.join()
    _, port = meet.listening[0].getsockname()[:2]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    token = ada.welcome["media"]["token"]
    path = f"{meet.app.base_url}meet/api/rooms/lab/files?name=a"
    head = f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nX-Meet-Session: {token}\r\n"
    writer.write(f"{head}Content-Length: 200000\r\n\r\n".encode() + b"x" * 100_000)
    await writer.drain()
    await until(lambda: len(on_disk(meet)) == 1)
    writer.close()
    await until(lambda: on_disk(meet) == [])
    del reader
