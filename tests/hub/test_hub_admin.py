"""What an administrator sets up and asks: scopes in real tokens, the check, people's data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.hub.participants import service
from tests.hub_process import ADMIN_TOKEN, HubProcess


def meetwidget_hub(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the admin's command in somebody's environment."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTERHUB", "MEETWIDGET"))
    }
    return subprocess.run(
        [sys.executable, "-m", "meetwidget_server.hub.cli", *arguments],
        env={**kept, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def as_admin(hub: HubProcess) -> dict[str, str]:
    """The environment of an admin's terminal."""
    return {
        "MEETWIDGET_HUB_SERVICE": hub.internal_service_url,
        "JUPYTERHUB_API_TOKEN": ADMIN_TOKEN,
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub.hub_port}{hub.base_url}hub/api",
    }


def scopes(hub: HubProcess, token: str) -> set[str]:
    """What the hub itself says a token may do."""
    answer = hub.visitor().get("hub/api/user", {"Authorization": f"token {token}"})
    return set(answer.json()["scopes"])


def test_scopes_arrive_in_real_tokens(campus: HubProcess) -> None:
    """Kernels can join and never moderate; people bring what their roles give them."""
    meet = {"access:services!service=meet", "custom:meet:join"}
    kernel = scopes(campus, campus.server_token("ada"))
    assert meet <= kernel
    assert "users:activity!user=ada" in kernel
    assert "custom:meet:moderate" not in kernel
    member = scopes(campus, campus.viewer_token("bob"))
    assert meet <= member
    assert "custom:meet:moderate" not in member
    instructor = scopes(campus, campus.viewer_token("instructor", "ada"))
    assert meet | {"custom:meet:moderate"} <= instructor


def test_check_in_a_users_server_finds_nothing_to_mend(campus: HubProcess) -> None:
    """In a terminal of a server that works, every line has its tick, through the proxy too."""
    environment = campus.server_environment("ada")
    done = meetwidget_hub("check", "--url", campus.url, environment=environment)
    assert done.returncode == 0, done.stdout
    assert "✗" not in done.stdout
    assert done.stdout.count("WebSockets open") == 2
    assert "same version" in done.stdout


def test_check_names_the_scope_that_is_missing(campus: HubProcess) -> None:
    """With a token that may not join, the check says which scope, and fails."""
    environment = campus.server_environment("ada")
    environment["JUPYTERHUB_API_TOKEN"] = campus.api_token("ada", scopes=["self"])
    done = meetwidget_hub("check", environment=environment)
    assert done.returncode == 1
    assert "lacks custom:meet:join" in done.stdout
    assert "lacks access:services!service=meet" in done.stdout
    assert "The service refuses this token (403)" in done.stdout


def test_check_tells_apart_what_does_not_answer(campus: HubProcess) -> None:
    """No service, no hub, an unknown token, something else in front: each has its own sentence."""
    environment = campus.server_environment("ada")
    nowhere = "http://127.0.0.1:1"
    for name, value, sentence in (
        ("MEETWIDGET_HUB_SERVICE", f"{nowhere}/services/meet/", "The service does not answer"),
        ("MEETWIDGET_HUB_SERVICE", campus.url, "is not the meeting service"),
        ("MEETWIDGET_HUB_SERVICE", "", "not told where the service is"),
        ("JUPYTERHUB_API_URL", f"{nowhere}/hub/api", "The hub does not answer"),
        ("JUPYTERHUB_API_TOKEN", "nobodys", "does not know this token"),
    ):
        done = meetwidget_hub("check", environment={**environment, name: value})
        assert done.returncode == 1
        assert sentence in done.stdout, (name, value, done.stdout)
        assert "Traceback" not in done.stderr
    done = meetwidget_hub("check", "--url", f"{nowhere}/", environment=environment)
    assert "Nothing answers at" in done.stdout


def test_check_with_an_admins_token_finds_the_service(campus: HubProcess) -> None:
    """An admin sees whether the hub knows the service."""
    done = meetwidget_hub("check", environment=as_admin(campus))
    assert done.returncode == 0, done.stdout
    assert "The hub has the service 'meet'" in done.stdout
    done = meetwidget_hub("check", "--name", "other", environment=as_admin(campus))
    assert done.returncode == 1
    assert "The hub has no service 'other'" in done.stdout


def test_check_of_the_hubs_own_configuration(campus: HubProcess) -> None:
    """The file that this hub runs with has nothing to mend."""
    config = campus.folder / "hub" / "jupyterhub_config.py"
    done = meetwidget_hub("check", "--config", str(config))
    assert done.returncode == 0, done.stdout


async def test_an_admin_exports_and_erases(campus: HubProcess, tmp_path: Path) -> None:
    """By the service's API, with a token: a user's messages are exported, then they are gone."""
    bob = await service(campus).join(campus.viewer_token("bob"), "farewell")
    await bob.chat("mine to take")
    admin = as_admin(campus)
    file = tmp_path / "bob.json"
    done = meetwidget_hub("export-user", "bob", "--output", str(file), environment=admin)
    assert done.returncode == 0, done.stderr
    assert "mine to take" in json.dumps(json.loads(file.read_text()))
    assert file.stat().st_mode & 0o077 == 0
    done = meetwidget_hub("erase-user", "bob", "--yes", environment=admin)
    assert done.returncode == 0, done.stderr
    done = meetwidget_hub("export-user", "bob", environment=admin)
    assert "mine to take" not in done.stdout
    done = meetwidget_hub("erase-room", "farewell", "--yes", environment=admin)
    assert done.returncode == 0, done.stderr
    done = meetwidget_hub("erase-room", "farewell", "--yes", environment=admin)
    assert done.returncode == 1
    assert "There is no room farewell" in done.stderr


def test_others_may_not_erase(campus: HubProcess) -> None:
    """A user's own token erases nobody else, and the refusal is one sentence."""
    environment = campus.server_environment("ada")
    done = meetwidget_hub("erase-user", "bob", "--yes", environment=environment)
    assert done.returncode == 1
    assert "Only the user and an administrator" in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_backup_of_the_running_service(campus: HubProcess, tmp_path: Path) -> None:
    """The rooms are copied while people meet in them."""
    (database,) = (campus.folder / "meet").glob("*.sqlite")
    done = meetwidget_hub("backup", str(database), str(tmp_path / "copy.sqlite"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "copy.sqlite").stat().st_size > 0
