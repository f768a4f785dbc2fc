"""Hubs below a path, behind TLS and with a domain per user: same meeting, other addresses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.hub.conftest import QUICK
from tests.hub.participants import page_ticket, refusal, server, service
from tests.hub_process import HubProcess
from tests.integration.wire_client import Refused


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub at https://…/college/hub-1/."""
    folder = tmp_path_factory.mktemp("below")
    with HubProcess(folder, base_url="/college/hub-1/", tls=True, service_config=QUICK) as hub:
        hub.spawn("ada")
        yield hub


@pytest.fixture(scope="module")
def domains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub at hub.localhost, with ada.hub.localhost and meet--service.hub.localhost below."""
    folder = tmp_path_factory.mktemp("domains")
    with HubProcess(folder, subdomain_host="hub.localhost", service_config=QUICK) as hub:
        hub.spawn("ada")
        yield hub


async def test_meeting_below_a_path_and_behind_tls(below: HubProcess) -> None:
    """Server, plain page and kernel meet below the hub's base URL, over wss."""
    ticket = server(below, "ada").ticket(below.viewer_token("ada"), "lab").json()
    sockets = f"wss://127.0.0.1:{below.port}/college/hub-1/services/meet/api/"
    assert ticket["control_url"] == f"{sockets}control"
    assert ticket["media_url"] == f"{sockets}media"
    assert ticket["page_url"] == f"{below.url}services/meet/rooms/lab"
    ada = await server(below, "ada").enter(ticket)
    visitor = below.login("eve")
    assert visitor.get(ticket["page_url"]).status == 200
    eve = await service(below).enter(page_ticket(below, visitor, "lab").json())
    await eve.chat("over TLS")
    await ada.body("over TLS")
    await (await ada.lane()).wire.vanish()
    assert said_by_a_kernel(below, "ada", "lab") == "Ada (kernel)"
    await ada.body("from a kernel")


async def test_script_from_outside_joins_through_tls(below: HubProcess) -> None:
    """With an API token and the address of the hub's service, a script far away takes part."""
    ada = await server(below, "ada").join(below.viewer_token("ada"), "outside")
    script = _KERNEL.replace("sys.argv[1]", "sys.argv[1], url=sys.argv[2], token=sys.argv[3]")
    for url in (below.service_url, f"{below.service_url}rooms/outside", below.user_url("ada")):
        name = said(
            {"SSL_CERT_FILE": str(below.ca), "PATH": "/usr/bin:/bin"},
            script,
            "outside",
            url,
            below.api_token("ada"),
        )
        assert name == "Ada (kernel)"
    await ada.settled()
    assert ada.bodies == ["from a kernel"] * 3


async def test_meeting_with_a_domain_per_user(domains: HubProcess) -> None:
    """A page on the user's domain gets the absolute address of the service's, and is let in there."""
    token = domains.viewer_token("ada")
    ticket = server(domains, "ada").ticket(token, "lab").json()
    host = f"meet--service.hub.localhost:{domains.port}"
    assert ticket["same_origin"] is False
    assert ticket["control_url"] == f"ws://{host}/services/meet/api/control"
    assert ticket["page_url"] == f"http://{host}/services/meet/rooms/lab"
    origin = f"http://ada.hub.localhost:{domains.port}"
    ada = await server(domains, "ada").knock(ticket, Origin=origin)
    await ada.hello(ticket["ticket"])
    visitor = domains.login("eve")
    assert visitor.get(ticket["page_url"]).status == 200
    eve = await service(domains).enter(page_ticket(domains, visitor, "lab").json())
    await eve.chat("from the service's domain")
    await ada.body("from the service's domain")
    await (await ada.lane()).wire.vanish()
    assert said_by_a_kernel(domains, "ada", "lab") == "Ada (kernel)"


async def test_script_from_outside_with_a_domain_per_user(domains: HubProcess) -> None:
    """A kernel's ticket got through a user's domain names the service's, not a path on the user's."""
    ticket = server(domains, "ada").ticket(domains.api_token("ada"), "lab", "kernel").json()
    assert ticket["same_origin"] is False
    kernel = await server(domains, "ada").enter(ticket, "kernel")
    assert kernel.name == "Ada (kernel)"


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://hub.localhost.evil.example", "http://evilhub.localhost:{port}"],
)
async def test_foreign_domain_is_refused_where_each_user_has_one(
    domains: HubProcess, origin: str
) -> None:
    """Only the hub's domain and those below it may open a socket; lookalikes may not."""
    ticket = server(domains, "ada").ticket(domains.viewer_token("ada"), "lab").json()
    with pytest.raises(Refused) as caught:
        await server(domains, "ada").knock(ticket, Origin=origin.format(port=domains.port))
    assert caught.value.status == 403


async def test_page_of_another_users_domain_gets_no_ticket(domains: HubProcess) -> None:
    """A page at bob.hub.localhost that posts with Ada's cookies is the same site, and refused."""
    visitor = domains.login("ada")
    visitor.get(domains.service_url)
    headers = {
        "Sec-Fetch-Site": "same-site",
        "Origin": f"http://bob.hub.localhost:{domains.port}",
    }
    assert refusal(page_ticket(domains, visitor, "lab", **headers))[0] == 403
    assert page_ticket(domains, visitor, "lab").status == 201


_KERNEL = """
import sys, meetwidget
with meetwidget.join(sys.argv[1], timeout=20) as room:
    room.chat.send("from a kernel")
    print(room.you.display_name)
"""


def said_by_a_kernel(hub: HubProcess, owner: str, room: str) -> str:
    """Joins as a cell on ``owner``'s server would, says something, and returns its name."""
    return said(hub.server_environment(owner), _KERNEL, room)


def said(environment: dict[str, str], script: str, *arguments: str) -> str:
    """Runs Python in this environment and returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


async def test_hub_takes_no_guests_unless_its_admin_says_so(below: HubProcess) -> None:
    """Without the administrator's switch there are neither links nor guests."""
    token = below.viewer_token("ada")
    door = server(below, "ada")
    ada = await door.join(token, "no-guests")
    assert ada.welcome["rights"]["guest_links"] is False
    made = door.ask("POST", "rooms/no-guests/guest-links", token, {"hours": 1})
    assert refusal(made)[0] == 403
    body = {"link": "x" * 43, "name": "Grace"}
    assert refusal(service(below).ask("POST", "guest-tickets", None, body))[0] == 403
