"""Hub, proxy and service stop and crash one by one; meetings go on or come back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.conftest import QUICK, until
from tests.hub.participants import Participant, page_ticket, refusal, server, service
from tests.hub_process import HubProcess, ServiceKind
from tests.hub_visitor import Visitor


@pytest.fixture(scope="module", params=["managed", "external"])
def hub(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HubProcess]:
    """A hub whose parts are restarted: one that starts the service, one that finds it running."""
    kind: ServiceKind = request.param
    folder: Path = tmp_path_factory.mktemp(kind)
    with HubProcess(folder, service=kind, service_config=QUICK) as hub:
        yield hub


async def come_in(
    hub: HubProcess, visitor: Visitor, room: str, back: Participant | None = None
) -> Participant:
    """Joins from the plain page; with ``back``, as somebody who lost that connection."""
    resume = None
    if back is not None:
        offsets = [back.welcome["room"]["offset"], *back.offsets]
        resume = {
            "session": back.welcome["session"],
            "epoch": back.welcome["room"]["epoch"],
            "offset": max(offsets),
        }
    ticket = await asyncio.to_thread(page_ticket, hub, visitor, room)
    assert ticket.status == 201, ticket.text
    return await service(hub).enter(ticket.json(), resume=resume)


def on_the_page(hub: HubProcess, user: str) -> Visitor:
    visitor = hub.login(user)
    assert visitor.get(hub.service_url).status == 200
    return visitor


@pytest.mark.parametrize("crash", [False, True], ids=["stopped", "crashed"])
async def test_meeting_goes_on_while_the_hub_restarts(hub: HubProcess, crash: bool) -> None:
    """Chat passes while there is no hub, nobody is put out; newcomers have to wait for it.

    A hub that is stopped in order takes a service of its own with it; one that crashes leaves
    it behind, until the next hub starts a new one. Then everybody resumes.
    """
    room = f"hub-{'crash' if crash else 'restart'}"
    visitors = [on_the_page(hub, name) for name in ("ada", "bob")]
    ada, bob = [await come_in(hub, visitor, room) for visitor in visitors]
    await ada.chat("before")
    await bob.body("before")
    await asyncio.to_thread(hub.kill_hub if crash else hub.stop_hub)
    if crash or hub.service == "external":
        await ada.chat("there is no hub")
        await bob.body("there is no hub")
        await still_in_after_a_recheck(ada, bob)
        # A hub that cannot be asked vouches for nobody.
        assert refusal(service(hub).ticket("some-token", room)) == (503, "hub-away")
    await asyncio.to_thread(hub.restart_hub)
    if hub.service == "managed":
        assert (await ada.closed()).code == (await bob.closed()).code == 1012
        ada = await come_in(hub, visitors[0], room, back=ada)
        bob = await come_in(hub, visitors[1], room, back=bob)
        assert ada.welcome["recovered"] is bob.welcome["recovered"] is True
    await ada.chat("after")
    await bob.body("after")
    newcomer = await come_in(hub, on_the_page(hub, "eve"), room)
    assert newcomer.bodies[0] == "before"
    assert newcomer.bodies[-1] == "after"


async def still_in_after_a_recheck(*participants: Participant) -> None:
    """Stays long enough for the service to have asked the absent hub at least once."""
    await asyncio.sleep(2.5)  # two of its intervals; nothing is waited for but that nothing happens
    for participant in participants:
        await participant.settled()


@pytest.mark.parametrize("crash", [False, True], ids=["stopped", "crashed"])
async def test_meeting_resumes_after_the_service_restarts(hub: HubProcess, crash: bool) -> None:
    """Everybody is sent away for a moment and comes back to the whole conversation."""
    if hub.service == "managed" and not crash:
        pytest.skip("a service of the hub is stopped with the hub: see the test above")
    room = f"service-{'crash' if crash else 'restart'}"
    visitors = [on_the_page(hub, name) for name in ("ada", "bob")]
    ada, bob = [await come_in(hub, visitor, room) for visitor in visitors]
    for number in range(5):
        await ada.chat(f"{number}")
    await bob.body("4")
    restart = asyncio.create_task(asyncio.to_thread(hub.restart_service, crash=crash))
    ends = await asyncio.gather(ada.closed(), bob.closed())
    if not crash:
        assert {end.code for end in ends} == {1012}
        assert ada.of("bye")[-1]["reconnect"] is True
    await restart
    again = await come_in(hub, visitors[1], room, back=bob)
    assert again.welcome["recovered"] is True
    assert again.bodies == []
    newcomer = await come_in(hub, visitors[0], room)
    assert newcomer.bodies == ["0", "1", "2", "3", "4"]
    await newcomer.chat("and on")
    await again.body("and on")


async def test_meeting_resumes_after_the_proxy_restarts(hub: HubProcess) -> None:
    """All connections break with the proxy; within their grace people are the same participants."""
    visitors = [on_the_page(hub, name) for name in ("ada", "bob")]
    ada, bob = [await come_in(hub, visitor, "proxy-restart") for visitor in visitors]
    await ada.chat("before")
    await bob.body("before")
    await asyncio.to_thread(hub.restart_proxy)
    assert (await ada.closed()).code == (await bob.closed()).code == 1006
    again = await come_in(hub, visitors[0], "proxy-restart", back=ada)
    assert again.welcome["recovered"] is True
    assert again.welcome["you"]["id"] == ada.welcome["you"]["id"]
    back = await come_in(hub, visitors[1], "proxy-restart", back=bob)
    await again.chat("after")
    await back.body("after")


async def test_users_server_says_in_plain_words_that_the_service_is_away(hub: HubProcess) -> None:
    """Without its service a user's server answers 503 with a sentence, and serves again with it."""
    if hub.service != "external":
        pytest.skip("its hub starts it again")
    await asyncio.to_thread(hub.spawn, "ada")
    token = hub.viewer_token("ada")
    door = server(hub, "ada")
    await asyncio.to_thread(hub.stop_service)
    try:
        for answer in (door.ticket(token, "away"), door.ask("GET", "rooms", token)):
            assert refusal(answer) == (503, "service-away")
            assert "may be restarting" in answer.json()["message"]
        assert refusal(door.ask("GET", "health")) == (503, "service-away")
    finally:
        await asyncio.to_thread(hub.start_service)
    until(lambda: door.ask("GET", "health").status == 200)
    await door.join(token, "away")
