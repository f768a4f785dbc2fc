"""Other hosts and poorer conditions: Notebook 7, no camera, plain HTTP, a base URL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Enter
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser


def test_notebook_7(person: Enter, tmp_path: Path, coded_camera: Callable[[int], Path]) -> None:
    """The same cell works in Notebook 7, and meets somebody in JupyterLab on the same server."""
    with JupyterProcess(tmp_path, "notebook", base_url="/a%40b/") as server:
        ada = person("ada-lovelace", server, camera=coded_camera(0x7187))
        ada.join("seven", app="notebooks")
        bob = person("bob-noyce", server)
        bob.join("seven")
        ada.find("mw-cam").click()
        bob.sees_code("Ada Lovelace", 0x7187)
        bob.say("hello from Lab")
        ada.sees_message("hello from Lab")


def test_a_refused_camera_is_explained_and_the_chat_goes_on(
    person: Enter, lab: JupyterProcess
) -> None:
    """With camera and microphone refused, one line says so and the rest works."""
    ada = person("ada-lovelace", lab, permissions=(), flags=("--deny-permission-prompts",))
    ada.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => {"
        " throw new DOMException('Permission denied', 'NotAllowedError'); };"
    )
    bob = person("bob-noyce", lab)
    ada.join("refused")
    bob.join("refused")
    ada.find("mw-cam").click()
    ada.page.get_by_test_id("mw-device-note").wait_for()
    ada.say("no camera, but here")
    bob.sees_message("no camera, but here")


def test_plain_http_still_chats_and_says_why_there_is_no_camera(
    person: Enter, tmp_path: Path
) -> None:
    """On an address that is neither HTTPS nor local, chat works and one line gives the reason."""
    config = "\nc.ServerApp.allow_remote_access = True\n"
    with JupyterProcess(tmp_path, config=config) as server:
        ada = person(
            "ada-lovelace", server, flags=("--host-resolver-rules=MAP meet.test 127.0.0.1",)
        )
        ada.context.add_cookies(
            [{"name": "test-person", "value": "ada-lovelace", "domain": "meet.test", "path": "/"}]
        )
        server.host = "meet.test"
        ada.open_notebook("%load_ext meetwidget\n%meet join plain")
        ada.run_cell()
        ada.wait_live()
        assert ada.page.evaluate("isSecureContext") is False
        ada.say("only words here")
        ada.sees_message("only words here")
        ada.page.get_by_text("HTTPS").first.wait_for()
