"""The hub's meeting service, as a user's server reaches it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders

from meetwidget.discovery import HUB_TOKEN_VARIABLE, HUB_VARIABLE

REQUEST_SECONDS = 10.0
"""Longest wait for an answer; the service's work takes milliseconds."""
ROOM_SECONDS = 120.0
"""The same for calls about a room: files and transcripts take their time."""
MAX_ANSWER_BYTES = 256 * 1024 * 1024
"""Largest answer that is passed on: a long room's transcript with its data, or a file. It is held
in memory meanwhile, as uploads are."""


class ServiceAway(Exception):
    """The service gave no usable answer; the text says what happened, for the server's log."""


@dataclass(frozen=True)
class MeetingService:
    """Where the service is, and the token by which this server is known to the hub."""

    url: str
    """Base URL with a final slash, like ``http://127.0.0.1:10101/services/meet/``."""
    server_token: str = field(repr=False)
    """For this server's kernels only; it identifies the server's owner."""
    owner: str = ""
    """Name of the server's owner."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self | None:
        """Returns the service that the hub names in a server's environment, if it does."""
        url, token = environ.get(HUB_VARIABLE, ""), environ.get(HUB_TOKEN_VARIABLE, "")
        if not url or not token:
            return None
        return cls(url.rstrip("/") + "/", token, environ.get("JUPYTERHUB_USER", ""))

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None,
        body: bytes | None = None,
        more: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        """Calls the service's REST API and returns the answer, whatever its status below 500.

        Args:
            method: ``GET``, ``POST`` or ``DELETE``.
            path: what comes after ``api/``, with the query, escaped.
            token: the hub token of whoever asks; ``None`` for nobody.
            body: what to send.
            more: headers of the call that are the service's to read.

        Raises:
            ServiceAway: nothing, nonsense or a failure came back.
        """
        headers = HTTPHeaders({"Accept": "*/*"})
        if token is not None:
            headers["Authorization"] = f"token {token}"
        for name, value in (more or {}).items():
            headers[name] = value
        client = AsyncHTTPClient(force_instance=True, max_body_size=MAX_ANSWER_BYTES)
        try:
            request = HTTPRequest(
                f"{self.url}api/{path}",
                method=method,
                headers=headers,
                body=body,
                connect_timeout=REQUEST_SECONDS,
                request_timeout=ROOM_SECONDS if path.startswith("rooms/") else REQUEST_SECONDS,
                follow_redirects=False,
                allow_nonstandard_methods=True,
            )
            answer = await client.fetch(request, raise_error=False)
        except (HTTPClientError, ssl.SSLError, OSError, ValueError) as error:
            raise ServiceAway(f"{self.url}: {error}") from error
        finally:
            client.close()
        return answer
