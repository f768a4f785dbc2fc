"""Calls of the relay's REST API from the caller's own thread."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import TypeVar

import msgspec

from meetwidget.discovery import Endpoint
from meetwidget.errors import MeetError
from meetwidget.tickets import REQUEST_SECONDS, explain, headers

Answer = TypeVar("Answer")

# The relay is reached as its sockets are: directly, whatever proxy the environment names.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(endpoint: Endpoint, url: str, kind: type[Answer]) -> Answer:
    """Returns what the relay answers, checked to be of ``kind``.

    Raises:
        MeetError: no answer, or a refusal; the message says which.
    """
    request = urllib.request.Request(url, headers=headers(endpoint))
    try:
        with _opener.open(request, timeout=REQUEST_SECONDS) as answer:
            return msgspec.json.decode(answer.read(), type=kind)
    except urllib.error.HTTPError as error:
        with error:
            failure = explain(endpoint, error.code, error.read())
        raise MeetError(str(failure), failure.code) from None
    except OSError as error:
        raise MeetError(f"{endpoint.url} does not answer: {error}", "unreachable") from None
    except msgspec.DecodeError as error:
        raise MeetError(
            f"{endpoint.url} gave an unreadable answer: {error}", "bad-answer"
        ) from None
