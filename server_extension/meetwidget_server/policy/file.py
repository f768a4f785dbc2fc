"""The policy file: TOML, with errors that name the line to change."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from .rule import BUILT_IN, BadRule, Rule, parse_rule

_RULE = re.compile(r"\s*\[\[\s*rooms\s*\]\]")
_DEFAULT = re.compile(r"\s*\[\s*default\s*\]")
_TABLE = re.compile(r"\s*\[")
_PLACE = re.compile(r" \(at line (\d+), column \d+\)$")
MAX_BYTES = 1024 * 1024
"""A larger file is not a policy."""


class PolicyError(Exception):
    """A policy that cannot be used: nothing of it counts. The message is for administrators."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        place = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{place}: {message}")
        self.path = path
        self.line = line
        """From 1; 0 if no line can be named."""


def read_rules(path: Path) -> tuple[tuple[Rule, ...], Rule]:
    """Returns the rules in order, and the default.

    Raises:
        PolicyError: naming file, line and what to change.
    """
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        what = _PLACE.sub("", str(error))
        raise PolicyError(path, int(found[1]) if found else 0, f"this is not TOML: {what}.") from (
            None
        )
    lines = text.splitlines()
    for key in data:
        if key not in ("default", "rooms"):
            raise PolicyError(
                path, _find(lines, key), f'"{key}" is not known: use [default] and [[rooms]].'
            )
    tables = data.get("rooms", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise PolicyError(path, _find(lines, "rooms"), "each rule starts with a line [[rooms]].")
    default = data.get("default")
    if default is not None and not isinstance(default, dict):
        raise PolicyError(path, _find(lines, "default"), "the default starts with [default].")
    heads = [number for number, line in enumerate(lines, 1) if _RULE.match(line)]
    rules: list[Rule] = []
    for index, table in enumerate(tables):
        line = heads[index] if index < len(heads) else 0
        try:
            rule = parse_rule(table, line)
            _reachable(rule, rules)
        except BadRule as error:
            raise PolicyError(path, _within(lines, line, error), str(error)) from None
        rules.append(rule)
    if default is None:
        return tuple(rules), BUILT_IN
    line = next((number for number, one in enumerate(lines, 1) if _DEFAULT.match(one)), 0)
    try:
        return tuple(rules), parse_rule(default, line, default=True)
    except BadRule as error:
        raise PolicyError(path, _within(lines, line, error), str(error)) from None


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PolicyError(path, 0, f"the policy cannot be read: {error.strerror}.") from None
    if len(data) > MAX_BYTES:
        raise PolicyError(path, 0, "the policy is larger than 1 MB.")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise PolicyError(path, 0, "the policy is not UTF-8 text.") from None


def _reachable(rule: Rule, before: list[Rule]) -> None:
    """Refuses a rule that can never decide: whoever wrote it believes that it does."""
    for other in before:
        if other.name in (rule.name, "*"):
            place = f" in line {other.line}" if other.line else ""
            raise BadRule(
                f'the rule for "{other.name}"{place} comes first and decides: '
                "put this one before it or take it out.",
                "pattern",
            )


def _find(lines: list[str], key: str) -> int:
    """Returns the line in which a key of the file stands."""
    word = re.compile(rf"\s*\[{{0,2}}\s*[\"']?{re.escape(key)}\b")
    return next((number for number, line in enumerate(lines, 1) if word.match(line)), 0)


def _within(lines: list[str], head: int, error: BadRule) -> int:
    """Returns the line of a table in which the wrong key, or best the wrong value, stands."""
    if not head:
        return 0
    place = 0
    word = re.compile(rf"\s*[\"']?{re.escape(error.key)}[\"']?\s*=")
    for number, line in enumerate(lines[head:], head + 1):
        if _TABLE.match(line) and not place:
            break
        if error.key and not place and word.match(line):
            place = number
        if place and (not error.value or error.value in line):
            return number
    return place or head
