"""Without a domain per user all pages share one origin: what keeps others' pages away from ours."""

from __future__ import annotations

import re

import pytest

from tests.hub_process import HubProcess

PATHS = [
    "",
    "rooms/lab",
    "guest",
    "oauth_callback",
    "oauth_callback?error=x",
    "oauth_callback?code=x&state=y",
    "static/nothing.js",
    "static/page",
    "api/health",
    "api/me",
    "api/rooms",
    "api/nothing",
    "metrics",
    "nothing",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_answer_of_the_service_leaves_a_document_to_its_opener(
    campus: HubProcess, path: str
) -> None:
    """Any document at the service's path could read its XSRF cookie for whoever opened its window.

    So each answer, the ugliest error too, is cut off from its opener, and what is no page of ours
    has no origin.
    """
    visitor = campus.login("ada")
    page = visitor.get(campus.service_url)
    assert "mp-" in page.text or "<script" in page.text
    if path == "static/page":
        (path,) = set(re.findall(r"static/page-[0-9a-f]+\.js", page.text))
    answer = visitor.get(campus.service_url + path, follow=False)
    assert answer.headers["Cross-Origin-Opener-Policy"] == "noopener-allow-popups", answer.status
    policy = answer.headers["Content-Security-Policy"]
    if answer.status >= 300 or path.startswith(("static", "api", "metrics")):
        shown_as_page = answer.headers.get_content_type() == "text/html"
        assert "sandbox" in policy or ("frame-ancestors 'none'" in policy and shown_as_page)
