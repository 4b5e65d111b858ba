"""Bring back what was there before keeplit, in every file that it changed.

Law: old bytes go back whole only where nobody but keeplit wrote since; a key that someone else changed is theirs, and
stays so. config.toml stays while the settings cannot be given back: half is worse than none.
"""

from collections.abc import Mapping
from pathlib import Path

from keeplit.adapters import journal
from keeplit.adapters.paths import Paths
from keeplit.core import undoing
from keeplit.core.settings_memory import KEPT_AGAIN
from keeplit.core.undoing import Back, Now
from keeplit.engine.undo import Given, Sign, give_back, look_at, note, settings_first

AFTER_IT = "see to that one, then once more: keeplit reset"


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
    done = faults
    for file in settings_first(paths, [back.file for back in backs]):
        config = Path(file) == paths.config_file
        failed = next((one.file for one in done if one.fault), "") if config else ""
        if failed:
            done.append(Given(file, fault=f"{file} is left as it is, since {failed} is", fix=AFTER_IT))
        else:
            done.append(give_back(paths, file, judge, sign))
    if any(one.did for one in done):
        for one in done:
            if one.left and Path(one.file) != paths.config_file:
                note(paths, one.file, sign, one.left, KEPT_AGAIN)
    return tuple(done)


def unreadable(paths: Paths) -> tuple[Given, ...]:
    """Return the files of the journal that cannot be read: what is in them nobody knows."""
    seen = look_at(paths, journal.read(paths))
    return tuple(Given(file, fault=one.fault, fix=one.fix) for file, one in seen.items() if one.fault)
