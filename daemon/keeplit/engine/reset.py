"""Bring back what was there before keeplit, in every file that it changed.

Law: old bytes go back whole only where nobody but keeplit wrote since; a key that someone else changed is theirs.
"""

from collections.abc import Mapping

from keeplit.adapters import journal
from keeplit.adapters.paths import Paths
from keeplit.core import undoing
from keeplit.core.undoing import Back, Now
from keeplit.engine.undo import Given, Sign, give_back, look_at, settings_first


def reset(paths: Paths) -> tuple[Given, ...]:
    """Restore every file of the journal; return what came of each that is not what it was before keeplit."""
    import uuid

    entries, sign = journal.read(paths), Sign("reset", uuid.uuid4().hex)
    seen = look_at(paths, entries)

    def judge(now: Mapping[str, Now]) -> tuple[Back, ...]:
        return undoing.reset((entry for entry in entries if entry.file in now), now)

    held = undoing.held(entries)
    faults = [Given(file, fault=one.fault, fix=one.fix) for file, one in seen.items() if one.fault and file in held]
    backs = judge({file: one.now for file, one in seen.items() if not one.fault})
    done = (give_back(paths, file, judge, sign) for file in settings_first(paths, [back.file for back in backs]))
    return (*done, *faults)
