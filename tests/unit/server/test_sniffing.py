"""What a file is taken for: by its content, never for anything that could run."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from meetwidget_server.routes.files import MAX_NAME, as_attachment, safe_name
from meetwidget_server.routes.sniffing import UNKNOWN, look_at


def png(width: int, height: int) -> bytes:
    """A picture's head and end; its pixels do not matter."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IEND", b"")


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x00\x00\x00;"


def webp(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\x00\x00\x00\x00" + size
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("index.html", "<script>alert(1)</script>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (png(640, 480), "a.png", ("image/png", 640, 480)),
        (png(640, 480), "page.html", ("image/png", 640, 480)),
        (gif(3, 4), "a.gif", ("image/gif", 3, 4)),
        (webp(400, 301), "a.webp", ("image/webp", 400, 301)),
        (png(40_000, 10), "wide.png", ("image/png", None, None)),
        (png(16_000, 16_000), "bomb.png", ("image/png", None, None)),
        (png(0, 10), "none.png", ("image/png", None, None)),
        (b"\x89PNG\r\n\x1a\n", "cut.png", ("image/png", None, None)),
        (b"%PDF-1.7\n", "a.pdf", ("application/pdf", None, None)),
        (archive(), "a.html", ("application/zip", None, None)),
        (b"a,b\n1,2\n", "A.CSV", ("text/csv", None, None)),
        (b'{"cells": []}', "a.ipynb", ("application/x-ipynb+json", None, None)),
        (b"# Title", "a.md", ("text/markdown", None, None)),
        ("grüße".encode(), "a", ("text/plain", None, None)),
        ("ü".encode() * 40_000 + b"x", "long.txt", ("text/plain", None, None)),
        (b"x" + "ü".encode() * 40_000, "cut-in-two.txt", ("text/plain", None, None)),
        ("grüße".encode("latin-1"), "a.txt", (UNKNOWN, None, None)),
        (b"\x00\x01\x02", "a.txt", (UNKNOWN, None, None)),
        (b"", "a.txt", (UNKNOWN, None, None)),
        (b"<!doctype html><script>alert(1)</script>", "a.html", ("text/plain", None, None)),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", ("text/plain", None, None)),
        (b"<?xml version='1.0'?><x/>", "a.xml", ("text/plain", None, None)),
        (b"alert(1)", "a.js", ("text/plain", None, None)),
        (b"CWS\x0a" + bytes(20), "a.swf", (UNKNOWN, None, None)),
    ],
)
def test_what_a_file_is(
    tmp_path: Path, content: bytes, name: str, expected: tuple[str, int | None, int | None]
) -> None:
    """Images have the size in which they are shown; what could run is a text, or bytes."""
    path = tmp_path / "content"
    path.write_bytes(content)
    assert tuple(look_at(path, name)) == expected


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400), name=st.text(max_size=20))
def test_any_bytes_are_something_harmless(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    """Whatever is uploaded has a type, and none that a browser runs."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    type_ = look_at(path, name).type
    assert not any(word in type_ for word in ("html", "svg", "xml", "javascript", "flash"))


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\plan.docx", "plan.docx"),
        ("", "file"),
        ("..", "file"),
        ("/", "file"),
        ("line\r\nbreak.txt", "linebreak.txt"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("x" * 300 + ".gz", "x" * (MAX_NAME - 3) + ".gz"),
    ],
)
def test_name_is_for_people(given_name: str, shown: str) -> None:
    """No path, no sign that hides the end, and the end stays where a name is cut."""
    assert safe_name(given_name) == shown


@given(name=st.text(max_size=80))
def test_header_of_any_name_is_one_line_of_ascii(name: str) -> None:
    """No name ends the quotes or the header."""
    clean = safe_name(name.encode("utf-8", "replace").decode())
    header = as_attachment(clean)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
