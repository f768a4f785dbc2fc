"""People and kernels of different servers meet, over one relay."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.hub.participants import beside, page_ticket, server, service
from tests.hub_process import HubProcess
from tests.integration.peer import audio, video
from tests.integration.server_kernel import Kernel


async def test_people_of_two_servers_chat(campus: HubProcess) -> None:
    """Ada and Bob, each through their own server, are in one room with their hub names."""
    ada = await server(campus, "ada").join(campus.viewer_token("ada"), "lobby-chat")
    bob = await server(campus, "bob").join(campus.viewer_token("bob"), "lobby-chat")
    assert {p["user"]["name"] for p in bob.welcome["participants"]} == {"ada", "bob"}
    assert (ada.welcome["you"]["kind"], ada.welcome["you"]["user"]["name"]) == ("person", "ada")
    await ada.chat("hello from another server")
    await bob.body("hello from another server")
    await bob.chat("hello back")
    await ada.body("hello back")


async def test_media_reaches_the_other_server(campus: HubProcess) -> None:
    """Bytes published through one server arrive unchanged at somebody of another, both ways."""
    ada = await server(campus, "ada").join(campus.viewer_token("ada"), "pictures")
    bob = await server(campus, "bob").join(campus.viewer_token("bob"), "pictures")
    for sender, receiver in ((ada, bob), (bob, ada)):
        camera, (video_handle,) = await sender.publish("camera")
        voice, (audio_handle,) = await sender.publish("microphone")
        await receiver.expect("stream.added")
        receiver.say(
            {
                "type": "watch",
                "streams": {
                    camera: {"width": 320, "height": 180},
                    voice: {"width": 0, "height": 0},
                },
            }
        )
        out, into = await sender.lane(), await receiver.lane()
        await sender.wait_for(lambda m, s=camera: m["type"] == "demand" and m["stream"] == s)
        picture = video(video_handle, 0, b"picture of " + sender.name.encode(), key=True)
        sound = audio(audio_handle, 0, b"voice of " + sender.name.encode())
        out.send(picture)
        out.send(sound)
        received = {await into.next(), await into.next()}
        assert {frame[-20:] for frame in received} == {picture[-20:], sound[-20:]}


async def test_kernels_of_two_servers_are_labelled_as_kernels(campus: HubProcess) -> None:
    """Processes with the servers' environments join by themselves, as "<User> (kernel)"."""
    watcher = await server(campus, "ada").join(campus.viewer_token("ada"), "kernels")
    for owner in ("ada", "bob"):
        said = kernel(campus, owner, "kernels")
        assert said == {
            "kind": "kernel",
            "name": owner,
            "display_name": f"{owner.title()} (kernel)",
        }
        event = await watcher.body(f"kernel of {owner}")
        assert event["by"]["kind"] == "kernel"
        assert event["by"]["user"]["display_name"] == f"{owner.title()} (kernel)"


_KERNEL = """
import json, sys
import meetwidget
with meetwidget.join(sys.argv[1], timeout=20) as room:
    room.chat.send(f"kernel of {room.you.name}")
    you = room.you
    print(json.dumps({"kind": you.kind, "name": you.name, "display_name": you.display_name}))
"""


def kernel(hub: HubProcess, owner: str, room: str) -> object:
    """Joins as a cell of ``owner`` would, and says who it is then."""
    return json.loads(run(hub, owner, _KERNEL, room))


def run(hub: HubProcess, owner: str, script: str, *arguments: str) -> str:
    """Runs Python with the environment that a kernel of ``owner`` inherits."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=hub.server_environment(owner),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_kernel_that_names_its_own_server_joins_through_it(campus: HubProcess) -> None:
    """A real kernel meets, by the hub's environment and by its server's address and secret."""
    notebook = Kernel(UserServer(campus, "ada"))  # type: ignore[arg-type]
    cell = (
        "import os, meetwidget\n"
        "for url in (None, os.environ['MEETWIDGET_URL']):\n"
        "    with meetwidget.join('real-kernel', url=url) as room:\n"
        "        room.chat.send('hello from a cell')\n"
        "        print(room.url)\n"
    )
    try:
        by_hub, by_server = notebook.run(cell).split()
        notebook.shut_down()
    finally:
        notebook.close()
    assert by_hub == campus.internal_service_url
    assert by_server.endswith("/user/ada/")
    token = campus.viewer_token("ada")
    said = server(campus, "ada").ask("GET", "rooms/real-kernel/messages", token).json()["events"]
    assert [event["event"]["body"] for event in said] == ["hello from a cell"] * 2
    assert {event["by"]["user"]["display_name"] for event in said} == {"Ada (kernel)"}
    assert {event["by"]["kind"] for event in said} == {"kernel"}


class UserServer:
    """A user's server, as somebody at its notebook has it."""

    def __init__(self, hub: HubProcess, owner: str) -> None:
        self.url = hub.user_url(owner)
        self.token = hub.viewer_token(owner)
        runtime = hub.folder / "homes" / owner / ".local" / "share" / "jupyter" / "runtime"
        self.environment = {"JUPYTER_RUNTIME_DIR": str(runtime)}


async def test_magic_answers_on_a_hub(campus: HubProcess) -> None:
    """`%meet rooms`, `status`, `say` and `who` use the hub's service without being told where it is."""
    watcher = await server(campus, "ada").join(campus.viewer_token("ada"), "magic")
    script = (
        "from IPython.core.interactiveshell import InteractiveShell as S\n"
        "s = S.instance(); s.run_line_magic('load_ext', 'meetwidget')\n"
        "for line in ('join magic', 'rooms', 'status', 'say hello from a cell', 'who'):\n"
        "    s.run_line_magic('meet', line)\n"
        "s.run_line_magic('unload_ext', 'meetwidget')\n"
    )
    printed = run(campus, "bob", script)
    assert "magic: 1 participant" in printed
    assert f"Relay: {campus.internal_service_url}, found by the hub's environment" in printed
    assert "Bob (kernel): hello from a cell" in printed
    assert "ada" in printed.lower()
    await watcher.body("hello from a cell")


async def test_plain_page_and_notebook_share_a_room(campus: HubProcess) -> None:
    """Somebody on the service's own page, without a server, meets somebody in a notebook."""
    bob = await server(campus, "bob").join(campus.viewer_token("bob"), "mixed")
    visitor = campus.login("eve")
    assert visitor.get(campus.service_url).status == 200
    answer = page_ticket(campus, visitor, "mixed")
    assert answer.status == 201, answer.text
    eve = await service(campus).enter(answer.json())
    assert eve.welcome["you"]["user"]["name"] == "eve"
    await eve.chat("from the plain page")
    await bob.body("from the plain page")


async def test_history_and_transcript_come_through_the_own_server(campus: HubProcess) -> None:
    """What was said is read, and saved as a file, through one's own server."""
    token = campus.viewer_token("ada")
    door = server(campus, "ada")
    ada = await door.join(token, "minutes")
    await ada.chat("for the minutes")
    page = door.ask("GET", "rooms/minutes/messages?limit=1", token).json()
    assert page["events"][-1]["event"]["body"] == "for the minutes"
    file = door.ask("GET", "rooms/minutes/transcript?format=md", token)
    assert file.headers["Content-Disposition"].startswith('attachment; filename="minutes.md"')
    assert file.headers["Content-Type"].startswith("text/markdown")
    assert "for the minutes" in file.text
    assert "minutes" in [room["name"] for room in door.ask("GET", "rooms", token).json()]


async def test_ticket_of_the_own_server_names_the_host_of_the_asker(campus: HubProcess) -> None:
    """Through the proxy the addresses are the proxy's, beside the server they are the service's."""
    ticket = server(campus, "ada").ticket(campus.viewer_token("ada"), "where").json()
    socket = f"ws://{campus.host}:{campus.port}{campus.service_path}api/control"
    assert (ticket["control_url"], ticket["same_origin"]) == (socket, True)
    assert ticket["page_url"] == f"{campus.service_url}rooms/where"
    token = campus.server_token("ada")
    direct = beside(campus).ticket(token, "where", "kernel").json()
    assert direct["control_url"] == f"{campus.internal_service_url}api/control".replace(
        "http", "ws"
    )


async def test_me_says_whom_the_hub_takes_me_for(campus: HubProcess) -> None:
    """Through the own server, `api/me` has the viewer's name."""
    me = server(campus, "ada").ask("GET", "me", campus.viewer_token("ada")).json()
    assert (me["name"], me["admin"]) == ("ada", False)


async def test_broker_keeps_no_log_of_its_own(campus: HubProcess) -> None:
    """A user's server on a hub opens no database: the rooms are the service's."""
    await server(campus, "ada").join(campus.viewer_token("ada"), "nowhere")
    assert not list((campus.folder / "homes").rglob("meetwidget/*.sqlite*"))
