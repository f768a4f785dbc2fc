"""Everybody who is in is asked about again: who may stay, with which rights, and who is out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from meetwidget_server.hub.recheck import AT_ONCE, Recheck

from tests.integration.peer import Peer
from tests.unit.hub.small_hub import Rig, model, until


async def ask(rig: Rig) -> None:
    """One round of questions."""
    await Recheck(rig.service, 1000.0).round()


async def is_out(peer: Peer, code: str) -> None:
    """The peer is told why in words, and its socket closes for good."""
    error = await peer.expect("error")
    assert error["code"] == code
    assert error["message"].endswith(".")
    assert (await peer.closed()).code == 4403


async def test_who_signed_out_is_out_and_nobody_else(rig: Rig) -> None:
    """The hub knows the token no more: out, with a sentence, and gone from everybody's list."""
    ada, bob = await rig.join("lab", "ada"), await rig.join("lab", "bob")
    del rig.hub.tokens["token-bob"]
    await ask(rig)
    await is_out(bob, "signed-out")
    left = await ada.expect("participant.left")
    assert left["id"] == bob.welcome["you"]["id"]
    await ask(rig)
    room = rig.service.relay.room("lab")
    assert room is not None
    assert [one.user.name for one in room.participants] == ["ada"]
    assert rig.service.relay.counts.rechecks["gone"] == 1


async def test_second_sign_in_stays(rig: Rig) -> None:
    """Signing out of one browser ends the meeting there, not in the other one."""
    rig.hub.tokens["token-phone"] = model("ada", session_id="another")
    laptop, phone = await rig.join("lab", "ada"), await rig.join("lab", "phone")
    del rig.hub.tokens["token-ada"]
    await ask(rig)
    await is_out(laptop, "signed-out")
    room = rig.service.relay.room("lab")
    assert room is not None
    assert [one.id for one in room.participants] == [phone.welcome["you"]["id"]]


async def test_kernel_leaves_with_its_server(rig: Rig) -> None:
    """A stopped server's token is void, and its kernel out; the person in the browser stays."""
    rig.hub.tokens["token-server"] = model("ada", session_id=None)
    ada = await rig.join("lab", "ada")
    kernel = await rig.join("lab", "server", "kernel")
    del rig.hub.tokens["token-server"]
    await ask(rig)
    await is_out(kernel, "signed-out")
    await ada.expect("participant.left")
    assert len(rig.service.relay.room("lab").participants) == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_hub_in_trouble_changes_nothing(rig: Rig, status: int) -> None:
    """No answer is no decision: everybody stays, and is asked about the next time."""
    await rig.join("lab", "ada")
    rig.hub.status = status
    await ask(rig)
    assert rig.service.relay.counts.rechecks["unreachable"] == 1
    assert len(rig.service.relay.room("lab").participants) == 1  # type: ignore[union-attr]
    rig.hub.status = 200
    await ask(rig)
    assert rig.service.relay.counts.rechecks["unchanged"] == 1


async def test_answer_is_never_the_remembered_one(rig: Rig) -> None:
    """What the service was told a moment ago does not count for the question."""
    ada = await rig.join("lab", "ada")
    await rig.fetch("api/me")
    rig.hub.tokens.clear()
    await ask(rig)
    await is_out(ada, "signed-out")


async def test_each_credential_is_asked_about_once(rig: Rig) -> None:
    """Somebody in three rooms costs the hub one question."""
    for room in ("one", "two", "three"):
        await rig.join(room, "ada")
    rig.hub.asked.clear()
    await ask(rig)
    assert rig.hub.asked == ["token-ada"]


async def test_many_are_not_asked_about_all_at_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub has other work: only so many questions are under way."""
    names = [f"user{number}" for number in range(3 * AT_ONCE)]
    rig.hub.knows(*names)
    for name in names:
        await rig.join("lab", name)
    under_way = most = 0
    original = rig.service.hub.model

    async def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await original(*arguments, **options)
        finally:
            under_way -= 1

    monkeypatch.setattr(type(rig.service.hub), "model", lambda _, *a, **o: counted(*a, **o))
    await ask(rig)
    assert 1 < most <= AT_ONCE


class TestRules:
    @pytest.fixture
    def config(self, tmp_path: Path) -> dict[str, dict[str, Any]]:
        path = tmp_path / "policy.toml"
        path.write_text(
            '[default]\njoin = ["group:lab", "user:ada"]\ncreate = ["user:ada"]\n'
            'moderate = ["owner", "group:instructors"]\n'
            'publish = ["group:speakers", "owner"]\n'
        )
        return {"MeetHub": {"policy_file": str(path)}}

    async def test_who_leaves_the_group_is_out(self, rig: Rig) -> None:
        """The rule that let them in does not any more, and says who can help."""
        await rig.join("lab", "ada")
        rig.hub.tokens["token-bob"] = model("bob", groups=["lab"])
        bob = await rig.join("lab", "bob")
        rig.hub.tokens["token-bob"] = model("bob")
        await ask(rig)
        await is_out(bob, "not-allowed")

    async def test_who_loses_the_scope_is_out(self, rig: Rig) -> None:
        """Without the right to join nobody stays."""
        ada = await rig.join("lab", "ada")
        rig.hub.tokens["token-ada"]["scopes"].remove("custom:meet:join")
        await ask(rig)
        await is_out(ada, "not-allowed")

    async def test_new_group_gives_new_rights(self, rig: Rig) -> None:
        """Who becomes an instructor moderates, and is a member again afterwards; all are told."""
        ada = await rig.join("lab", "ada")
        rig.hub.tokens["token-bob"] = model("bob", groups=["lab"])
        bob = await rig.join("lab", "bob")
        assert not bob.welcome["rights"]["publish"]
        rig.hub.tokens["token-bob"] = model("bob", groups=["lab", "instructors"])
        await ask(rig)
        assert (await bob.expect("rights"))["rights"]["moderate"] is True
        changed = await ada.expect("participant.updated")
        assert changed["participant"]["role"] == "moderator"
        rig.hub.tokens["token-bob"] = model("bob", groups=["lab"])
        await ask(rig)
        await bob.wait_for(lambda m: m["type"] == "rights" and not m["rights"]["moderate"])
        rig.hub.tokens["token-bob"] = model("bob", groups=["lab", "speakers"])
        await ask(rig)
        await bob.wait_for(
            lambda m: (
                m["type"] == "rights" and m["rights"]["publish"] and not m["rights"]["moderate"]
            )
        )
        assert rig.service.relay.counts.rechecks["changed"] == 3

    async def test_nothing_new_says_nothing(self, rig: Rig) -> None:
        """Rounds without news reach nobody."""
        ada = await rig.join("lab", "ada")
        assert ada.welcome["rights"]["publish"], "who opens a room owns it from the start"
        for _ in range(3):
            await ask(rig)
        assert rig.service.relay.counts.rechecks["changed"] == 0
        ada.say({"type": "ping", "t": 1.0})
        await ada.expect("pong")
        assert [message["type"] for message in ada.heard] == ["welcome", "pong"]


async def test_renamed_user_is_out(rig: Rig) -> None:
    """The stamp in the room would be another's name by now."""
    ada = await rig.join("lab", "ada")
    rig.hub.tokens["token-ada"] = model("augusta")
    await ask(rig)
    await is_out(ada, "not-allowed")


async def test_who_waits_is_asked_about_too(rig: Rig) -> None:
    """Signed out in the waiting room is out as well."""
    ada = await rig.join("lab", "ada")
    ada.say({"type": "room.set", "cid": "1", "access": "lobby"})
    await ada.expect("ack")
    ticket = await rig.json("api/tickets", "bob", {"room": "lab"})
    bob = await Peer.connect(ticket["control_url"])
    bob.say(
        {
            "type": "hello",
            "protocol": 1,
            "ticket": ticket["ticket"],
            "client": {"kind": "browser", "version": "test"},
        }
    )
    await bob.expect("waiting")
    del rig.hub.tokens["token-bob"]
    await ask(rig)
    await is_out(bob, "signed-out")


class TestRunning:
    @pytest.fixture
    def config(self) -> dict[str, dict[str, Any]]:
        return {"MeetHub": {"recheck_interval": 0.1}}

    async def test_service_asks_by_itself(self, rig: Rig) -> None:
        """Nobody has to start a round; an error in one does not end them."""
        ada = await rig.join("lab", "ada")
        rig.hub.asked.clear()
        await until(lambda: rig.hub.asked.count("token-ada") >= 3)
        del rig.hub.tokens["token-ada"]
        await is_out(ada, "signed-out")


async def test_error_in_a_round_does_not_end_the_rounds(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody expected is logged, and the next round comes all the same."""
    rounds = 0

    async def broken(_: Recheck) -> None:
        nonlocal rounds
        rounds += 1
        raise RuntimeError("unexpected")

    monkeypatch.setattr(Recheck, "round", broken)
    task = asyncio.create_task(Recheck(rig.service, 0.001).run())
    await until(lambda: rounds >= 3)
    task.cancel()
    assert "could not be asked about" in caplog.text
