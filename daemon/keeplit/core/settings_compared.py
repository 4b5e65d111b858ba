"""The three-way comparison, key by key: what was agreed, what config.toml wants, what the settings file says. Pure.

Law: 'changed' and 'missing' are said against the base, never against the reading before. Without a base the file's
value is taken; a key that was undone is not compared until config.toml or a command asks for it again.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from keeplit.core.settings_keys import KEPT, LAUNCH_MODEL, MODEL
from keeplit.core.settings_model import Agreed, Settings, SettingsMemory

ZERO = timedelta(0)
STALE_COPY_WITHIN = timedelta(minutes=10)
TAKES_BACK = frozenset({"undo", "reset", "accept"})
Compared = Mapping[str, "tuple[Finding, Agreed | None]"]


class Finding(StrEnum):
    """What the comparison found for one key."""

    SAME = "same"  # as agreed, or nothing to agree on
    MISSING = "missing"
    CHANGED = "changed"
    STALE_COPY = "stale_copy"  # a value that we replaced has come back
    STALE_PATH = "stale_path"  # a command of ours whose executable is gone
    CONFIG = "config"  # config.toml moved, the file did not
    BOTH = "both"  # both moved
    UNSET = "unset"  # only config.toml names it


def compare(settings: Settings, memory: SettingsMemory, now: datetime) -> Mapping[str, tuple[Finding, Agreed | None]]:
    """Return for each key what is found, and the base as it would be if the file's value were taken."""
    wants = wanted(settings, memory)
    there = (key for key in KEPT if key in settings.values)
    found: dict[str, tuple[Finding, Agreed | None]] = {}
    for key in dict.fromkeys((*there, *wants, *memory.agreed)):
        finding, agreed = _compared(
            memory.agreed.get(key), settings.values.get(key), wants.get(key), names=key in wants
        )
        if finding in {Finding.SAME, Finding.CHANGED} and _stale_path(key, settings, agreed):
            finding = Finding.STALE_PATH
        elif finding is Finding.CHANGED and _replaced(key, settings, now):
            finding = Finding.STALE_COPY
        found[key] = finding, agreed
    return found


def _compared(
    base: Agreed | None, value: str | None, config: str | None, *, names: bool
) -> tuple[Finding, Agreed | None]:
    """Compare base, file and config.toml for one key."""
    if base is None:
        if value is None and config is not None:
            return Finding.UNSET, None
        return Finding.SAME, Agreed(value, config, names)
    if names and (config != base.config or not base.names):
        if value == config:
            return Finding.SAME, Agreed(value, config, names)
        free = base.released or value is None or value == base.value
        return Finding.CONFIG if free else Finding.BOTH, base
    stays = replace(base, config=config, names=names)
    if base.released:
        return Finding.SAME, replace(stays, value=value)
    if value == base.value:
        return Finding.SAME, stays
    return Finding.MISSING if value is None else Finding.CHANGED, stays


def _stale_path(key: str, settings: Settings, agreed: Agreed | None) -> bool:
    """Whether a key that is kept runs a keeplit that is gone, and the one that is there can be named."""
    ours = settings.commands.get(key)
    if agreed is None or agreed.released or key not in settings.stale:
        return False
    return ours is not None and ours != settings.values.get(key)


def _replaced(key: str, settings: Settings, now: datetime) -> bool:
    """Whether the file holds again what keeplit replaced there a moment ago, and nobody took that back."""
    for entry in reversed(settings.journal):
        changed = next((one for one in entry.changed if one.key == key), None)
        if changed is None:
            continue
        if entry.command in TAKES_BACK or not ZERO <= now - entry.at <= STALE_COPY_WITHIN:
            return False
        from keeplit.core.json_edit import value_of  # late: whoever only looks has seldom a journal

        if entry.done and value_of(changed.before) == settings.values.get(key):
            return True
    return False


def kept(memory: SettingsMemory) -> Mapping[str, str]:
    """Return what the file is to hold, by key: what is agreed and was not taken back."""
    return {
        key: agreed.value for key, agreed in memory.agreed.items() if agreed.value is not None and not agreed.released
    }


def wanted(settings: Settings, memory: SettingsMemory) -> Mapping[str, str | None]:
    """Return what config.toml wants by key: the model stays where it was agreed to stand, should it be missing now.

    A config.toml with a mistake in it is taken to name what it named before: a person who corrects it later has not
    asked for anything anew, and what was adopted meanwhile is not written over.
    """
    wants = settings.wanted
    if not settings.sure:
        wants = {key: agreed.config for key, agreed in memory.agreed.items() if agreed.names} | dict(wants)
    if MODEL not in wants or LAUNCH_MODEL not in kept(memory):
        return wants
    return {LAUNCH_MODEL if key == MODEL else key: value for key, value in wants.items()}
