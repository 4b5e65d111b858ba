"""An ordinary settings file that has settled, in which a test changes what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.json_edit import encode
from keeplit.core.memory import Memory
from keeplit.core.model import Desk, Facts, Policy
from keeplit.core.settings import sight
from keeplit.core.settings_keys import MODEL, PROFILE, REGION, USE_BEDROCK
from keeplit.core.settings_model import Agreed, FileState, Settings, SettingsMemory
from tests.core.drawn import NOON, OURS
from tests.core.made import HOUR, MINUTE, there

PATH = "/home/sam/.claude/settings.json"
LIT = {USE_BEDROCK: "1", PROFILE: "work", REGION: "eu-central-1", MODEL: "opus"}
ANOTHER = "d2"


def said(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return what the ordinary file says, with changes; None takes a key out."""
    found: dict[str, str | None] = {**LIT, **(changes or {})}
    return {key: value for key, value in found.items() if value is not None}


def settings(changes: Mapping[str, str | None] | None = None, **more: object) -> Settings:
    """Return the ordinary settings with changes in the file; `more` are other fields."""
    held = replace(Settings(PATH, FileState.PRESENT, "d1", said(changes), commands=OURS))
    return replace(held, **more)  # type: ignore[arg-type]  # a test names fields as they are


def base(changes: Mapping[str, str | None] | None = None, **more: object) -> dict[str, Agreed]:
    """Return the base that the ordinary file leaves, with changes; `more` are fields of each."""
    return {
        key: replace(Agreed(value), **more)  # type: ignore[arg-type]  # as above
        for key, value in {**LIT, **(changes or {})}.items()
    }


def remembered(found: Settings, agreed: object = None, **more: object) -> SettingsMemory:
    """Return a memory that has seen these settings for an hour."""
    held = SettingsMemory(PATH, base(), seen=sight(found), since=NOON - HOUR, last_good="d0")
    more |= {} if agreed is None else {"agreed": agreed}
    return replace(held, **more)  # type: ignore[arg-type]  # as above


def entry(
    command: str,
    changed: Mapping[str, tuple[str | None, str | None]],
    ago: timedelta = MINUTE,
    *,
    name: str = "e1",
    phase: Phase = Phase.DONE,
    reason: str = "",
    after: str = "d9",
) -> Entry:
    """Return an entry of the journal: the value before and after, by key."""
    rows = tuple(Changed(key, _raw(before), _raw(now)) for key, (before, now) in changed.items())
    return Entry(name, f"g-{name}", NOON - ago, command, PATH, rows, "d0", after, reason, phase)


def _raw(value: str | None) -> str | None:
    return None if value is None else encode(value)


def facts(found: Settings, desk: Desk | None = None, policy: Policy | None = None, now: datetime = NOON) -> Facts:
    """Return the facts of a turn that sees no session, with somebody at the desk."""
    return Facts(desk=desk or there(now), policy=policy or Policy(), settings=found)


def memory(known: SettingsMemory, paused: datetime | None = None) -> Memory:
    """Return a memory of the settings alone."""
    return Memory(paused_until=paused, settings=known)
