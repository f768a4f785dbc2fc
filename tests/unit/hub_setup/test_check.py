"""``meetwidget-hub check --config`` finds what is missing and names the line that mends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from meetwidget_server.hub.check import check_config
from meetwidget_server.hub.findings import Finding, report
from meetwidget_server.hub.probe import public_addresses

ENABLED = "from meetwidget_server.hub import enable\nc = get_config()\nenable(c)\n"


def _check(tmp_path: Path, text: str) -> list[Finding]:
    path = tmp_path / "jupyterhub_config.py"
    path.write_text(text)
    return check_config(path)


def _wrong(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state == "wrong"]


def test_one_line_is_enough(tmp_path: Path) -> None:
    """A configuration with ``enable(c)`` has nothing to mend."""
    text, code = report(_check(tmp_path, ENABLED))
    assert code == 0, text
    assert "Nothing to mend." in text


def test_an_empty_configuration_is_told_the_one_line(tmp_path: Path) -> None:
    """Whoever has nothing is not shown ten lines to add."""
    (finding,) = _wrong(_check(tmp_path, "c = get_config()\n"))
    assert "enable(c)" in finding.add


BREAKS = {
    "a user role without us": (
        'c.JupyterHub.load_roles = [{"name": "user", "scopes": ["self"]}]',
        "Users may not reach the service",
        "extra_user_scopes",
    ),
    "server tokens overwritten": (
        'c.Spawner.server_token_scopes = ["users:activity!user"]',
        "Kernels come without access:services!service=meet and custom:meet:join",
        "c.Spawner.server_token_scopes.extend",
    ),
    "viewers' tokens overwritten": (
        'c.Spawner.oauth_client_allowed_scopes = ["custom:meet:join"]',
        "People in JupyterLab come without access:services!service=meet and custom:meet:moderate",
        "c.Spawner.oauth_client_allowed_scopes.extend",
    ),
    "environment overwritten": (
        "c.Spawner.environment = {}",
        "not told where the service is",
        '"MEETWIDGET_HUB_SERVICE": "http://127.0.0.1:10101/services/meet/"',
    ),
    "environment hidden by another class": (
        'c.DockerSpawner.environment = {"A": "b"}',
        "not told where the service is",
        "c.DockerSpawner.environment.update",
    ),
    "scopes not defined": (
        'c.JupyterHub.custom_scopes = {"custom:x": {"description": "x"}}',
        "does not know the scope custom:meet:join",
        "c.JupyterHub.custom_scopes.update",
    ),
    "servers in containers": (
        'c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"',
        "cannot reach http://127.0.0.1:10101",
        "service_url_for_servers",
    ),
    "a neighbour on the port": (
        'c.JupyterHub.services.append({"name": "other", "url": "http://127.0.0.1:10101"})',
        "is also that of the service 'other'",
        'url="http://127.0.0.1:10102"',
    ),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_what_is_broken_after_enable_is_found(tmp_path: Path, broken: str) -> None:
    """Each thing that an admin may overwrite later is named, and only that."""
    line, found, advice = BREAKS[broken]
    wrong = _wrong(_check(tmp_path, f"{ENABLED}{line}\n"))
    assert any(found in finding.text for finding in wrong), [str(finding) for finding in wrong]
    assert any(advice in finding.add for finding in wrong)
    text, code = report(wrong)
    assert code == 1
    assert "to mend" in text


@pytest.mark.parametrize("broken", [key for key in BREAKS if "overwritten" in key])
def test_the_line_mends_it(tmp_path: Path, broken: str) -> None:
    """Adding what it says makes the check content."""
    line, _, _ = BREAKS[broken]
    text = f"{ENABLED}{line}\n"
    advice = "\n".join(finding.add for finding in _wrong(_check(tmp_path, text)))
    assert _wrong(_check(tmp_path, f"{text}{advice}\n")) == []


def test_a_service_of_an_entry_alone_lacks_nearly_everything(tmp_path: Path) -> None:
    """An entry without command, consent and scopes is told each of them."""
    text = 'c = get_config()\nc.JupyterHub.services = [{"name": "meet", "url": "http://a:1"}]\n'
    wrong = " ".join(str(finding) for finding in _wrong(_check(tmp_path, text)))
    for word in ("command", "api_token", "oauth_no_confirm", "oauth_client_allowed_scopes"):
        assert word in wrong


def test_a_hub_where_only_some_may_join_is_right(tmp_path: Path) -> None:
    """If a role of the admin's gives the right, that is a note and no fault."""
    text = ENABLED.replace("enable(c)", "enable(c, everyone_joins=False)")
    (finding,) = _wrong(_check(tmp_path, text))
    assert "Nobody may join" in finding.text
    text += (
        'c.JupyterHub.load_roles.append({"name": "students", "groups": ["physics"],'
        ' "scopes": ["custom:meet:join"]})\n'
    )
    findings = _check(tmp_path, text)
    assert _wrong(findings) == []
    assert any("students" in finding.text for finding in findings)


def test_a_policy_that_cannot_be_read_is_found(tmp_path: Path) -> None:
    """A mistake in the policy file is told before the service refuses to start."""
    (tmp_path / "rooms.toml").write_text("[[room]]\n")
    text = ENABLED.replace("enable(c)", f"enable(c, policy={str(tmp_path / 'rooms.toml')!r})")
    (finding,) = _wrong(_check(tmp_path, text))
    assert "rooms.toml, line 1" in finding.text


@pytest.mark.parametrize(
    ("text", "said"),
    [("def (", "SyntaxError"), ("1 / 0", "ZeroDivisionError"), ("raise SystemExit(3)", "Exit")],
)
def test_a_file_that_does_not_run_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """A mistake in the admin's file is named, without a traceback."""
    (finding,) = _check(tmp_path, text)
    assert finding.state == "wrong"
    assert said in finding.text
    assert "\n" not in finding.text


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """A wrong name is said."""
    (finding,) = check_config(tmp_path / "nowhere.py")
    assert "There is no file" in finding.text


def test_an_older_hub_is_told_to_write_the_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JupyterHub 5 would pass over extra scopes without a word."""
    monkeypatch.setattr("jupyterhub.version_info", (5, 2, 0, "", ""))
    lost = "c.JupyterHub.load_roles = []\nc.JupyterHub.extra_user_scopes = {'custom:meet:join'}\n"
    wrong = _wrong(_check(tmp_path, ENABLED + lost))
    (finding,) = [finding for finding in wrong if "Users may not reach" in finding.text]
    assert finding.add.startswith("c.JupyterHub.load_roles.append(")
    assert _wrong(_check(tmp_path, f"{ENABLED}{lost}{finding.add}\n")) == []


def test_the_service_may_have_a_domain_of_its_own() -> None:
    """Where each user has a domain, so has the service; the check looks at both places."""
    assert public_addresses("https://hub.example.org/jupyter/", "meet") == [
        "https://hub.example.org/jupyter/services/meet/",
        "https://meet--service.hub.example.org/jupyter/services/meet/",
    ]
