"""The operations page's own lines, on a real hub: a scraper gets numbers, and the log is JSON."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

from tests.hub_process import HubProcess

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
TOKEN = "prometheus-token-0123456789abcdef"


def recipe(token_file: Path) -> str:
    """Returns the page's configuration of the hub for Prometheus."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(r"```python\n# jupyterhub_config.py\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1].replace("/etc/jupyterhub/prometheus-token", str(token_file))


def ask(url: str, body: bytes | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url, body, {"Authorization": f"Bearer {TOKEN}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_prometheus_scrapes_as_the_page_says(tmp_path: Path) -> None:
    """Through the proxy, with a service's token and the scope; the same token opens no room."""
    token_file = tmp_path / "prometheus-token"
    token_file.write_text(f"{TOKEN}\n")
    folder = tmp_path / "hub"
    folder.mkdir()
    log_format = 'c.MeetHub.log_format = "json"\n'
    hub = HubProcess(
        folder, groups={}, config=recipe(token_file), service_config=log_format, setup={}
    )
    with hub:
        status, text = ask(f"{hub.service_url}metrics")
        assert status == 200
        assert "\nmeetwidget_rooms 0.0\n" in text
        assert ask(f"{hub.service_url}api/tickets", b'{"room": "lab"}')[0] == 403
    lines = [line for line in hub.log.read_text().splitlines() if line.startswith('{"time"')]
    entries = [json.loads(line) for line in lines]
    assert any("Meetings are open at" in entry["message"] for entry in entries)
    assert TOKEN not in hub.log.read_text()
