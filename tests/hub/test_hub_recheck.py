"""A meeting outlasts a sign-in: what the hub decides meanwhile reaches those who are in."""

from __future__ import annotations

import asyncio

from tests.hub.participants import Participant, page_ticket, server, service
from tests.hub_process import HubProcess
from tests.hub_visitor import Visitor


async def come_in(hub: HubProcess, user: str, room: str) -> tuple[Visitor, Participant]:
    """Signs ``user`` in on the plain page and joins."""
    visitor = hub.login(user)
    visitor.get(hub.service_url)
    answer = page_ticket(hub, visitor, room)
    assert answer.status == 201, answer.text
    return visitor, await service(hub).enter(answer.json())


async def put_out(participant: Participant, code: str) -> str:
    """Waits until somebody is put out, for this reason; returns the sentence they are told."""
    end = await participant.closed()
    assert end.code == 4403
    error = participant.of("error")[-1]
    assert error["code"] == code
    return str(error["message"])


async def test_logged_out_user_is_out(campus: HubProcess) -> None:
    """Signing out of the hub ends one's meetings, and others see it."""
    bob = await server(campus, "bob").join(campus.viewer_token("bob"), "logout")
    visitor, leaver = await come_in(campus, "leaver", "logout")
    visitor.logout()
    assert "signed out" in await put_out(leaver, "signed-out")
    await bob.expect("participant.left", id=leaver.welcome["you"]["id"])
    assert page_ticket(campus, visitor, "logout").status == 403


async def test_logging_out_of_one_browser_leaves_the_other_in(campus: HubProcess) -> None:
    """Each sign-in is asked about by itself: the other browser's meeting goes on."""
    first, here = await come_in(campus, "leaver", "two-browsers")
    _, there = await come_in(campus, "leaver", "two-browsers")
    first.logout()
    await put_out(here, "signed-out")
    await there.settled()
    await there.chat("still here")


async def test_deleted_user_is_out(campus: HubProcess) -> None:
    """An account that an admin deletes is out of its meetings, its kernels too."""
    _, person = await come_in(campus, "deleted", "deleted")
    kernel = await service(campus).join(campus.api_token("deleted"), "deleted", "kernel")
    assert campus.admin_api("DELETE", "users/deleted").status == 204
    await asyncio.gather(put_out(person, "signed-out"), put_out(kernel, "signed-out"))


async def test_revoked_token_is_out(campus: HubProcess) -> None:
    """A token that is revoked takes the kernel out that came in with it, and no other."""
    made = campus.admin_api("POST", "users/ada/tokens", {}).json()
    door = service(campus)
    revoked = await door.join(made["token"], "revoked", "kernel")
    other = await door.join(campus.server_token("ada"), "revoked", "kernel")
    assert campus.admin_api("DELETE", f"users/ada/tokens/{made['id']}").status == 204
    await put_out(revoked, "signed-out")
    await other.chat("still here")


async def test_user_who_leaves_the_group_is_out_of_its_room(campus: HubProcess) -> None:
    """A rule that lets in a group puts out who is no longer of it."""
    _, loser = await come_in(campus, "loser", "physics/recheck")
    campus.admin_api("DELETE", "groups/physics/users", {"users": ["loser"]})
    assert await put_out(loser, "not-allowed")


async def test_user_who_loses_the_right_to_join_is_out(campus: HubProcess) -> None:
    """Without `custom:meet:join` there is no meeting, not even one that has begun."""
    _, silenced = await come_in(campus, "silenced", "join-right")
    campus.admin_api("DELETE", "groups/members/users", {"users": ["silenced"]})
    assert await put_out(silenced, "not-allowed")


async def test_demoted_instructor_moderates_no_more(campus: HubProcess) -> None:
    """Who leaves the instructors stays in as a member, and is told so."""
    await server(campus, "ada").join(campus.viewer_token("ada"), "demotion")  # owns it
    _, demoted = await come_in(campus, "demoted", "demotion")
    assert demoted.welcome["rights"]["moderate"] is True
    campus.admin_api("DELETE", "groups/instructors/users", {"users": ["demoted"]})
    rights = await demoted.wait_for(
        lambda m: m["type"] == "rights" and m["rights"]["moderate"] is False
    )
    assert rights["rights"]["chat"] is True
    assert (await demoted.ask("moderate", action="lock"))["code"] == "not-allowed"


async def test_member_who_joins_the_instructors_moderates_at_once(campus: HubProcess) -> None:
    """Who comes into a group that moderates by the policy need not come in again."""
    ada = await server(campus, "ada").join(campus.viewer_token("ada"), "physics/promotion")
    _, bob = await come_in(campus, "bob", "physics/promotion")
    assert bob.welcome["rights"]["moderate"] is False
    campus.admin_api("POST", "groups/physics-instructors/users", {"users": ["bob"]})
    try:
        await bob.wait_for(lambda m: m["type"] == "rights" and m["rights"]["moderate"] is True)
        assert (await bob.ask("moderate", action="lock"))["type"] == "ack"
        await ada.expect("moderated", action="lock")
    finally:
        campus.admin_api("DELETE", "groups/physics-instructors/users", {"users": ["bob"]})
