"""The guard of Claude Code's settings: what was agreed, what config.toml wants and what the file says, compared. Pure.

Law (section 4 of the design): a value that a person changed is never written over; a key that went missing comes back;
where the whole file looks like somebody else's work, one question is asked and nothing is written while it stands.
Everything is judged against the base, never against the reading before, and only once the file has been unchanged for
2 s: what a program writes in two steps is one rewrite, and a name that is being typed is none yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from keeplit.core.settings_compared import Compared, Finding, compare, kept, wanted
from keeplit.core.settings_keys import USE_BEDROCK, is_off, rivals
from keeplit.core.settings_model import Agreed, Edit, FileState, Repair, Settings, SettingsMemory, Why

if TYPE_CHECKING:
    from keeplit.core.settings_questions import Question

SETTLE = timedelta(seconds=2)
ZERO = timedelta(0)
HOUR = timedelta(hours=1)
MOST_REPAIRS = 3  # of one key within an hour
REPAIRS = frozenset({"missing", "stale_copy", "stale_path"})  # rules that mend; "config" writes what a person asked
SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the comparison came to."""

    agreed: Mapping[str, Agreed]  # the base from now on
    edits: tuple[Edit, ...] = ()
    question: "Question | None" = None
    missing: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()  # what config.toml names and was never in the file: asked about once
    stopped: tuple[str, ...] = ()  # repaired three times within the hour
    left: tuple[str, ...] = ()  # to be repaired, and config.toml says to leave it
    damaged: bool = False
    settled: bool = True
    findings: Mapping[str, Finding] = field(default_factory=dict)


def judge(settings: Settings, memory: SettingsMemory, now: datetime) -> Judgement:
    """Return what to agree on, to write, to ask at `now` (aware UTC). Raises nothing for any state."""
    if settings.state is not FileState.PRESENT:
        gone = tuple(kept(memory)) if settings.state is FileState.ABSENT else ()
        return Judgement(memory.agreed, missing=gone, damaged=bool(gone), settled=has_settled(settings, memory, now))
    compared = compare(settings, memory, now)
    findings = {key: finding for key, (finding, _) in compared.items()}
    settled = has_settled(settings, memory, now)
    missing = tuple(key for key, finding in findings.items() if finding is Finding.MISSING)
    hurt = [key for key, finding in findings.items() if finding in REPAIRS]
    said = Judgement(memory.agreed, missing=missing, damaged=bool(hurt), settled=settled, findings=findings)
    if not settled:  # what is met for the first time has no base that it could harm
        return said if memory.agreed else replace(said, agreed=_taken(compared, settings))
    stopped = tuple(key for key in hurt if len(repairs(memory, key, now)) >= MOST_REPAIRS)
    unset = tuple(key for key, finding in findings.items() if finding is Finding.UNSET)
    said = replace(said, stopped=stopped, unset=unset)
    question = _question(settings, memory, findings)
    if question is not None:
        return replace(said, question=question, damaged=True)
    said = replace(said, agreed=_taken(compared, settings))
    mending = [key for key in hurt if key not in stopped]
    if mending and settings.repair is Repair.ASK:
        return replace(said, question=_asked(Why.DAMAGED, mending, settings))
    due = [key for key, finding in findings.items() if finding is Finding.CONFIG]
    if settings.repair is Repair.AUTO:
        due += mending
    else:
        said = replace(said, left=tuple(mending))
    ours = put_back(settings, memory, now)
    return replace(said, edits=tuple(Edit(key, ours[key], str(findings[key])) for key in due))


def put_back(settings: Settings, memory: SettingsMemory, now: datetime) -> Mapping[str, str | None]:
    """Return what the file is to hold where it does not hold ours: what a person's ``repair`` writes."""
    wants = wanted(settings, memory)
    found: dict[str, str | None] = {}
    for key, (finding, agreed) in compare(settings, memory, now).items():
        match finding:
            case Finding.CONFIG | Finding.BOTH | Finding.UNSET:
                found[key] = wants[key]
            case Finding.STALE_PATH:
                found[key] = settings.commands[key]
            case Finding.MISSING | Finding.CHANGED | Finding.STALE_COPY:
                found[key] = _today(key, agreed.value if agreed is not None else None, settings)
            case _:
                pass
    return found


def _taken(compared: Compared, settings: Settings) -> Mapping[str, Agreed]:
    """Return the base with all that is agreed to: what a person changed is adopted."""
    return {
        key: replace(agreed, value=settings.values.get(key)) if finding is Finding.CHANGED else agreed
        for key, (finding, agreed) in compared.items()
        if agreed is not None
    }


def _today(key: str, value: str | None, settings: Settings) -> str | None:
    """Return a value as it is to be written now: a helper of ours by the path that it has now."""
    if value is None or key not in settings.commands:
        return value
    from keeplit.core.own_command import is_own  # late: whoever only looks writes nothing

    return settings.commands[key] if is_own(key, value) else value


def _question(settings: Settings, memory: SettingsMemory, findings: Mapping[str, Finding]) -> "Question | None":
    """Return the one question that the file as a whole raises: whether this is damage or somebody's will."""
    values, ours = settings.values, kept(memory)
    if len(ours) >= SEVERAL and all(key not in values and findings[key] is not Finding.SAME for key in ours):
        return _asked(Why.GONE, ours, settings)
    if _switched_off(settings, memory) and findings[USE_BEDROCK] is not Finding.SAME:
        return _asked(Why.OFF, (USE_BEDROCK,), settings)
    new = [key for key in rivals(values) if key not in memory.rivals and key not in settings.wanted]
    changed = [key for key, finding in findings.items() if finding is Finding.CHANGED and _was_ours(memory.agreed[key])]
    both = [key for key, finding in findings.items() if finding is Finding.BOTH]
    if new:
        return _asked(Why.RIVAL, new, settings)
    if len(changed) >= SEVERAL:
        return _asked(Why.CHANGED, changed, settings)
    return _asked(Why.BOTH, both, settings) if both else None


def _was_ours(agreed: Agreed) -> bool:
    """Whether something was kept under a key: a value, or the absence that config.toml asks for."""
    return agreed.value is not None or (agreed.names and agreed.config is None)


def _switched_off(settings: Settings, memory: SettingsMemory) -> bool:
    """Whether Bedrock is to be on, and the file says that it is off."""
    agreed, value = kept(memory).get(USE_BEDROCK), settings.values.get(USE_BEDROCK)
    return agreed is not None and value is not None and is_off(value) and not is_off(agreed)


def _asked(why: Why, keys: Iterable[str], settings: Settings) -> "Question":
    from keeplit.core.settings_questions import Question  # late: a file seldom raises one

    about = tuple(sorted(keys))
    said = repr([(key, settings.values.get(key)) for key in about])
    return Question(why, about, f"{why}:{sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}")


def repairs(memory: SettingsMemory, key: str, now: datetime) -> tuple[datetime, ...]:
    """Return when the daemon itself repaired `key` within the last hour, the first one first."""
    return tuple(sorted(one.at for one in memory.repaired if one.key == key and ZERO <= now - one.at <= HOUR))


def has_settled(settings: Settings, memory: SettingsMemory, now: datetime) -> bool:
    """Whether the file, and what config.toml wants of it, have been as they are for 2 s."""
    since = memory.since
    return memory.seen == sight(settings) and since is not None and now - since >= SETTLE


def sight(settings: Settings) -> str:
    """Return what is seen, in a word that is another as soon as there is something new to judge."""
    if settings.state is not FileState.PRESENT:
        return str(settings.state)
    wants = repr(sorted(settings.wanted.items()))
    return f"{settings.digest}:{sha256(wants.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
