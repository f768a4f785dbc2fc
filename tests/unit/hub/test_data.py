"""What is kept: who exports it, who erases it, and who reads the metrics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from meetwidget_server.hub.activity import Activity
from tornado.httpclient import AsyncHTTPClient

from tests.unit.hub.small_hub import Rig, model


@pytest.fixture
def config(tmp_path: Path) -> dict[str, dict[str, Any]]:
    return {"MeetHub": {"audit_file": str(tmp_path / "audit.log")}}


def admins(rig: Rig) -> None:
    """Knows an admin, an admin's lent token, an admin's server, and services."""
    scopes = ["access:services!service=meet", "custom:meet:join", "access:servers!server=eve/"]
    rig.hub.tokens |= {
        "token-root": model("root", admin=True),
        "token-lent": model("root", admin=True, scopes=scopes),
        "token-server": model("root", admin=True, session_id=None),
        "token-keeper": {"kind": "service", "name": "keeper", "scopes": ["admin:users"]},
        "token-prometheus": {"kind": "service", "name": "prom", "scopes": ["read:metrics"]},
        "token-other": {"kind": "service", "name": "other", "scopes": ["list:users"]},
    }


def books(tmp_path: Path) -> list[tuple[str, str, str]]:
    """Action, who and about whom, as the operator's books have it."""
    found = [json.loads(line) for line in (tmp_path / "audit.log").read_text().splitlines()]
    return [
        (one["action"], one["user"], one["about"])
        for one in found
        if "personal-data" in one["__schema__"]
    ]


async def test_owner_erases_the_room(rig: Rig) -> None:
    """Everybody is put out with a sentence, and nothing is left; others cannot do it."""
    ada, bob = await rig.join("lab", "ada"), await rig.join("lab", "bob")
    await ada.chat("secret")
    assert await rig.code("api/rooms/lab", "bob", method="DELETE") == (403, "not-allowed")
    rig.hub.tokens["token-server"] = model("ada", session_id=None)
    assert await rig.code("api/rooms/lab", "server", method="DELETE") == (403, "not-allowed")
    assert (await rig.fetch("api/rooms/lab", method="DELETE")).code == 204
    for peer in (ada, bob):
        assert (await peer.expect("error"))["code"] == "room-erased"
        assert (await peer.closed()).code == 4403
    assert await rig.json("api/rooms") == []
    assert await rig.service.relay.store.find("lab") is None
    again = await rig.fetch("api/rooms/lab", method="DELETE")
    assert again.code in (403, 404)


async def test_admin_erases_any_room(rig: Rig) -> None:
    """In person or by a token with the scope; not through another's server or a server's token."""
    admins(rig)
    for name in ("one", "two"):
        peer = await rig.join(name, "ada")
        await peer.leave()
    for who in ("lent", "server", "other"):
        assert (await rig.fetch("api/rooms/one", who, method="DELETE")).code == 403, who
    assert (await rig.fetch("api/rooms/one", "root", method="DELETE")).code == 204
    assert (await rig.fetch("api/rooms/two", "keeper", method="DELETE")).code == 204
    assert await rig.code("api/rooms/two", "root", method="DELETE") == (404, "not-found")


async def test_users_export_and_erase_their_own(rig: Rig, tmp_path: Path) -> None:
    """What somebody wrote is handed to them and can be erased by them; each is in the books."""
    ada = await rig.join("lab", "ada")
    await ada.chat("my words")
    assert "my words" in json.dumps(await rig.json("api/users/ada/export"))
    assert (await rig.fetch("api/users/ada", method="DELETE")).code == 204
    assert "my words" not in json.dumps(await rig.json("api/users/ada/export"))
    rig.serving.stopping.set()


async def test_export_leads_to_the_files(rig: Rig) -> None:
    """Each file that the export names is handed out to its user, as fenced as any, and to nobody else."""
    admins(rig)
    ada = await rig.join("lab", "ada")
    content = bytes(range(256)) * 400
    answer = await AsyncHTTPClient().fetch(
        f"{rig.url}api/rooms/lab/files?name=a.bin",
        method="POST",
        body=content,
        headers={"Authorization": "token token-ada"},
    )
    await ada.chat("mine", files=[json.loads(answer.body)["id"]])
    (file,) = (await rig.json("api/users/ada/export"))["files"]
    path = f"api/users/ada/export/files/{file['id']}"
    for who in ("ada", "root"):
        found = await rig.fetch(path, who)
        assert (found.code, found.body) == (200, content)
        assert "sandbox" in found.headers["Content-Security-Policy"]
    assert await rig.code(path, "bob") == (403, "not-allowed")
    assert await rig.code("api/users/bob/export/files/" + file["id"], "bob") == (404, "not-found")


async def test_data_of_others_is_for_admins(rig: Rig) -> None:
    """Neither another user nor a borrowed token of one's own gets at it."""
    admins(rig)
    scopes = ["access:services!service=meet", "custom:meet:join", "access:servers!server=eve/"]
    rig.hub.tokens["token-adas-lent"] = model("ada", scopes=scopes)
    rig.hub.tokens["token-adas-server"] = model("ada", session_id=None)
    for who in ("bob", "adas-lent", "adas-server", "lent", "server", "prometheus", "other"):
        assert await rig.code("api/users/ada/export", who) == (403, "not-allowed"), who
        assert await rig.code("api/users/ada", who, method="DELETE") == (403, "not-allowed"), who
    for who in ("root", "keeper"):
        assert (await rig.fetch("api/users/ada/export", who)).code == 200, who


async def test_metrics_need_the_scope_or_an_admin(rig: Rig) -> None:
    """Prometheus has a token of its own; people and other services are refused."""
    admins(rig)
    for who in ("ada", "lent", "server", "other"):
        assert await rig.code("metrics", who) == (403, "not-allowed"), who
    for who in ("root", "keeper", "prometheus"):
        answer = await rig.fetch("metrics", who)
        assert answer.code == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert b"meetwidget_rooms" in answer.body


# --------------------------------------------------------------------- activity


async def test_hub_is_told_who_is_in_a_meeting(rig: Rig) -> None:
    """Users and their own servers are reported, once each; guests and strangers are not."""
    rig.hub.tokens["token-kernel"] = model("bob", "access:servers!server=bob/lab", session_id=None)
    await rig.join("lab", "ada")
    await rig.join("tea", "ada")
    await rig.join("lab", "kernel", "kernel")
    await Activity(rig.service).report()
    told = dict(rig.hub.activity)
    assert sorted(told) == ["ada", "bob"]
    assert len(rig.hub.activity) == 2
    assert set(told["ada"]["servers"]) == {""}
    assert set(told["bob"]["servers"]) == {"", "lab"}
    assert told["ada"]["last_activity"].endswith("Z")


async def test_server_that_is_gone_does_not_hide_the_user(rig: Rig) -> None:
    """If the hub knows one of the servers no more, the user's own activity is still told."""
    rig.hub.tokens["token-ada"] = model("ada", "access:servers!server=ada/gone")
    await rig.join("lab", "ada")
    await Activity(rig.service).report()
    assert [set(body) for _, body in rig.hub.activity] == [
        {"last_activity", "servers"},
        {"last_activity"},
    ]


async def test_refusal_is_logged_once(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """The sentence names the scope; repeating it every two minutes would help nobody."""
    rig.hub.activity_status = 403
    await rig.join("lab", "ada")
    activity = Activity(rig.service)
    await activity.report()
    await activity.report()
    assert caplog.text.count("users:activity") == 1
