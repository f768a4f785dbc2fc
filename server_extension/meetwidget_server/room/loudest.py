"""Which voices are passed on where many microphones are open: the loudest, and who just began.

How loud a packet is stands in its extension block, so the relay never decodes sound. A packet
that does not say counts as loud. In rooms with few microphones nothing here is ever called.
"""

from __future__ import annotations

from collections.abc import Sequence

from meetwidget.wire.media import SILENCE_DBOV, audio_level

from .route import Route

ATTACK = 0.4
"""Share by which loudness follows a louder packet: two 20 ms packets for most of the way."""
RELEASE = 0.02
"""The same for a quieter one: about a second, so that the pause between two words counts little."""
FADE_DB = 10.0
"""Loudness lost in each look (every 0.1 s) without a packet: discontinuous transmission."""
LEAD_DB = 3.0
"""How much louder somebody must be than those who are passed on."""
SPEECH_DBOV = -50.0
"""Louder than this with the voice flag is taken for speech; quiet speech is near -40."""
FRESH = 2.0
"""Seconds for which somebody who just began is passed on beyond the number."""
MOST_FRESH = 3
"""So many at most."""
PAUSE = 1.0
"""Seconds without speech after which it begins anew."""
HOLD = 1.5
"""Seconds for which somebody is still passed on who is not among the loudest any more."""
SHORTEST_GAP = 0.5
"""Seconds of silence at least when a voice is switched off. Longer than any concealment, so
receivers take a gap in capture times of more than 0.4 s for a pause and not for loss."""
OPEN = 2.0
"""Seconds after its last packet for which a microphone counts as open."""


class Voice:
    """One open microphone."""

    __slots__ = (
        "_heard",
        "_passed",
        "_quiet_since",
        "_seen",
        "_speech",
        "changed_at",
        "fresh_until",
        "last_at",
        "loudness",
        "out_since",
        "unlevelled",
    )

    def __init__(self, now: float) -> None:
        self.loudness = float(SILENCE_DBOV)
        """Smoothed, dBov."""
        self.unlevelled = False
        """Its packets do not say how loud they are."""
        self.last_at = now
        self.changed_at = float("-inf")
        """When it was last switched off."""
        self.out_since: float | None = None
        self.fresh_until = float("-inf")
        self._heard = self._seen = 0
        self._passed = 0
        self._speech = False
        self._quiet_since: float | None = now - PAUSE

    def hear(self, frame: bytes) -> None:
        """Takes the level of a packet; on the hot path of rooms with many microphones."""
        level = audio_level(frame)
        if level is None:
            return
        loud, self._speech = level
        self._heard += 1
        self.loudness += (loud - self.loudness) * (ATTACK if loud > self.loudness else RELEASE)

    def look(self, passed: int, now: float) -> None:
        """Every tick; ``passed``: how often the route had something to pass on so far."""
        if self._heard != self._seen:
            self._seen = self._heard
            self.last_at = now
            self.unlevelled = False
        elif passed != self._passed:
            self.last_at = now
            self.unlevelled = True
        else:
            self.loudness = max(float(SILENCE_DBOV), self.loudness - FADE_DB)
            self._speech = False
        self._passed = passed
        if not (self._speech and self.loudness > SPEECH_DBOV):
            if self._quiet_since is None:
                self._quiet_since = now
        elif self._quiet_since is not None:
            if now - self._quiet_since >= PAUSE:
                self.fresh_until = now + FRESH
            self._quiet_since = None

    def rank(self, passes: bool) -> tuple[bool, float]:
        """Returns what orders voices, the first to be passed on highest."""
        return self.unlevelled, self.loudness + (LEAD_DB if passes else 0.0)


class Loudest:
    """The choice for one room; ``most`` voices at once, 0 for all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._choosing = False

    def tick(self, microphones: Sequence[Route], now: float) -> None:
        """Decides anew, among the microphones that somebody listens to and no moderator muted."""
        if not self._most or (len(microphones) <= self._most and not self._choosing):
            return
        routes = [route for route in microphones if not route.muted and (route.fast or route.slow)]
        if len(routes) <= self._most:
            if self._choosing:
                self._choosing = False
                for route in microphones:
                    route.voice = None
                    route.gate(False)
            return
        self._choosing = True
        voices: list[tuple[Route, Voice]] = []
        for route in routes:
            voice = route.voice
            if voice is None:
                voice = route.voice = Voice(now)
            voice.look(route.passed, now)
            if voice.unlevelled or now - voice.last_at < OPEN:
                voices.append((route, voice))
        voices.sort(key=lambda each: each[1].rank(not each[0].gated), reverse=True)
        fresh = MOST_FRESH
        for place, (route, voice) in enumerate(voices):
            chosen = place < self._most or voice.unlevelled
            if not chosen and fresh and now < voice.fresh_until:
                fresh -= 1
                chosen = True
            self._switch(route, voice, chosen, now)

    @staticmethod
    def _switch(route: Route, voice: Voice, chosen: bool, now: float) -> None:
        if chosen:
            voice.out_since = None
            if route.gated and now - voice.changed_at >= SHORTEST_GAP:
                route.gate(False)
        elif not route.gated:
            if voice.out_since is None:
                voice.out_since = now
            if now - voice.out_since >= HOLD or now - voice.last_at >= OPEN:
                voice.changed_at = now
                route.gate(True)
