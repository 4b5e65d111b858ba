"""What to do about Claude Code's settings: write, ask, or look again. The first rule that acts decides. Pure.

Law: one action at most in a turn; a question and a write never together; a pause stops both. Nothing here is a reason
for a session's renewal to wait.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from keeplit.core.clocks import NO_MEMORY, Case, is_paused, sound
from keeplit.core.deeds import Action, Do, Notice
from keeplit.core.memory import Memory
from keeplit.core.model import Facts, Kind, Reading, Seen, Session
from keeplit.core.permission import in_quiet_hours, nobody_there, quiet_until
from keeplit.core.settings import HOUR, MOST_REPAIRS, SETTLE, ZERO, Judgement, judge, repairs
from keeplit.core.settings_model import Edit, FileState, Settings, SettingsMemory

LOOKS = (timedelta(seconds=5), timedelta(seconds=30))  # after a write: a live session may write a stale copy back
LOOK_AGAIN = timedelta(seconds=1)
NOBODYS = Seen(Session("", "", Kind.SSO_SESSION, "", ""), Reading.ABSENT)

RULES = {
    "missing": "missing",
    "stale_copy": "an old value that was written back",
    "stale_path": "a keeplit command that is no longer there",
    "config": "changed in config.toml",
}


@dataclass(frozen=True, slots=True)
class SettingsStep:
    """What to do now, and when to look again; `for_person`: something waits to be told."""

    action: Action | None = None
    looks: tuple[datetime, ...] = ()
    for_person: bool = False


def step(facts: Facts, memory: Memory, now: datetime) -> SettingsStep:
    """Return what to do about the settings at `now` (aware UTC), and the times, all ahead, to look again."""
    settings, known = facts.settings, memory.settings
    if not settings.path:
        return SettingsStep()
    judged = judge(settings, known, now)
    looks = list(_looks(settings, known, judged, now))
    if is_paused(memory, now):
        return SettingsStep(None, tuple(looks))
    if judged.edits:
        until = known.write.until(now)
        if until is None:
            return SettingsStep(_edit(settings, judged.edits), tuple(looks))
        looks.append(until)
    told = next(((cause, text) for cause, text in _news(judged) if cause not in known.told), None)
    if told is None:
        return SettingsStep(None, tuple(looks))
    desk = Case(NOBODYS, NO_MEMORY, sound(facts), now)
    if in_quiet_hours(desk):
        return SettingsStep(None, (*looks, quiet_until(desk)))
    if nobody_there(desk):
        return SettingsStep(None, tuple(looks), for_person=True)
    cause, text = told
    return SettingsStep(Action(Do.NOTIFY, "", cause, text, notice=Notice.SETTINGS_QUESTION), tuple(looks))


def _looks(settings: Settings, known: SettingsMemory, judged: Judgement, now: datetime) -> Iterable[datetime]:
    """Give the times at which something becomes due by itself."""
    if not judged.settled:
        torn = settings.state in {FileState.BROKEN, FileState.CLOSED}
        since = now if known.since is None else min(known.since, now)
        yield now + LOOK_AGAIN if torn else since + SETTLE
    if known.written_at is not None:
        ahead = (known.written_at - now + after for after in LOOKS)
        yield from (now + away for away in ahead if ZERO < away <= LOOKS[-1])
    for key in judged.stopped:
        yield repairs(known, key, now)[-MOST_REPAIRS] + HOUR + LOOK_AGAIN


def _edit(settings: Settings, edits: tuple[Edit, ...]) -> Action:
    from keeplit.core.settings_questions import names  # late, as in `_news`

    rules = sorted({edit.rule for edit in edits})
    which = "; ".join(f"{names(edit.key for edit in edits if edit.rule == rule)}: {RULES[rule]}" for rule in rules)
    sentence = f"{which}. Writing the settings file."
    return Action(Do.EDIT_SETTINGS, "", "+".join(rules), sentence, token=settings.digest, edits=edits)


def _news(judged: Judgement) -> Iterable[tuple[str, str]]:
    """Give what a person is to be told of, each with its cause: the question first, and nothing beside it."""
    if judged.question is None and not judged.stopped and not judged.unset:
        return
    from keeplit.core.settings_questions import STOPPED, UNSET, names, said  # late: mostly there is nothing to say

    if judged.question is not None:
        yield judged.question.cause, said(judged.question)
        return
    if judged.stopped:
        yield f"stopped:{','.join(judged.stopped)}", STOPPED.format(keys=names(judged.stopped))
    if judged.unset:
        yield f"unset:{','.join(judged.unset)}", UNSET.format(keys=names(judged.unset))
