"""Which relay a kernel, a script or a terminal finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from meetwidget.discovery import discover, running_servers
from meetwidget.errors import NoRelay


def write_server(runtime: Path, url: str, pid: int | None = None, **record: Any) -> int:
    """Writes the runtime file that a Jupyter server writes."""
    pid = os.getpid() if pid is None else pid
    path = runtime / f"jpserver-{pid}.json"
    path.write_text(json.dumps({"url": url, "token": "t0", "pid": pid, "sock": "", **record}))
    return pid


@pytest.fixture
def dead_pid() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def living_pid() -> Any:
    """The id of a process that lives as long as the test."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process.pid
    process.communicate()


def test_arguments_come_first(tmp_path: Path) -> None:
    """An explicit URL and token win over everything else."""
    write_server(tmp_path, "http://localhost:1/")
    environ = {"MEETWIDGET_URL": "http://localhost:2/", "MEETWIDGET_SECRET": "s"}
    found = discover("http://host:3/base", "abc", environ=environ, runtime_dir=tmp_path)
    assert (found.url, found.authorization) == ("http://host:3/base/", "token abc")


@pytest.mark.parametrize(
    ("copied", "base"),
    [
        ("http://localhost:8888/lab?token=abc", "http://localhost:8888/"),
        ("http://localhost:8888/lab/tree/notes/a.ipynb?token=abc", "http://localhost:8888/"),
        ("https://hub/user/lab/lab/tree/x.ipynb?token=abc", "https://hub/user/lab/"),
        ("localhost:8888/base/tree?token=abc", "http://localhost:8888/base/"),
        ("http://localhost:8888/?token=abc", "http://localhost:8888/"),
    ],
)
def test_an_address_copied_from_the_browser_will_do(copied: str, base: str, tmp_path: Path) -> None:
    """The page's path is cut off and the token taken from the query."""
    found = discover(copied, environ={}, runtime_dir=tmp_path)
    assert (found.url, found.authorization) == (base, "token abc")


@pytest.mark.parametrize("url", ["ftp://host/", "http://", "://"])
def test_what_is_no_address_is_refused(url: str, tmp_path: Path) -> None:
    """A URL that cannot be a Jupyter server's is answered with what one looks like."""
    with pytest.raises(NoRelay, match="http://host:8888/"):
        discover(url, environ={}, runtime_dir=tmp_path)


def test_a_bare_url_finds_the_token_of_a_server_of_ours(tmp_path: Path) -> None:
    """``url=`` alone is enough to choose among one's own servers."""
    write_server(tmp_path, "http://localhost:8888/", token="mine")
    found = discover("http://127.0.0.1:8888/", environ={}, runtime_dir=tmp_path)
    assert found.authorization == "token mine"
    other = discover("http://127.0.0.1:9999/", environ={}, runtime_dir=tmp_path)
    assert other.authorization is None


def test_a_kernel_uses_what_its_server_handed_down(tmp_path: Path) -> None:
    """The environment wins over runtime files, even with several servers running."""
    write_server(tmp_path, "http://localhost:1/")
    environ = {
        "MEETWIDGET_URL": "http://127.0.0.1:2/a%40b",
        "MEETWIDGET_SECRET": "s3",
        "JPY_PARENT_PID": str(os.getpid()),
    }
    found = discover(environ=environ, runtime_dir=tmp_path)
    assert (found.url, found.authorization) == ("http://127.0.0.1:2/a%40b/", "meet s3")


def test_a_secret_is_never_printed() -> None:
    """The representation of an endpoint shows where, not with which credential."""
    found = discover("http://host:1/", "very-secret", environ={})
    assert "very-secret" not in repr(found)


def test_a_kernel_finds_the_server_that_started_it(tmp_path: Path, living_pid: int) -> None:
    """Among several servers, the one of JPY_PARENT_PID is taken."""
    write_server(tmp_path, "http://localhost:1/", token="a")
    write_server(tmp_path, "http://localhost:2/", living_pid, token="b")
    environ = {"JPY_PARENT_PID": str(living_pid)}
    found = discover(environ=environ, runtime_dir=tmp_path)
    assert (found.url, found.authorization) == ("http://localhost:2/", "token b")


def test_a_kernel_without_its_servers_file_does_not_guess(tmp_path: Path) -> None:
    """Another server of the same user is never taken for the kernel's own."""
    write_server(tmp_path, "http://localhost:1/")
    with pytest.raises(NoRelay, match="url='http"):
        discover(environ={"JPY_PARENT_PID": "999999999"}, runtime_dir=tmp_path)


def test_a_terminal_uses_the_only_server(tmp_path: Path, dead_pid: int) -> None:
    """Files of servers that have ended, or that listen on a Unix socket, do not count."""
    write_server(tmp_path, "http://localhost:1/", dead_pid)
    write_server(tmp_path, "http+unix://x", 1, sock="/run/x")
    (tmp_path / "jpserver-77.json").write_text("{broken")
    write_server(tmp_path, "http://localhost:3/")
    assert [server["url"] for server in running_servers(tmp_path)] == ["http://localhost:3/"]
    assert discover(environ={}, runtime_dir=tmp_path).url == "http://localhost:3/"


def test_among_several_servers_nobody_guesses(tmp_path: Path, living_pid: int) -> None:
    """The error names every server and how to choose."""
    write_server(tmp_path, "http://localhost:1/")
    write_server(tmp_path, "http://localhost:2/", living_pid)
    with pytest.raises(NoRelay) as failure:
        discover(environ={}, runtime_dir=tmp_path)
    for words in ("http://localhost:1/", "http://localhost:2/", "url="):
        assert words in str(failure.value)


def test_without_any_server_it_says_how_to_start_one(tmp_path: Path) -> None:
    """Nothing running: the error names the command."""
    with pytest.raises(NoRelay, match="jupyter lab"):
        discover(environ={}, runtime_dir=tmp_path)


def test_a_server_without_a_token_is_used_without_one(tmp_path: Path) -> None:
    """Password-only and open servers have an empty token in their file."""
    write_server(tmp_path, "http://localhost:3/", token="")
    assert discover(environ={}, runtime_dir=tmp_path).authorization is None


def test_a_server_whose_base_looks_like_a_page_is_kept_whole(tmp_path: Path) -> None:
    """What a server says of itself is never cut, and pages below it are recognised."""
    write_server(tmp_path, "http://localhost:8888/lab/", token="mine")
    assert discover(environ={}, runtime_dir=tmp_path).url == "http://localhost:8888/lab/"
    found = discover("http://127.0.0.1:8888/lab/tree/a.ipynb", environ={}, runtime_dir=tmp_path)
    assert (found.url, found.authorization) == ("http://127.0.0.1:8888/lab/", "token mine")


HUB = {
    "MEETWIDGET_HUB_SERVICE": "http://10.0.0.7:10101/college/services/meet",
    "JUPYTERHUB_API_TOKEN": "servers",
}
SERVICE = "http://10.0.0.7:10101/college/services/meet/"


def test_a_kernel_on_a_hub_uses_the_hubs_service(tmp_path: Path) -> None:
    """The hub's word comes before what the user's server and runtime files say."""
    write_server(tmp_path, "http://localhost:1/")
    environ = {**HUB, "MEETWIDGET_URL": "http://localhost:2/user/ada/", "MEETWIDGET_SECRET": "s"}
    found = discover(environ=environ, runtime_dir=tmp_path)
    assert (found.url, found.authorization) == (SERVICE, "token servers")
    assert found.api == f"{SERVICE}api/"
    assert found.messages_url("a/b") == f"{SERVICE}api/rooms/a/b/messages"
    assert "servers" not in repr(found)


@pytest.mark.parametrize("missing", list(HUB))
def test_half_a_hub_is_none(missing: str, tmp_path: Path) -> None:
    """A hub without meetings, or a service without a token, changes nothing."""
    environ = {name: value for name, value in HUB.items() if name != missing}
    write_server(tmp_path, "http://localhost:3/")
    assert discover(environ=environ, runtime_dir=tmp_path).api == "http://localhost:3/meet/api/"


def test_a_token_of_ones_own_replaces_the_servers(tmp_path: Path) -> None:
    """``token=`` alone speaks to the hub's service, too."""
    found = discover(token="mine", environ=HUB, runtime_dir=tmp_path)
    assert (found.api, found.authorization) == (f"{SERVICE}api/", "token mine")


@pytest.mark.parametrize(
    "copied",
    [
        "https://hub/college/services/meet/rooms/physics-101",
        "https://hub/college/services/meet/",
        "https://hub/college/services/meet",
    ],
)
def test_the_address_of_a_hubs_page_will_do(copied: str, tmp_path: Path) -> None:
    """A room's address on a hub leads to the hub's service, from anywhere."""
    found = discover(copied, "mine", environ={}, runtime_dir=tmp_path)
    assert (found.url, found.service) == ("https://hub/college/services/meet/", True)


def test_somebody_may_be_called_services(tmp_path: Path) -> None:
    """``/user/services/…`` is a person's server, not a service."""
    found = discover("https://hub/user/services/lab", "mine", environ={}, runtime_dir=tmp_path)
    assert (found.url, found.service) == ("https://hub/user/services/", False)


def test_on_a_hub_the_service_is_known_by_its_address(tmp_path: Path) -> None:
    """Naming the hub's own service needs no token; naming another server gets none of ours."""
    found = discover(f"{SERVICE}rooms/a", environ=HUB, runtime_dir=tmp_path)
    assert (found.url, found.authorization) == (SERVICE, "token servers")
    assert discover("http://evil/services/meet/", environ=HUB).authorization is None
    assert (
        discover("http://10.0.0.7:10102/college/services/meet/", environ=HUB).authorization is None
    )
