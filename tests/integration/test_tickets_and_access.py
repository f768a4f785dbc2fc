"""Who gets in: tickets, tokens, secrets, cookies, origins, authorizers; every endpoint decides."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from meetwidget_server.app import SECRET_VARIABLE, URL_VARIABLE
from meetwidget_server.routes.jupyter import RelayHandler
from meetwidget_server.routes.sockets import RelaySocket
from traitlets.config import Config

from tests.integration.conftest import Server, until
from tests.integration.peer import Peer
from tests.integration.wire_client import Refused, WireClient


@pytest.fixture(params=["fast"])
def socket_path(request: pytest.FixtureRequest) -> str:
    """What is decided here is decided before the socket's path is."""
    return str(request.param)


async def refused(peer: Peer, ticket: str, kind: str = "browser") -> int:
    peer.say(
        {
            "type": "hello",
            "protocol": 1,
            "ticket": ticket,
            "client": {"kind": kind, "version": "test"},
        }
    )
    return (await peer.closed()).code


# ---------------------------------------------------------------------- tickets


async def test_ticket_names_both_sockets_below_the_base_url(meet: Server) -> None:
    """The answer has everything a client needs, and nothing of it is a credential in a URL."""
    grant = await meet.ticket("course-101/lab-3")
    assert set(grant) == {"ticket", "expires_in", "control_url", "media_url", "same_origin"}
    assert grant["control_url"].endswith("/a%40b/meet/api/control")
    assert grant["media_url"].endswith("/a%40b/meet/api/media")
    assert grant["control_url"].startswith("ws://127.0.0.1:")
    assert grant["expires_in"] == 30.0
    assert grant["same_origin"] is True
    assert grant["ticket"] not in grant["control_url"] + grant["media_url"]


async def chosen(meet: Server, client: str) -> tuple[int, str]:
    """Asks for a ticket under a name of one's own."""
    answer = await meet.fetch(
        "tickets",
        method="POST",
        body=json.dumps({"room": "names", "client": client, "name": "Quiz"}),
    )
    return answer.code, str(json.loads(answer.body).get("code", ""))


async def test_only_kernels_choose_a_name(meet: Server) -> None:
    """A person is called what the identity provider says, whatever they ask for."""
    assert await chosen(meet, "browser") == (403, "no-names")
    assert (await chosen(meet, "kernel"))[0] == 201
    meet.relay.config.kernel_names = False
    assert await chosen(meet, "kernel") == (403, "no-names")


async def test_used_ticket_closes_with_4401(meet: Server) -> None:
    """A ticket opens one socket; the second is told to get a new one."""
    peer, ticket = await meet.connect()
    await peer.hello(ticket)
    again, _ = await meet.connect()
    assert await refused(again, ticket) == 4401
    assert again.of("bye")[0]["reconnect"] is True


async def test_expired_ticket_closes_with_4401(meet: Server) -> None:
    """After its half minute a ticket opens nothing."""
    peer, ticket = await meet.connect()
    loop = meet.relay.loop
    meet.relay.tickets._clock = lambda: loop.time() + 30.0
    assert await refused(peer, ticket) == 4401


async def test_made_up_ticket_closes_with_4401(meet: Server) -> None:
    """What was never issued opens nothing."""
    peer, _ = await meet.connect()
    assert await refused(peer, "made-up") == 4401


async def test_ticket_is_for_one_kind_of_client(meet: Server) -> None:
    """A browser's ticket does not make a kernel."""
    peer, ticket = await meet.connect()
    assert await refused(peer, ticket, kind="kernel") == 4403


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        "{}",
        '{"room": 5}',
        '{"room": "a", "client": "toaster"}',
        '{"room": ""}',
        '{"room": "a", "client": ["browser"]}',
    ],
)
async def test_nonsense_instead_of_a_ticket_request(meet: Server, body: str) -> None:
    """The answer is 400 with a code and a sentence."""
    answer = await meet.fetch("tickets", method="POST", body=body)
    assert answer.code == 400
    assert set(json.loads(answer.body)) == {"code", "message"}


@pytest.mark.parametrize("name", ["../etc", "a/../b", "..", "a//b", "/a", "a b", "a\n", "é"])
async def test_room_outside_the_rules_is_refused(meet: Server, name: str) -> None:
    """Neither a ticket nor history is to be had for a name like `../`."""
    answer = await meet.fetch("tickets", method="POST", body=json.dumps({"room": name}))
    assert (answer.code, json.loads(answer.body)["code"]) == (400, "invalid-room")


@pytest.mark.parametrize("path", ["..%2F..%2Fetc", "a%2F..%2Fb", "a%00", "%2E%2E", "a%0A"])
@pytest.mark.parametrize("what", ["messages", "transcript"])
async def test_room_outside_the_rules_has_no_history(meet: Server, path: str, what: str) -> None:
    """An escaped path is judged by what it means."""
    port = meet.app.port
    url = f"http://127.0.0.1:{port}{meet.app.base_url}meet/api/rooms/{path}/{what}"
    answer = await raw_get(url, meet.app.identity_provider.token)
    assert answer == (400, "invalid-room")


async def raw_get(url: str, token: str) -> tuple[int, str]:
    """Gets a URL as it stands, without a client's own ideas of escaping."""
    with pytest.raises(Refused) as caught:
        await WireClient.connect(
            url, {"Upgrade": "none", "Connection": "close", "Authorization": f"token {token}"}
        )
    body = str(caught.value).partition(" ")[2]
    return caught.value.status, json.loads(body)["code"]


# ------------------------------------------------------------------- identities


async def test_kernels_secret_gets_a_kernels_ticket(meet: Server) -> None:
    """With what kernels inherit, and nothing else, a kernel joins; it cannot pass as a person."""
    await until(lambda: SECRET_VARIABLE in os.environ)
    assert os.environ[URL_VARIABLE] == f"http://localhost:{meet.app.port}{meet.app.base_url}"
    headers = {"Authorization": f"meet {os.environ[SECRET_VARIABLE]}"}
    for client in ("kernel", "browser"):
        answer = await meet.fetch(
            "tickets",
            None,
            method="POST",
            headers=headers,
            body=json.dumps({"room": "lab", "client": client}),
        )
        assert answer.code == 201
        grant = json.loads(answer.body)
        peer = await Peer.connect(grant["control_url"], client)
        welcome = await peer.hello(grant["ticket"])
        assert welcome["you"]["kind"] == "kernel"
        assert welcome["you"]["role"] != "owner"
        await peer.leave()
    assert (await meet.fetch("rooms", None, headers=headers)).code == 200
    assert (await meet.fetch("rooms/lab/messages", None, headers=headers)).code == 200


async def test_secret_and_url_leave_the_environment_with_the_server(meet: Server) -> None:
    """A stopped server leaves nothing behind that points to it."""
    await until(lambda: SECRET_VARIABLE in os.environ)
    await meet.extension.stop_extension()
    assert URL_VARIABLE not in os.environ
    assert SECRET_VARIABLE not in os.environ


async def test_wrong_secret_is_nobody(meet: Server) -> None:
    """A made-up secret, and the right one in another scheme, get 403."""
    secret = os.environ.get(SECRET_VARIABLE, "s")
    for authorization in ("meet made-up", f"Bearer {secret}", f"Basic {secret}"):
        answer = await meet.fetch(
            "tickets",
            None,
            method="POST",
            headers={"Authorization": authorization},
            body='{"room": "lab", "client": "kernel"}',
        )
        assert answer.code == 403


async def test_first_person_owns_the_room_and_a_kernel_never(meet: Server) -> None:
    """A kernel that comes first is a member; the first person after it is the owner."""
    kernel = await meet.join(client="kernel")
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    roles = [peer.welcome["you"]["role"] for peer in (kernel, ada, bob)]
    assert roles == ["member", "owner", "member"]


async def test_stamp_has_initials_and_a_color(meet: Server) -> None:
    """People whom the identity provider gave no initials get some."""
    ada = await meet.join(person="ada lovelace")
    user = ada.welcome["you"]["user"]
    assert (user["display_name"], user["initials"]) == ("Ada Lovelace", "AL")
    assert user["color"].startswith("#")


# ----------------------------------------------------- authentication, everywhere


def routes(meet: Server) -> list[tuple[str, type]]:
    """The relay's part of the route table, and its handlers."""
    found = []
    for group in meet.app.web_app.wildcard_router.rules + [
        rule for host in meet.app.web_app.default_router.rules for rule in host.target.rules
    ]:
        pattern = getattr(group.matcher, "regex", None)
        if pattern is not None and "/meet/" in pattern.pattern:
            found.append((pattern.pattern, group.target))
    return found


METHODS = ("get", "head", "post", "put", "patch", "delete")


async def test_every_endpoint_has_an_authentication_decision(meet: Server) -> None:
    """Each method of each route is authorized, or is one of those that are open on purpose."""
    open_on_purpose = set()
    handlers = dict(routes(meet)).values()
    assert len(handlers) > 10
    for handler in handlers:
        if issubclass(handler, RelayHandler | RelaySocket):
            assert handler.auth_resource == "meet"
        for name in METHODS:
            method = getattr(handler, name)
            if getattr(method, "__allow_unauthenticated", False):
                open_on_purpose.add((handler.__name__, name))
                continue
            if method.__qualname__.split(".")[0] == "RequestHandler":
                continue  # not implemented: 405
            # `authorized` wraps in a coroutine named `inner`, kept by functools.wraps.
            code = method.__code__
            assert code.co_name == "inner", f"{handler.__name__}.{name} is not @authorized"
            assert "is_authorized" in code.co_names
    assert open_on_purpose == {
        ("HealthHandler", "get"),
        ("ControlSocket", "get"),
        ("MediaSocket", "get"),
        ("RichPartsHandler", "get"),
    }


async def test_nobody_gets_nothing(meet: Server) -> None:
    """Without credentials every endpoint but health answers 403 with a code."""
    for path, method in (
        ("tickets", "POST"),
        ("rooms", "GET"),
        ("rooms/lab/messages", "GET"),
        ("rooms/lab/transcript", "GET"),
        ("rooms/lab/search", "GET"),
        ("rooms/lab/files", "GET"),
        ("rooms/lab/files", "POST"),
        (f"rooms/lab/files/{24 * 'a'}", "GET"),
    ):
        options: dict[str, Any] = {"method": method}
        if method == "POST":
            options["body"] = '{"room": "lab"}'
        answer = await meet.fetch(path, None, **options)
        assert (path, answer.code) == (path, 403)
        assert set(json.loads(answer.body)) == {"code", "message"}
    health = await meet.fetch("health", None)
    assert (health.code, json.loads(health.body)) == (200, {"status": "ok"})


class ReadOnly(Authorizer):
    """An asynchronous authorizer: one that is not awaited would always pass."""

    async def is_authorized(  # type: ignore[override]
        self, handler: Any, user: Any, action: str, resource: str
    ) -> bool:
        return resource != "meet" or action == "read"


class TestAuthorizer:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: Any) -> Any:
        config = Config(jp_server_config)
        config.ServerApp.authorizer_class = ReadOnly
        return config

    async def test_authorizer_is_asked_and_awaited(self, meet: Server) -> None:
        """One who may only read gets history, and no ticket."""
        assert (await meet.fetch("rooms")).code == 200
        answer = await meet.fetch("tickets", method="POST", body='{"room": "lab"}')
        assert (answer.code, json.loads(answer.body)["code"]) == (403, "not-allowed")


async def test_cookie_alone_needs_the_xsrf_token(meet: Server) -> None:
    """A browser's POST with its login cookie is refused without XSRF token, accepted with it."""
    signed_in = await meet.fetch("rooms")
    cookies = [line.split(";")[0] for line in signed_in.headers.get_list("Set-Cookie")]
    assert any(cookie.startswith("username-") for cookie in cookies)
    cookies.append("_xsrf=2|12345678|abcdef0123456789abcdef0123456789|1700000000")
    base = {"Cookie": "; ".join(cookies), "X-Test-Person": "ada"}
    port = meet.app.port
    base["Host"] = (
        next(c for c in cookies if c.startswith("username-"))
        .split("=")[0]
        .replace("username-127-0-0-1-", "127.0.0.1:")
    )
    assert base["Host"] == f"127.0.0.1:{port}"
    body = '{"room": "lab", "client": "browser"}'
    without = await meet.fetch("tickets", None, method="POST", headers=base, body=body)
    assert without.code == 403
    page = await meet.fetch("rooms", None, headers=base)
    assert page.code == 200
    token = "2|12345678|abcdef0123456789abcdef0123456789|1700000000"
    with_token = await meet.fetch(
        "tickets", None, method="POST", headers={**base, "X-XSRFToken": token}, body=body
    )
    assert with_token.code == 201
    kernel = await meet.fetch(
        "tickets",
        None,
        method="POST",
        headers={**base, "X-XSRFToken": token},
        body='{"room": "lab", "client": "kernel"}',
    )
    assert (kernel.code, json.loads(kernel.body)["code"]) == (403, "not-allowed")


@pytest.mark.parametrize("socket", ["control_url", "media_url"])
async def test_foreign_origin_is_refused_at_the_handshake(meet: Server, socket: str) -> None:
    """A page of another site cannot even open a socket; one of this site can."""
    url = (await meet.ticket("lab"))[socket]
    host = url.split("/")[2]
    with pytest.raises(Refused) as caught:
        await WireClient.connect(url, {"Origin": "https://evil.example"})
    assert caught.value.status == 403
    wire = await WireClient.connect(url, {"Origin": f"http://{host}"})
    await wire.vanish()


async def test_cookie_opens_no_socket(meet: Server) -> None:
    """A signed-in browser without a ticket is nobody to a socket."""
    signed_in = await meet.fetch("rooms")
    cookie = "; ".join(line.split(";")[0] for line in signed_in.headers.get_list("Set-Cookie"))
    url = (await meet.ticket("lab"))["control_url"]
    wire = await WireClient.connect(url, {"Cookie": cookie})
    peer = Peer(wire, "browser")
    assert await refused(peer, "none") == 4401
    await wire.vanish()
