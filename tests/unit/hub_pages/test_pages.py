"""The plain page as a browser gets it: sign-in, fences, configuration, and files that last."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from meetwidget_server.hub import pages
from meetwidget_server.hub.assets import Assets
from tornado.httpclient import HTTPResponse

from tests.unit.hub_pages.page_site import PREFIX, site

ROOM = f"{PREFIX}rooms/course-101/lab-3"


def config_of(answer: HTTPResponse) -> dict[str, Any]:
    """Returns what the page tells its script."""
    found = re.search(
        r'<script type="application/json" id="meet-config">(.*?)</script>', answer.body.decode()
    )
    assert found, answer.body[:500]
    config: dict[str, Any] = json.loads(found[1])
    return config


@pytest.mark.parametrize("path", [PREFIX, ROOM])
async def test_who_is_signed_in_gets_the_page(built: Path, path: str) -> None:
    """List and rooms are one document that knows the user, the service's path and the hub's pages."""
    async with site(Assets(built)) as there:
        answer = await there.get(path, "of-ada")
        assert answer.code == 200
        assert config_of(answer) == {
            "base": PREFIX,
            "hub_home": "/h%40b/hub/home",
            "logout": "/h%40b/hub/logout",
            "user": "ada",
        }
        assert "_xsrf=" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("token", [None, "unknown", "of-adas-server"])
async def test_others_are_sent_to_the_hub(built: Path, token: str | None) -> None:
    """Without a sign-in, with an old one, or with a server's token the hub's sign-in comes first."""
    async with site(Assets(built)) as there:
        answer = await there.get(ROOM, token)
        assert answer.code == 302
        assert answer.headers["Location"].startswith("/h%40b/hub/api/oauth2/authorize?")


async def test_who_lacks_the_scope_reads_why(built: Path) -> None:
    """A user without the right to join gets a page with a sentence and a way back, and no script."""
    async with site(Assets(built)) as there:
        answer = await there.get(PREFIX, "of-carol")
        text = answer.body.decode()
        assert answer.code == 403
        assert "custom:meet:join" in text
        assert "/h%40b/hub/home" in text
        assert "<script" not in text


async def test_users_name_cannot_break_out_of_the_page(built: Path) -> None:
    """A name made of markup is data in the page, not markup."""
    async with site(Assets(built)) as there:
        answer = await there.get(PREFIX, "of-mallory")
        assert config_of(answer)["user"] == "</script><b>mallory"
        assert "<b>" not in answer.body.decode()


async def test_guests_page_asks_for_no_sign_in(built: Path) -> None:
    """Whoever opens a guest link gets the page, and it names nobody, not even who is signed in."""
    async with site(Assets(built)) as there:
        for token in (None, "of-ada"):
            answer = await there.get(f"{PREFIX}guest", token)
            assert answer.code == 200
            assert config_of(answer)["user"] is None


@pytest.mark.parametrize("path", [PREFIX, ROOM, f"{PREFIX}guest"])
@pytest.mark.parametrize("destination", ["empty", "iframe", "script", "embed"])
async def test_page_is_for_a_window_only(built: Path, path: str, destination: str) -> None:
    """Another page of the same origin gets it neither by fetch nor into a frame."""
    async with site(Assets(built)) as there:
        answer = await there.get(path, "of-ada", Sec_Fetch_Dest=destination)
        assert answer.code == 403
        assert b"meet-config" not in answer.body
        assert (await there.get(path, "of-ada", Sec_Fetch_Dest="document")).code == 200


@pytest.mark.parametrize(
    ("path", "token"), [(ROOM, "of-ada"), (ROOM, "of-carol"), (f"{PREFIX}guest", None)]
)
async def test_every_page_is_fenced_in(built: Path, path: str, token: str | None) -> None:
    """No frame around it, no foreign script in it, no hold of its window, no trace in caches."""
    async with site(Assets(built)) as there:
        headers = (await there.get(path, token)).headers
        policy = dict(
            part.partition(" ")[::2] for part in headers["Content-Security-Policy"].split("; ")
        )
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert set(policy["script-src"].split()) == {"'self'", "blob:"}
        host = there.origin.removeprefix("http://")
        assert policy["connect-src"].split() == ["'self'", f"ws://{host}", f"wss://{host}"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Opener-Policy"] == "noopener-allow-popups"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "camera=(self)" in headers["Permissions-Policy"]


@pytest.mark.parametrize("host", ["evil.example; script-src *", "a b", "x,y", ""])
async def test_host_header_adds_nothing_but_a_host(built: Path, host: str) -> None:
    """What a sender writes as Host cannot widen the policy."""
    policy = pages.content_security_policy(host)
    assert "connect-src 'self';" in policy
    assert policy.count("script-src") == 1


async def test_files_are_kept_for_ever_and_change_their_names(built: Path) -> None:
    """The page names files by their content: a browser may keep them, and an update is another name."""
    async with site(Assets(built)) as there:
        text = (await there.get(PREFIX, "of-ada")).body.decode()
        script, style = re.findall(r'(?:src|href)="([^"]+/static/[^"]+)"', text)[::-1]
        for path, name in ((script, "page.js"), (style, "page.css")):
            answer = await there.get(path)
            assert answer.code == 200
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.body == (built / name).read_bytes()
            zipped = await there.get(path, Accept_Encoding="gzip")
            assert zipped.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(zipped.body) == (built / name).read_bytes()
    (built / "page.js").write_text("console.log('an update')")
    async with site(Assets(built)) as there:
        assert (await there.get(script)).code == 404
        assert (await there.get(style)).code == 200


@pytest.mark.parametrize("name", ["page.js", "widget.js", "../page.js", "..%2fpage.js", "%2e%2e"])
async def test_no_other_file_is_served(built: Path, name: str) -> None:
    """Only the page's own files, by their full names."""
    async with site(Assets(built)) as there:
        assert (await there.get(f"{PREFIX}static/{name}")).code == 404


async def test_address_without_its_slash_leads_to_the_list(built: Path) -> None:
    """``…/services/meet`` is what people type."""
    async with site(Assets(built)) as there:
        answer = await there.get(PREFIX.rstrip("/"))
        assert (answer.code, answer.headers["Location"]) == (302, PREFIX)


async def test_page_that_was_not_built_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A checkout without its front end serves everything but the page, and the page tells why."""

    def missing() -> Assets:
        raise FileNotFoundError("page.js")

    monkeypatch.setattr(pages, "Assets", missing)
    async with site(None) as there:
        answer = await there.get(PREFIX, "of-ada")
        assert answer.code == 503
        assert "not built" in answer.body.decode()
    assert "page.js" in caplog.text


async def test_page_waits_for_a_service_that_starts(built: Path) -> None:
    """While the rooms are not open yet, the page comes again by itself."""
    async with site(Assets(built)) as there:
        there.service.state = "starting"
        answer = await there.get(ROOM, "of-ada")
        assert answer.code == 200
        assert answer.headers["Refresh"] == "1"
        assert b"meet-config" not in answer.body
