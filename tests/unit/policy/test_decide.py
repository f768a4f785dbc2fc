"""Who may do what: worked examples, each right by itself."""

from __future__ import annotations

from typing import Any

import pytest
from meetwidget_server.policy import (
    JOIN_SCOPE,
    MODERATE_SCOPE,
    Decision,
    Policy,
    Subject,
    policy as policy_module,
)
from meetwidget_server.room import Standing

from meetwidget.wire.control import Access
from tests.unit.policy.people import Rules, guest, inside, kernel, person, room

COURSES = """
[[rooms]]
pattern = "{course}/*"
join = ["group:{course}"]
create = ["group:{course}-instructors"]
moderate = ["group:instructors", "group:{course}-instructors"]
"""
OFFICE = """
[[rooms]]
pattern = "office/{user}"
owner = "user:{user}"
join = ["everyone"]
create = ["owner"]
lobby = true
hub_moderators = false
"""
GUESTS = '[default]\njoin = ["everyone"]\ncreate = ["everyone"]\nguests = true\n'
LAB = "course-101/lab-3"


# ------------------------------------------------------------------ a course


def test_student(rules: Rules) -> None:
    """A member of the course joins as a member and opens no rooms."""
    decision = inside(rules(COURSES), person("ada", "course-101"), LAB)
    assert decision == Decision(
        see=True,
        join=True,
        read=True,
        standing=Standing(most="moderator", may_own=False),
        code="",
        message="",
        rule="{course}/*",
    )


def test_room_that_is_not_there(rules: Rules) -> None:
    """Who may join but not create is told who may open the room."""
    decision = rules(COURSES).decide(person("ada", "course-101"), LAB, None)
    assert not decision.join
    assert decision.code == "no-such-room"
    assert decision.message == (
        "The room course-101/lab-3 is not there, and only the group course-101-instructors may "
        "open it. Ask somebody in the group instructors or course-101-instructors."
    )


def test_stranger(rules: Rules) -> None:
    """Another course's student is refused, with who may join and who can help."""
    for record in (None, room(LAB)):
        decision = rules(COURSES).decide(person("bob", "course-102"), LAB, record)
        assert (decision.see, decision.join, decision.read) == (False, False, False)
        assert decision.code == "not-allowed"
        assert decision.message == (
            "Only the group course-101 may join course-101/lab-3. "
            "Ask somebody in the group instructors or course-101-instructors."
        )


def test_help_is_the_admins_own_sentence(rules: Rules) -> None:
    """A rule's help stands where the general advice would."""
    policy = rules(COURSES + 'help = "Ask Emmy (emmy@example.org)."\n')
    assert inside(policy, person("bob"), LAB).message == (
        "Only the group course-101 may join course-101/lab-3. Ask Emmy (emmy@example.org)."
    )


def test_instructor(rules: Rules) -> None:
    """Who moderates by rule joins, passes the waiting room, and needs no other group."""
    for record in (None, room(LAB)):
        decision = rules(COURSES).decide(person("emmy", "course-101-instructors"), LAB, record)
        assert (decision.join, decision.create, decision.moderates) == (True, True, True)
        assert decision.standing.role == "moderator"
        assert decision.standing.passes
        assert not decision.owns


def test_nobody_owns_by_opening(rules: Rules) -> None:
    """Where the rule names moderators and no owner, opening a room makes no owner."""
    decision = rules(COURSES).decide(person("emmy", "course-101-instructors"), LAB, None)
    assert not decision.standing.may_own
    earlier = inside(rules(COURSES), person("ada", "course-101"), LAB, roles={"ada": "owner"})
    assert (earlier.owns, earlier.moderates) == (False, False)
    assert earlier.standing.most == "member"


def test_appointed(rules: Rules) -> None:
    """Somebody whom the room made a moderator is one as long as the rule lets them in."""
    policy = rules(COURSES)
    there = inside(policy, person("ada", "course-101"), LAB, roles={"ada": "moderator"})
    assert there.moderates
    assert there.standing == Standing(most="moderator", may_own=False)
    gone = inside(policy, person("ada"), LAB, roles={"ada": "moderator"})
    assert (gone.join, gone.moderates, gone.see, gone.read) == (False, False, False, False)


# ------------------------------------------------------------ owners, office


def test_creator(rules: Rules) -> None:
    """Who opened a room owns it; somebody else does not."""
    policy = Policy()
    assert inside(policy, person("ada"), "chess", roles={"ada": "owner"}).owns
    other = inside(policy, person("bob"), "chess", roles={"ada": "owner"})
    assert (other.owns, other.moderates) == (False, False)


def test_creator_has_an_owners_rights_at_once(rules: Rules) -> None:
    """Who opens a room speaks in it from the first moment, whomever the lists name."""
    policy = rules(GUESTS + 'chat = ["nobody"]\npublish = ["nobody"]\n', allow_guests=True)
    standing = policy.decide(person("ada"), "chess", None).standing
    assert (standing.role, standing.publish, standing.guest_links) == (None, True, True)
    visitor = inside(policy, person("bob"), "chess", roles={"ada": "owner"}).standing
    assert (visitor.role, visitor.publish, visitor.guest_links) == ("observer", False, False)


def test_list_asks_for_less() -> None:
    """The quick question of a list has the answer of the decision."""
    record = room("chess", access="private", invited={"ada"})
    for subject in (person("ada"), person("bob"), person("root", admin=True), guest()):
        decision = Policy().decide(subject, "chess", record)
        assert Policy().sees(subject, "chess", record) == decision.see


def test_rules_of_many_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many names are asked about, so many are kept at hand, and each has its rule."""
    monkeypatch.setattr(policy_module, "REMEMBERED", 10)
    policy = Policy()
    for number in range(35):
        assert policy.decide(person("ada"), f"room-{number}", None).join
        assert len(policy._found) <= 10


def test_creator_whom_the_rule_no_longer_names(rules: Rules) -> None:
    """Having opened a room is no way in for somebody who has lost the group."""
    policy = rules('[default]\njoin = ["group:club"]\ncreate = ["group:club"]\n')
    decision = inside(policy, person("ada"), "chess", roles={"ada": "owner"})
    assert (decision.join, decision.owns, decision.moderates) == (False, False, False)


def test_only_who_may_create_becomes_owner(rules: Rules) -> None:
    """A mere joiner does not become the owner of a room that has none."""
    policy = rules('[default]\njoin = ["everyone"]\ncreate = ["group:club"]\n')
    assert not inside(policy, person("bob"), "chess").standing.may_own
    assert inside(policy, person("ada", "club"), "chess").standing.may_own


def test_office(rules: Rules) -> None:
    """A personal room is its user's alone; everybody else knocks."""
    policy = rules(OFFICE)
    owner = policy.decide(person("ada"), "office/ada", None)
    assert (owner.join, owner.owns) == (True, True)
    assert owner.standing.role == "owner"
    assert not owner.standing.waits
    visitor = inside(policy, person("bob"), "office/ada")
    assert visitor.join
    assert visitor.standing.waits
    assert not visitor.read
    assert policy.decide(person("bob"), "office/ada", None).code == "no-such-room"


def test_office_without_hub_moderators(rules: Rules) -> None:
    """``hub_moderators = false`` makes those who moderate everywhere visitors here."""
    for subject in (
        person("root", admin=True),
        person("emmy", scopes=frozenset({MODERATE_SCOPE})),
    ):
        decision = inside(rules(OFFICE), subject, "office/ada")
        assert not decision.moderates
        assert decision.standing.waits


@pytest.mark.parametrize(
    "subject",
    [
        person("root", admin=True),
        person("emmy", scopes=frozenset({MODERATE_SCOPE})),
    ],
)
def test_hub_moderator(rules: Rules, subject: Subject) -> None:
    """Administrators and custom:meet:moderate open, see and moderate every other room."""
    policy = rules('[default]\njoin = ["nobody"]\ncreate = ["nobody"]\nsee = ["nobody"]\n')
    for record in (None, room("chess", access="private", locked=True)):
        decision = policy.decide(subject, "chess", record)
        assert (decision.see, decision.join, decision.create) == (True, True, True)
        assert (decision.read, decision.moderates) == (True, True)
        assert decision.standing.role == "moderator"


# ------------------------------------------------- what fails closed


def test_no_scope() -> None:
    """Without custom:meet:join nobody gets in, not even an administrator of the hub."""
    for scopes in (frozenset[str](), frozenset({"custom:meet:join!user=root"})):
        subject = person("root", scopes=scopes, admin=True)
        for record in (None, room("chess", roles={"root": "owner"}, invited={"root"})):
            decision = Policy().decide(subject, "chess", record)
            assert decision.code == "no-join-scope"
            assert JOIN_SCOPE in decision.message
            assert not decision.join
            assert not decision.see
            assert not decision.read
            assert not decision.moderates


def test_through_another_server(rules: Rules) -> None:
    """A credential that came through somebody else's server makes no moderator and no owner."""
    policy = Policy()
    for subject in (
        person("ada", via="bob"),
        person("ada", via="bob", admin=True, scopes=frozenset({MODERATE_SCOPE})),
    ):
        decision = inside(policy, subject, "chess", roles={"ada": "owner"})
        assert decision.join
        assert (decision.owns, decision.moderates) == (False, False)
        assert decision.standing == Standing(most="member", may_own=False)
        assert inside(rules(OFFICE), subject, "office/ada").standing.waits
        assert not inside(rules(COURSES), subject, LAB).join


@pytest.mark.parametrize("name", ["", "a//b", "../x", "a b", "x" * 129])
def test_no_room_has_this_name(name: str) -> None:
    """A name that no room can have is refused in the words of the naming rule."""
    decision = Policy().decide(person("root", admin=True), name, None)
    assert decision == Decision(code="invalid-room", message=decision.message)
    assert "room" in decision.message


def test_unknown_kind() -> None:
    """Somebody of a kind that is not known, or without a name, may do nothing."""
    for subject in (person(""), Subject("x", "robot", scopes=frozenset({JOIN_SCOPE}))):  # type: ignore[arg-type]
        decision = inside(Policy(), subject, "chess")
        assert not decision.join
        assert not decision.see
        assert not decision.read


def test_default_decision_allows_nothing() -> None:
    """A decision that nobody filled in allows nothing."""
    decision = Decision()
    assert not any(
        getattr(decision, right)
        for right in ("see", "create", "join", "read", "moderates", "owns", "guests")
    )
    assert decision.standing.role == decision.standing.most == "observer"
    assert decision.code
    assert decision.message


# ----------------------------------------------------------------- kernels


def test_kernel_of_a_student(rules: Rules) -> None:
    """A kernel goes where its user goes."""
    assert inside(rules(COURSES), kernel("ada", "course-101"), LAB).join
    assert not inside(rules(COURSES), kernel("bob"), LAB).join


def test_kernel_of_an_instructor(rules: Rules) -> None:
    """A moderator's kernel comes in and publishes like them, and moderates nothing."""
    policy = rules(COURSES + 'lobby = true\npublish = ["nobody"]\n')
    decision = policy.decide(kernel("emmy", "course-101-instructors"), LAB, None)
    assert (decision.join, decision.create) == (True, True)
    assert (decision.moderates, decision.owns) == (False, False)
    assert decision.standing == Standing(most="member", may_own=False, passes=True)


def test_kernel_of_an_owner() -> None:
    """An owner's kernel owns nothing and makes no guest links."""
    policy = Policy(allow_guests=True)
    decision = inside(policy, kernel("ada", admin=True), "chess", roles={"ada": "owner"})
    assert (decision.owns, decision.moderates) == (False, False)
    assert decision.standing.role is None
    assert not decision.standing.guest_links
    assert not Policy().decide(kernel("ada"), "chess", None).standing.may_own


# ------------------------------------------------------------------ subjects


@pytest.mark.parametrize(
    ("people", "subject", "joins"),
    [
        ("user:ada", person("ada"), True),
        ("user:ada", person("ad"), False),
        ("user:ada", person("adam"), False),
        ("user:ada", kernel("ada"), True),
        ("group:staff", person("ada", "staff"), True),
        ("group:staff", person("staff", "staff-2"), False),
        ("scope:custom:x", person("ada", scopes=frozenset({JOIN_SCOPE, "custom:x"})), True),
        ("scope:custom:x", person("ada", scopes=frozenset({JOIN_SCOPE, "custom:x!user"})), False),
        ("admin", person("root", admin=True), True),
        ("admin", kernel("root", admin=True), True),
        ("admin", person("root", admin=True, via="bob"), False),
        ("admin", person("ada"), False),
        ("everyone", person("ada"), True),
        ("nobody", person("ada"), False),
    ],
)
def test_who_is_named(rules: Rules, people: str, subject: Subject, joins: bool) -> None:
    """Each word of a list names exactly those it says."""
    policy = rules(f'[default]\njoin = ["{people}"]\ncreate = ["nobody"]\nhub_moderators = false\n')
    assert inside(policy, subject, "chess").join == joins


# ------------------------------------------------------- publish, chat, lobby


def test_publish(rules: Rules) -> None:
    """Who is not in ``publish`` takes part without sending; moderators always send."""
    policy = rules(COURSES + 'publish = ["group:speakers"]\n')
    assert not inside(policy, person("ada", "course-101"), LAB).standing.publish
    assert inside(policy, person("ada", "course-101", "speakers"), LAB).standing.publish
    assert inside(policy, person("emmy", "instructors"), LAB).standing.publish


def test_chat(rules: Rules) -> None:
    """Who is not in ``chat`` only watches, which is the role of an observer."""
    policy = rules(COURSES + 'chat = ["group:speakers"]\n')
    watcher = inside(policy, person("ada", "course-101"), LAB).standing
    assert (watcher.role, watcher.publish) == ("observer", False)
    assert inside(policy, person("ada", "course-101", "speakers"), LAB).standing.role is None
    promoted = inside(policy, person("ada", "course-101"), LAB, roles={"ada": "moderator"})
    assert promoted.standing.role is None


def test_scope_as_subject(rules: Rules) -> None:
    """A rule can name a scope of the hub."""
    policy = rules(COURSES + 'publish = ["scope:custom:speak"]\n')
    scopes = frozenset({JOIN_SCOPE, "custom:speak"})
    assert inside(policy, person("ada", "course-101", scopes=scopes), LAB).standing.publish
    assert not inside(policy, person("ada", "course-101"), LAB).standing.publish


def test_lobby_for_guests(rules: Rules) -> None:
    """``lobby = "guests"`` lets users in and guests wait."""
    policy = rules(GUESTS + 'lobby = "guests"\n', allow_guests=True)
    assert not inside(policy, person("ada"), "chess").standing.waits
    assert inside(policy, guest(), "chess").standing.waits


# ------------------------------------------------------- list and history


@pytest.mark.parametrize(
    ("access", "invited", "sees", "reads"),
    [
        ("open", False, True, True),
        ("lobby", False, True, False),
        ("invited", False, True, False),
        ("private", False, False, False),
        ("lobby", True, True, True),
        ("invited", True, True, True),
        ("private", True, True, True),
    ],
)
def test_access(access: Access, invited: bool, sees: bool, reads: bool) -> None:
    """A private room is not listed, and only who could walk in reads what was said."""
    record: dict[str, Any] = {"access": access, "invited": {"ada"} if invited else set()}
    decision = inside(Policy(), person("ada"), "chess", **record)
    assert (decision.see, decision.join, decision.read) == (sees, True, reads)


def test_locked() -> None:
    """The history of a locked room is for its moderators."""
    record: dict[str, Any] = {"locked": True, "invited": {"bob"}, "roles": {"ada": "owner"}}
    assert inside(Policy(), person("ada"), "chess", **record).read
    assert not inside(Policy(), person("bob"), "chess", **record).read


def test_invitation_is_no_right(rules: Rules) -> None:
    """An invitation lets nobody in, and shows nothing, that the rules keep out."""
    decision = inside(rules(COURSES), person("bob"), LAB, access="private", invited={"bob"})
    assert (decision.see, decision.join, decision.read) == (False, False, False)


def test_see(rules: Rules) -> None:
    """Rooms can be listed for people who may not join, and kept from those who may."""
    policy = rules(COURSES + 'see = ["group:tutors"]\n')
    tutor = inside(policy, person("tim", "tutors"), LAB)
    assert (tutor.see, tutor.join, tutor.read) == (True, False, False)
    assert not inside(policy, person("ada", "course-101"), LAB).see


# ------------------------------------------------------------------ guests


@pytest.mark.parametrize(
    ("switch", "rule", "joins"),
    [(True, GUESTS, True), (False, GUESTS, False), (True, "", False), (False, "", False)],
)
def test_guests_need_both(rules: Rules, switch: bool, rule: str, joins: bool) -> None:
    """Guests come in only where the administrator's switch and the rule both say so."""
    policy = rules(rule, allow_guests=switch)
    decision = inside(policy, guest(), "chess")
    assert decision.join == decision.guests == joins
    assert decision.code == ("" if joins else "guests-not-allowed")
    owner = inside(policy, person("ada"), "chess", roles={"ada": "owner"})
    assert owner.standing.guest_links == joins


def test_guest_is_a_member_at_most(rules: Rules) -> None:
    """A guest sees no list, reads no history, opens nothing and owns nothing."""
    policy = rules(GUESTS, allow_guests=True)
    roles = {guest().name: "owner"}
    decision = inside(policy, guest(), "chess", roles=roles, invited={guest().name})
    assert (decision.see, decision.read, decision.create) == (False, False, False)
    assert (decision.moderates, decision.owns) == (False, False)
    assert decision.standing == Standing(most="member", may_own=False)
    assert policy.decide(guest(), "chess", None).code == "no-such-room"


def test_guests_are_not_everyone(rules: Rules) -> None:
    """A list for everyone is one for everyone with an account."""
    policy = rules(GUESTS + 'publish = ["everyone"]\n', allow_guests=True)
    assert not inside(policy, guest(), "chess").standing.publish
    assert inside(policy, person("ada"), "chess").standing.publish
    watching = rules(GUESTS + 'chat = ["everyone"]\n', allow_guests=True)
    assert inside(watching, guest(), "chess").standing.role == "observer"


def test_who_makes_links(rules: Rules) -> None:
    """Guest links are for moderators, and for whoever is about to own the room."""
    policy = rules(GUESTS, allow_guests=True)
    assert policy.decide(person("ada"), "chess", None).standing.guest_links
    assert not inside(policy, person("bob"), "chess", roles={"ada": "owner"}).standing.guest_links
    assert not inside(policy, person("bob"), "chess").standing.guest_links
    assert inside(policy, person("root", admin=True), "chess").standing.guest_links
