"""Calls of the relay's REST API from the caller's own thread."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from typing import BinaryIO, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from meetwidget.discovery import Endpoint
from meetwidget.errors import MeetError, TooFast, refusal
from meetwidget.tickets import REQUEST_SECONDS, explain, headers

Answer = TypeVar("Answer")

# The relay is reached as its sockets are: directly, whatever proxy the environment names.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(endpoint: Endpoint, url: str, kind: type[Answer]) -> Answer:
    """Returns what the relay answers, checked to be of ``kind``.

    Raises:
        MeetError: no answer, or a refusal; the message says which.
    """
    with _answer(endpoint, urllib.request.Request(url, headers=headers(endpoint))) as answer:
        return _decode(endpoint, answer.read(), kind)


class RoomRest:
    """The part of the API that is about one room, as the participant whom we are there.

    Every call raises MeetError when there is no answer, or a refusal; the message says which.
    """

    def __init__(self, endpoint: Endpoint, room: str, session: Callable[[], str]) -> None:
        self._endpoint = endpoint
        self._base = f"{endpoint.api}rooms/{quote(room, safe='/')}/"
        self._session = session

    def get(self, path: str, kind: type[Answer], **query: object) -> Answer:
        """Returns what the relay answers, checked to be of ``kind``."""
        with _answer(self._endpoint, self._request(path, query)) as answer:
            return _decode(self._endpoint, answer.read(), kind)

    def post(
        self, path: str, body: bytes | BinaryIO, size: int, kind: type[Answer], **query: object
    ) -> Answer:
        """Sends ``size`` bytes as they are; returns as :meth:`get`."""
        request = self._request(path, query)
        request.method = "POST"
        request.data = body
        request.add_header("Content-Type", "application/octet-stream")
        request.add_header("Content-Length", str(size))
        with _answer(self._endpoint, request) as answer:
            return _decode(self._endpoint, answer.read(), kind)

    def fetch(self, path: str, into: BinaryIO, **query: object) -> None:
        """Writes what the relay answers into a file."""
        with _answer(self._endpoint, self._request(path, query)) as answer:
            shutil.copyfileobj(answer, into)

    def _request(self, path: str, query: Mapping[str, object]) -> urllib.request.Request:
        fields = {name: value for name, value in query.items() if value is not None}
        url = f"{self._base}{path}{'?' if fields else ''}{urlencode(fields)}"
        request = urllib.request.Request(url, headers=headers(self._endpoint))
        if token := self._session():
            # Who we are in the room: what is private to this kernel is for nobody else.
            request.add_header("X-Meet-Session", token)
        return request


@contextmanager
def _answer(endpoint: Endpoint, request: urllib.request.Request) -> Iterator[HTTPResponse]:
    try:
        with _opener.open(request, timeout=REQUEST_SECONDS) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        with error:
            raise _failure(endpoint, error) from None
    except (OSError, HTTPException) as error:
        raise MeetError(f"{endpoint.url} does not answer: {error}", "unreachable") from None


def _failure(endpoint: Endpoint, error: urllib.error.HTTPError) -> MeetError:
    failure = explain(endpoint, error.code, error.read())
    if failure.code == TooFast.code:
        after = error.headers.get("Retry-After", "1")
        return refusal(failure.code, str(failure), float(after) if after.isdecimal() else None)
    if failure.code in ("too-large", "not-allowed"):
        return refusal(failure.code, str(failure))
    return MeetError(str(failure), failure.code)


def _decode(endpoint: Endpoint, answer: bytes, kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(answer, type=kind)
    except msgspec.DecodeError as error:
        raise MeetError(
            f"{endpoint.url} gave an unreadable answer: {error}", "bad-answer"
        ) from None
