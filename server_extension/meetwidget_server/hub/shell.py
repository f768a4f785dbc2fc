"""The HTML document around the plain page, and the headers that fence it in.

All pages of a hub without subdomains share one origin, other users' servers included, so a
page must neither be framed nor read by a page of somebody else's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="8" fill="#1976d2"/>'
    '<rect x="6" y="10" width="13" height="12" rx="3" fill="#fff"/>'
    '<path d="m20.5 14.5 5.5-3.3v9.6l-5.5-3.3z" fill="#fff"/></svg>'
)
"""As in ``js/src/page/chrome.tsx``."""

_HOST = re.compile(r"[A-Za-z0-9._-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "noopener-allow-popups",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()"
    ),
    # The token of a guest link is in the fragment, which no Referer has; nor shall it have rooms.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every page; :func:`content_security_policy` comes on top."""


def content_security_policy(host: str) -> str:
    """Returns the policy of a page that was asked for at ``host``.

    Scripts and workers from Blobs are the media worker and its worklets, which travel inside the
    bundle; fonts are those of formulas. Sockets of the same host are named besides ``'self'`` for browsers that do not
    count them in.
    """
    # A Host header is the sender's: nothing but a host may come of it.
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self' blob:",
            "worker-src blob:",
            "style-src 'self'",
            "font-src 'self'",
            "img-src 'self' data: blob:",
            "media-src blob: mediastream:",
            f"connect-src 'self'{sockets}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ]
    )


def document(*, config: Mapping[str, Any], script: str, style: str) -> str:
    """Returns the page that runs ``script`` with ``config``."""
    return _DOCUMENT.format(
        icon=quote(_MARK),
        style=escape(style),
        head=f'\n<script type="module" src="{escape(script)}"></script>',
        body=(
            '<div id="meet"><noscript><p class="mp-instead">'
            "A meeting needs JavaScript: allow it for this page, then reload.</p></noscript></div>\n"
            f'<script type="application/json" id="meet-config">{_json(config)}</script>'
        ),
    )


def notice(*, title: str, text: str, style: str, link: str = "", label: str = "") -> str:
    """Returns a page that says why there is no other, with a way on; it runs nothing."""
    action = (
        f'<div class="mp-card-actions"><a class="mp-solid" href="{escape(link)}">{escape(label)}</a></div>'
        if link
        else ""
    )
    return _DOCUMENT.format(
        icon=quote(_MARK),
        style=escape(style),
        head="",
        body=(
            '<div id="meet"><div class="mp-page"><main class="mp-card">'
            f"<h2>{escape(title)}</h2><p>{escape(text)}</p>{action}</main></div></div>"
        ),
    )


_DOCUMENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Meet</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#181b20">
<link rel="icon" type="image/svg+xml" href="data:image/svg+xml,{icon}">
<link rel="stylesheet" href="{style}">{head}
</head>
<body>
{body}
</body>
</html>
"""


def _json(value: Mapping[str, Any]) -> str:
    """JSON that no value can break out of its ``<script>`` with."""
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
