"""``enable(c)`` adds all that meetings need and takes nothing away."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.spawner import LocalProcessSpawner
from meetwidget_server.hub import enable
from meetwidget_server.hub.deployment import Deployment, SetupError
from meetwidget_server.hub.setup import service_options
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from tests.unit.hub_setup.configurations import granted, run

ACCESS = "access:services!service=meet"
JOIN = "custom:meet:join"
MODERATE = "custom:meet:moderate"


def test_an_empty_configuration_gets_everything() -> None:
    """One line is all that an admin writes."""
    config = Config()
    enable(config, moderators=["group:instructors", "user:ada"])
    found = granted(config)
    assert found["services"]["meet"]["command"] == [sys.executable, "-m", "meetwidget_server.hub"]
    assert found["services"]["meet"]["url"] == "http://127.0.0.1:10101"
    assert found["services"]["meet"]["oauth_no_confirm"] is True
    assert found["services"]["meet"]["oauth_client_allowed_scopes"] == [JOIN, MODERATE]
    assert set(found["custom_scopes"]) == {JOIN, MODERATE}
    assert found["roles"]["user"]["scopes"] == [ACCESS, JOIN, "self"]
    assert found["roles"]["meet-service"]["scopes"] == ["users:activity"]
    assert found["roles"]["meet-service"]["services"] == ["meet"]
    assert found["roles"]["meet-moderator"]["scopes"] == [MODERATE]
    assert found["roles"]["meet-moderator"]["groups"] == ["instructors"]
    assert found["roles"]["meet-moderator"]["users"] == ["ada"]
    assert found["environment"] == {
        "MEETWIDGET_HUB_SERVICE": "http://127.0.0.1:10101/services/meet/"
    }


def test_a_servers_token_keeps_what_it_had_and_never_moderates() -> None:
    """Kernels can join, their server can still report activity, and no kernel moderates."""
    config = Config()
    enable(config)
    found = granted(config)
    assert set(found["server_token_scopes"]) == {
        "users:activity!user",
        "access:servers!server",
        ACCESS,
        JOIN,
    }
    assert set(found["oauth_client_allowed_scopes"]) == {ACCESS, JOIN, MODERATE}


_OWN = """
c.JupyterHub.services = [{"name": "culler", "command": ["cull"]}]
c.JupyterHub.custom_scopes = {"custom:grade": {"description": "Grade"}}
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self", "access:services!service=grader"]},
    {"name": "server", "scopes": ["users:activity!user"]},
    {"name": "culler", "scopes": ["admin:servers"], "services": ["culler"]},
]
c.Spawner.environment = {"COURSE": "physics"}
c.Spawner.oauth_client_allowed_scopes = ["custom:grade"]
"""


def test_what_the_admin_has_set_stays() -> None:
    """Lists, roles and environment of the admin are added to and keep their content."""
    config = run(_OWN)
    enable(config)
    found = granted(config)
    assert set(found["services"]) == {"culler", "meet"}
    assert set(found["custom_scopes"]) == {"custom:grade", JOIN, MODERATE}
    assert found["roles"]["user"]["scopes"] == sorted(
        ["self", "access:services!service=grader", ACCESS, JOIN]
    )
    assert found["roles"]["culler"]["scopes"] == ["admin:servers"]
    assert found["server_token_scopes"] == ["users:activity!user", ACCESS, JOIN]
    assert found["oauth_client_allowed_scopes"] == ["custom:grade", ACCESS, JOIN, MODERATE]
    assert found["environment"]["COURSE"] == "physics"


def test_a_user_role_without_scopes_stays_one() -> None:
    """A role that only lists members still gets JupyterHub's own scopes and ours."""
    config = run('c.JupyterHub.load_roles = [{"name": "user", "users": ["ada"]}]')
    enable(config)
    assert granted(config)["roles"]["user"]["scopes"] == [ACCESS, JOIN, "self"]


def test_extra_user_scopes_stay() -> None:
    """Scopes that the admin gave to all users are kept beside ours."""
    config = run('c.JupyterHub.extra_user_scopes = {"access:services!service=grader"}')
    enable(config)
    assert "access:services!service=grader" in granted(config)["roles"]["user"]["scopes"]


def test_an_older_hub_gets_the_user_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterHub 5 has no extra scopes for users, so there the role is written out."""
    monkeypatch.setattr("jupyterhub.version_info", (5, 2, 0, "", ""))
    config = Config()
    enable(config)
    found = granted(config)
    assert found["roles"]["user"]["scopes"] == [ACCESS, JOIN, "self"]
    assert "extra_user_scopes" not in config.JupyterHub


@pytest.mark.parametrize("own", ["", _OWN])
def test_calling_it_twice_changes_nothing(own: str) -> None:
    """A file that is loaded again, or two files that both enable, grant the same as one."""
    once, twice = run(own), run(own)
    enable(once, moderators=["group:instructors"])
    enable(twice, moderators=["group:instructors"])
    enable(twice, moderators=["group:instructors"])
    assert granted(once) == granted(twice)


def test_a_setting_of_the_spawners_own_class_is_added_to_as_well() -> None:
    """What is set for a kind of spawner hides what is set for all, so ours goes to both."""
    config = run('c.LocalProcessSpawner.environment = {"COURSE": "physics"}')
    config.LocalProcessSpawner.server_token_scopes = ["users:activity!user"]
    enable(config)
    found = granted(config)
    assert set(found["environment"]) == {"COURSE", "MEETWIDGET_HUB_SERVICE"}
    assert found["server_token_scopes"] == ["users:activity!user", ACCESS, JOIN]


_LITTLEST = """
c.JupyterHub.services = [{"name": "culler", "command": ["cull"]}]
c.JupyterHub.load_roles = [{"name": "culler", "scopes": ["admin:servers"], "services": ["culler"]}]
for name in ("1.py", "2.py", "3.py"):
    load_subconfig(name)
"""


def test_files_that_are_merged_keep_each_others_entries(tmp_path: Path) -> None:
    """The Littlest JupyterHub merges the files of a folder: none may wipe out the others."""
    (tmp_path / "main.py").write_text(_LITTLEST)
    (tmp_path / "1.py").write_text(
        'c.JupyterHub.services.append({"name": "early"})\n'
        'c.Spawner.environment.update({"A": "a"})\n'
    )
    (tmp_path / "2.py").write_text(
        "from meetwidget_server.hub import enable\nc = get_config()\n"
        'enable(c, moderators=["group:instructors"])\n'
    )
    (tmp_path / "3.py").write_text(
        'c.JupyterHub.services.append({"name": "late"})\n'
        'c.Spawner.server_token_scopes.append("custom:late")\n'
    )
    config = PyFileConfigLoader("main.py", path=str(tmp_path)).load_config()
    found = granted(config)
    assert set(found["services"]) == {"culler", "early", "meet", "late"}
    assert {"culler", "meet-service", "meet-moderator"} <= set(found["roles"])
    assert {ACCESS, JOIN, "custom:late"} <= set(found["server_token_scopes"])
    assert found["roles"]["user"]["scopes"] == [ACCESS, JOIN, "self"]
    assert set(found["environment"]) == {"A", "MEETWIDGET_HUB_SERVICE"}


async def _as_promise(spawner: Any) -> list[str]:
    return [f"custom:of-{spawner.user.name}"]


@pytest.mark.parametrize(
    "function", [lambda spawner: [f"custom:of-{spawner.user.name}"], _as_promise]
)
def test_functions_for_scopes_still_decide(function: Any) -> None:
    """An admin's function, plain or async, is still asked, and ours are added to its answer."""
    config = Config()
    config.Spawner.server_token_scopes = function
    enable(config)
    enable(config)
    spawner = LocalProcessSpawner(config=config, user=SimpleNamespace(name="ada"))

    async def asked() -> list[str]:
        given = spawner.server_token_scopes(spawner)
        return list(await given) if asyncio.iscoroutine(given) else list(given)

    assert asyncio.run(asked()) == ["custom:of-ada", ACCESS, JOIN]


def test_a_function_that_gives_nothing_means_the_usual_scopes() -> None:
    """JupyterHub reads an empty answer as "as usual", and so it stays."""
    config = Config()
    config.Spawner.server_token_scopes = lambda spawner: []
    enable(config)
    scopes = LocalProcessSpawner(config=config).server_token_scopes(None)
    assert scopes == ["users:activity!user", "access:servers!server", ACCESS, JOIN]


def test_not_everyone_may_join_if_the_admin_says_so() -> None:
    """Then only a role of the admin's gives the right to join; the page stays reachable."""
    config = Config()
    enable(config, everyone_joins=False)
    assert granted(config)["roles"]["user"]["scopes"] == [ACCESS, "self"]


def test_a_service_that_reports_no_activity_gets_no_role() -> None:
    """The service holds no scope that it does not need."""
    config = Config()
    enable(config, count_meetings_as_activity=False)
    found = granted(config)
    assert "meet-service" not in found["roles"]
    assert found["services"]["meet"]["command"][-1].endswith("count_meetings_as_activity=False")


def test_the_service_is_found_below_a_base_url_that_is_set_later() -> None:
    """A hub's base URL may come from the command line, after the configuration file."""
    config = Config()
    enable(config)
    value = config.Spawner.environment.to_dict()["update"]["MEETWIDGET_HUB_SERVICE"]
    spawner = SimpleNamespace(hub=SimpleNamespace(base_url="/a%40b/hub/"))
    assert value(spawner) == "http://127.0.0.1:10101/a%40b/services/meet/"


@pytest.mark.parametrize(
    ("given", "reached"),
    [
        ("http://hub.internal:10101", "http://hub.internal:10101/services/meet/"),
        ("https://hub.example.org/", "https://hub.example.org/services/meet/"),
        ("https://hub.example.org/jupyter/services/meet", None),
    ],
)
def test_servers_elsewhere_find_the_service_by_their_own_address(
    given: str, reached: str | None
) -> None:
    """Containers and other machines cannot use the hub's loopback address."""
    config = Config()
    enable(config, service_url_for_servers=given)
    found = granted(config)["environment"]["MEETWIDGET_HUB_SERVICE"]
    assert found == (reached or f"{given}/")


def test_an_external_service_has_a_token_and_no_command() -> None:
    """The hub does not start it, so it must know its token."""
    config = Config()
    enable(config, managed=False, api_token="secret")
    service = granted(config)["services"]["meet"]
    assert service["api_token"] == "secret"
    assert "command" not in service


def test_the_service_can_run_as_an_account_of_its_own(tmp_path: Any) -> None:
    """A hub that runs as root need not run the service as root."""
    config = Config()
    enable(config, user="meet", database=tmp_path / "meet.sqlite")
    assert granted(config)["services"]["meet"]["user"] == "meet"


def test_settings_reach_the_service_as_arguments(tmp_path: Any) -> None:
    """A managed service is told its settings, with paths that hold in any directory."""
    config = Config()
    enable(
        config,
        policy="rooms.toml",
        database=tmp_path / "meet.sqlite",
        allow_guests=True,
        options={"MeetRelay.max_participants": 50},
    )
    command = granted(config)["services"]["meet"]["command"]
    policy = next(argument for argument in command if "policy" in argument)
    assert policy.endswith("/rooms.toml")
    assert policy.partition("=")[2].startswith("/")
    assert f"--MeetRelay.database={tmp_path}/meet.sqlite" in command
    assert "--MeetHub.allow_guests=True" in command
    assert "--MeetRelay.max_participants=50" in command


def test_the_service_knows_every_setting_that_enable_passes_on() -> None:
    """A setting that the service does not have would be lost without a word."""
    from meetwidget_server.config import MeetRelay
    from meetwidget_server.hub.app import MeetHub

    traits = {
        f"{owner.__name__}.{name}"
        for owner in (MeetHub, MeetRelay)
        for name in owner.class_traits(config=True)
    }
    passed = service_options(
        policy="a",
        database="b",
        log_format="json",
        audit_file="c",
        allow_guests=True,
        count_meetings_as_activity=False,
    )
    assert set(passed) <= traits


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ({"managed": False}, "openssl rand -hex 32"),
        ({"managed": False, "api_token": "x", "allow_guests": True}, "where the service is"),
        ({"moderators": ["instructors"]}, "'group:instructors'"),
        ({"moderators": "group:a"}, "moderators=['group:a']"),
        ({"url": "127.0.0.1:10101"}, "http://127.0.0.1:10101"),
        ({"url": "http://127.0.0.1"}, "http://127.0.0.1:10101"),
        ({"name": "Meet me"}, "small letters"),
        ({"user": "meet"}, "database="),
        ({"options": {"max_participants": 3}}, "MeetRelay.max_participants"),
        ({"service_url_for_servers": "hub.internal"}, "http://hub.internal:10101"),
    ],
)
def test_what_cannot_work_is_refused_with_what_to_write(
    arguments: dict[str, Any], advice: str
) -> None:
    """A mistake is found when the hub starts, with one sentence that mends it."""
    with pytest.raises(SetupError) as caught:
        enable(Config(), **arguments)
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_service_of_that_name_is_not_taken_over() -> None:
    """An entry of the admin's that means something else is neither changed nor ignored."""
    config = run('c.JupyterHub.services = [{"name": "meet", "url": "http://127.0.0.1:9"}]')
    with pytest.raises(SetupError, match="another name"):
        enable(config)


def test_two_hubs_can_name_it_differently() -> None:
    """The scope to reach the service follows its name."""
    assert Deployment(name="talk").user_scopes[0] == "access:services!service=talk"


def test_reading_enable_loads_neither_server_nor_relay() -> None:
    """The hub's process stays as light as it was."""
    code = (
        "import sys\nfrom meetwidget_server.hub import enable\n"
        "print([m for m in ('jupyter_server', 'meetwidget_server.relay', 'msgspec', 'tornado')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
