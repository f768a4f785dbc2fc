"""What holds for every policy, subject and room."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import HealthCheck, given, settings, strategies as st
from meetwidget_server.policy import JOIN_SCOPE, MODERATE_SCOPE, Decision, Policy, Subject
from meetwidget_server.policy.explain import explain
from meetwidget_server.policy.rule import Rule, parse_rule
from meetwidget_server.room import RoomRecord

from meetwidget.wire.control import Access, Role

patient = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
USERS = ["ada", "bob", "a"]
GROUPS = ["a", "b", "a-staff"]
ROOMS = ["a", "b", "a/b", "b/a", "a/b/ada", "ada"]
ROLE: dict[Role | None, int] = {"observer": 0, None: 1, "member": 1, "moderator": 2, "owner": 3}

people = st.one_of(
    st.just(["nobody"]),
    st.lists(
        st.sampled_from(
            [
                "everyone",
                "owner",
                "admin",
                "user:ada",
                "user:{x}",
                "group:a",
                "group:{x}",
                "group:{x}-staff",
                f"scope:{MODERATE_SCOPE}",
            ]
        ),
        min_size=1,
        max_size=3,
    ),
)
moderators = people.filter(lambda terms: "everyone" not in terms)
tables = st.fixed_dictionaries(
    {
        "pattern": st.sampled_from(["{x}", "{x}/*", "a/{x}", "{x}/{y}/*", "a-{x}"]),
        "join": people,
        "create": people,
    },
    optional={
        "see": people,
        "publish": people,
        "chat": people,
        "moderate": moderators,
        "owner": st.sampled_from(["creator", "hub", "group:{x}", "user:{x}"]),
        "lobby": st.sampled_from([True, False, "guests"]),
        "guests": st.booleans(),
        "hub_moderators": st.booleans(),
    },
)
policies = st.builds(
    lambda rules, default, guests: Policy(
        tuple(parse_rule(table, number + 1) for number, table in enumerate(rules)), default, guests
    ),
    st.lists(tables, max_size=4),
    st.just(Rule()) | st.just(Policy().default),
    st.booleans(),
)
subjects = st.builds(
    Subject,
    st.sampled_from(USERS),
    st.sampled_from(["person", "kernel", "guest"]),
    st.frozensets(st.sampled_from(GROUPS)),
    st.frozensets(st.sampled_from([JOIN_SCOPE, MODERATE_SCOPE, "other"])),
    st.booleans(),
    st.sampled_from(["", "", "bob"]),
)
accesses = st.sampled_from(list[Access](["open", "lobby", "invited", "private"]))
roles = st.dictionaries(
    st.sampled_from(USERS), st.sampled_from(list[Role](["owner", "moderator", "member"]))
)
records = st.none() | st.builds(
    RoomRecord,
    st.just("room"),
    st.just("epoch"),
    locked=st.booleans(),
    roles=roles,
    access=accesses,
    invited=st.sets(st.sampled_from(USERS)),
)
rooms = st.sampled_from(ROOMS)
RIGHTS = ("see", "create", "join", "read", "moderates", "owns", "guests")


def powers(decision: Decision) -> dict[str, int]:
    """Returns everything a decision gives, the more the larger."""
    standing = decision.standing
    given = {right: int(getattr(decision, right)) for right in RIGHTS}
    given |= {
        "role": ROLE[standing.role],
        "most": ROLE[standing.most],
        "waits": -int(standing.waits),
    }
    for field in fields(standing):
        if field.name not in given:
            given[field.name] = int(getattr(standing, field.name))
    return given


def no_more(less: Decision, more: Decision) -> bool:
    """Whether the first decision gives nothing that the second does not give."""
    first, second = powers(less), powers(more)
    return all(first[name] <= second[name] for name in first)


@patient
@given(policies, subjects, rooms, records, st.sampled_from(GROUPS))
def test_losing_a_group_gives_nothing(
    policy: Policy, subject: Subject, room: str, record: RoomRecord | None, group: str
) -> None:
    """Who loses a group never gains a right by it."""
    poorer = replace(subject, groups=subject.groups - {group})
    assert no_more(policy.decide(poorer, room, record), policy.decide(subject, room, record))


@patient
@given(policies, subjects, rooms, records)
def test_losing_anything_gives_nothing(
    policy: Policy, subject: Subject, room: str, record: RoomRecord | None
) -> None:
    """Nor does losing a scope, the hub's administration, or the server of one's own."""
    decision = policy.decide(subject, room, record)
    for scope in subject.scopes:
        poorer = replace(subject, scopes=subject.scopes - {scope})
        assert no_more(policy.decide(poorer, room, record), decision)
    assert no_more(policy.decide(replace(subject, admin=False), room, record), decision)
    assert no_more(policy.decide(replace(subject, via="eve"), room, record), decision)


@patient
@given(policies, subjects, rooms, records)
def test_no_way_in_without_the_scope(
    policy: Policy, subject: Subject, room: str, record: RoomRecord | None
) -> None:
    """No rule and no record lets a user in whose credential is not good for meeting rooms."""
    stranger = replace(subject, scopes=frozenset({"other"}))
    decision = policy.decide(stranger, room, record)
    if stranger.kind == "guest":
        assert not decision.join or (policy.allow_guests and decision.guests)
    else:
        assert not any(getattr(decision, right) for right in RIGHTS if right != "guests")


@patient
@given(policies, subjects, rooms, records)
def test_only_persons_have_power(
    policy: Policy, subject: Subject, room: str, record: RoomRecord | None
) -> None:
    """Kernels, guests and credentials from another's server never moderate, own or make links."""
    decision = policy.decide(subject, room, record)
    if subject.kind != "person" or subject.via:
        assert not decision.moderates
        assert not decision.owns
        assert not decision.standing.may_own
        assert not decision.standing.guest_links
        assert ROLE[decision.standing.role] <= ROLE[None]
        assert ROLE[decision.standing.most] <= ROLE["member"]


@patient
@given(policies, subjects, rooms, records)
def test_kernel_gets_no_more_than_its_person(
    policy: Policy, subject: Subject, room: str, record: RoomRecord | None
) -> None:
    """A kernel may do nothing that its person may not do."""
    if subject.kind != "guest":
        kernel = policy.decide(replace(subject, kind="kernel"), room, record)
        person = policy.decide(replace(subject, kind="person"), room, record)
        assert all(getattr(kernel, right) <= getattr(person, right) for right in RIGHTS)
        assert kernel.standing.publish <= person.standing.publish


@patient
@given(policies, subjects, rooms, records)
def test_rights_fit_together(
    policy: Policy, subject: Subject, room: str, record: RoomRecord | None
) -> None:
    """Who reads may join, who moderates is seen to, and a refusal has a code and a sentence."""
    decision = policy.decide(subject, room, record)
    if decision.read or decision.standing.publish or decision.standing.passes:
        assert decision.join
    if decision.moderates:
        assert decision.see
    if record is not None:
        assert policy.sees(subject, room, record) == decision.see
    if not decision.join:
        assert decision.standing == Decision().standing
    assert bool(decision.code) == bool(decision.message) == (not decision.join)
    assert decision.message[-1:] in ("", ".")


@patient
@given(policies, subjects, rooms, records)
def test_first_match_decides(
    policy: Policy, subject: Subject, room: str, record: RoomRecord | None
) -> None:
    """Only the first rule that matches counts: what stands behind it may be anything."""
    decision = policy.decide(subject, room, record)
    matching = [rule for rule in policy.rules if rule.match(room) is not None]
    alone = replace(policy, rules=tuple(matching[:1]))
    assert alone.decide(subject, room, record) == decision
    assert decision.rule == (matching[0].name if matching else "[default]")


@patient
@given(policies, subjects, rooms, records)
def test_explanation_agrees(
    policy: Policy, subject: Subject, room: str, record: RoomRecord | None
) -> None:
    """The explanation of a room that is there says of every right what the decision says."""
    if record is None:
        record = RoomRecord(room, "")
    decision = policy.decide(subject, room, record)
    said = {}
    for line in explain(policy, subject, room, record).splitlines():
        if line.startswith("  ") and line[2] != " ":
            said[line[2:14].strip()] = line[15:18].strip() == "yes"
    assert said["join"] == decision.join
    assert said["see"] == decision.see
    assert said["create"] == decision.create
    assert said["read"] == decision.read
    assert said["moderate"] == decision.moderates
    assert said["publish"] == decision.standing.publish
    if decision.join:
        assert said["wait"] == decision.standing.waits
        assert said["guest links"] == decision.standing.guest_links
        assert said["chat"] == (decision.standing.role != "observer")
