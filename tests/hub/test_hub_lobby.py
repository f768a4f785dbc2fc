"""Rooms with a door: people and kernels wait in front of it until somebody lets them in."""

from __future__ import annotations

import asyncio
import sys

from tests.hub.participants import Participant, server
from tests.hub_process import HubProcess

_KERNEL = """
import sys, meetwidget
try:
    with meetwidget.join(sys.argv[1], timeout=float(sys.argv[2])) as room:
        room.chat.send("let in")
        print("in")
except meetwidget.MeetError as error:
    print(error.code, error)
"""


async def room_with_a_door(hub: HubProcess, name: str) -> Participant:
    """Has Ada open a room in which newcomers wait."""
    ada = await server(hub, "ada").join(hub.viewer_token("ada"), name)
    assert (await ada.ask("room.set", access="lobby"))["type"] == "ack"
    return ada


async def kernel_at_the_door(
    hub: HubProcess, room: str, seconds: float
) -> asyncio.subprocess.Process:
    """Starts what a cell on Bob's server would: it joins, and says how that went."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _KERNEL, room, str(seconds)),
        env=hub.server_environment("bob"),
        stdout=asyncio.subprocess.PIPE,
    )


async def outcome(kernel: asyncio.subprocess.Process) -> str:
    out, _ = await asyncio.wait_for(kernel.communicate(), 90)
    return out.decode().strip()


async def test_kernel_waits_until_it_is_let_in(campus: HubProcess) -> None:
    """`meetwidget.join` waits at the door as long as its timeout allows, and knocks once only."""
    ada = await room_with_a_door(campus, "door-admit")
    kernel = await kernel_at_the_door(campus, "door-admit", 60)
    lobby = await ada.wait_for(lambda m: m["type"] == "lobby" and m["waiting"])
    (waiting,) = lobby["waiting"]
    assert waiting["user"]["display_name"] == "Bob (kernel)"
    assert (await ada.ask("moderate", action="admit", target=waiting["id"]))["type"] == "ack"
    await ada.body("let in")
    assert await outcome(kernel) == "in"


async def test_kernel_that_is_not_let_in_is_told_so(campus: HubProcess) -> None:
    """A denied kernel gets one exception with the relay's sentence, and stays away."""
    ada = await room_with_a_door(campus, "door-deny")
    kernel = await kernel_at_the_door(campus, "door-deny", 60)
    lobby = await ada.wait_for(lambda m: m["type"] == "lobby" and m["waiting"])
    await ada.ask("moderate", action="deny", target=lobby["waiting"][0]["id"])
    assert (await outcome(kernel)).startswith("denied ")


async def test_kernel_that_waits_too_long_is_told_for_what(campus: HubProcess) -> None:
    """When the timeout has passed, the exception says that somebody would have had to let it in."""
    await room_with_a_door(campus, "door-timeout")
    kernel = await kernel_at_the_door(campus, "door-timeout", 3)
    said = await outcome(kernel)
    assert said.startswith("join-timeout ")
    assert "has to let this kernel in" in said


async def test_person_waits_at_the_same_door(campus: HubProcess) -> None:
    """Somebody on another server is let in by the room's owner."""
    ada = await room_with_a_door(campus, "door-person")
    door = server(campus, "bob")
    ticket = door.ticket(campus.viewer_token("bob"), "door-person").json()
    peer = await door.knock(ticket)
    hello = {"type": "hello", "protocol": 1, "ticket": ticket["ticket"]}
    peer.say({**hello, "client": {"kind": "browser", "version": "test"}})
    await peer.expect("waiting")
    lobby = await ada.wait_for(lambda m: m["type"] == "lobby" and m["waiting"])
    await ada.ask("moderate", action="admit", target=lobby["waiting"][0]["id"])
    await peer.expect("welcome")
