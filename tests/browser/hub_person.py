"""A person on a hub: signs in once, works on a server of their own, and may open the plain page."""

from __future__ import annotations

import itertools
from typing import Any, Literal
from urllib.parse import quote

from playwright.sync_api import Playwright

from tests.browser.person import Person, notebook
from tests.hub_process import PASSWORD, HubProcess

_count = itertools.count(1)


class HubPerson(Person):
    """One person with a browser of their own, who knows their name and the hub's password."""

    def __init__(self, playwright: Playwright, name: str, hub: HubProcess, **options: Any) -> None:
        self.hub = hub
        self.signed_in = False
        flags = (*options.pop("flags", ()), *_flags(name, hub))
        super().__init__(playwright, name, hub, flags=flags, **options)

    def sign_in(self) -> None:
        """Goes through the hub's sign-in page, as people do."""
        # Without a next page the hub starts a server, which not everybody needs; and this one
        # has no scripts, whose loading would be cut short by what comes next.
        self.page.goto(f"{self.hub.url}hub/login?next={quote(self.hub.base_url)}hub/health")
        self.page.locator("#username_input").fill(self.name)
        self.page.locator("#password_input").fill(PASSWORD)
        self.page.locator("#login_submit").click()
        self.page.wait_for_url(lambda url: "/hub/login" not in url)
        self.signed_in = True

    def open_notebook(self, *cells: str, app: Literal["lab", "notebooks"] = "lab") -> None:
        """Writes a notebook into this person's home and opens it on their own server."""
        if not self.signed_in:
            self.sign_in()
        folder = f"lesson-{next(_count)}"
        path = self.hub.folder / "homes" / self.name / folder / "lesson.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(notebook(*cells))
        self.hub.spawn(self.name)
        where = (
            f"lab/workspaces/{folder}/tree/{folder}/{path.name}?reset"
            if app == "lab"
            else f"notebooks/{folder}/{path.name}"
        )
        self.page.goto(self.hub.user_url(self.name) + where)
        self.wait_for_kernel()
        self._choose_theme()

    def open_page(self, room: str = "") -> None:
        """Opens the plain page of a room, or the list of rooms."""
        if not self.signed_in:
            self.sign_in()
        self.page.goto(self.hub.service_url + (f"rooms/{room}" if room else ""))


def _flags(name: str, hub: HubProcess) -> list[str]:
    """What lets a browser find and trust a hub whose names exist in this test only."""
    trust = ["--ignore-certificate-errors"] if hub.tls else []
    if hub.host == "127.0.0.1":
        return trust
    return [
        *trust,
        f"--host-resolver-rules=MAP *.{hub.host} 127.0.0.1, MAP {hub.host} 127.0.0.1",
        # Cameras need https or this, on a host that is not the machine itself.
        "--unsafely-treat-insecure-origin-as-secure="
        + ",".join(
            url.split("/", 3)[0] + "//" + url.split("/", 3)[2]
            for url in (hub.url, hub.user_url(name), hub.service_url)
        ),
    ]
