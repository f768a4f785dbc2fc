"""A policy file that is not understood is not used, and the error says which line to change."""

from __future__ import annotations

from pathlib import Path

import pytest
from meetwidget_server.policy import Policy, PolicyError

from tests.unit.policy.people import Rules, inside, person, write

RULE = '[[rooms]]\npattern = "a/*"\njoin = ["everyone"]\ncreate = ["everyone"]\n'


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[[rooms]\n", 1, "not TOML"),
        ("x = 1\n[defaults]\n", 1, '"x" is not known'),
        ("\n[defaults]\njoin = []\n", 2, '"defaults" is not known'),
        ("rooms = 3\n", 1, r"\[\[rooms\]\]"),
        ("default = 3\n", 1, r"\[default\]"),
        (RULE + "jion = []\n", 5, '"jion" is not a key'),
        ('[[rooms]]\njoin = ["everyone"]\n', 1, "for which rooms"),
        ('[[rooms]]\npattern = "a"\njoin = ["everyone"]\n', 1, "add create"),
        ('[[rooms]]\npattern = "a"\ncreate = ["everyone"]\n', 1, "add join"),
        ('[[rooms]]\npattern = "a b"\n', 2, "match no room"),
        ("[default]\n" + RULE, 1, "add join"),
        ('[default]\npattern = "a"\n', 2, '"pattern" is not a key'),
        (RULE + 'moderate = "owner"\n', 5, "list of people"),
        (RULE + "moderate = [1]\n", 5, "list of people"),
        (RULE + "moderate = []\n", 5, '"nobody"'),
        (RULE + 'moderate = [\n  "group:x",\n  "teachers",\n]\n', 7, '"teachers" names nobody'),
        (RULE + 'moderate = ["group:"]\n', 5, "names nobody"),
        (RULE + 'moderate = ["everyone"]\n', 5, "remove anybody"),
        (RULE + 'moderate = ["guests"]\n', 5, "publish and chat only"),
        (RULE + 'see = ["nobody", "admin"]\n', 5, "stands alone"),
        (RULE + 'publish = ["joiners"]\n', 5, "see only"),
        (RULE + 'moderate = ["group:{course}"]\n', 5, "the pattern has none"),
        (RULE + 'moderate = ["group:{course"]\n', 5, "single brace"),
        (RULE + 'owner = "ada"\n', 5, 'write "creator"'),
        (RULE + 'owner = "group:{x}"\n', 5, "the pattern has none"),
        (RULE + 'guests = "yes"\n', 5, "true or false"),
        (RULE + 'lobby = "all"\n', 5, "true, false"),
        (RULE + f'help = "{"x" * 201}"\n', 5, "200 characters"),
        (RULE + RULE, 6, 'the rule for "a/\\*" in line 1 comes first'),
        (RULE.replace("a/*", "*") + RULE, 6, 'the rule for "\\*" in line 1 comes first'),
        (
            RULE + RULE.replace("a/*", "{x}/*") + 'see = ["group:{y}"]\n',
            9,
            r"the pattern has \{x\}",
        ),
    ],
)
def test_error_names_file_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    """Whatever is not understood is an error that names file, line and what to change."""
    path = write(tmp_path, text)
    with pytest.raises(PolicyError, match=says) as caught:
        Policy.load(path)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{path}, line {line}: ")


def test_inline_tables(tmp_path: Path) -> None:
    """Rules written in another style of TOML are read, and their errors name at least the file."""
    rule = '{pattern = "a", join = ["everyone"], create = ["nobody"]'
    policy = Policy.load(write(tmp_path, f"rooms = [{rule}}}]\n"))
    assert [one.name for one in policy.rules] == ["a"]
    path = write(tmp_path, f"rooms = [{rule}, x = 1}}]\n")
    with pytest.raises(PolicyError, match='"x" is not a key') as caught:
        Policy.load(path)
    assert str(path) in str(caught.value)


def test_no_such_file(tmp_path: Path) -> None:
    """A file that was named and is not there is an error, not an open hub."""
    with pytest.raises(PolicyError, match="cannot be read: No such file"):
        Policy.load(tmp_path / "policy.toml")


@pytest.mark.parametrize(
    ("data", "says"), [(b"\xff\xfe[", "not UTF-8"), (b"#" * (1024 * 1024 + 1), "larger than 1 MB")]
)
def test_no_text(tmp_path: Path, data: bytes, says: str) -> None:
    """What cannot be a policy is refused."""
    path = tmp_path / "policy.toml"
    path.write_bytes(data)
    with pytest.raises(PolicyError, match=says):
        Policy.load(path)


def test_first_match_decides(rules: Rules) -> None:
    """The first rule whose pattern matches decides, however much a later one would allow."""
    policy = rules(
        '[[rooms]]\npattern = "a/quiet"\njoin = ["nobody"]\ncreate = ["nobody"]\n' + RULE
    )
    assert not inside(policy, person("ada"), "a/quiet").join
    assert inside(policy, person("ada"), "a/loud").join


def test_built_in_default(rules: Rules) -> None:
    """Without a file, or without [default] in it, users open rooms, join them and own theirs."""
    for policy in (Policy.load(None), rules(RULE)):
        decision = policy.decide(person("ada"), "chess", None)
        assert decision.join
        assert decision.create
        assert decision.standing.may_own
        assert decision.rule == "[default]"


def test_default_of_the_file(rules: Rules) -> None:
    """[default] decides about rooms that no rule names."""
    policy = rules('[default]\njoin = ["group:staff"]\ncreate = ["nobody"]\n' + RULE)
    assert not inside(policy, person("ada"), "chess").join
    assert inside(policy, person("ada", "staff"), "chess").join
    assert inside(policy, person("ada"), "a/b").join
