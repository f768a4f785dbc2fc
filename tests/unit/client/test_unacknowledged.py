"""What was said and not yet answered."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from meetwidget.errors import NotConnected, NotKept, TooFast
from meetwidget.unacknowledged import Unacknowledged
from meetwidget.wire.control import Ack, ChatSend, Error


def ask(waiting: Unacknowledged, cid: str) -> Future[Ack]:
    answer: Future[Ack] = Future()
    waiting.add(ChatSend(cid=cid, body=cid), answer)
    return answer


def test_an_acknowledgement_reaches_its_caller_once() -> None:
    """The answer is matched by cid; a second one for it is ignored."""
    waiting = Unacknowledged()
    first, second = ask(waiting, "a"), ask(waiting, "b")
    waiting.answer(Ack(cid="b", id="m1"))
    waiting.answer(Ack(cid="b", id="m2"))
    assert second.result(0).id == "m1"
    assert not first.done()
    assert list(waiting.cids()) == ["a"]


def test_the_unanswered_are_sent_again_in_order_under_their_own_cid() -> None:
    """After a reconnect nothing is lost and nothing renamed."""
    waiting = Unacknowledged()
    for cid in "abc":
        ask(waiting, cid)
        assert waiting.take(cid)
    waiting.answer(Ack(cid="b"))
    again = [waiting.take(cid) for cid in waiting.cids()]
    assert [request.cid for request in again if request] == ["a", "c"]


def test_a_refusal_raises_its_own_exception() -> None:
    """``not-kept`` becomes NotKept with the relay's words."""
    waiting = Unacknowledged()
    answer = ask(waiting, "a")
    waiting.take("a")
    assert waiting.refuse(Error(code="not-kept", message="The disk is full.", cid="a")) is None
    with pytest.raises(NotKept, match="disk is full"):
        answer.result(0)


def test_too_fast_tells_how_long_to_wait() -> None:
    """A message refused at its first sending was certainly not kept: the caller decides."""
    waiting = Unacknowledged()
    answer = ask(waiting, "a")
    waiting.take("a")
    waiting.refuse(Error(code="too-fast", message="Slower.", cid="a", retry_after=2.5))
    with pytest.raises(TooFast) as failure:
        answer.result(0)
    assert failure.value.after == 2.5


def test_too_fast_on_a_second_sending_is_retried_under_the_same_cid() -> None:
    """The relay may have kept the first copy: a caller's retry would double the message."""
    waiting = Unacknowledged()
    answer = ask(waiting, "a")
    waiting.take("a")
    waiting.take("a")
    assert waiting.refuse(Error(code="too-fast", message="", cid="a", retry_after=2.5)) == 2.5
    assert not answer.done()
    waiting.answer(Ack(cid="a", id="m"))
    assert answer.result(0).id == "m"


def test_a_withdrawn_message_is_never_sent_again() -> None:
    """A caller who gave up must not find the message in the room much later."""
    waiting = Unacknowledged()
    ask(waiting, "a")
    waiting.take("a")
    waiting.withdraw("a")
    assert waiting.take("a") is None
    assert len(waiting) == 0


def test_the_end_of_the_room_reaches_every_caller() -> None:
    """Nobody waits for an answer that cannot come."""
    waiting = Unacknowledged()
    answers = [ask(waiting, cid) for cid in "ab"]
    waiting.fail_all(NotConnected("You were removed.", "removed"))
    for answer in answers:
        with pytest.raises(NotConnected, match="removed") as failure:
            answer.result(0)
        assert failure.value.code == "removed"
