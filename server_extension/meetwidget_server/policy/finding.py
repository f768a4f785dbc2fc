"""Answers with their reasons, cheap enough that a list of thousands of rooms can ask for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class once(Generic[Value]):  # noqa: N801 - a decorator
    """A property that is computed once.

    ``functools.cached_property`` locks, which costs more than most of these properties do.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> Value:
        value = instance.__dict__[self._name] = self._compute(instance)
        return value


class Finding:
    """Whether, and why; the words are made only if somebody asks for them."""

    __slots__ = ("_why", "yes")

    def __init__(self, yes: bool, why: str | Callable[[], str]) -> None:
        self.yes = yes
        self._why = why

    @property
    def why(self) -> str:
        """The reason, for the middle of a sentence."""
        return self._why if isinstance(self._why, str) else self._why()

    def __bool__(self) -> bool:
        return self.yes
