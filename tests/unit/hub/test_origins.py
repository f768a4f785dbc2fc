"""Which pages may open sockets, with one domain and with a domain per user."""

from __future__ import annotations

import pytest
from meetwidget_server.hub.environment import HubEnvironment, StartError, origin
from meetwidget_server.hub.origins import Origins
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine


def request(host: str, **headers: str) -> HTTPServerRequest:
    """A handshake that was sent to ``host``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    start = RequestStartLine("GET", "/", "HTTP/1.1")
    return HTTPServerRequest(start_line=start, headers=HTTPHeaders({"Host": host, **named}))


ONE = Origins(HubEnvironment("meet", "/services/meet/", "http://127.0.0.1:10101"))
PUBLIC = Origins(
    HubEnvironment(
        "meet",
        "/services/meet/",
        "http://127.0.0.1:10101",
        "https://hub.example.org/services/meet/",
        "https://hub.example.org/hub/",
    )
)
APART = Origins(
    HubEnvironment(
        "meet",
        "/services/meet/",
        "http://127.0.0.1:10101",
        "https://meet--service.hub.example.org/services/meet/",
        "https://hub.example.org",
    )
)


@pytest.mark.parametrize(
    ("claimed", "host", "expected"),
    [
        ("https://hub.example.org", "hub.example.org", True),
        ("http://hub.example.org", "hub.example.org", True),
        ("https://hub.example.org:443", "hub.example.org", True),
        ("https://hub.example.org:8443", "hub.example.org", False),
        ("https://hub.example.org", "hub.example.org:8443", False),
        ("https://ada.hub.example.org", "hub.example.org", False),
        ("https://evil.example", "hub.example.org", False),
        ("null", "hub.example.org", False),
        ("file://", "hub.example.org", False),
        ("https://", "", False),
        ("https://[::1", "hub.example.org", False),
        ("chrome-extension://hub.example.org", "hub.example.org", False),
    ],
)
def test_one_domain(claimed: str, host: str, expected: bool) -> None:
    """Pages of the host that was asked, and no others; a proxy may have ended TLS."""
    assert ONE.trusts(claimed, request(host)) is expected


def test_host_before_a_proxy_counts() -> None:
    """A proxy that rewrites Host tells the old one, which no page can make up."""
    told = request("127.0.0.1:10101", X_Forwarded_Host="hub.example.org, inner")
    assert ONE.trusts("https://hub.example.org", told)
    assert not ONE.trusts("https://inner", told)


def test_known_public_address_counts_whatever_the_host() -> None:
    """A proxy that rewrites Host and says nothing is no trouble if the hub tells its address."""
    assert PUBLIC.trusts("https://hub.example.org", request("127.0.0.1:10101"))
    assert not PUBLIC.trusts("http://hub.example.org", request("127.0.0.1:10101"))
    assert not PUBLIC.trusts("https://x.hub.example.org", request("127.0.0.1:10101"))


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        ("https://hub.example.org", True),
        ("https://ada.hub.example.org", True),
        ("https://meet--service.hub.example.org", True),
        ("http://ada.hub.example.org", False),
        ("https://ada.hub.example.org:8443", False),
        ("https://evilhub.example.org", False),
        ("https://hub.example.org.evil.example", False),
        ("https://example.org", False),
    ],
)
def test_domain_per_user(claimed: str, expected: bool) -> None:
    """The hub's domain and those below it, with its scheme and port, and no look-alikes."""
    there = request("meet--service.hub.example.org")
    assert APART.trusts(claimed, there) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Hub.Example.org:443/a?b", "https://hub.example.org"),
        ("http://hub.example.org:80", "http://hub.example.org"),
        ("http://hub.example.org:8000/", "http://hub.example.org:8000"),
        ("http://u:p@hub.example.org/", "http://hub.example.org"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_origin_is_as_browsers_write_it(url: str, expected: str) -> None:
    """Lower case, and no port that the scheme implies."""
    assert origin(url) == expected


def test_environment_of_a_managed_service() -> None:
    """What the hub sets is taken as it is."""
    found = HubEnvironment.read(
        {
            "JUPYTERHUB_API_TOKEN": "t",
            "JUPYTERHUB_SERVICE_NAME": "talk",
            "JUPYTERHUB_SERVICE_PREFIX": "/hub7/services/talk/",
            "JUPYTERHUB_SERVICE_URL": "http://[::1]:1234",
        }
    )
    assert (found.name, found.prefix, found.address) == (
        "talk",
        "/hub7/services/talk/",
        ("::1", 1234),
    )
    assert not found.apart


def test_prefix_follows_from_base_url_and_name() -> None:
    """An external service need not be told its path."""
    found = HubEnvironment.read({"JUPYTERHUB_API_TOKEN": "t", "JUPYTERHUB_BASE_URL": "/deep/er/"})
    assert found.prefix == "/deep/er/services/meet/"


def test_without_a_token_there_is_no_service() -> None:
    """The sentence names the variable and where the token comes from."""
    with pytest.raises(StartError, match="JUPYTERHUB_API_TOKEN is not set"):
        HubEnvironment.read({})


@pytest.mark.parametrize("url", ["10101", "http://", "tcp://127.0.0.1:1", "http://h:port"])
def test_address_that_is_none_is_named(url: str) -> None:
    """Nonsense instead of an address is quoted."""
    found = HubEnvironment.read({"JUPYTERHUB_API_TOKEN": "t", "JUPYTERHUB_SERVICE_URL": url})
    with pytest.raises(StartError, match="no address to listen on"):
        _ = found.address
