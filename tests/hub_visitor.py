"""A browser without a screen: cookies, redirects and XSRF tokens on a test's JupyterHub.

Every address is reached on loopback, whatever its host: with a domain per user, names like
``ada.hub.localhost`` need no resolver.
"""

from __future__ import annotations

import html
import http.client
import http.cookiejar
import json
import re
import ssl
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

PATIENCE_S = 60.0
MOST_REDIRECTS = 12


@dataclass(frozen=True)
class Answer:
    """What came back, after all redirects."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    url: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; shows the body if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise AssertionError(f"{self.status} {self.url}: {self.text[:500]}") from None


class Visitor:
    """One browser profile: log in with :meth:`login`, then ask for pages as a person would."""

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        """``url`` is the hub's public base URL, with a final slash."""
        self.url = url
        self.port = urllib.parse.urlsplit(url).port
        self.cookies = http.cookiejar.CookieJar(
            http.cookiejar.DefaultCookiePolicy(strict_ns_domain=0)
        )
        self._tls = tls

    def login(self, user: str, password: str) -> Answer:
        """Signs in by the hub's form."""
        page = self.get("hub/login")
        address = urllib.parse.urljoin(self.url, "hub/login")
        form = {"username": user, "password": password, "_xsrf": self.cookie("_xsrf", address)}
        answer = self.request(
            "POST",
            "hub/login?next="
            + urllib.parse.quote(urllib.parse.urlsplit(self.url).path + "hub/home"),
            body=urllib.parse.urlencode(form),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Referer": page.url},
        )
        assert answer.status == HTTPStatus.OK, f"{user}: {answer.status} {answer.text[:1000]}"
        assert "/hub/login" not in answer.url, f"{user} could not log in"
        return answer

    def logout(self) -> None:
        """Signs out, as the button does."""
        self.get("hub/logout")

    def get(self, path: str, headers: Mapping[str, str] | None = None, **options: Any) -> Answer:
        """Asks for a page; a path is taken from the hub's base URL."""
        return self.request("GET", path, headers=headers, **options)

    def post_json(
        self, path: str, value: Any, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Answer:
        """Posts JSON, with the XSRF token that a page at that place would send."""
        address = urllib.parse.urljoin(self.url, path)
        sent = {"Content-Type": "application/json", "X-XSRFToken": self.cookie("_xsrf", address)}
        return self.request(
            "POST", path, headers={**sent, **(headers or {})}, body=json.dumps(value), **options
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: str | bytes | None = None,
        follow: bool = True,
        cookies: bool = True,
    ) -> Answer:
        """Makes a request and follows its redirects."""
        url = urllib.parse.urljoin(self.url, path)
        for _ in range(MOST_REDIRECTS):
            answer = self._once(method, url, headers or {}, body, cookies)
            target = answer.headers.get("Location")
            if not follow or not target or answer.status not in (301, 302, 303, 307, 308):
                return answer
            url = urllib.parse.urljoin(url, target)
            if answer.status not in (307, 308):
                method, body = "GET", None
        raise AssertionError(f"Too many redirects, the last to {url}")

    def cookie(self, name: str, url: str) -> str:
        """The cookie that a page at ``url`` would read: the one with the longest path."""
        sent = self.cookie_header(url)
        found = re.findall(rf"(?:^|; ){re.escape(name)}=([^;]*)", sent)
        return found[0].strip('"') if found else ""

    def cookie_header(self, url: str) -> str:
        """What a browser would send to ``url`` as ``Cookie``."""
        request = urllib.request.Request(urllib.parse.urljoin(self.url, url))
        self.cookies.add_cookie_header(request)
        return request.get_header("Cookie") or ""

    def agree(self, page: Answer) -> Answer:
        """Presses "Authorize" if this is the hub asking whether a server may know who we are."""
        if "/hub/api/oauth2/authorize" not in page.url or page.status != HTTPStatus.OK:
            return page
        fields = re.findall(r'name="(scopes|_xsrf)" value="([^"]*)"', page.text)
        return self.request(
            "POST",
            page.url,
            body=urllib.parse.urlencode([(name, html.unescape(value)) for name, value in fields]),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Referer": page.url},
        )

    def page_config(self, path: str) -> dict[str, Any]:
        """The configuration that JupyterLab's page at ``path`` carries."""
        page = self.agree(self.get(path))
        found = re.search(
            r'<script[^>]*id="jupyter-config-data"[^>]*>(.*?)</script>', page.text, re.DOTALL
        )
        assert found, f"{page.status} {page.url} has no page configuration: {page.text[:1500]}"
        config: dict[str, Any] = json.loads(found[1])
        return config

    def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: str | bytes | None,
        cookies: bool,
    ) -> Answer:
        parts = urllib.parse.urlsplit(url)
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                "127.0.0.1", parts.port, timeout=PATIENCE_S, context=self._tls
            )
        else:
            connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=PATIENCE_S)
        request = urllib.request.Request(url, method=method)
        if cookies:
            self.cookies.add_cookie_header(request)
        sent = {
            "Host": parts.netloc,
            "User-Agent": "meetwidget tests",
            **dict(request.header_items()),
        }
        sent |= {k: v for k, v in headers.items() if v}
        try:
            path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            payload = body.encode() if isinstance(body, str) else body
            connection.request(method, path, payload, sent)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if cookies:
            self.cookies.extract_cookies(_Extractable(response), request)  # type: ignore[arg-type]
        return Answer(response.status, response.headers, content, url)


class _Extractable:
    """What a cookie jar wants of an answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._headers = response.headers

    def info(self) -> http.client.HTTPMessage:
        return self._headers
