"""The parts of the interface that browsers load on demand, as a server sends them."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from meetwidget_server import assets
from meetwidget_server.assets import PATH, RICH, RichParts
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application


class Parts:
    """A server with nothing but the parts."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    async def get(self, name: str, **headers: str) -> HTTPResponse:
        return await AsyncHTTPClient().fetch(
            f"{self.origin}/static/rich/{name}",
            headers={key.replace("_", "-"): value for key, value in headers.items()},
            raise_error=False,
            decompress_response=False,
        )


@asynccontextmanager
async def parts() -> AsyncIterator[Parts]:
    server = HTTPServer(Application([(f"/{PATH}", RichParts)]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        yield Parts(f"http://127.0.0.1:{sockets[0].getsockname()[1]}")
    finally:
        server.stop()
        await server.close_all_connections()
        await asyncio.sleep(0)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rich.js").write_text("import './math-1A.js'")
    (tmp_path / "math-1A.js").write_text("export {}")
    (tmp_path / "KaTeX_Main-Regular-2B.woff2").write_bytes(b"wOF2")
    (tmp_path / "notes.txt").write_text("not for browsers")
    monkeypatch.setattr(assets, "RICH", tmp_path)
    assets.rich_parts.cache_clear()
    return tmp_path


async def test_entry_is_kept_only_by_who_asks_for_this_very_one(built: Path) -> None:
    """A widget of another version gets this server's entry, and asks again the next time."""
    async with parts() as there:
        ours = assets.rich_parts(built)["rich.js"].digest
        assert "immutable" in (await there.get(f"rich.js?v={ours}")).headers["Cache-Control"]
        for query in ("", "?v=", "?v=000000000000"):
            answer = await there.get(f"rich.js{query}")
            assert (answer.code, answer.headers["Cache-Control"]) == (200, "no-cache")
            again = await there.get(f"rich.js{query}", If_None_Match=answer.headers["Etag"])
            assert again.code == 304


async def test_parts_are_kept_for_ever_with_their_types(built: Path) -> None:
    """What has a hash in its name may be kept; scripts and styles come compressed."""
    async with parts() as there:
        for name, kind in (
            ("math-1A.js", "text/javascript; charset=utf-8"),
            ("KaTeX_Main-Regular-2B.woff2", "font/woff2"),
        ):
            answer = await there.get(name, Accept_Encoding="gzip")
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["Content-Type"] == kind
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            zipped = answer.headers.get("Content-Encoding") == "gzip"
            assert zipped == name.endswith(".js")
            plain = gzip.decompress(answer.body) if zipped else answer.body
            assert plain == (built / name).read_bytes()


@pytest.mark.parametrize("name", ["notes.txt", "..%2frich.js", "%2e%2e", "x.js", "sub/x.js"])
async def test_no_other_file_is_sent(built: Path, name: str) -> None:
    """Only scripts, styles and fonts that were built, by their full names."""
    async with parts() as there:
        assert (await there.get(name)).code == 404


def test_every_file_that_parts_name_was_built() -> None:
    """Entry, chunks and style sheets name each other by hashes that exist, and name nothing else."""
    names = {path.name for path in RICH.iterdir()}
    assert "rich.js" in names
    for path in RICH.iterdir():
        if path.suffix == ".js":
            text = path.read_text(encoding="utf-8")
            named = set(re.findall(r'"\./([\w.-]+\.(?:js|css))"', text))
            named |= set(re.findall(r'"((?:rich|katex)-[0-9a-f]{12}\.css)"', text))
            assert named <= names, path.name
            assert not re.search(r"\beval\(|new Function\(", text), path.name
        elif path.suffix == ".css":
            text = path.read_text(encoding="utf-8")
            named = {url.strip("\"'") for url in re.findall(r"url\(([^)]*)\)", text)}
            assert {url.removeprefix("./") for url in named} <= names, path.name
