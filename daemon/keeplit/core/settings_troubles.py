"""What is wrong with Claude Code's settings, and their state in one word: what the status says of them. Pure.

Law: a file that was readable a moment ago is not called broken: another program may be writing it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from keeplit.core.deeds import Result, Trouble
from keeplit.core.settings import ZERO, Judgement, has_settled, judge
from keeplit.core.settings_compared import kept
from keeplit.core.settings_keys import USE_BEDROCK, is_off
from keeplit.core.settings_model import ENV, FileState, Settings, SettingsMemory

REPAIRED_FOR = timedelta(minutes=10)
TORN = frozenset({FileState.BROKEN, FileState.CLOSED})
LAST_GOOD = ", or put the last good copy back: keeplit repair --last-good"


def settings_troubles(settings: Settings, memory: SettingsMemory, now: datetime) -> tuple[Trouble, ...]:
    """Return what is wrong with the settings at `now` (aware UTC)."""
    if not settings.path:
        return ()
    judged = judge(settings, memory, now)
    found = [Trouble("settings_bypassed", detail=_bypassed(settings))] if settings.bypassed else []
    if settings.state in TORN:
        return (*found, _unreadable(settings, memory)) if judged.settled else tuple(found)
    if settings.state is FileState.ABSENT and judged.settled and judged.missing:
        found.append(Trouble("settings_gone"))
    if judged.question is not None or judged.unset or judged.stopped or judged.left:
        found += _told(judged)
    failed = memory.write
    if judged.edits and failed.failures > 0 and failed.result != Result.STALE:
        found.append(Trouble("settings_not_writable", detail=(failed.detail or failed.code).rstrip(".")))
    return tuple(found)


def _bypassed(settings: Settings) -> str:
    return ", ".join(f"{key.removeprefix(ENV)} in {layer}" for key, layer in sorted(settings.bypassed.items()))


def _told(judged: Judgement) -> Iterable[Trouble]:
    """Give what is said in words of its own: the question, and what is not written any more."""
    from keeplit.core.settings_questions import LEFT, STOPPED, UNSET, fix_of, names, said  # late: seldom needed

    if judged.question is not None:
        yield Trouble("settings_question", detail=said(judged.question), fix=fix_of(judged.question))
    elif judged.unset:
        yield Trouble("settings_question", detail=UNSET.format(keys=names(judged.unset)), light=True)
    if judged.stopped:
        yield Trouble("settings_fight", detail=STOPPED.format(keys=names(judged.stopped)))
    if judged.left:
        yield Trouble("settings_left", detail=LEFT.format(keys=names(judged.left)))


def _unreadable(settings: Settings, memory: SettingsMemory) -> Trouble:
    fault = settings.fault or "It is not one JSON object"
    way_back = LAST_GOOD if settings.state is FileState.BROKEN and memory.last_good else ""
    return Trouble(
        "settings_unreadable", detail=f"{fault.rstrip('.')}.", fix=f"{settings.fix or 'correct the file'}{way_back}"
    )


def settings_state(settings: Settings, memory: SettingsMemory, now: datetime) -> str:
    """Return the state of the settings by section 5 of the design."""
    if settings.state in TORN and has_settled(settings, memory, now):
        return "unreadable"
    if is_off(settings.values.get(USE_BEDROCK, "on")):
        return "off"
    if not kept(memory) and (not settings.wanted or settings.state is FileState.ABSENT):
        return "unmanaged"
    judged = judge(settings, memory, now)
    if judged.damaged:
        return "damaged"
    return "repaired" if any(ZERO <= now - one.at <= REPAIRED_FOR for one in memory.repaired) else "ok"


def missing(settings: Settings, memory: SettingsMemory, now: datetime) -> list[str]:
    """Return the keys that are agreed and not in the file."""
    return sorted(judge(settings, memory, now).missing)
