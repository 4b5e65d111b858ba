"""The three-way comparison, key by key: what was agreed, what config.toml wants, what the settings file says. Pure.

Law: 'changed' and 'missing' are said against the base, never against the reading before. Without a base the file's
value is taken; a key that was undone is not compared until config.toml or a command asks for it again. What a person
may have chosen is no damage: `model` is never a stale copy, for Claude Code's /model writes it, and alone it is never
missing, for its choice "Default" takes it out (where config.toml names the model, it is missing all the same).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from keeplit.core.settings_keys import KEPT, LAUNCH_MODEL, MODEL
from keeplit.core.settings_model import Agreed, Settings, SettingsMemory

if TYPE_CHECKING:
    from keeplit.core.journal_entry import Changed

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


LOSSES = frozenset({Finding.MISSING, Finding.STALE_COPY})


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
        found[key] = finding, agreed
    changed = [key for key, (finding, _) in found.items() if finding is Finding.CHANGED]
    for key in _returned(settings, memory, now).intersection(changed) if changed else ():
        found[key] = Finding.STALE_COPY, found[key][1]
    if MODEL not in wants and [key for key, (finding, _) in found.items() if finding in LOSSES] == [MODEL]:
        found[MODEL] = Finding.CHANGED, found[MODEL][1]
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


def _returned(settings: Settings, memory: SettingsMemory, now: datetime) -> frozenset[str]:
    """Return the keys that hold again what we replaced a moment ago: an old copy of the file was written back.

    An edit counts where it is the latest of one of its keys, and where all that it changed is back. A person who puts
    one of several values back chose it; so did one who takes a value from before our latest edit of its key.
    """
    found: set[str] = set()
    newer: set[str] = set()
    for entry in reversed(settings.journal):
        keys = {one.key for one in entry.changed}
        latest, newer = keys - newer, newer | keys
        lately = ZERO <= now - entry.at <= STALE_COPY_WITHIN
        if not latest or not lately or not entry.done or entry.command in TAKES_BACK:
            continue
        if all(_is_back(one, settings, memory) for one in entry.changed):
            found |= keys
    return frozenset(found - {MODEL})


def _is_back(change: "Changed", settings: Settings, memory: SettingsMemory) -> bool:
    """Whether a key holds what it held before a change of ours, and nobody has agreed to that since."""
    from keeplit.core.json_edit import value_of  # late: whoever only looks has seldom a journal

    before, base = value_of(change.before), memory.agreed.get(change.key)
    if settings.values.get(change.key) != before:
        return False
    return change.key == MODEL or base is None or base.value != before or value_of(change.after) == before


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
