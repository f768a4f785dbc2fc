"""Asks the hub again about everybody who is in: a meeting may last longer than a sign-in.

Who has signed out, was deleted or may not come in any more is put out; who has come into or
left a group has other rights from then on. A hub that does not answer changes nothing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from meetwidget_server.effect_runner import HostedRoom
from meetwidget_server.hub.guest_pass import guest_digest, link_holds
from meetwidget_server.hub.identity import HubAway, Model, caller_of
from meetwidget_server.hub.service import Service
from meetwidget_server.policy import Subject
from meetwidget_server.routes.base import Refusal
from meetwidget_server.store import NotKept
from meetwidget_server.tickets import Grant

AT_ONCE = 8
"""Questions under way at once: a class of hundreds must not crowd out the hub's own work."""

SIGNED_OUT = ("signed-out", "You have signed out of the hub, or your sign-in has ended.")
LINK_ENDED = ("signed-out", "The guest link you came by has ended.")

Present = list[tuple[HostedRoom, Grant]]


class Recheck:
    """The round of questions."""

    def __init__(self, service: Service, interval: float) -> None:
        """Prepares rounds.

        Args:
            service: the hub service.
            interval: seconds between two rounds.
        """
        self._service = service
        self._interval = interval

    async def run(self) -> None:
        """Asks, round after round, until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.round()
            except Exception:  # the next round may go better, and people must not stay unasked
                self._service.log.exception("Those who are in could not be asked about")

    async def round(self) -> None:
        """Asks once about each credential by which somebody is in."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(credential: str, present: Present) -> None:
            async with turns:
                await self._ask(credential, present)

        credentials = self._credentials()
        await asyncio.gather(*(one(*item) for item in credentials.items()))

    def _credentials(self) -> dict[str, Present]:
        found: defaultdict[str, Present] = defaultdict(list)
        for hosted in self._service.relay.live():
            for grant in _distinct(hosted.grants.values()):
                if grant.credential is not None:
                    found[grant.credential].append((hosted, grant))
        return found

    async def _ask(self, credential: str, present: Present) -> None:
        count = self._service.relay.counts.rechecks
        try:
            digest = guest_digest(credential)
            if digest is not None:
                link = await self._service.relay.store.guest_link(digest)
                held = link_holds(link, self._service.relay.now())
                gone = present if not held else [one for one in present if not self._welcome(*one)]
                count["gone" if gone else "unchanged"] += 1
                self._put_out(gone, *LINK_ENDED)
                return
            model = await self._service.hub.model(credential, fresh=True)
        except (HubAway, NotKept):
            count["unreachable"] += 1
            return
        if model is None:
            count["gone"] += 1
            self._put_out(present, *SIGNED_OUT)
            return
        changed = [self._judge(model, credential, *one) for one in present]
        count["changed" if any(changed) else "unchanged"] += 1

    def _judge(self, model: Model, token: str, hosted: HostedRoom, grant: Grant) -> bool:
        """Has the policy decide anew; returns whether it says something else than before."""
        relay = self._service.relay
        if hosted.record is None:
            return False
        try:
            caller = caller_of(model, token, grant.client)
        except Refusal as refusal:
            relay.change_standing(hosted, grant, None, refusal.code, refusal.message)
            return True
        assert caller.subject is not None
        decision = self._service.decide(caller.subject, hosted.name, hosted.record)
        admitted = self._service.hub.admits(model) and decision.join
        if not admitted or caller.identity.user.name != grant.identity.user.name:
            message = decision.message or "You may not be in this room any more."
            relay.change_standing(hosted, grant, None, "not-allowed", message)
            return True
        if decision.standing == grant.standing:
            return False
        relay.change_standing(hosted, grant, decision.standing)
        return True

    def _welcome(self, hosted: HostedRoom, grant: Grant) -> bool:
        """Whether a room still takes guests."""
        subject = Subject(grant.identity.user.name, "guest")
        decision = self._service.decide(subject, hosted.name, hosted.record)
        return decision.join and decision.guests

    def _put_out(self, present: Present, code: str, message: str) -> None:
        for hosted, grant in present:
            self._service.relay.change_standing(hosted, grant, None, code, message)


def _distinct(grants: Iterable[Grant]) -> list[Grant]:
    """Returns one grant of each identity and credential."""
    found = {
        (grant.identity.kind, grant.identity.user.name, grant.credential): grant for grant in grants
    }
    return list(found.values())
