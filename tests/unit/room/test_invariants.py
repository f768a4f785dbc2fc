"""Whatever people do, in whichever order: what must hold of every room, at every moment."""

from __future__ import annotations

import itertools

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from meetwidget_server.room import RoomOptions

from meetwidget.wire import media
from meetwidget.wire.control import (
    ChatSend,
    Demand,
    Goodbye,
    Moderate,
    ModerateAction,
    ParticipantJoined,
    ParticipantLeft,
    Stream,
    StreamAdded,
    StreamRemoved,
    StreamUpdated,
    Unpublish,
)
from tests.unit.room.stage import Camera, Decoder, Lane, Peer, Stage, audio

OPTIONS = RoomOptions(
    participants=6,
    streams=2,
    messages_burst=10_000,
    cache_bytes=30_000,
    queue_bytes=50_000,
    grace=3.0,
)
PEERS = st.integers(0, 11)
SOURCES = st.sampled_from(["camera", "screen", "microphone"])


class Sender:
    """A publisher's side of one handle."""

    def __init__(self, owner: Peer, stream: str, handle: int, source: str) -> None:
        self.owner = owner
        self.stream = stream
        self.handle = handle
        self.source = source
        self.camera = Camera(handle, size=1500, fragments=2)
        self.sequence = itertools.count()
        self.fresh = True
        self.rest: list[bytes] = []


class RoomMachine(RuleBasedStateMachine):
    """Up to six people who come, go, publish, watch, send, acknowledge and lose their lines."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(OPTIONS)
        self.live: dict[str, Peer] = {}
        """Connection → peer, those with a connection."""
        self.lanes: dict[str, Lane] = {}
        """Participant → their media socket."""
        self.senders: dict[int, Sender] = {}
        self.watches: set[tuple[str, str]] = set()
        """(participant, stream) that is or once was watched."""
        self.decoders: dict[tuple[str, int], Decoder] = {}
        self.secrets: dict[str, set[str]] = {}
        """Body of a private message → names of its readers."""
        self.views: dict[str, tuple[set[str], dict[str, Stream], int]] = {}
        """Connection → what its client thinks of the room, and how much of its log that covers."""
        self.counter = itertools.count()

    # ------------------------------------------------------------- people

    @initialize()
    def begin(self) -> None:
        """Three people, everybody's sockets open, the first one's camera on and watched."""
        for name in "abc":
            self.join(name)
            self.open_media(len(self.live) - 1)
        self.publish(0, "camera", 2)
        for peer in (1, 2):
            self.watch(peer, 0, 360)

    def peer(self, index: int) -> Peer | None:
        """Somebody with a connection."""
        live = list(self.live.values())
        return live[index % len(live)] if live else None

    @rule(name=st.sampled_from("abcdefghijklmnop"))
    def join(self, name: str) -> None:
        peer = self.stage.join(name)
        if peer.closed is None:
            self.live[peer.connection] = peer

    @rule(index=PEERS, code=st.sampled_from([1006, 1001]), wait=st.floats(0, 4))
    def lose_and_resume(self, index: int, code: int, wait: float) -> None:
        peer = self.peer(index)
        if peer is None:
            return
        peer.drop(code)
        del self.live[peer.connection]
        self.stage.later(wait, step=0.5)
        again = self.stage.resume(peer)
        if again.closed is None:
            self.live[again.connection] = again

    @rule(index=PEERS, on_purpose=st.booleans())
    def leave(self, index: int, on_purpose: bool) -> None:
        peer = self.peer(index)
        if peer is not None and len(self.live) > 2:
            if on_purpose:
                peer.say(Goodbye())
            else:
                peer.drop(1006)
            del self.live[peer.connection]

    @rule(index=PEERS, whom=PEERS, action=st.sampled_from(["mute", "remove"]))
    def moderate(self, index: int, whom: int, action: ModerateAction) -> None:
        peer, other = self.peer(index), self.peer(whom)
        if peer is not None and other is not None:
            peer.say(Moderate(self.stage.fresh("cid"), action, other.id))
            self.live = {c: p for c, p in self.live.items() if p.closed is None}

    @rule(index=PEERS, whom=PEERS)
    def whisper(self, index: int, whom: int) -> None:
        peer, other = self.peer(index), self.peer(whom)
        if peer is not None and other is not None:
            body = f"secret-{next(self.counter)}"
            self.secrets[body] = {peer.name, other.name}
            peer.say(ChatSend(self.stage.fresh("cid"), body, to=[other.id]))

    # -------------------------------------------------------------- media

    @rule(index=PEERS)
    def open_media(self, index: int) -> None:
        peer = self.peer(index)
        if peer is not None:
            self.lanes[peer.id] = peer.lane()
            for key in [key for key in self.decoders if key[0] == peer.id]:
                del self.decoders[key]

    @rule(index=PEERS, source=SOURCES, count=st.integers(1, 3))
    def publish(self, index: int, source: str, count: int) -> None:
        peer = self.peer(index)
        if peer is None:
            return
        peer.forget()
        stream = peer.publish(source, [180, 360, 720][:count])
        if peer.errors():
            return
        for handle in peer.handles():
            known = self.senders.get(handle)
            if known is None or known.stream != stream:
                self.senders[handle] = Sender(peer, stream, handle, source)

    @rule(index=PEERS)
    def unpublish(self, index: int) -> None:
        peer = self.peer(index)
        if peer is not None:
            for stream in self.stage.room._media.streams_of(peer.id)[:1]:
                peer.say(Unpublish(self.stage.fresh("cid"), stream))

    @rule(index=PEERS, stream=PEERS, height=st.sampled_from([None, 0, 180, 360, 360, 999]))
    def watch(self, index: int, stream: int, height: int | None) -> None:
        streams = self.stage.room._media.streams()
        peer = self.peer(index)
        if peer is None or not streams:
            return
        chosen = streams[stream % len(streams)].id
        peer.watch(chosen, height)
        self.watches.add((peer.id, chosen))

    @rule(index=PEERS, key=st.integers(0, 8), half=st.booleans(), count=st.integers(1, 30))
    def send(self, index: int, key: int, half: bool, count: int) -> None:
        """A publisher's encoder at work; with ``half`` it stops within a unit."""
        owned = self.owned()
        if not owned:
            return
        sender = owned[index % len(owned)]
        lane = self.lanes.get(sender.owner.id)
        if lane is None or lane.closed is not None:
            return
        if sender.source == "microphone":
            lane.send(audio(sender.handle, next(sender.sequence)))
            return
        for number in range(count):
            if not sender.rest:
                sender.rest = sender.camera.unit(key=sender.fresh or number == key)
                sender.fresh = False
            frames = sender.rest[:1] if half and number == count - 1 else sender.rest
            sender.rest = sender.rest[len(frames) :]
            for frame in frames:
                lane.send(frame)
            if number % 3 == 0:
                self.stage.flush()
            self.stage.now += 0.01

    @rule(index=PEERS, all_but=st.integers(0, 3000))
    def acknowledge(self, index: int, all_but: int) -> None:
        peer = self.peer(index)
        lane = None if peer is None else self.lanes.get(peer.id)
        if lane is not None and lane.closed is None:
            lane.ack(max(0, lane.bytes - all_but))

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.3, 1.0]), keys=st.booleans())
    def wait(self, seconds: float, keys: bool) -> None:
        """Time passes; with ``keys`` encoders then do as they were asked."""
        self.stage.later(seconds)
        if keys:
            for sender in self.senders.values():
                sender.fresh = sender.fresh or not sender.rest

    # --------------------------------------------------------- what must hold

    @invariant()
    def all_is_well(self) -> None:
        """Everything below holds after every step."""
        self.stage.flush()
        self.stage.perform(self.stage.room._media.settle(self.stage.now))
        self.handles_have_one_owner()
        self.everyone_sees_the_same_room()
        self.frames_reach_watchers_only_and_decode()
        self.demand_is_what_is_watched()
        self.queues_are_bounded()
        self.secrets_are_kept()
        self.offsets_are_dense()

    def owned(self) -> list[Sender]:
        """The senders whose streams exist."""
        current = {
            (r.handle, s.id): s for s in self.stage.room._media.streams() for r in s.renditions
        }
        return [s for s in self.senders.values() if (s.handle, s.stream) in current]

    def handles_have_one_owner(self) -> None:
        """Every handle belongs to one rendition of one stream of somebody present."""
        streams = self.stage.room._media.streams()
        handles = [r.handle for s in streams for r in s.renditions]
        assert len(handles) == len(set(handles))
        present = {p.id for p in self.stage.room.participants}
        assert {s.owner for s in streams} <= present

    def everyone_sees_the_same_room(self) -> None:
        """Presence and streams as told, message by message, are what the room holds."""
        present = {p.id for p in self.stage.room.participants}
        streams = {s.id: s for s in self.stage.room._media.streams()}
        for peer in self.live.values():
            people, shown = self.view(peer)
            assert people == present
            assert shown == streams

    def view(self, peer: Peer) -> tuple[set[str], dict[str, Stream]]:
        """What a client that only believes its messages thinks of the room."""
        if peer.connection not in self.views:
            people = {p.id for p in peer.welcome.participants}
            self.views[peer.connection] = (people, {s.id: s for s in peer.welcome.streams}, 0)
        people, streams, start = self.views[peer.connection]
        history = peer.log
        for message in history[start:]:
            match message:
                case ParticipantJoined(participant):
                    people.add(participant.id)
                case ParticipantLeft(id):
                    people.remove(id)
                case StreamAdded(stream) | StreamUpdated(stream):
                    streams[stream.id] = stream
                case StreamRemoved(id):
                    del streams[id]
        self.views[peer.connection] = (people, streams, len(history))
        return people, streams

    def frames_reach_watchers_only_and_decode(self) -> None:
        """Nobody gets what they never asked for, and what they get can be decoded in order."""
        for participant, lane in self.lanes.items():
            got, lane.got = lane.got, []
            for frame in got:
                handle = media.parse(frame).handle
                stream = self.senders[handle].stream
                assert (participant, stream) in self.watches
                if frame[0] == media.FrameKind.VIDEO:
                    self.feed((participant, handle), frame)

    def feed(self, key: tuple[str, int], frame: bytes) -> None:
        """One frame to a receiver's decoder of one handle."""
        header = media.parse(frame)
        decoder = self.decoders.get(key)
        if decoder is None or (header.key and not decoder.expects(header)):
            # A rendition that was left, perhaps within a unit, starts anew with what is cached.
            decoder = self.decoders[key] = Decoder()
        decoder.feed(frame)

    def demand_is_what_is_watched(self) -> None:
        """A sender was told to encode exactly the renditions that somebody gets, or waits for."""
        plane = self.stage.room._media
        for peer in self.live.values():
            mine = [s for s in plane.streams() if s.owner == peer.id]
            for stream in mine:
                demand = self.last_demand(peer, stream.id)
                for rendition in stream.renditions:
                    route = plane._routes[rendition.handle]
                    wanted = any(
                        route in watch.routes
                        and (
                            plane._seats[watch.participant].connected
                            or watch.stream.kind in plane._seats[watch.participant].ports
                        )
                        for watch in plane._watchers[stream.id].values()
                    )
                    assert demand.get(rendition.handle, False) == (wanted and not route.muted)

    def last_demand(self, peer: Peer, stream: str) -> dict[int, bool]:
        for message in reversed(peer.log):
            if isinstance(message, Demand) and message.stream == stream:
                return {r.handle: r.on for r in message.renditions}
        return {}

    def queues_are_bounded(self) -> None:
        """What waits for one receiver never exceeds the limit, and is counted right."""
        for port in self.stage.room._media.ports():
            queue = port.queue
            assert 0 <= queue.waiting <= OPTIONS.queue_bytes
            units = [u for lane in queue.lanes.values() for u in lane.units]
            sound = sum(len(f) for _, f in (*queue._sound, *queue._data))
            assert queue.waiting == sound + sum(u.size for u in units)
            assert (queue.limit == -1) == bool(queue.waiting)
            assert set(queue.lanes) <= set(self.stage.room._media._routes)

    def secrets_are_kept(self) -> None:
        """A private message is read by its readers' users only, live and in histories."""
        for peer in self.stage.peers.values():
            for body in peer.bodies():
                assert peer.name in self.secrets[body]

    def offsets_are_dense(self) -> None:
        """The log has no hole."""
        offsets = [event.offset for event, _ in self.stage.log.entries]
        assert offsets == list(range(1, len(offsets) + 1))


TestRoom = RoomMachine.TestCase
TestRoom.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
