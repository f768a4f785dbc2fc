"""Guest links: who makes them, who comes by them, and what ends them."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

import pytest
from meetwidget_server.hub.recheck import Recheck

from tests.integration.peer import Peer
from tests.unit.hub.small_hub import Rig, model


@pytest.fixture
def config(tmp_path: Any) -> dict[str, dict[str, Any]]:
    path = tmp_path / "policy.toml"
    path.write_text(
        '[default]\njoin = ["everyone"]\ncreate = ["everyone"]\nguests = true\n'
        '[[rooms]]\npattern = "staff"\njoin = ["everyone"]\ncreate = ["everyone"]\n'
    )
    return {
        "MeetHub": {
            "policy_file": str(path),
            "allow_guests": True,
            "guest_tries_per_minute": 8,
            "guest_links_per_room": 2,
        }
    }


async def made(rig: Rig, who: str = "ada", room: str = "lab") -> dict[str, Any]:
    """A new link, with its token."""
    link: dict[str, Any] = await rig.json(f"api/rooms/{room}/guest-links", who, {"hours": 1})
    assert "url" in link, link
    return {**link, "token": link["url"].partition("#")[2]}


async def ticket(rig: Rig, link: dict[str, Any], name: str = "Grace", **more: Any) -> Any:
    """What somebody with the link is answered."""
    return await rig.json("api/guest-tickets", None, {"link": link["token"], "name": name, **more})


async def test_guest_comes_in_by_a_link(rig: Rig) -> None:
    """A name and the link are enough; everybody sees that it is a guest, who may not moderate."""
    await rig.join("lab", "ada")
    link = await made(rig)
    assert link["url"].startswith("/services/meet/guest#")
    found = await ticket(rig, link)
    assert found["room"] == "lab"
    guest = await rig.enter(found)
    you, rights = guest.welcome["you"], guest.welcome["rights"]
    assert (you["kind"], you["user"]["display_name"], you["role"]) == (
        "guest",
        "Grace (guest)",
        "member",
    )
    assert rights == {"chat": True, "publish": True, "moderate": False, "guest_links": False}
    (listed,) = await rig.json("api/rooms/lab/guest-links")
    assert listed["uses"] == 1
    assert "url" not in listed
    assert link["token"] not in json.dumps(listed)


async def test_link_is_shown_once_and_kept_as_a_digest(rig: Rig) -> None:
    """Whoever reads the database comes in nowhere."""
    await rig.join("lab", "ada")
    link = await made(rig)
    await rig.service.relay.store.settle()
    folder = rig.service.relay.store.path.parent  # type: ignore[attr-defined]
    kept = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert link["id"].encode() in kept
    assert link["token"].encode() not in kept


async def test_only_moderators_in_person_make_links(rig: Rig) -> None:
    """Members, kernels and lent tokens are refused; a room that is not there is not found."""
    await rig.join("lab", "ada")
    rig.hub.tokens["token-server"] = model("ada", session_id=None)
    scopes = ["access:services!service=meet", "custom:meet:join", "access:servers!server=eve/"]
    rig.hub.tokens["token-lent"] = model("ada", scopes=scopes)
    for who in ("bob", "server", "lent"):
        for options in ({"body": {"hours": 1}}, {}):
            refused = await rig.code("api/rooms/lab/guest-links", who, **options)
            assert refused == (403, "not-allowed"), who
    assert await rig.code("api/rooms/none/guest-links", "ada") == (404, "not-found")


async def test_room_whose_rule_takes_no_guests_has_no_links(rig: Rig) -> None:
    """The administrator's switch alone opens nothing."""
    await rig.join("staff", "ada")
    refused = await rig.code("api/rooms/staff/guest-links", "ada", {"hours": 1})
    assert refused == (403, "not-allowed")


class TestSwitchedOff:
    @pytest.fixture
    def config(self, config: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        config["MeetHub"]["allow_guests"] = False
        return config

    async def test_guests_are_off_by_default(self, rig: Rig) -> None:
        """Without the administrator's switch there is neither a link nor a ticket."""
        ada = await rig.join("lab", "ada")
        assert not ada.welcome["rights"]["guest_links"]
        refused = await rig.code("api/rooms/lab/guest-links", "ada", {"hours": 1})
        assert refused == (403, "not-allowed")
        sent = {"link": "x" * 43, "name": "Grace"}
        assert await rig.code("api/guest-tickets", None, sent) == (403, "guests-not-allowed")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"link": "nonsense", "name": "Grace"}, (403, "bad-link")),
        ({"link": "\udc80", "name": "Grace"}, (403, "bad-link")),
        ({"link": 5, "name": "Grace"}, (400, "bad-request")),
        ({"name": "Grace"}, (400, "bad-request")),
        ({"link": "nonsense"}, (400, "bad-request")),
    ],
)
async def test_nonsense_instead_of_a_link(rig: Rig, sent: Any, expected: Any) -> None:
    """A made-up link opens nothing; a malformed request is told so."""
    assert await rig.code("api/guest-tickets", None, sent) == expected


async def test_name_that_shows_nothing_is_refused(rig: Rig) -> None:
    """A guest has a name that others can read."""
    await rig.join("lab", "ada")
    link = await made(rig)
    assert (await ticket(rig, link, " \u202e "))["code"] == "invalid-name"


@pytest.mark.parametrize("hours", [0, -1, 1e9, "4", True, [1], 25])
async def test_lifetime_has_bounds(rig: Rig, hours: Any) -> None:
    """A link holds for a time that the administrator allows."""
    await rig.join("lab", "ada")
    answer = await rig.fetch("api/rooms/lab/guest-links", "ada", {"hours": hours})
    assert answer.code == 400
    assert set(json.loads(answer.body)) == {"code", "message"}


async def test_number_of_links_has_a_bound(rig: Rig) -> None:
    """A room has so many links that hold; ending one makes room for another."""
    await rig.join("lab", "ada")
    first = await made(rig)
    await made(rig)
    refused = await rig.code("api/rooms/lab/guest-links", "ada", {"hours": 1})
    assert refused == (409, "too-many")
    ended = await rig.fetch(f"api/rooms/lab/guest-links/{first['id']}", method="DELETE")
    assert ended.code == 204
    await made(rig)


async def out(peer: Peer) -> None:
    assert (await peer.expect("error"))["code"] == "signed-out"
    assert (await peer.closed()).code == 4403


async def test_ended_link_lets_nobody_in_and_its_guests_out(rig: Rig) -> None:
    """Whoever came by it leaves at once; guests of another link stay."""
    await rig.join("lab", "ada")
    first, second = await made(rig), await made(rig)
    grace = await rig.enter(await ticket(rig, first))
    alan = await rig.enter(await ticket(rig, second, "Alan"))
    ended = await rig.fetch(f"api/rooms/lab/guest-links/{first['id']}", method="DELETE")
    assert ended.code == 204
    await out(grace)
    assert (await ticket(rig, first))["code"] == "bad-link"
    room = rig.service.relay.room("lab")
    assert room is not None
    assert alan.welcome["you"]["id"] in {one.id for one in room.participants}
    again = await rig.fetch("api/rooms/lab/guest-links/00", method="DELETE")
    assert again.code == 404


async def test_link_of_another_room_cannot_be_ended(rig: Rig) -> None:
    """Moderating one room is no right over the links of another."""
    await rig.join("lab", "ada")
    await rig.join("bobs", "bob")
    link = await made(rig)
    answer = await rig.fetch(f"api/rooms/bobs/guest-links/{link['id']}", "bob", method="DELETE")
    assert answer.code == 404
    assert "ticket" in await ticket(rig, link)


async def test_guests_leave_when_the_link_expires(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hour is over: the next round of questions puts them out."""
    await rig.join("lab", "ada")
    grace = await rig.enter(await ticket(rig, await made(rig)))
    await Recheck(rig.service, 1000).round()
    room = rig.service.relay.room("lab")
    assert room is not None
    assert len(room.participants) == 2
    clock = rig.service.relay.now
    monkeypatch.setattr(clock, "_offset", clock._offset + 3601)
    await Recheck(rig.service, 1000).round()
    await out(grace)


async def test_guests_leave_when_guests_are_switched_off(rig: Rig, tmp_path: Any) -> None:
    """A rule that takes no guests any more applies to those who are in."""
    await rig.join("lab", "ada")
    grace = await rig.enter(await ticket(rig, await made(rig)))
    policy = tmp_path / "policy.toml"
    policy.write_text(policy.read_text().replace("guests = true", "guests = false"))
    from meetwidget_server.policy import Policy

    rig.service.policy = Policy.load(policy, allow_guests=True)
    await Recheck(rig.service, 1000).round()
    await out(grace)


async def test_guest_resumes_as_the_same_guest(rig: Rig) -> None:
    """With what the first ticket came with, a lost connection goes on; a made-up one is a new guest."""
    await rig.join("lab", "ada")
    link = await made(rig)
    first = await ticket(rig, link)
    grace = await rig.enter(first)
    name = grace.welcome["you"]["user"]["name"]
    again = await rig.enter(await ticket(rig, link, guest=first["guest"]))
    assert again.welcome["you"]["user"]["name"] == name
    other = await rig.enter(await ticket(rig, link, guest=first["guest"][:-1] + "x"))
    assert other.welcome["you"]["user"]["name"] != name
    (listed,) = await rig.json("api/rooms/lab/guest-links")
    assert listed["uses"] == 2


async def test_tries_are_counted(rig: Rig) -> None:
    """Guessing links is hopeless anyway, and slow besides; who has a true link is let in."""
    await rig.join("lab", "ada")
    link = await made(rig)
    sent = {"link": "x" * 43, "name": "Grace"}
    answers = [await rig.code("api/guest-tickets", None, sent) for _ in range(9)]
    assert answers[0] == (403, "bad-link")
    assert answers[-1] == (429, "too-fast")
    assert "ticket" in await ticket(rig, link)


class TestTicketsPerMinute:
    @pytest.fixture
    def config(self, config: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        config["MeetHub"]["tickets_per_minute"] = 3
        return config

    async def test_new_guests_of_a_link_are_limited_and_known_ones_come_back(
        self, rig: Rig
    ) -> None:
        """A link that went round cannot flood a room; a class of guests is back after a restart."""
        await rig.join("lab", "ada")
        link = await made(rig)
        first = [await ticket(rig, link) for _ in range(4)]
        assert [one.get("code") for one in first] == [None, None, None, "too-fast"]
        back = await ticket(rig, link, guest=first[0]["guest"])
        assert "ticket" in back


async def test_foreign_page_gets_no_guest_in(rig: Rig) -> None:
    """A page of another site cannot use its visitors to try links."""
    await rig.join("lab", "ada")
    link = await made(rig)
    refused = await rig.code(
        "api/guest-tickets",
        None,
        {"link": link["token"], "name": "Grace"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert refused == (403, "foreign-page")


async def test_guest_has_no_other_call(rig: Rig) -> None:
    """The link's token and the guest's pass are no credential for the API."""
    await rig.join("lab", "ada")
    link = await made(rig)
    found = await ticket(rig, link)
    for secret in (link["token"], found["guest"], found["ticket"], urllib.parse.quote(link["id"])):
        headers = {"Authorization": f"token {secret}"}
        for path in ("api/rooms", "api/rooms/lab/messages", "api/me"):
            assert await rig.code(path, None, headers=headers) == (403, "not-signed-in")
