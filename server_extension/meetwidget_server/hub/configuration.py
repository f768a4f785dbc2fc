"""Reading and adding to a JupyterHub configuration whose settings may not be set yet.

A setting that was only appended to is *lazy*: the hub applies the additions to its default
later. It must stay so, for files that are merged into one configuration (as The Littlest
JupyterHub's are) would wipe out each other's entries otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from traitlets.config.loader import Config, LazyConfigValue


def entries(value: Any) -> list[Any]:
    """Returns what a list or set setting holds, as far as it is known now."""
    if isinstance(value, LazyConfigValue):
        pending = value.to_dict()
        return [
            *pending.get("prepend", ()),
            *pending.get("extend", ()),
            *pending.get("update", ()),
        ]
    return list(value or ())


def mapping(value: Any) -> dict[str, Any]:
    """Returns what a dict setting holds, as far as it is known now."""
    if isinstance(value, LazyConfigValue):
        return dict(value.to_dict().get("update") or {})
    return dict(value or {})


def named(setting: Any, name: str) -> dict[str, Any] | None:
    """Returns the entry of that name in a list of roles or services: itself, not a copy."""
    return next((entry for entry in entries(setting) if entry.get("name") == name), None)


def growing(section: Any, name: str) -> Any:
    """Returns a list setting to append to, whether it is set or not."""
    value = getattr(section, name)  # a Config makes a lazy value of what is not set
    if not isinstance(value, LazyConfigValue | list):
        value = list(value)
        setattr(section, name, value)
    return value


def add_to_dict(section: Any, name: str, added: Mapping[str, Any]) -> None:
    """Adds to a dict setting what it does not have yet."""
    value = getattr(section, name)
    present = mapping(value)
    new = {key: entry for key, entry in added.items() if key not in present}
    if isinstance(value, dict | LazyConfigValue):
        value.update(new)
    else:
        setattr(section, name, present | new)


def add_to_set(section: Any, name: str, added: Iterable[str]) -> None:
    """Adds to a set setting."""
    value = getattr(section, name)
    if isinstance(value, LazyConfigValue):
        value.update(set(added))
    else:
        setattr(section, name, {*value, *added})


def union(present: Iterable[str], added: Iterable[str]) -> list[str]:
    """Returns both, each entry once, in their order."""
    present = list(present)
    return [*present, *(entry for entry in added if entry not in present)]


def hiding_sections(config: Config, setting: str) -> list[str]:
    """Returns the kinds of spawners for which a setting is set apart.

    What is set for ``KubeSpawner`` hides what is set for all spawners.
    """
    return [
        section
        for section in config
        if section.endswith("Spawner")
        and section != "Spawner"
        and isinstance(config[section], Config)
        and config[section].get(setting) is not None
        and not isinstance(config[section][setting], LazyConfigValue)
    ]


def has_extra_user_scopes() -> bool:
    """Whether this JupyterHub can add scopes to the role ``user`` (since 6.0)."""
    from jupyterhub import version_info

    return bool(version_info >= (6,))
