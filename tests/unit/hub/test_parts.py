"""Small parts of the service: allowances, the cookie secret, guests' passes, the policy's file."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from meetwidget_server.hub import limits
from meetwidget_server.hub.app import MeetHub
from meetwidget_server.hub.cookies import cookie_secret
from meetwidget_server.hub.environment import StartError
from meetwidget_server.hub.guest_pass import guest_credential, guest_digest, known_guest, pass_for
from meetwidget_server.hub.limits import Allowances
from meetwidget_server.hub.logs import logging_config
from meetwidget_server.hub.policy_file import PolicyFile
from meetwidget_server.policy import Policy, Subject
from meetwidget_server.store import GuestLink

SECRET = b"s" * 64
LINK = GuestLink("l1", "lab", b"\x01" * 32, "ada", 0, 1000)


def test_allowance_is_spent_and_comes_back() -> None:
    """So many at once, then one by one, each key for itself."""
    now = [0.0]
    allowed: Allowances[str] = Allowances(6, lambda: now[0])
    assert [allowed.take("ada") for _ in range(6)] == [0.0] * 6
    wait = allowed.take("ada")
    assert 0 < wait <= 10
    assert allowed.take("bob") == 0.0
    now[0] += wait
    assert allowed.take("ada") == 0.0
    assert allowed.take("ada") > 0


def test_no_allowance_means_no_limit() -> None:
    """Zero switches it off, and nobody is remembered."""
    allowed: Allowances[str] = Allowances(0, lambda: 0.0)
    assert all(allowed.take("ada") == 0.0 for _ in range(1000))
    assert len(allowed) == 0


def test_allowances_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asked longest ago is forgotten first."""
    monkeypatch.setattr(limits, "MAX_KEYS", 3)
    allowed: Allowances[int] = Allowances(1, lambda: 0.0)
    for key in range(10):
        allowed.take(key)
    assert len(allowed) == 3
    assert allowed.take(9) > 0
    assert allowed.take(0) == 0.0


def test_cookie_secret_survives_a_restart_and_is_private(tmp_path: Path) -> None:
    """The same secret is found again; nobody else can read it."""
    database = tmp_path / "new" / "rooms.sqlite"
    secret = cookie_secret(database)
    assert len(secret) >= 32
    assert cookie_secret(database) == secret
    (kept,) = database.parent.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_cookie_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A leaked secret would let others sign cookies; the sentence says what to do."""
    database = tmp_path / "rooms.sqlite"
    cookie_secret(database)
    (kept,) = tmp_path.iterdir()
    kept.chmod(0o644)
    with pytest.raises(StartError, match="chmod 600"):
        cookie_secret(database)


def test_short_cookie_secret_is_refused(tmp_path: Path) -> None:
    """A file that was cut off signs nothing."""
    database = tmp_path / "rooms.sqlite"
    kept = database.with_name(database.name + ".cookie-secret")
    kept.touch(mode=0o600)
    with pytest.raises(StartError, match="too short"):
        cookie_secret(database)


def test_guest_is_known_again_by_their_pass_only() -> None:
    """A pass is good for its link and its name, and cannot be made up."""
    shown = pass_for("guest:1", LINK, SECRET)
    assert known_guest(shown, LINK, SECRET) == "guest:1"
    other = GuestLink("l2", "lab", b"\x02" * 32, "ada", 0, 1000)
    assert known_guest(shown, other, SECRET) is None
    assert known_guest(shown, LINK, b"t" * 64) is None
    assert known_guest(shown.replace("guest:1", "guest:2"), LINK, SECRET) is None
    for nonsense in (None, 5, "", ".", "guest:1", "guest:1.", "\udc80.\udc80", "x" * 10_000):
        assert known_guest(nonsense, LINK, SECRET) is None


def test_guests_credential_tells_the_links_digest_and_no_token() -> None:
    """A hub token is never taken for a guest's credential."""
    assert guest_digest(guest_credential(LINK)) == LINK.digest
    assert guest_digest("abcdef0123456789") is None


def policy_file(path: Path) -> tuple[Any, PolicyFile]:
    """A service with the policy in ``path``, and who watches it."""
    service = SimpleNamespace(
        policy=Policy.load(path, allow_guests=True), log=logging.getLogger("test")
    )
    return service, PolicyFile(cast("Any", service), path)


def rules(join: str) -> str:
    return f'[default]\njoin = ["{join}"]\ncreate = ["everyone"]\n'


def joins(service: Any) -> bool:
    subject = Subject("bob", "person", scopes=frozenset({"custom:meet:join"}))
    return bool(service.policy.decide(subject, "lab", None).join)


def write(path: Path, text: str, number: int) -> None:
    """Writes with a time of its own, as an editor would some seconds later."""
    path.write_text(text)
    os.utime(path, ns=(number, number))


def test_changed_policy_applies(tmp_path: Path) -> None:
    """New rules are in force after the next look; the administrator's switch stays."""
    path = tmp_path / "policy.toml"
    write(path, rules("user:ada"), 1)
    service, watch = policy_file(path)
    assert not joins(service)
    before = service.policy
    watch.look()
    assert service.policy is before
    write(path, rules("everyone"), 2)
    watch.look()
    assert joins(service)
    assert service.policy.allow_guests


def test_broken_policy_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A mistake in the file is told once, and the old rules stay, also when the file is gone."""
    path = tmp_path / "policy.toml"
    write(path, rules("everyone"), 1)
    service, watch = policy_file(path)
    write(path, "[default]\njoin = 5\n", 2)
    watch.look()
    watch.look()
    assert joins(service)
    assert len(caplog.records) == 1
    assert "stays as it was" in caplog.text
    path.unlink()
    watch.look()
    assert joins(service)


def test_log_can_be_read_by_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of the JSON log is an object with time, level, logger and message."""
    import json
    import logging.config

    config = logging_config("json", logging.INFO)
    for handler in config["handlers"].values():
        handler["stream"] = "ext://sys.stdout"
    made = logging.config.DictConfigurator(config).configure_formatter(
        config["formatters"]["console"]
    )
    record = logging.LogRecord("MeetHub", logging.INFO, __file__, 1, "open at %s", ("/x",), None)
    line = json.loads(made.format(record))
    assert (line["level"], line["logger"], line["message"]) == ("INFO", "MeetHub", "open at /x")
    assert line["time"]


def test_every_setting_of_the_service_is_in_the_configuration_page() -> None:
    """docs/configuration.md names each with its default."""
    page = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
    section = page.partition("## The service of a JupyterHub")[2].partition("\n## ")[0]
    for name, trait in MeetHub.class_own_traits(config=True).items():
        shown = trait.default_value if isinstance(trait.default_value, int | float) else ""
        assert f"| `{name}` | {f'`{shown}`' if shown != '' else ''}" in section, name
