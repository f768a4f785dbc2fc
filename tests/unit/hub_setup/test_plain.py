"""The pasted configuration grants what ``enable(c)`` grants."""

from __future__ import annotations

from typing import Any

import pytest
from meetwidget_server.hub import enable
from meetwidget_server.hub.deployment import Deployment
from meetwidget_server.hub.plain import PASTED_TOKEN, plain
from traitlets.config import Config

from tests.unit.hub_setup.configurations import granted, run

_OWN = 'c.JupyterHub.services = [{"name": "culler", "command": ["cull"]}]\n'


@pytest.mark.parametrize("own", ["", _OWN])
@pytest.mark.parametrize(
    ("how", "arguments"),
    [
        ({}, {}),
        (
            {"moderators": ("group:instructors",), "everyone_joins": False, "name": "talk"},
            {"moderators": ["group:instructors"], "everyone_joins": False, "name": "talk"},
        ),
    ],
)
def test_it_grants_the_same(own: str, how: dict[str, Any], arguments: dict[str, Any]) -> None:
    """Pasted text and the one line cannot drift apart."""
    enabled = run(own)
    enable(enabled, **arguments)
    assert granted(run(own + plain(Deployment(**how)))) == granted(enabled)


def test_an_external_one_is_the_same_but_for_the_token() -> None:
    """The text holds a place for the token and never one that somebody may copy unseen."""
    enabled = Config()
    enable(enabled, managed=False, api_token=PASTED_TOKEN)
    assert granted(run(plain(Deployment(), managed=False))) == granted(enabled)


def test_it_knows_where_hub_and_servers_are() -> None:
    """Base URL and the address for servers elsewhere are in the text."""
    text = plain(Deployment(), base_url="/jupyter/", service_url_for_servers="http://hub:10101")
    assert "http://hub:10101/jupyter/services/meet/" in text


def test_it_fits_a_file_of_a_hundred_columns() -> None:
    """It is meant to be read."""
    text = plain(Deployment(moderators=("group:instructors",)))
    assert max(len(line) for line in text.splitlines()) <= 100
