"""One rule of the policy: a pattern and who may do what in the rooms it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .pattern import BadPattern, Pattern, parse_pattern
from .term import BadTerm, Term, parse_term

Terms = tuple[Term, ...]
Lobby = Literal["nobody", "guests", "everyone"]

DEFAULT = "[default]"
LISTS = ("join", "create", "see", "publish", "chat", "moderate")
_PLACES = {
    "guests": ("publish", "chat"),
    "joiners": ("see",),
}
"""Words that make sense in some lists only."""
SWITCHES = ("guests", "hub_moderators")
KEYS = ("pattern", *LISTS, "owner", "lobby", *SWITCHES, "help")
MAX_HELP = 200
"""Characters of ``help``: it stands at the end of a refusal."""
_OWNERS = 'write "creator", "hub", "group:NAME" or "user:NAME".'


class BadRule(ValueError):
    """A rule that cannot be read; ``key`` and ``value`` say where in it."""

    def __init__(self, message: str, key: str = "", value: str = "") -> None:
        super().__init__(message)
        self.key = key
        self.value = value


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do what in some rooms. Lists of people are as in the file, captures in braces."""

    pattern: Pattern | None = None
    """``None`` for ``[default]``: every room that no rule names."""
    line: int = 0
    """Where it starts in its file; 0 if it is built in."""
    join: Terms = ()
    create: Terms = ()
    see: Terms = (Term("joiners"),)
    publish: Terms = (Term("everyone"), Term("guests"))
    chat: Terms = (Term("everyone"), Term("guests"))
    moderate: Terms = (Term("owner"),)
    owner: Term | Literal["creator", "hub"] = "creator"
    lobby: Lobby = "nobody"
    """Who waits to be let in."""
    guests: bool = False
    hub_moderators: bool = True
    help: str = ""
    """Whom to ask, for the end of a refusal."""

    @property
    def name(self) -> str:
        """What the rule is called in explanations."""
        return self.pattern.text if self.pattern else DEFAULT

    def match(self, room: str) -> dict[str, str] | None:
        """Returns the captures if this rule is for ``room``."""
        return self.pattern.match(room) if self.pattern else {}


BUILT_IN = Rule(join=(Term("everyone"),), create=(Term("everyone"),))
"""``[default]`` of a policy that has none: every user of the hub's meeting rooms may open and
join rooms, and owns those they opened."""


def parse_rule(table: Mapping[str, Any], line: int, *, default: bool = False) -> Rule:
    """Reads a ``[[rooms]]`` table or ``[default]``.

    Raises:
        BadRule: with a sentence that says what to change.
    """
    for key in table:
        if key not in KEYS or (default and key == "pattern"):
            known = ", ".join(one for one in KEYS if not (default and one == "pattern"))
            raise BadRule(f'"{key}" is not a key of a rule: use {known}.', key)
    pattern = None if default else _pattern(table)
    captures = pattern.captures if pattern else ()
    given: dict[str, Any] = {
        key: _people(key, table[key], captures) for key in LISTS if key in table
    }
    for key, hint in (("join", "may join"), ("create", "may open rooms that are not there yet")):
        if key not in given:
            raise BadRule(f'The rule does not say who {hint}: add {key} = ["group:NAME"].')
    for key in SWITCHES:
        if key in table:
            given[key] = _switch(key, table[key])
    if "lobby" in table:
        given["lobby"] = _lobby(table["lobby"])
    if "help" in table:
        given["help"] = _help(table["help"])
    if "owner" in table:
        given["owner"] = _owner(table["owner"], captures)
    elif Term("owner") not in given.get("moderate", BUILT_IN.moderate):
        given["owner"] = "hub"
    return Rule(pattern, line, **given)


def _pattern(table: Mapping[str, Any]) -> Pattern:
    text = table.get("pattern")
    if not isinstance(text, str):
        raise BadRule('The rule does not say for which rooms it is: add pattern = "course-101/*".')
    try:
        return parse_pattern(text)
    except BadPattern as error:
        raise BadRule(str(error), "pattern") from None


def _people(key: str, value: object, captures: tuple[str, ...]) -> Terms:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise BadRule(f'{key} is a list of people: write {key} = ["group:NAME"].', key)
    if not value:
        raise BadRule(f'{key} is empty: write {key} = ["nobody"] if you mean it.', key)
    terms = []
    for text in value:
        try:
            term = parse_term(text, captures)
        except BadTerm as error:
            raise BadRule(f"{key}: {error}", key, text) from None
        if key not in _PLACES.get(term.kind, (key,)):
            places = " and ".join(_PLACES[term.kind])
            raise BadRule(f'{key}: "{text}" can stand in {places} only.', key, text)
        terms.append(term)
    if Term("nobody") in terms and len(terms) > 1:
        raise BadRule(f'{key}: "nobody" stands alone; take it or the others out.', key, "nobody")
    if key == "moderate" and Term("everyone") in terms:
        raise BadRule(
            'moderate: "everyone" would let anybody remove anybody; name a group.', key, "everyone"
        )
    return tuple(terms)


def _switch(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadRule(f"{key} is true or false, without quotes.", key)
    return value


def _lobby(value: object) -> Lobby:
    if isinstance(value, bool):
        return "everyone" if value else "nobody"
    if value == "guests":
        return "guests"
    raise BadRule('lobby is true, false or "guests".', "lobby")


def _help(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 1 <= len(value) <= MAX_HELP:
        raise BadRule(f"help is one sentence of at most {MAX_HELP} characters.", "help")
    return value


def _owner(value: object, captures: tuple[str, ...]) -> Term | Literal["creator", "hub"]:
    if value == "creator":
        return "creator"
    if value == "hub":
        return "hub"
    if not isinstance(value, str) or not value.startswith(("group:", "user:")):
        raise BadRule(f"owner names who owns the rooms: {_OWNERS}", "owner")
    try:
        return parse_term(value, captures)
    except BadTerm as error:
        raise BadRule(f"owner: {error}", "owner", value) from None
