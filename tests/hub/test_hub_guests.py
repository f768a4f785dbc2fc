"""People without an account: by a link that somebody with the right has made, and not otherwise."""

from __future__ import annotations

from urllib.parse import urljoin

from tests.hub.participants import Message, Participant, refusal, server, service
from tests.hub_process import HubProcess

ROOM = "open-house"


def new_link(hub: HubProcess, **body: object) -> Message:
    """Has Ada, whose room it is, make a guest link through her own server."""
    token = hub.viewer_token("ada")
    answer = server(hub, "ada").ask(
        "POST", f"rooms/{ROOM}/guest-links", token, body or {"hours": 1}
    )
    assert answer.status == 201, answer.text
    link: Message = answer.json()
    return link


async def come_in(hub: HubProcess, link: Message, name: str = "Grace") -> Participant:
    """Joins by a guest link, without any sign-in."""
    secret = link["url"].partition("#")[2]
    answer = service(hub).ask("POST", "guest-tickets", None, {"link": secret, "name": name})
    assert answer.status == 201, answer.text
    return await service(hub).enter(answer.json())


async def test_guest_comes_in_by_a_link_and_is_labelled(campus: HubProcess) -> None:
    """Whoever has the link meets people of the hub, as a guest that everybody can tell."""
    ada = await server(campus, "ada").join(campus.viewer_token("ada"), ROOM)
    assert ada.welcome["rights"]["guest_links"] is True
    link = new_link(campus)
    page = campus.visitor().get(urljoin(campus.service_url, link["url"].partition("#")[0]))
    assert page.status == 200
    guest = await come_in(campus, link)
    you = guest.welcome["you"]
    assert (you["kind"], you["role"]) == ("guest", "member")
    assert you["user"]["display_name"] == "Grace (guest)"
    assert guest.welcome["rights"]["moderate"] is guest.welcome["rights"]["guest_links"] is False
    await guest.chat("good evening")
    event = await ada.body("good evening")
    assert event["by"]["kind"] == "guest"


async def test_revoked_guest_link_ends_its_guests_visit(campus: HubProcess) -> None:
    """Who came by a link is out when it is revoked, and it opens nothing any more."""
    await server(campus, "ada").join(campus.viewer_token("ada"), ROOM)
    link, other = new_link(campus), new_link(campus)
    guest, stays = await come_in(campus, link), await come_in(campus, other)
    token = campus.viewer_token("ada")
    door = server(campus, "ada")
    assert door.ask("DELETE", f"rooms/{ROOM}/guest-links/{link['id']}", token).status == 204
    assert (await guest.closed()).code == 4403
    await stays.chat("still here")
    secret = link["url"].partition("#")[2]
    again = service(campus).ask("POST", "guest-tickets", None, {"link": secret, "name": "Grace"})
    assert refusal(again) == (403, "bad-link")


async def test_guest_link_opens_nothing_but_its_room(campus: HubProcess) -> None:
    """The link is no sign-in: it is no token, and lists no rooms."""
    await server(campus, "ada").join(campus.viewer_token("ada"), ROOM)
    secret = new_link(campus)["url"].partition("#")[2]
    for path in ("rooms", "me", f"rooms/{ROOM}/messages", f"rooms/{ROOM}/guest-links"):
        assert refusal(service(campus).ask("GET", path, secret))[0] == 403
    assert refusal(service(campus).ticket(secret, ROOM))[0] == 403


async def test_guest_cannot_take_a_users_name(campus: HubProcess) -> None:
    """However a guest signs, the label stays and the name is no user's."""
    await server(campus, "ada").join(campus.viewer_token("ada"), ROOM)
    guest = await come_in(campus, new_link(campus), "ada")
    user = guest.welcome["you"]["user"]
    assert user["name"] != "ada"
    assert user["display_name"] == "ada (guest)"


async def test_guest_links_are_for_who_has_the_right(campus: HubProcess) -> None:
    """A member makes none, nor does a moderator through somebody else's server, nor a kernel."""
    await server(campus, "ada").join(campus.viewer_token("ada"), ROOM)
    through_ada = campus.viewer_token("instructor", "ada")
    for token in (campus.viewer_token("bob"), through_ada, campus.server_token("ada")):
        answer = service(campus).ask("POST", f"rooms/{ROOM}/guest-links", token, {"hours": 1})
        assert refusal(answer)[0] == 403


async def test_rule_without_guests_makes_no_link(campus: HubProcess) -> None:
    """The administrator's switch alone lets nobody in: the room's rule must say so too."""
    token = campus.viewer_token("ada")
    door = server(campus, "ada")
    ada = await door.join(token, "no-guests")
    assert ada.welcome["rights"]["guest_links"] is False
    answer = door.ask("POST", "rooms/no-guests/guest-links", token, {"hours": 1})
    assert refusal(answer)[0] == 403
