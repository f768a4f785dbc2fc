"""What this participant publishes and watches, kept true across lost connections.

Knows streams, handles, demand and own state; no codec. Publications and watches are wishes:
after every welcome the desk tells the relay what it no longer knows, and after every change of
the room's streams it finds out which stream a watch is about now.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
from msgspec import UNSET

from meetwidget.errors import MeetError, NotConnected
from meetwidget.flight import Line
from meetwidget.people import Someone
from meetwidget.phase import Lane
from meetwidget.relay_client import RelayClient, new_cid
from meetwidget.room_state import RoomState
from meetwidget.uplink import Uplink
from meetwidget.wire.control import (
    Ack,
    Publish,
    Rendition,
    RenditionDemand,
    RenditionOffer,
    SetState,
    Stream,
    StreamFlow,
    Unpublish,
    Want,
    Watch,
)
from meetwidget.wire.media import HEADER

PUBLISH_SECONDS = 10.0
"""How long the first publication of a source waits for the relay."""


class Encoder(Protocol):
    """What makes the frames of a publication. Called on the connection's thread; must not block."""

    def on_handles(self, handles: Sequence[int]) -> None:
        """New handles, in the order of the renditions: sequences start at 0 again."""

    def on_demand(self, rendition: int, on: bool, key: bool) -> None:
        """Whether to encode a rendition, and whether its next frame must be a key frame."""

    def on_end(self) -> None:
        """The room has ended."""


@dataclass(eq=False)
class Publication:
    """An own source in the room."""

    source: str
    renditions: list[RenditionOffer]
    encoder: Encoder
    lane: Lane
    stream: str | None = None
    handles: list[int] = field(default_factory=list)


@dataclass(eq=False)
class Watching:
    """Somebody's stream that we want."""

    who: Someone
    sources: tuple[str, ...]
    """Which of their sources, best first; one ending in ``:`` means any with that prefix."""
    want: Want
    on_frame: Callable[[Rendition, bytes], None]
    """Called on the connection's thread; must not block."""
    on_end: Callable[[], None]
    lane: Lane
    stream: str | None = None


class MediaDesk:
    """Publications and watches of one room."""

    def __init__(self, client: RelayClient, state: RoomState) -> None:
        self._client = client
        self._state = state
        self._lock = threading.RLock()
        self._publications: dict[str, Publication] = {}
        self._watches: list[Watching] = []
        self._by_handle: dict[int, tuple[Watching, Rendition]] = {}
        self._demands: dict[str, dict[int, bool]] = {}
        self._own_state = SetState()
        self.uplink = Uplink(lambda: client.line("video"))

    # -------------------------------------------------------------- any thread

    def check_live(self) -> None:
        """Raises NotConnected when the room has ended."""
        self._client.check_live()

    def publish(
        self, source: str, renditions: list[RenditionOffer], encoder: Encoder, lane: Lane
    ) -> Publication:
        """Announces a source and returns once the relay has given it handles.

        Raises:
            MeetError: this room already publishes the source, or the relay refuses.
        """
        publication = Publication(source, renditions, encoder, lane)
        with self._lock:
            if source in self._publications:
                raise MeetError(
                    f"{source!r} is published already; close that first.", "already-published"
                )
            self._publications[source] = publication
        try:
            self._client.open_lane(lane)
            ack = self._client.ask(self._request(publication), PUBLISH_SECONDS)
            self._published(publication, ack)
        except BaseException:
            self.unpublish(publication)
            raise
        self._show(source, True)
        return publication

    def encoder_of(self, source: str) -> Encoder | None:
        """What makes the frames of an own source; None when it is not published."""
        with self._lock:
            publication = self._publications.get(source)
            return publication.encoder if publication is not None else None

    def unpublish(self, publication: Publication) -> None:
        """Takes a source out of the room; does nothing the second time."""
        with self._lock:
            if self._publications.get(publication.source) is not publication:
                return
            del self._publications[publication.source]
            stream, publication.stream = publication.stream, None
        if stream is not None:
            self._client.ask_later(Unpublish(cid=new_cid(), stream=stream))
            self._show(publication.source, False)

    def send(self, publication: Publication, frames: Sequence[bytes]) -> None:
        """Sends frames of a publication; drops those made before the relay was started anew.

        Their handles may be somebody else's now, and whoever sends on those is thrown out.
        """
        with self._lock:
            own = [
                frame
                for frame in frames
                if int.from_bytes(frame[2:4], "big") in publication.handles
            ]
        if own:
            self._client.send_media(publication.lane, own)

    def line(self, publication: Publication) -> Line | None:
        """What the publication's way to the relay looks like; None while it is down."""
        return self._client.line(publication.lane)

    def watch(self, watching: Watching) -> None:
        """Wants a stream, now and whenever it is there."""
        self._client.open_lane(watching.lane)
        with self._lock:
            if watching not in self._watches:
                self._watches.append(watching)
            self._resolve()

    def resize(self, watching: Watching, want: Want) -> None:
        """Wants a stream at another size."""
        with self._lock:
            watching.want = want
            if watching in self._watches and watching.stream is not None:
                self._client.tell(Watch(streams={watching.stream: want}))

    def unwatch(self, watching: Watching) -> None:
        """Wants a stream no longer; does nothing the second time."""
        with self._lock:
            if watching in self._watches:
                self._watches.remove(watching)
                self._resolve(dropped=watching.stream)
                watching.stream = None

    def flow(self, watching: Watching) -> StreamFlow:
        """How a watched stream comes through; full unless the relay has said otherwise."""
        stream = watching.stream or ""
        return self._state.flow(stream) or StreamFlow(stream=stream, state="full")

    def set_state(self, change: SetState) -> None:
        """Changes own state; it is restored after a reconnect."""
        with self._lock:
            fields = {**_fields(self._own_state), **_fields(change)}
            self._own_state = SetState(**fields)  # type: ignore[arg-type]
        if not self._client.tell(change):
            raise NotConnected("The room has been left.")

    # --------------------------------------------------- the connection's thread

    def on_welcome(self, fresh: bool) -> None:
        """Tells the relay every wish: what was said while the connection was down is lost.

        Args:
            fresh: the relay does not know us from before, so own streams are gone, too.
        """
        with self._lock:
            if fresh:
                self._demands.clear()
            for watching in self._watches:
                watching.stream = None
            if _fields(self._own_state):
                self._client.tell(self._own_state)
            self._resolve()
            known = {stream.id for stream in self._state.streams()}
            lost = [
                p
                for p in self._publications.values()
                if p.stream is not None and (fresh or p.stream not in known)
            ]
            for publication in lost:
                publication.stream = None
                publication.handles = []
        for publication in lost:
            self._publish_again(publication)

    def on_streams(self) -> None:
        """Finds the watched streams among the room's, which changed."""
        with self._lock:
            self._resolve()

    def on_end(self) -> None:
        """The room has ended: encoders and watchers stop."""
        with self._lock:
            ends = [p.encoder.on_end for p in self._publications.values()]
            ends += [w.on_end for w in self._watches]
            self._publications.clear()
            self._watches.clear()
            self._by_handle = {}
        for end in ends:
            end()

    def on_fork(self) -> None:
        """Forgets everything: threads and sockets are the parent's."""
        self._lock = threading.RLock()
        self._publications, self._watches, self._by_handle = {}, [], {}
        self.uplink = Uplink(lambda: None)

    def on_demand(self, stream: str, renditions: list[RenditionDemand]) -> None:
        """Tells the encoder what is wanted."""
        with self._lock:
            wanted = self._demands.setdefault(stream, {})
            wanted.update({entry.handle: entry.on for entry in renditions})
            for publication in self._publications.values():
                if publication.stream == stream:
                    for entry in renditions:
                        self._tell_encoder(publication, entry.handle, entry.on, entry.key)

    def on_media(self, frame: bytes) -> None:
        """Hands a frame to whoever watches its handle."""
        if len(frame) < HEADER.size:
            return
        found = self._by_handle.get(int.from_bytes(frame[2:4], "big"))
        if found is not None:
            watching, rendition = found
            watching.on_frame(rendition, frame)

    def on_lane_ready(self, lane: Lane) -> None:
        """Asks encoders for key frames: what was sent while the lane was down is lost."""
        with self._lock:
            for publication in self._publications.values():
                if publication.lane == lane and publication.stream is not None:
                    for handle, on in self._demands.get(publication.stream, {}).items():
                        self._tell_encoder(publication, handle, on, on)

    # ----------------------------------------------------------------- internal

    def _request(self, publication: Publication) -> Publish:
        return Publish(cid=new_cid(), source=publication.source, renditions=publication.renditions)

    def _publish_again(self, publication: Publication) -> None:
        def answered(answer: Future[Ack]) -> None:
            if answer.exception() is None:
                self._published(publication, answer.result())

        self._client.ask_later(self._request(publication)).add_done_callback(answered)

    def _published(self, publication: Publication, ack: Ack) -> None:
        if not isinstance(ack.stream, str) or not isinstance(ack.handles, list):
            raise MeetError("The relay gave the stream no handles.", "bad-answer")
        with self._lock:
            if self._publications.get(publication.source) is not publication:
                self._client.ask_later(Unpublish(cid=new_cid(), stream=ack.stream))
                return
            publication.stream = ack.stream
            publication.handles = ack.handles
            publication.encoder.on_handles(ack.handles)
            for handle, on in self._demands.get(ack.stream, {}).items():
                self._tell_encoder(publication, handle, on, on)

    def _tell_encoder(self, publication: Publication, handle: int, on: bool, key: bool) -> None:
        if handle in publication.handles:
            publication.encoder.on_demand(publication.handles.index(handle), on, key)

    def _show(self, source: str, on: bool) -> None:
        """Sets the mark that people see beside a name."""
        if source in ("microphone", "camera", "screen"):
            change = SetState(**{source: on})  # type: ignore[arg-type]
            try:
                self.set_state(change)
            except NotConnected:
                return

    def _resolve(self, dropped: str | None = None) -> None:
        """Finds the streams that watches are about, and tells the relay what changed."""
        streams = self._state.streams()
        changes: dict[str, Want | None] = {}
        if dropped is not None:
            changes[dropped] = None
        self._by_handle = {}
        for watching in self._watches:
            stream = self._find(watching, streams)
            found = stream.id if stream is not None else None
            if found != watching.stream:
                if watching.stream is not None and any(s.id == watching.stream for s in streams):
                    changes[watching.stream] = None
                watching.stream = found
                if found is not None:
                    changes[found] = watching.want
            if stream is not None:
                for rendition in stream.renditions:
                    self._by_handle[rendition.handle] = (watching, rendition)
        for watching in self._watches:  # two may watch the same stream
            if watching.stream is not None and changes.get(watching.stream, UNSET) is None:
                changes[watching.stream] = watching.want
        for id_, want in changes.items():
            if want is None:
                self._state.forget_flow(id_)
        if changes:
            self._client.tell(Watch(streams=changes))

    def _find(self, watching: Watching, streams: Sequence[Stream]) -> Stream | None:
        """The watched stream: the same connection's, else (they came back) the same user's."""
        who = watching.who

        def same_user(owner: str) -> bool:
            person = self._state.person(owner)
            return (
                person is not None
                and not person.you
                and person.name == who.name
                and person.kind == who.kind
            )

        here = self._state.person(who.id) is not None
        for source in watching.sources:
            for stream in streams:
                theirs = stream.owner == who.id if here else same_user(stream.owner)
                if theirs and (
                    stream.source == source
                    or (source.endswith(":") and stream.source.startswith(source))
                ):
                    return stream
        return None


def _fields(state: SetState) -> dict[str, object]:
    values = msgspec.structs.asdict(state)
    return {name: value for name, value in values.items() if value is not UNSET}
