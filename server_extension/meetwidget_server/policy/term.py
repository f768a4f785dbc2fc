"""The words by which a rule names people: ``everyone``, ``group:course-101``, ``user:{user}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .subject import Subject

WORDS = ("everyone", "guests", "nobody", "joiners", "owner", "admin")
PREFIXES = ("user", "group", "scope")
_CAPTURE = re.compile(r"\{([^{}]*)\}")


class BadTerm(ValueError):
    """A word that names nobody; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list of people."""

    kind: str
    """One of :data:`WORDS` or :data:`PREFIXES`."""
    value: str = ""
    """The name behind a prefix, captures in braces."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}" if self.value else self.kind

    def filled(self, captures: Mapping[str, str]) -> Term:
        """Returns the term with each ``{capture}`` replaced by what it stands for in this room."""
        if "{" not in self.value:
            return self
        return Term(self.kind, _CAPTURE.sub(lambda found: captures[found.group(1)], self.value))

    def names(self, subject: Subject) -> bool:
        """Whether a filled term names ``subject`` by what the host says about them.

        ``owner`` and ``joiners`` depend on the room, so they never do here; neither does a
        guest ever pass for somebody with an account.
        """
        if subject.kind == "guest" or self.kind == "guests":
            return subject.kind == "guest" and self.kind == "guests"
        match self.kind:
            case "everyone":
                return True
            case "admin":
                return subject.admin and not subject.via
            case "user":
                return subject.name == self.value
            case "group":
                return self.value in subject.groups
            case "scope":
                return self.value in subject.scopes
            case _:
                return False


def parse_term(text: str, captures: tuple[str, ...]) -> Term:
    """Reads one entry of a list of people.

    Args:
        text: as it stands in the file.
        captures: names in braces that the rule's pattern has.

    Raises:
        BadTerm: with a sentence that says what to change.
    """
    if text in WORDS:
        return Term(text)
    prefix, colon, value = text.partition(":")
    if prefix not in PREFIXES or not colon or not value:
        raise BadTerm(
            f'"{text}" names nobody: write {", ".join(WORDS)}, user:NAME, group:NAME or scope:NAME.'
        )
    used = _CAPTURE.findall(value)
    if "{" in _CAPTURE.sub("", value) or "}" in _CAPTURE.sub("", value):
        raise BadTerm(f'"{text}" has a single brace: write {{name}} or none.')
    if used and prefix == "scope":
        raise BadTerm(f'"{text}": a scope is written out, without {{name}}.')
    for name in used:
        if name not in captures:
            known = ", ".join(f"{{{one}}}" for one in captures) or "none"
            raise BadTerm(f'"{text}" uses {{{name}}}, but the pattern has {known}.')
    return Term(prefix, value)


def describe(terms: list[Term]) -> str:
    """Returns who the (filled) terms name, for the middle of a sentence: no user is named."""
    groups = [term.value for term in terms if term.kind == "group"]
    parts = []
    if groups:
        parts.append(("the group " if len(groups) == 1 else "the groups ") + _and(groups))
    kinds = {term.kind for term in terms}
    if "owner" in kinds:
        parts.append("the owner of the room")
    if "admin" in kinds:
        parts.append("administrators of this hub")
    if kinds & {"user", "scope"}:
        parts.append("people named in the rules of this hub")
    return _and(parts) or "moderators of this hub"


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
