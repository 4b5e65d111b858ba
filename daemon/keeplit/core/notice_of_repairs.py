"""The notice that Claude Code's settings were repaired: what was put back, said once while it is news. Pure.

Law: keys are named and values are not, for one of them may be a secret; a person who repaired them by hand knows.
"""

from datetime import datetime, timedelta

from keeplit.core.clocks import NO_MEMORY, Case, is_paused, sound
from keeplit.core.deeds import Action, Do, Notice
from keeplit.core.memory import Memory
from keeplit.core.model import Facts
from keeplit.core.permission import in_quiet_hours, nobody_there
from keeplit.core.settings_rules import NOBODYS

NEWS_FOR = timedelta(minutes=5)
CAUSE = "repaired:"


def repairs_are_told(facts: Facts, memory: Memory, now: datetime) -> Action | None:
    """Return the notice of the daemon's last repair; None where it was told, is old, or would disturb."""
    known = memory.settings
    if not known.repaired or not facts.settings.path or is_paused(memory, now):
        return None
    latest = max(one.at for one in known.repaired)
    cause = f"{CAUSE}{int(latest.timestamp())}"
    if cause in known.told or not timedelta(0) <= now - latest <= NEWS_FOR:
        return None
    desk = Case(NOBODYS, NO_MEMORY, sound(facts), now)
    if in_quiet_hours(desk) or nobody_there(desk):
        return None
    from keeplit.core.settings_questions import names  # late: mostly nothing was repaired

    keys = names(sorted({one.key for one in known.repaired if one.at == latest}))
    sentence = f"Put back as agreed: {keys}. What was changed and when: keeplit undo --list"
    return Action(Do.NOTIFY, "", cause, sentence, notice=Notice.SETTINGS_REPAIRED)
