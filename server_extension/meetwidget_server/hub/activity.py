"""Tells the hub that somebody is active in a meeting, so that their server is not culled.

A meeting sends nothing through a user's own server, which so looks idle. The hub's idle
culler goes by what is reported here, for the people and the kernels that are in a room.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from meetwidget_server.hub.identity import HubAway
from meetwidget_server.hub.service import Service

INTERVAL_S = 120.0
"""Between two reports; cullers count in tens of minutes."""
REQUEST_S = 10.0


class Activity:
    """Reports, round after round."""

    def __init__(self, service: Service, interval: float = INTERVAL_S) -> None:
        """Prepares reports every ``interval`` seconds."""
        self._service = service
        self._interval = interval
        self._refused = False

    async def run(self) -> None:
        """Reports until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.report()
            except Exception:  # the next report may go better
                self._service.log.exception("The hub could not be told who is in a meeting")

    async def report(self) -> None:
        """Tells about everybody who is in a room now."""
        for user, credentials in sorted(self._present().items()):
            servers = {name for token in credentials for name in await self._servers(user, token)}
            if not await self._tell(user, servers) and servers:
                await self._tell(user, set())  # one of the servers is not there any more

    def _present(self) -> dict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for hosted in self._service.relay.live():
            for grant in hosted.grants.values():
                if grant.identity.kind != "guest" and grant.credential is not None:
                    found[grant.identity.user.name].add(grant.credential)
        return found

    async def _servers(self, user: str, token: str) -> set[str]:
        """Returns the user's own servers through which a token came."""
        try:
            model = await self._service.hub.model(token)
        except HubAway:
            return set()
        scopes = model.get("scopes") or () if model else ()
        own = re.compile(rf"access:servers!server={re.escape(user)}/(.*)")
        return {found[1] for scope in scopes if (found := own.fullmatch(scope))}

    async def _tell(self, user: str, servers: set[str]) -> bool:
        """Returns whether the hub took it; that it does not allow it is said once."""
        auth = self._service.hub.auth
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        body: dict[str, object] = {"last_activity": now}
        if servers:
            body["servers"] = {name: {"last_activity": now} for name in sorted(servers)}
        request = HTTPRequest(
            f"{auth.api_url.rstrip('/')}/users/{quote(user, safe='')}/activity",
            method="POST",
            headers={
                "Authorization": f"token {auth.api_token}",
                "Content-Type": "application/json",
            },
            body=json.dumps(body),
            request_timeout=REQUEST_S,
        )
        try:
            await AsyncHTTPClient().fetch(request)
        except HTTPClientError as error:
            if error.code == HTTPStatus.FORBIDDEN and not self._refused:
                self._refused = True
                self._service.log.warning(
                    "The hub does not let this service report activity, so meetings keep no"
                    " server from being culled: give the service the scope users:activity, or set"
                    " MeetRelay.count_meetings_as_activity to False."
                )
            return error.code != HTTPStatus.BAD_REQUEST
        except OSError as error:
            self._service.log.debug("The hub could not be told of activity: %s", error)
        return True
