"""A waiting room on lines that break and a relay that dies: everybody gets in, nobody too early."""

from __future__ import annotations

from typing import Any

import pytest
from meetwidget_server.room import RoomOptions, RoomRecord

from meetwidget.wire import control
from tests.simulation.test_chat_survives import SEEDS, check
from tests.simulation.world import Client, Line, World

OUTSIDE = (control.Waiting, control.Error, control.Bye)


class Visitor(Client):
    """Somebody who may have to wait, and then hears nothing of the room."""

    def __init__(self, world: World, name: str) -> None:
        self.inside: Line | None = None
        """The line on which they were welcomed."""
        self.waited = 0
        super().__init__(world, name)

    def receive(self, line: Line, message: Any) -> None:
        if isinstance(message, control.Welcome):
            self.inside = line
        self.waited += isinstance(message, control.Waiting)
        assert line is self.inside or isinstance(message, OUTSIDE), message
        super().receive(line, message)


class Doorkeeper(Visitor):
    """The owner, who lets in everybody they see waiting, after a while."""

    def receive(self, line: Line, message: Any) -> None:
        super().receive(line, message)
        if isinstance(message, control.Lobby):
            for one in message.waiting:
                delay = self.world.random.uniform(0.0, 2.0)
                self.world.after(delay, lambda id_=one.id: self.admit(id_))

    def admit(self, id_: str) -> None:
        line = self.line
        if line is not None and self.live:
            message = control.Moderate(self.world.fresh("cid-door"), "admit", id_)
            line.to_relay(lambda room: room.message(line.name, message, self.world.now))


def simulate(seed: int) -> World:
    """People come to a room with a door while lines and relays break; then calm."""
    record = RoomRecord("lab", "epoch-1", access="lobby", roles={"ada": "owner"})
    world = World(seed, RoomOptions(messages_per_second=20, grace=3.0), record)
    clients: list[Client] = [Doorkeeper(world, "ada")]
    clients += [Visitor(world, name) for name in ("bob", "eve", "kim")]
    dice = world.random
    for _ in range(200):
        world.run(dice.uniform(0, 0.3))
        client = dice.choice(clients)
        roll = dice.random()
        if roll < 0.5:
            client.say()
        elif roll < 0.7:
            client.break_line()
        elif roll < 0.73:
            world.crash()
    world.settle()
    world.run(60)
    return world


@pytest.mark.parametrize("seed", SEEDS[:15])
def test_everybody_gets_in_and_nobody_too_early(seed: int) -> None:
    """All end inside with the same log; whoever waited heard nothing of the room before."""
    world = simulate(seed)
    check(world)
    assert not len(world.room._lobby)


def test_people_do_wait_in_this_storm() -> None:
    """The simulation does send people to the waiting room, again after each crash."""
    world = simulate(1)
    assert world.crashes
    assert sum(client.waited for client in world.clients if isinstance(client, Visitor)) > 3
