"""Whoever comes, with whatever standing, and whatever is set: the door holds, and nobody is misled."""

from __future__ import annotations

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from meetwidget_server.room import RoomOptions, RoomRecord, Standing
from msgspec import UNSET

from meetwidget.wire.control import (
    Access,
    Bye,
    ChatSend,
    Error,
    Goodbye,
    Kind,
    Lobby,
    Moderate,
    ModerateAction,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
    Ping,
    Pong,
    Rights,
    RightsChanged,
    Role,
    RoomUpdated,
    SetRoom,
    Waiting,
    Welcome,
)
from tests.unit.room.stage import Peer, Stage

OPTIONS = RoomOptions(
    participants=7, waiting=4, connections_per_user=3, messages_burst=10_000, grace=3.0, invited=3
)
PEERS = st.integers(0, 15)
NAMES = st.sampled_from(["owner", "ada", "bob", "eve"])
ROLES = st.sampled_from(["observer", "member", "moderator", "owner"])
KINDS: st.SearchStrategy[Kind] = st.sampled_from(["person", "person", "kernel", "guest"])
RULES = st.sampled_from(
    [
        Standing(),
        Standing(),
        Standing(waits=True),
        Standing(may_own=False, publish=False),
        Standing(role="observer"),
        Standing(role="moderator", passes=True, guest_links=True),
        Standing(most="member", may_own=False),
    ]
)
OUTSIDE = (Waiting, Pong, Error, Bye)
"""All that may be told to somebody who has not been welcomed."""


class DoorMachine(RuleBasedStateMachine):
    """A few people of all kinds before and behind one door, and moderators who use it."""

    def __init__(self) -> None:
        super().__init__()
        record = RoomRecord("lab", "epoch-1", roles={"owner": "owner"})
        self.stage = Stage(OPTIONS, record)
        self.record = record
        self.standing: dict[str, Standing] = {}
        """Connection → what the rules said of it last."""
        self.kinds: dict[str, Kind] = {}
        self.been_in: set[str] = set()
        self.removed: set[str] = set()
        self.admitted: set[str] = set()
        """Ids that a moderator admitted."""
        self.checked: dict[str, int] = {}
        """Connection → how much of its log has been checked."""
        self.welcomed: set[str] = set()
        self.resumed: set[str] = set()

    # ------------------------------------------------------------------ what happens

    @initialize(access=st.sampled_from(["open", "lobby", "invited", "private"]))
    def begin(self, access: Access) -> None:
        """The owner, a moderator and a member are in; the access is set; two people come."""
        self.record.roles["ada"] = "moderator"
        for name in ("owner", "ada", "bob"):
            self.join(name, "person", Standing())
        self.all_is_well()
        self.live()[0].set_room(access=access)
        self.join("eve", "person", Standing())
        self.join("eve", "kernel", Standing(waits=True))

    def live(self) -> list[Peer]:
        """Everybody with a connection who was welcomed."""
        return [p for p in self.stage.peers.values() if not p.closed and p.of(Welcome)]

    def peer(self, index: int) -> Peer | None:
        live = self.live()
        return live[index % len(live)] if live else None

    def waiting(self) -> list[Peer]:
        return [p for p in self.stage.peers.values() if p.waits]

    @rule(name=NAMES, kind=KINDS, standing=RULES)
    def join(self, name: str, kind: Kind, standing: Standing) -> None:
        expected = f"connection-{name}"
        peer = self.stage.join(name, kind, standing=standing)
        assert peer.connection.startswith(expected)
        self.standing[peer.connection] = standing
        self.kinds[peer.connection] = kind

    @rule(index=PEERS, access=st.sampled_from(["open", "lobby", "invited", "private", UNSET]))
    def set_access(self, index: int, access: Access) -> None:
        peer = self.peer(index)
        if peer is not None:
            peer.set_room(access=access, title="T")

    @rule(index=PEERS, name=NAMES, on=st.booleans())
    def invite(self, index: int, name: str, on: bool) -> None:
        peer = self.peer(index)
        if peer is not None:
            before = len(peer.errors())
            peer.set_room(**{"invite" if on else "uninvite": [name]})
            if on and len(peer.errors()) == before:
                self.removed -= {f"{kind}:{name}" for kind in ("person", "kernel", "guest")}

    @rule(index=PEERS, whom=PEERS, action=st.sampled_from(["admit", "deny"]))
    def answer_the_door(self, index: int, whom: int, action: ModerateAction) -> None:
        peer = self.peer(index)
        ids = [one.id for one in self.stage.room._lobby.all()]
        if peer is not None and ids:
            target = ids[whom % len(ids)]
            before = len(peer.errors())
            peer.say(Moderate(self.stage.fresh("cid"), action, target))
            if len(peer.errors()) == before and action == "admit":
                self.admitted.add(target)

    @rule(index=PEERS, action=st.sampled_from(["lock", "unlock"]))
    def lock(self, index: int, action: ModerateAction) -> None:
        peer = self.peer(index)
        if peer is not None:
            peer.say(Moderate(self.stage.fresh("cid"), action))

    @rule(index=PEERS, whom=PEERS, role=ROLES)
    def give_role(self, index: int, whom: int, role: Role) -> None:
        peer, other = self.peer(index), self.peer(whom)
        if peer is not None and other is not None:
            peer.say(Moderate(self.stage.fresh("cid"), "role", other.id, role))

    @rule(index=PEERS, whom=PEERS, comes_back=st.booleans(), standing=RULES)
    def remove(self, index: int, whom: int, comes_back: bool, standing: Standing) -> None:
        peer, other = self.peer(index), self.peer(whom)
        if peer is None or other is None:
            return
        before = len(peer.errors())
        peer.say(Moderate(self.stage.fresh("cid"), "remove", other.id))
        mine, theirs = self.principal(peer), self.principal(other)
        if len(peer.errors()) == before and mine != theirs:
            out = {theirs}
            if theirs.startswith("person:"):
                out.add(theirs.replace("person:", "kernel:"))
            self.removed |= out
            self.been_in -= out
        if comes_back:
            self.join(other.name, self.kinds[other.connection], standing)

    @rule(name=NAMES, kind=KINDS, standing=st.none() | RULES)
    def ask_again(self, name: str, kind: Kind, standing: Standing | None) -> None:
        """The rules change."""
        who = f"{kind}:{name}"
        if standing is not None:
            for peer in self.stage.peers.values():
                if self.principal(peer) == who:
                    self.standing[peer.connection] = standing
        self.stage.perform(
            self.stage.room.update_standing(who, standing, "signed-out", "Out.", self.stage.now)
        )

    @rule(index=PEERS, wait=st.sampled_from([0, 1, 4]), standing=st.none() | RULES)
    def lose_and_resume(self, index: int, wait: float, standing: Standing | None) -> None:
        """Somebody's line breaks; they come back, perhaps too late, perhaps with other rules."""
        peer = self.peer(index)
        if peer is None:
            return
        known, kind = standing or self.standing[peer.connection], self.kinds[peer.connection]
        peer.drop()
        peer.closed = (1006, "")
        self.stage.later(wait, step=0.5)
        resumable = self.stage.room._roster.by_session(peer.session) is not None
        again = self.stage.resume(peer, standing=known, kind=kind)
        self.standing[again.connection], self.kinds[again.connection] = known, kind
        if resumable:
            self.resumed.add(again.connection)

    @rule(index=PEERS, waiting=st.booleans(), on_purpose=st.booleans())
    def leave(self, index: int, waiting: bool, on_purpose: bool) -> None:
        people = self.waiting() if waiting else self.live()
        if people:
            peer = people[index % len(people)]
            if on_purpose:
                peer.say(Goodbye())
            else:
                peer.drop()
                peer.closed = (1006, "")

    @rule(index=PEERS)
    def knock_louder(self, index: int) -> None:
        """Somebody who waits tries everything."""
        people = self.waiting()
        if people:
            peer = people[index % len(people)]
            peer.say(Ping(1.0))
            peer.say(ChatSend(self.stage.fresh("cid"), "let me in"))
            peer.say(SetRoom(self.stage.fresh("cid"), access="open"))

    @rule(index=PEERS)
    def try_everything(self, index: int) -> None:
        """What somebody was told they may do works; everything else is refused."""
        peer = self.peer(index)
        if peer is None:
            return
        rights = self.told(peer)
        for allowed, attempt in (
            (rights.chat, lambda: peer.chat("hello")),
            (rights.publish, lambda: peer.publish("data:plot", [])),
            (rights.moderate, lambda: peer.set_room(title=self.stage.fresh("title"))),
        ):
            before = len(peer.errors())
            attempt()
            assert peer.errors()[before:] == ([] if allowed else ["not-allowed"])

    # --------------------------------------------------------------- what must hold

    def principal(self, peer: Peer) -> str:
        return f"{self.kinds[peer.connection]}:{peer.name}"

    def told(self, peer: Peer) -> Rights:
        """The rights a client believes it has."""
        last: Rights | None = None
        for message in peer.log:
            if isinstance(message, RightsChanged):
                last = message.rights
            elif isinstance(message, Welcome):
                assert message.rights is not UNSET
                last = message.rights
        assert last is not None
        return last

    @invariant()
    def all_is_well(self) -> None:
        """Everything below holds after every step, and two ticks: one in, then their others."""
        self.stage.later(0.2)
        for peer in self.stage.peers.values():
            self.outside_hears_nothing(peer)
        entered = [
            peer
            for peer in self.stage.peers.values()
            if peer.of(Welcome) and peer.connection not in self.welcomed
        ]
        for peer in sorted(entered, key=lambda peer: peer.welcome.you.joined_at):
            self.welcomed.add(peer.connection)
            self.had_the_right_to_come_in(peer)
        for peer in self.live():
            self.is_told_the_truth(peer)
        self.roles_are_bounded()
        self.removed_people_are_out()
        self.published_by_right()
        self.nobody_waits_for_nothing()

    def outside_hears_nothing(self, peer: Peer) -> None:
        """Before the welcome: no event, participant, stream or message of anybody."""
        for message in peer.log:
            if isinstance(message, Welcome):
                break
            assert isinstance(message, OUTSIDE), message
            if isinstance(message, Waiting):
                assert (message.room.epoch, message.room.offset) == ("", 0)
                assert message.room.invited is UNSET

    def had_the_right_to_come_in(self, peer: Peer) -> None:
        """A fresh welcome has a reason: access, invitation, role, rules, admission, or having been in."""
        who = self.principal(peer)
        if peer.connection in self.resumed:
            return
        kind, standing = self.kinds[peer.connection], self.standing[peer.connection]
        recorded = self.record.roles.get(peer.name) in ("owner", "moderator")
        if kind == "person":
            recorded = (recorded and standing.most == "owner" and standing.role != "observer") or (
                standing.role == "moderator"
            )
        expected = kind != "guest" and (
            recorded or standing.passes or peer.name in self.record.invited
        )
        admitted = peer.id in self.admitted
        match self.record.access:
            case "open":
                free = not standing.waits or who in self.been_in
            case "lobby":
                free = who in self.been_in
            case _:
                free = False
        assert expected or admitted or free
        assert who not in self.removed or (standing.passes and kind == "person")
        if self.record.locked and not admitted:
            assert kind == "person"
            assert recorded or standing.passes
        if kind != "guest":
            self.been_in.add(who)

    def is_told_the_truth(self, peer: Peer) -> None:
        """Rights, roles, people and waiting list as told are those of the room."""
        member = self.stage.room._roster.by_connection(peer.connection)
        assert member is not None
        assert self.told(peer) == member.rights
        view: dict[str, Role] = {}
        lobby: list[str] = []
        for message in peer.log:
            match message:
                case Welcome(participants=participants):
                    view = {one.id: one.role for one in participants}
                    lobby = []
                case ParticipantJoined(one) | ParticipantUpdated(one):
                    view[one.id] = one.role
                case ParticipantLeft(gone):
                    del view[gone]
                case Lobby(waiting):
                    lobby = [one.id for one in waiting]
        assert view == {one.id: one.role for one in self.stage.room.participants}
        waits = [one.id for one in self.stage.room._lobby.all()]
        assert lobby == (waits if member.rights.moderate else [])
        for message in peer.log[self.checked.get(peer.connection, 0) :]:
            if isinstance(message, RoomUpdated | Welcome):
                assert (message.room.invited is UNSET) != member.rights.moderate
        self.checked[peer.connection] = len(peer.log)

    def roles_are_bounded(self) -> None:
        """Kernels and guests moderate nothing; nobody is above what the rules cap."""
        for member in self.stage.room._roster:
            if member.kind != "person" or member.standing.most == "member":
                assert not member.rights.moderate
                assert not member.rights.guest_links
            if member.standing.role == "observer":
                assert member.rights == Rights(False, False, False, False)
        assert len(self.stage.room._lobby) <= OPTIONS.waiting
        assert len(self.stage.room._roster) <= OPTIONS.participants
        assert len(self.record.invited) <= OPTIONS.invited

    def removed_people_are_out(self) -> None:
        """Nobody who was removed is in or waits, but those whom the rules let moderate."""
        for member in self.stage.room._roster:
            if member.principal in self.removed:
                assert member.kind == "person"
        for one in self.stage.room._lobby.all():
            assert one.arrival.principal not in self.removed or one.arrival.standing.passes

    def nobody_waits_for_nothing(self) -> None:
        """Whoever waits has to, unless the room is locked or full."""
        room = self.stage.room
        if self.record.locked or len(room._roster) >= OPTIONS.participants:
            return
        for one in room._lobby.all():
            who = one.arrival
            assert who.kind == "guest" or who.user.name not in self.record.invited
            assert self.record.access != "open" or who.standing.waits
            assert self.record.access in ("open", "lobby") or who.kind == "guest"
            assert who.principal not in self.been_in

    def published_by_right(self) -> None:
        """Every stream belongs to somebody who may publish now."""
        for stream in self.stage.room._media.streams():
            owner = self.stage.room._roster.by_id(stream.owner)
            assert owner is not None
            assert owner.rights.publish


TestDoor = DoorMachine.TestCase
TestDoor.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
