"""Files and history on a hub: through everybody's own server, and for guests, who have none."""

from __future__ import annotations

from typing import Any

from tests.hub.participants import Door, refusal, server, service
from tests.hub.test_hub_guests import ROOM, come_in, new_link
from tests.hub_process import HubProcess
from tests.hub_visitor import Answer

LARGE = bytes(range(256)) * 1200
"""More than any other call may have, and no text."""


def upload(
    door: Door, room: str, content: bytes, token: str | None = None, **headers: str
) -> Answer:
    """Posts a file."""
    if token is not None:
        headers["Authorization"] = f"token {token}"
    return door.hub.visitor().request(
        "POST",
        f"{door.api}rooms/{room}/files?name=data.bin",
        headers=headers,
        body=content,
        cookies=False,
        follow=False,
    )


def shown(peer: Any) -> dict[str, str]:
    """The header by which a participant shows that they are in."""
    return {"X-Meet-Session": peer.welcome["media"]["token"]}


async def test_file_passes_from_server_to_server(campus: HubProcess) -> None:
    """What Ada uploads through her server Bob gets through his, unchanged and as fenced."""
    tokens = {name: campus.viewer_token(name) for name in ("ada", "bob")}
    doors = {name: server(campus, name) for name in ("ada", "bob")}
    ada, bob = [await doors[name].join(tokens[name], "files") for name in ("ada", "bob")]
    answer = upload(doors["ada"], "files", LARGE, tokens["ada"])
    assert answer.status == 201, answer.text
    file = answer.json()
    assert (file["type"], file["size"]) == ("application/octet-stream", len(LARGE))
    ack = await ada.chat("measurements attached", files=[file["id"]])
    event = await bob.body("measurements attached")
    assert event["event"]["files"] == [file]
    got = doors["bob"].ask("GET", f"rooms/files/files/{file['id']}", tokens["bob"])
    assert (got.status, got.body) == (200, LARGE)
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    again = doors["bob"].ask(
        "GET",
        f"rooms/files/files/{file['id']}",
        tokens["bob"],
        **{"If-None-Match": got.headers["Etag"]},
    )
    assert (again.status, again.body) == (304, b"")
    found = doors["bob"].ask("GET", "rooms/files/search?q=measure", tokens["bob"]).json()
    assert [hit["id"] for hit in found["hits"]] == [ack["id"]]
    around = doors["bob"].ask("GET", f"rooms/files/messages?around={ack['id']}", tokens["bob"])
    assert [entry["offset"] for entry in around.json()["events"]] == [ack["offset"]]


async def test_upload_to_a_room_one_is_not_in_is_refused(campus: HubProcess) -> None:
    """Neither a user who is outside nor nobody leaves a file; the sentence reaches them."""
    await server(campus, "ada").join(campus.viewer_token("ada"), "files")
    token = campus.viewer_token("bob")
    assert refusal(upload(server(campus, "bob"), "empty-room", b"x", token))[0] == 403
    assert refusal(upload(service(campus), "files", b"x"))[0] == 403


async def test_guest_reads_and_sends_files_by_being_there(campus: HubProcess) -> None:
    """A guest, who has no sign-in, reads history and sends files while they are in."""
    ada = await server(campus, "ada").join(campus.viewer_token("ada"), ROOM)
    guest = await come_in(campus, new_link(campus))
    door = service(campus)
    await ada.chat("for our guests")
    page = door.ask("GET", f"rooms/{ROOM}/messages", None, **shown(guest))
    assert "for our guests" in page.text
    answer = upload(door, ROOM, b"from a guest", **shown(guest))
    assert answer.status == 201, answer.text
    await guest.chat("a file", files=[answer.json()["id"]])
    event = (await ada.body("a file"))["event"]
    got = server(campus, "ada").ask(
        "GET", f"rooms/{ROOM}/files/{event['files'][0]['id']}", campus.viewer_token("ada")
    )
    assert got.body == b"from a guest"
    assert refusal(door.ask("GET", "rooms/files/messages", None, **shown(guest)))[0] == 403
    token = shown(guest)
    await guest.leave()
    await ada.expect("participant.left", id=guest.welcome["you"]["id"])
    assert refusal(door.ask("GET", f"rooms/{ROOM}/messages", None, **token))[0] == 403
