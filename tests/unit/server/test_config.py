"""Every limit of the relay is a trait, and does what it says."""

from __future__ import annotations

import getpass
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from meetwidget_server.config import MeetRelay
from meetwidget_server.store import FileLimits
from traitlets import TraitError
from traitlets.config import Config


def configured(**traits: Any) -> MeetRelay:
    return MeetRelay(config=Config({"MeetRelay": traits}))


def test_defaults_are_the_room_cores_and_the_sockets_own() -> None:
    """A server without configuration has exactly the documented limits."""
    relay = configured()
    options = relay.room_options()
    files: dict[str, Any] = {"file_bytes": 25 << 20, "room_file_bytes": 500 << 20}
    assert options == replace(type(options)(), **files)
    assert relay.file_limits() == FileLimits(25 << 20, 500 << 20, 5 << 30)
    control, media = relay.control_options(), relay.media_options()
    assert (control.ping_interval, control.ping_timeout) == (20.0, 15.0)
    assert media.max_message_bytes == options.frame_bytes
    assert control.max_message_bytes > options.body_bytes + options.data_bytes


@pytest.mark.parametrize(
    ("trait", "value", "option"),
    [
        ("max_participants", 7, "participants"),
        ("max_streams", 3, "streams"),
        ("loudest", 2, "loudest"),
        ("max_body_bytes", 100, "body_bytes"),
        ("max_data_bytes", 100, "data_bytes"),
        ("max_frame_bytes", 5000, "frame_bytes"),
        ("messages_per_second", 2.5, "messages_per_second"),
        ("messages_burst", 9, "messages_burst"),
        ("grace", 1.5, "grace"),
        ("grace_going_away", 0.5, "grace_going_away"),
        ("queue_bytes", 70_000, "queue_bytes"),
        ("cache_bytes", 0, "cache_bytes"),
    ],
)
def test_trait_reaches_the_room(trait: str, value: float, option: str) -> None:
    """A configured limit is the one the rooms get, and changes no other."""
    given = configured(**{trait: value}).room_options()
    plain = configured().room_options()
    changed = {f.name for f in fields(given) if getattr(given, f.name) != getattr(plain, f.name)}
    assert getattr(given, option) == value
    assert changed == {option}


@pytest.mark.parametrize(
    "traits",
    [
        {"max_participants": 0},
        {"max_body_bytes": 16 * 1024 + 1},
        {"max_data_bytes": 1024 * 1024 + 1},
        {"history_kept": 0},
        {"grace": -1.0},
        {"ping_interval": 5.0, "ping_timeout": 6.0},
    ],
)
def test_limits_that_make_no_sense_are_refused(traits: dict[str, Any]) -> None:
    """A wrong configuration stops the server at its start, not a meeting later."""
    with pytest.raises(TraitError):
        configured(**traits)


def test_every_trait_explains_itself() -> None:
    """`--help-all` says what each trait is for."""
    for name, trait in MeetRelay.class_own_traits(config=True).items():
        assert trait.help, name


def test_log_is_found_by_the_directory_that_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same directory has the same log after a restart, another one has another."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    relay = configured()
    one = relay.database_path("/home/ada/course")
    assert one == relay.database_path("/home/ada/../ada/course/")
    assert one != relay.database_path("/home/ada/other")
    assert one.is_relative_to(tmp_path / "meetwidget")
    assert configured(database="~/rooms.sqlite").database_path("/x") == (
        Path.home() / "rooms.sqlite"
    )


def test_kernels_belong_to_the_account_the_server_runs_as(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the owner is the operating system's; a container may have no such name."""
    assert configured().kernel_owner == getpass.getuser()
    assert configured(kernel_owner="ada").kernel_owner == "ada"

    def nobody() -> str:
        raise KeyError("uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert configured().kernel_owner == "jovyan"
