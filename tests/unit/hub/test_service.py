"""The service's front: who is let to the API, what tickets say, and how it starts and stops."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from meetwidget_server.hub import api, data, guests, pages
from meetwidget_server.hub.handlers import HubHandler, HubPage
from meetwidget_server.hub.identity import HubAway
from meetwidget_server.routes.files import Files
from meetwidget_server.routes.reading import RoomReader
from tornado.simple_httpclient import HTTPStreamClosedError

from meetwidget import __version__
from tests.integration.wire_client import Refused, WireClient
from tests.unit.hub.small_hub import PREFIX, Rig, model, until

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


# ----------------------------------------------------- authentication, everywhere


def test_every_endpoint_has_an_authentication_decision() -> None:
    """Each route looks its caller up first, or is one of those that are open on purpose."""
    open_on_purpose = set()
    routes = [
        *guests.handlers(PREFIX),
        *api.handlers(PREFIX),
        *data.handlers(PREFIX),
        *pages.handlers(PREFIX),
    ]
    assert len(routes) > 15
    for route in routes:
        handler: Any = route[1]
        checked = issubclass(handler, HubHandler | HubPage) and not handler.open_to_all
        if issubclass(handler, HubHandler):
            # Who is in a room shows that instead: see test_hub_guests and test_files.
            checks = (HubHandler.prepare, RoomReader.prepare, Files.prepare)
            assert handler.prepare in checks or handler.open_to_all
        if not checked:
            open_on_purpose.add(handler.__name__)
    assert open_on_purpose == {
        "HealthHandler",
        "GuestTicketHandler",  # opens by a guest link
        "ControlSocket",  # opens by a ticket in its first frame
        "MediaSocket",
        "OAuthCallback",  # signs in
        "GuestPage",
        "ToHome",
        "AssetHandler",
        "RichParts",  # the same for everybody
    }


async def test_nobody_gets_nothing(rig: Rig) -> None:
    """Without a credential, or with one the hub does not know, there is only health."""
    paths = ["api/me", "api/rooms", "api/rooms/lab/messages", "api/rooms/lab/transcript"]
    paths += ["api/rooms/lab/search", "api/rooms/lab/files", f"api/rooms/lab/files/{24 * 'a'}"]
    paths += ["api/rooms/lab/guest-links", "api/users/ada/export", "metrics"]
    for path in paths:
        assert await rig.code(path, None) == (403, "not-signed-in"), path
        assert await rig.code(path, "stranger") == (403, "not-signed-in"), path
    for path in ("api/tickets", "api/rooms/lab/guest-links", "api/rooms/lab/files"):
        assert await rig.code(path, None, {"room": "lab"}) == (403, "not-signed-in"), path
    for path in ("api/rooms/lab", "api/users/ada", "api/rooms/lab/guest-links/ab"):
        assert await rig.code(path, None, method="DELETE") == (403, "not-signed-in"), path
    health = await rig.fetch("api/health", None)
    assert (health.code, json.loads(health.body)) == (200, {"status": "ok"})


@pytest.mark.parametrize("missing", ["access:services!service=meet", "custom:meet:join"])
async def test_both_scopes_are_needed(rig: Rig, missing: str) -> None:
    """Access to the service without the right to join is not enough, nor the other way round."""
    found = model("ada")
    found["scopes"].remove(missing)
    rig.hub.tokens["token-ada"] = found
    for path in ("api/me", "api/rooms", "api/rooms/lab/messages"):
        assert await rig.code(path) == (403, "no-join-scope"), path
    assert await rig.code("api/tickets", "ada", {"room": "lab"}) == (403, "no-join-scope")


async def test_access_to_another_service_is_none_to_this(rig: Rig) -> None:
    """The scope is compared whole."""
    found = model("ada")
    found["scopes"] = ["access:services!service=meetings", "custom:meet:join"]
    rig.hub.tokens["token-ada"] = found
    assert await rig.code("api/me") == (403, "no-join-scope")


async def test_servers_token_gets_a_kernels_ticket_only(rig: Rig) -> None:
    """What everybody with access to a server can read never opens a room as its owner."""
    rig.hub.tokens["token-server"] = model("ada", session_id=None)
    refused = await rig.code("api/tickets", "server", {"room": "lab", "client": "browser"})
    assert refused == (403, "not-in-person")
    kernel = await rig.join("lab", "server", "kernel")
    you = kernel.welcome["you"]
    assert (you["kind"], you["user"]["display_name"], you["role"]) == (
        "kernel",
        "Ada (kernel)",
        "member",
    )
    ada = await rig.join("lab", "ada")
    assert ada.welcome["you"]["role"] == "owner"


async def test_token_through_another_users_server_never_moderates(rig: Rig) -> None:
    """Whoever owns that server can read it: its bearer is a member even in their own room."""
    await rig.join("lab", "ada")
    scopes = ["custom:meet:moderate", "custom:meet:join", "access:services!service=meet"]
    rig.hub.tokens["token-lent"] = model(
        "ada", admin=True, scopes=[*scopes, "access:servers!server=mallory/"]
    )
    lent = await rig.join("lab", "lent")
    assert lent.welcome["you"]["role"] == "member"
    assert not lent.welcome["rights"]["moderate"]
    assert not lent.welcome["rights"]["guest_links"]
    first = await rig.join("fresh", "lent")
    assert first.welcome["you"]["role"] == "member"


async def test_hub_moderator_moderates_everywhere(rig: Rig) -> None:
    """The scope makes a moderator of who is in another's room in person."""
    await rig.join("lab", "ada")
    rig.hub.tokens["token-bob"] = model("bob", "custom:meet:moderate")
    bob = await rig.join("lab", "bob")
    assert bob.welcome["you"]["role"] == "moderator"


async def test_hub_that_does_not_answer_lets_nobody_in(rig: Rig) -> None:
    """A token that cannot be checked is not believed; the sentence says that the hub is away."""
    rig.hub.status = 503
    answer = await rig.fetch("api/tickets", "ada", {"room": "lab"})
    body = json.loads(answer.body)
    assert (answer.code, body["code"]) == (503, "hub-away")
    assert "try again" in body["message"]
    rig.hub.status = 200
    assert (await rig.fetch("api/tickets", "ada", {"room": "lab"})).code == 201


async def test_word_of_the_hub_is_remembered_for_a_moment(rig: Rig) -> None:
    """A burst of calls asks the hub once; asking afresh passes the memory by."""
    rig.hub.asked.clear()
    for _ in range(5):
        await rig.fetch("api/rooms")
    assert rig.hub.asked.count("token-ada") == 1
    await rig.service.hub.model("token-ada", fresh=True)
    assert rig.hub.asked.count("token-ada") == 2
    rig.hub.status = 500
    with pytest.raises(HubAway):
        await rig.service.hub.model("token-ada", fresh=True)


# ------------------------------------------------------------------------ tickets


async def test_ticket_says_where_to_go(rig: Rig) -> None:
    """On one domain clients keep the paths; the page is where an invitation leads."""
    found = await rig.json("api/tickets", "ada", {"room": "course/lab"})
    assert found["same_origin"] is True
    assert found["control_url"].endswith("/services/meet/api/control")
    assert found["media_url"].endswith("/services/meet/api/media")
    assert found["control_url"].startswith("ws://127.0.0.1:")
    assert found["page_url"] == "/services/meet/rooms/course/lab"


APART = {
    "JUPYTERHUB_PUBLIC_URL": "https://meet--service.hub.example/services/meet/",
    "JUPYTERHUB_HOST": "https://hub.example",
}
TOGETHER = {
    "JUPYTERHUB_PUBLIC_URL": "https://hub.example/services/meet/",
    "JUPYTERHUB_PUBLIC_HUB_URL": "https://hub.example/hub/",
}


class TestServiceWithItsOwnHost:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return APART

    async def test_browsers_are_told_the_services_host(self, rig: Rig) -> None:
        """A page on a user's domain needs the whole address; a kernel the one it knows."""
        browser = await rig.json("api/tickets", "ada", {"room": "lab"})
        public = "meet--service.hub.example/services/meet"
        assert browser["same_origin"] is False
        assert browser["control_url"] == f"wss://{public}/api/control"
        assert browser["media_url"] == f"wss://{public}/api/media"
        assert browser["page_url"] == f"https://{public}/rooms/lab"
        kernel = await rig.json("api/tickets", "ada", {"room": "lab", "client": "kernel"})
        assert kernel["same_origin"] is True
        assert kernel["control_url"].startswith("ws://127.0.0.1:")
        assert kernel["page_url"] == f"https://{public}/rooms/lab"

    async def test_pages_below_the_hubs_domain_may_open_sockets(self, rig: Rig) -> None:
        """Another user's domain is the hub's; the browser may even call it same-site."""
        url = (await rig.json("api/tickets", "ada", {"room": "lab", "client": "kernel"}))[
            "control_url"
        ]
        wire = await WireClient.connect(
            url, {"Origin": "https://ada.hub.example", "Sec-Fetch-Site": "same-site"}
        )
        await wire.vanish()
        with pytest.raises(Refused) as caught:
            await WireClient.connect(
                url, {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            )
        assert caught.value.status == 403


class TestServiceOnTheHubsHost:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return TOGETHER

    async def test_same_host_stays_same_origin(self, rig: Rig) -> None:
        """A public address that is the hub's own changes nothing for browsers."""
        found = await rig.json("api/tickets", "ada", {"room": "lab"})
        assert found["same_origin"] is True
        assert found["page_url"] == "/services/meet/rooms/lab"


async def test_foreign_page_opens_no_socket(rig: Rig) -> None:
    """Neither another site's page nor a cookie opens a socket; one of this host may try."""
    url = (await rig.json("api/tickets", "ada", {"room": "lab"}))["control_url"]
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        with pytest.raises(Refused) as caught:
            await WireClient.connect(url, headers)
        assert caught.value.status == 403
    wire = await WireClient.connect(url, {"Origin": f"http://{url.split('/')[2]}"})
    await wire.vanish()


@pytest.mark.parametrize(
    "body", [None, [], "room", {}, {"room": 5}, {"room": "a", "client": "toaster"}, {"room": ".."}]
)
async def test_nonsense_instead_of_a_ticket_request(rig: Rig, body: Any) -> None:
    """The answer is 400 with a code and a sentence."""
    answer = (
        await rig.fetch(
            "api/tickets", method="POST", body=None, **{"allow_nonstandard_methods": True}
        )
        if body is None
        else await rig.fetch("api/tickets", "ada", body)
    )
    assert answer.code == 400
    assert set(json.loads(answer.body)) == {"code", "message"}


async def test_body_has_a_bound(rig: Rig) -> None:
    """What no call needs is not even read; the service goes on."""
    padded = {"room": "lab", "more": "x" * 100_000}
    try:
        code = (await rig.fetch("api/tickets", "ada", padded)).code
    except (HTTPStreamClosedError, OSError):
        code = 400  # hung up before the answer was read
    assert code == 400
    assert (await rig.fetch("api/rooms")).code == 200


class TestLimits:
    @pytest.fixture
    def config(self) -> dict[str, dict[str, Any]]:
        return {"MeetHub": {"tickets_per_minute": 3, "max_rooms_per_user": 1}}

    async def test_tickets_per_minute(self, rig: Rig) -> None:
        """Who asks too often is told how long to wait; others are not concerned."""
        for _ in range(3):
            assert (await rig.fetch("api/tickets", "ada", {"room": "lab"})).code == 201
        answer = await rig.fetch("api/tickets", "ada", {"room": "lab"})
        assert (answer.code, json.loads(answer.body)["code"]) == (429, "too-fast")
        assert 1 <= int(answer.headers["Retry-After"]) <= 20
        assert (await rig.fetch("api/tickets", "bob", {"room": "lab"})).code == 201

    async def test_rooms_per_user(self, rig: Rig) -> None:
        """A user opens so many rooms; others' rooms are open to them all the same."""
        ada = await rig.join("first", "ada")
        await rig.join("bobs", "bob")
        assert await rig.code("api/tickets", "ada", {"room": "second"}) == (403, "too-many-rooms")
        assert (await rig.fetch("api/tickets", "ada", {"room": "bobs"})).code == 201
        await ada.leave()


# -------------------------------------------------------------------------- rooms


class TestRules:
    @pytest.fixture
    def config(self, tmp_path: Path) -> dict[str, dict[str, Any]]:
        path = tmp_path / "policy.toml"
        path.write_text(
            '[default]\njoin = ["everyone"]\ncreate = ["user:ada"]\n'
            '[[rooms]]\npattern = "staff/*"\njoin = ["group:staff"]\ncreate = ["group:staff"]\n'
        )
        return {"MeetHub": {"policy_file": str(path)}}

    async def test_rules_decide(self, rig: Rig) -> None:
        """The policy opens, lets in and lists; a refusal is a sentence that says who can help."""
        assert await rig.code("api/tickets", "bob", {"room": "lab"}) == (403, "no-such-room")
        ada = await rig.join("lab", "ada")
        bob = await rig.join("lab", "bob")
        answer = await rig.json("api/tickets", "bob", {"room": "staff/tea"})
        assert answer["code"] == "not-allowed"
        assert "staff" in answer["message"]
        rig.hub.tokens["token-cy"] = model("cy", groups=["staff"])
        cy = await rig.join("staff/tea", "cy")
        assert [room["name"] for room in await rig.json("api/rooms", "cy")] == ["lab", "staff/tea"]
        assert [room["name"] for room in await rig.json("api/rooms", "bob")] == ["lab"]
        assert await rig.code("api/rooms/staff/tea/messages", "bob") == (403, "not-allowed")
        assert (await rig.fetch("api/rooms/staff/tea/messages", "cy")).code == 200
        assert (await rig.json("api/me", "ada"))["may_create"] is True
        assert (await rig.json("api/me", "bob"))["may_create"] is False
        for peer in (ada, bob, cy):
            await peer.leave()


async def test_private_room_is_its_members_business(rig: Rig) -> None:
    """Others neither find it nor read it; an invited user does both, whoever is in reads it."""
    ada, bob = await rig.join("den", "ada"), await rig.join("den", "bob")
    ada.say({"type": "room.set", "cid": "1", "access": "private", "invite": ["cy"]})
    await ada.expect("ack")
    assert (await rig.fetch("api/rooms/den/messages", "bob")).code == 200
    await bob.leave()
    await until(lambda: not rig.service.relay.room("den").holds("person:bob"))  # type: ignore[union-attr]
    for path in ("messages", "transcript"):
        assert await rig.code(f"api/rooms/den/{path}", "bob") == (403, "not-allowed")
    assert await rig.json("api/rooms", "bob") == []
    (room,) = await rig.json("api/rooms", "cy")
    assert (room["name"], room["access"], room["participants"]) == ("den", "private", 1)
    assert (await rig.fetch("api/rooms/den/messages", "cy")).code == 200


async def test_me(rig: Rig) -> None:
    """The page learns who is signed in."""
    rig.hub.tokens["token-ada"] = model("ada", admin=True)
    assert await rig.json("api/me") == {
        "name": "ada",
        "display_name": "ada",
        "may_create": True,
        "admin": True,
        "version": __version__,
    }


async def test_what_is_not_there(rig: Rig) -> None:
    """An unknown path is answered in the API's own words."""
    assert await rig.code("api/nothing") == (404, "not-found")
    assert (await rig.fetch("nothing/at/all", None)).code == 404


# -------------------------------------------------------------------- start and end


async def test_pages_and_api_cannot_be_framed(rig: Rig) -> None:
    """No answer of the service may be shown inside another page."""
    for path in ("api/health", "api/me", "guest"):
        headers = (await rig.fetch(path)).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_page_is_for_windows_only(rig: Rig) -> None:
    """What another user's page fetches with somebody's cookie is not the page."""
    for destination in ("empty", "iframe", "script", "embed"):
        answer = await rig.fetch("", None, headers={"Sec-Fetch-Dest": destination})
        assert answer.code == 403
    answer = await rig.fetch("rooms/lab", None, headers={"Sec-Fetch-Dest": "document"})
    assert answer.code == 302
    assert "/hub/api/oauth2/authorize?client_id=service-meet" in answer.headers["Location"]


async def test_while_it_starts_the_service_says_so(rig: Rig) -> None:
    """Health and API answer 503, the page at once asks for a moment: hubs wait for any answer."""
    rig.service.state = "starting"
    health = await rig.fetch("api/health", None)
    assert (health.code, json.loads(health.body)) == (503, {"status": "starting"})
    assert await rig.code("api/rooms") == (503, "starting")
    page = await rig.fetch("", None)
    assert page.code == 200
    assert "starting" in page.body.decode()
    rig.service.state = "ok"


class TestDrain:
    @pytest.fixture
    def config(self) -> dict[str, dict[str, Any]]:
        return {"MeetHub": {"drain_spread": 30.0}}

    async def test_everybody_comes_back_at_a_moment_of_their_own(self, rig: Rig) -> None:
        """Each is told to reconnect within the spread, not all at the same time."""
        peers = [await rig.join("lab", who) for who in ("ada", "bob", "cy", "ada", "bob", "cy")]
        rig.serving.stopping.set()
        byes = [await peer.expect("bye") for peer in peers]
        assert all(bye["reconnect"] and bye["code"] == 1012 for bye in byes)
        delays = {bye["after_ms"] for bye in byes}
        assert len(delays) > 1
        assert all(500 <= delay < 30_500 for delay in delays)

    async def test_no_ticket_while_it_stops(self, rig: Rig) -> None:
        """Health tells balancers to go elsewhere, and who asks for a ticket is told to wait."""
        await rig.join("lab", "ada")  # a client that will not hang up keeps the service draining
        rig.serving.stopping.set()
        await until(lambda: rig.service.relay.stopping)
        health = await rig.fetch("api/health", None)
        assert (health.code, json.loads(health.body)) == (503, {"status": "draining"})
        assert await rig.code("api/tickets", "bob", {"room": "lab"}) == (503, "restarting")


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the service's program to its end."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
    return subprocess.run(
        [sys.executable, "-m", "meetwidget_server.hub", *arguments],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


TOKEN = {"JUPYTERHUB_API_TOKEN": "t", "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:0"}


async def test_second_service_on_the_same_rooms_refuses_to_start(rig: Rig, tmp_path: Path) -> None:
    """One sentence, without a stack trace; the first goes on."""
    database = f"--MeetRelay.database={tmp_path / 'rooms.sqlite'}"
    found = await asyncio.to_thread(start, tmp_path, database, **TOKEN)
    assert found.returncode == 1
    (line,) = found.stderr.splitlines()
    assert "Another meeting service has the rooms" in line
    assert (await rig.fetch("api/health", None)).code == 200


async def test_port_that_is_taken_is_named(rig: Rig, tmp_path: Path) -> None:
    """The sentence says which port and what to do."""
    port = rig.url.split(":")[2].split("/")[0]
    taken = {**TOKEN, "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}"}
    found = await asyncio.to_thread(start, tmp_path, **taken)
    (line,) = found.stderr.splitlines()
    assert (found.returncode, f"Port {port}" in line) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ([], {}, "JUPYTERHUB_API_TOKEN is not set"),
        (["--config=none.py"], TOKEN, "There is no configuration file"),
        (["--MeetHub.recheck_interval=60"], TOKEN, "recheck_interval"),
        (["--policy=bad.toml"], TOKEN, "bad.toml"),
        (["--MeetHub.audit_file=/proc/nowhere/audit"], TOKEN, "audit log"),
        (["--MeetRelay.database=/proc/nowhere/rooms"], TOKEN, "make its folder writable"),
    ],
)
def test_what_stops_it_from_starting_is_one_sentence(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], words: str
) -> None:
    """The program ends with code 1 and says what is wrong, without a stack trace."""
    (tmp_path / "bad.toml").write_text("[default]\njoin = 5\n")
    found = start(tmp_path, *arguments, **environment)
    assert found.returncode == 1, found.stderr
    assert words in found.stderr
    assert "Traceback" not in found.stderr
    assert len(found.stderr.splitlines()) == 1, found.stderr
