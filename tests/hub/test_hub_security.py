"""What a hub's user, kernel, neighbour or foreign page tries, and must not get."""

from __future__ import annotations

import asyncio
from http.client import HTTPMessage

import pytest

from tests.hub.participants import Participant, beside, page_ticket, refusal, server, service
from tests.hub_process import ADMIN_TOKEN, HubProcess
from tests.hub_visitor import Visitor
from tests.integration.wire_client import Refused


async def refused(peer: Participant, ticket: str) -> int:
    """Shows a ticket that is no good; returns the close code."""
    peer.say(
        {
            "type": "hello",
            "protocol": 1,
            "ticket": ticket,
            "client": {"kind": peer.kind, "version": "test"},
        }
    )
    return (await peer.closed()).code


def on_the_page(hub: HubProcess, user: str) -> Visitor:
    """Returns a browser in which ``user`` has the service's own page open."""
    visitor = hub.login(user)
    assert visitor.get(hub.service_url).status == 200
    return visitor


# ---------------------------------------------------------------------- tickets


async def test_stolen_ticket_that_was_used_opens_nothing(campus: HubProcess) -> None:
    """A ticket opens one socket; whoever copies it afterwards is turned away."""
    door = server(campus, "ada")
    ticket = door.ticket(campus.viewer_token("ada"), "stolen").json()
    await door.enter(ticket)
    thief = await door.knock(ticket)
    assert await refused(thief, ticket["ticket"]) == 4401


async def test_stolen_ticket_that_has_expired_opens_nothing(campus: HubProcess) -> None:
    """A ticket that nobody has used in its time is void."""
    door = server(campus, "ada")
    ticket = door.ticket(campus.viewer_token("ada"), "expired").json()
    await asyncio.sleep(ticket["expires_in"])
    assert await refused(await door.knock(ticket), ticket["ticket"]) == 4401


async def test_ticket_of_a_kernel_opens_no_browser(campus: HubProcess) -> None:
    """A kernel's ticket in the hello of a browser is refused for good."""
    door = beside(campus)
    ticket = door.ticket(campus.server_token("ada"), "kinds", "kernel").json()
    assert await refused(await door.knock(ticket, "browser"), ticket["ticket"]) == 4403


# ----------------------------------------------------------------------- tokens


@pytest.mark.parametrize("place", ["service", "own server"])
async def test_kernels_token_is_never_a_person(campus: HubProcess, place: str) -> None:
    """Everybody with access to a server can read its token: it gets no browser's ticket."""
    door = service(campus) if place == "service" else server(campus, "ada")
    token = campus.server_token("ada")
    assert refusal(door.ticket(token, "lab")) == (403, "not-in-person")
    kernel = await door.join(token, "lab", "kernel")
    assert (kernel.welcome["you"]["kind"], kernel.name) == ("kernel", "Ada (kernel)")


async def test_hand_made_api_token_is_only_a_kernel(campus: HubProcess) -> None:
    """A token from the hub's token page, however mighty, is not somebody who has signed in."""
    token = campus.api_token("ada")
    assert refusal(service(campus).ticket(token, "lab")) == (403, "not-in-person")
    kernel = await service(campus).join(token, "lab", "kernel")
    assert (kernel.welcome["you"]["kind"], kernel.name) == ("kernel", "Ada (kernel)")


async def test_moderators_api_token_does_not_moderate(campus: HubProcess) -> None:
    """A script of somebody who may moderate is a member like other kernels."""
    kernel = await service(campus).join(campus.api_token("instructor"), "lab", "kernel")
    assert kernel.welcome["rights"]["moderate"] is False


async def test_token_of_another_user_opens_no_foreign_server(campus: HubProcess) -> None:
    """Bob's token is nothing to Ada's server, which he may not use."""
    answer = server(campus, "ada").ticket(campus.viewer_token("bob"), "lab")
    assert refusal(answer) == (403, "not-signed-in")


@pytest.mark.parametrize("token", ["made-up", "", ADMIN_TOKEN], ids=["made-up", "empty", "service"])
async def test_token_of_nobody_gets_no_ticket(campus: HubProcess, token: str) -> None:
    """A made-up token, an empty one, and that of another service: none is a user."""
    for client in ("browser", "kernel"):
        assert service(campus).ticket(token, "lab", client).status == 403


async def test_nobody_gets_nothing(campus: HubProcess) -> None:
    """Without a token every call but health is refused, at the service and at users' servers."""
    for door in (service(campus), beside(campus), server(campus, "ada")):
        assert refusal(door.ticket(None, "lab")) == (403, "not-signed-in")
        for path in ("rooms", "rooms/lab/messages", "rooms/lab/transcript", "me"):
            assert refusal(door.ask("GET", path))[0] == 403, path
        assert door.ask("GET", "health").json()["status"] == "ok"


# --------------------------------------------------------------- shared servers


async def test_visitor_of_a_shared_server_meets_as_themselves(campus: HubProcess) -> None:
    """Eve on Ada's server is Eve: the server asks with her token, never with its own."""
    eve = await server(campus, "ada").join(campus.viewer_token("eve", "ada"), "shared")
    you = eve.welcome["you"]
    assert (you["kind"], you["user"]["name"]) == ("person", "eve")


async def test_visitors_kernel_is_labelled_with_the_visitors_name(campus: HubProcess) -> None:
    """A script that asks Ada's server with Eve's token is "Eve (kernel)", not Ada's."""
    token = campus.viewer_token("eve", "ada")
    kernel = await server(campus, "ada").join(token, "shared", "kernel")
    assert (kernel.welcome["you"]["kind"], kernel.name) == ("kernel", "Eve (kernel)")


async def test_moderator_has_no_rights_through_a_foreign_server(campus: HubProcess) -> None:
    """Ada can read the tokens of who visits her server: an instructor's moderates nothing there."""
    visitor = on_the_page(campus, "instructor")
    through_ada = campus.viewer_token(visitor, "ada")
    for door in (server(campus, "ada"), service(campus)):
        guest = await door.join(through_ada, "shared-rights")
        assert guest.welcome["rights"]["moderate"] is False
        assert guest.welcome["you"]["role"] not in ("owner", "moderator")
        answer = await guest.ask("moderate", action="lock")
        assert answer["code"] == "not-allowed"
    in_person = await service(campus).enter(page_ticket(campus, visitor, "shared-rights").json())
    assert in_person.welcome["rights"]["moderate"] is True
    assert (await in_person.ask("moderate", action="lock"))["type"] == "ack"


async def test_room_opened_through_a_foreign_server_is_not_owned(campus: HubProcess) -> None:
    """Whoever opens a room on somebody else's server is no owner of it."""
    eve = await server(campus, "ada").join(campus.viewer_token("eve", "ada"), "eves-room")
    assert eve.welcome["you"]["role"] == "member"
    ada = await server(campus, "ada").join(campus.viewer_token("ada"), "adas-room")
    assert ada.welcome["you"]["role"] == "owner"


# ----------------------------------------------------------------------- rights


async def test_user_without_the_right_to_join_is_told_so(campus: HubProcess) -> None:
    """Carol has no `custom:meet:join`: the refusal names it, on the page and to her kernels."""
    carol = campus.login("carol")
    page = carol.get(campus.service_url)
    assert page.status == 403
    answer = service(campus).ticket(campus.api_token("carol"), "lab", "kernel")
    assert refusal(answer) == (403, "no-join-scope")
    for text in (page.text, answer.json()["message"]):
        assert "custom:meet:join" in text
        assert "meetwidget-hub check" in text


async def test_room_of_another_course_is_refused_with_a_sentence(campus: HubProcess) -> None:
    """Eve is in no group `physics`: neither ticket nor history nor transcript, nor the name."""
    ada = await server(campus, "ada").join(campus.viewer_token("ada"), "physics/lab-3")
    await ada.chat("for physicists")
    visitor = on_the_page(campus, "eve")
    status, code = refusal(page_ticket(campus, visitor, "physics/lab-3"))
    assert (status, bool(code)) == (403, True)
    token = campus.viewer_token("eve", "ada")
    for door in (service(campus), server(campus, "ada")):
        for path in ("rooms/physics/lab-3/messages", "rooms/physics/lab-3/transcript"):
            assert refusal(door.ask("GET", path, token))[0] in (403, 404)
        assert "physics" not in door.ask("GET", "rooms", token).text
    own = server(campus, "ada").ask("GET", "rooms", campus.viewer_token("ada"))
    assert "physics/lab-3" in own.text


async def test_refusal_reaches_the_user_through_their_server(campus: HubProcess) -> None:
    """A user's server passes on why the service says no, word by word."""
    token = campus.viewer_token("ada")
    at_service = service(campus).ticket(token, "chemistry/lab")
    through_server = server(campus, "ada").ticket(token, "chemistry/lab")
    assert at_service.status == through_server.status == 403
    assert through_server.json() == at_service.json()


# -------------------------------------------------------------------- WebSockets


@pytest.mark.parametrize("socket", ["control", "media"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_cross_site_websocket_is_refused(
    campus: HubProcess, origin: str, socket: str
) -> None:
    """A page of another site cannot open a socket, with the user's cookie or without."""
    visitor = on_the_page(campus, "bob")
    ticket = page_ticket(campus, visitor, "lab").json()
    cookie = visitor.cookie_header(campus.service_url)
    assert cookie
    url = ticket[f"{socket}_url"]
    for headers in ({"Origin": origin}, {"Origin": origin, "Cookie": cookie}):
        with pytest.raises(Refused) as caught:
            await service(campus).knock({**ticket, "control_url": url}, **headers)
        assert caught.value.status == 403
    own = f"http://{campus.host}:{campus.port}"
    peer = await service(campus).knock(ticket, Origin=own)
    assert (await peer.hello(ticket["ticket"]))["you"]["user"]["name"] == "bob"


async def test_cookie_alone_opens_no_websocket(campus: HubProcess) -> None:
    """A signed-in browser without a ticket is nobody to a socket, also from the hub's own pages."""
    visitor = on_the_page(campus, "bob")
    cookie = visitor.cookie_header(f"{campus.service_url}api/control")
    own = f"http://{campus.host}:{campus.port}"
    ticket = {"control_url": f"{campus.service_url}api/control", "same_origin": True}
    peer = await service(campus).knock(ticket, Cookie=cookie, Origin=own)
    assert await refused(peer, "no-ticket") == 4401


async def test_token_alone_opens_no_websocket(campus: HubProcess) -> None:
    """A good token, as a header or in the address, does not replace the ticket."""
    token = campus.viewer_token("ada")
    url = f"{campus.service_url}api/control"
    for address, headers in (
        (url, {"Authorization": f"token {token}"}),
        (f"{url}?token={token}", {"Sec-Fetch-Mode": "websocket"}),
    ):
        ticket = {"control_url": address, "same_origin": True}
        peer = await service(campus).knock(ticket, **headers)
        assert await refused(peer, token) == 4401


# --------------------------------------------------------- cookies and other pages


async def test_page_with_its_xsrf_token_gets_a_ticket(campus: HubProcess) -> None:
    """What the next tests take away one by one is enough when it is all there."""
    visitor = on_the_page(campus, "bob")
    assert page_ticket(campus, visitor, "lab").status == 201


@pytest.mark.parametrize("token", ["", "made-up"])
async def test_cookie_without_the_xsrf_token_gets_no_ticket(campus: HubProcess, token: str) -> None:
    """A form or script that has only the user's cookie is refused."""
    visitor = on_the_page(campus, "bob")
    assert refusal(page_ticket(campus, visitor, "lab", **{"X-XSRFToken": token}))[0] == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_cookie_from_another_site_gets_no_ticket(campus: HubProcess, site: str) -> None:
    """A request that the browser marks as another site's is refused, whatever else it has."""
    visitor = on_the_page(campus, "bob")
    assert refusal(page_ticket(campus, visitor, "lab", **{"Sec-Fetch-Site": site}))[0] == 403


async def test_cookie_reads_nothing_without_the_xsrf_token(campus: HubProcess) -> None:
    """A page of another user's server shares the origin: the cookie alone does not even read."""
    visitor = on_the_page(campus, "bob")
    for path in ("rooms", "me", "rooms/lab/messages", "rooms/lab/transcript?format=md"):
        answer = visitor.get(f"{campus.service_url}api/{path}", {"Sec-Fetch-Site": "same-origin"})
        assert refusal(answer)[0] == 403, path


async def test_tossed_xsrf_cookie_gets_no_ticket(campus: HubProcess) -> None:
    """Bob plants his own XSRF cookie in Eve's browser: his token is not good with her sign-in."""
    bob, eve = on_the_page(campus, "bob"), on_the_page(campus, "eve")
    planted = bob.cookie("_xsrf", campus.service_url)
    own = eve.cookie_header(f"{campus.service_url}api/tickets")
    rest = "; ".join(part for part in own.split("; ") if not part.startswith("_xsrf="))
    assert planted
    assert rest
    for cookies in (
        f"_xsrf={planted}; {own}",
        f"{own}; _xsrf={planted}",
        f"_xsrf={planted}; {rest}",
    ):
        answer = service(campus).ask(
            "POST",
            "tickets",
            None,
            {"room": "lab", "client": "browser"},
            **{"Cookie": cookies, "X-XSRFToken": planted},
        )
        assert refusal(answer)[0] == 403


@pytest.mark.parametrize("destination", ["empty", "iframe", "object", "script"])
async def test_page_of_a_users_server_cannot_read_the_services_page(
    campus: HubProcess, destination: str
) -> None:
    """Same origin, same cookie: `fetch`, frames and scripts get no page of the service."""
    visitor = on_the_page(campus, "bob")
    for path in ("", "rooms/lab"):
        fetched = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": destination}
        assert visitor.get(campus.service_url + path, fetched).status == 403
        opened = {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}
        assert visitor.get(campus.service_url + path, opened).status == 200


async def test_services_page_cannot_be_framed_or_held(campus: HubProcess) -> None:
    """No frame around it, no script of another page in it, no window that keeps a hold of it."""
    headers: HTTPMessage = on_the_page(campus, "bob").get(campus.service_url).headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "noopener-allow-popups"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_cookie_without_xsrf_gets_no_ticket_from_the_own_server(campus: HubProcess) -> None:
    """A user's server asks the service for nobody who has only a cookie."""
    ada = campus.login("ada")
    assert ada.get(f"{campus.user_url('ada')}lab").status == 200
    address = f"{campus.user_url('ada')}meet/api/tickets"
    body = {"room": "lab", "client": "browser"}
    assert ada.post_json(address, body).status == 201
    assert ada.post_json(address, body, {"X-XSRFToken": "made-up"}).status == 403


@pytest.mark.parametrize("path", ["..%2F..%2Fhub", "a/%2E%2E/%2E%2E/api", "a%2F%2Fb", "a%00"])
async def test_room_name_leads_nowhere_else(campus: HubProcess, path: str) -> None:
    """A user's server forwards to rooms only, however a name is escaped."""
    token = campus.viewer_token("ada")
    for door in (server(campus, "ada"), service(campus)):
        answer = door.ask("GET", f"rooms/{path}/messages", token)
        assert answer.status in (400, 404), answer.text
