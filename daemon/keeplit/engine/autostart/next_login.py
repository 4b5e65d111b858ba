"""Whether keeplit is started at the next login, and the switch for that: what runs now goes on either way.

Law: it is looked at for each look of the flame, so it is read out of files alone, and no program is asked.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from keeplit.adapters import autostart, config, own_command
from keeplit.adapters.autostart import Autostart, NotStartable, standing
from keeplit.adapters.autostart.systemd import FOR_ALL, UNIT, Systemd
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.adapters.paths import Paths
from keeplit.core.service_files import Part
from keeplit.engine.autostart.recording import record
from keeplit.engine.autostart.starting import EVERYBODYS, program_of


def marks(paths: Paths, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files that differ when what starts at login does; none where `at_next_login` is not to be had."""
    starters = autostart.find(paths.home, environ)
    if own_command.program(environ) is None or any(not isinstance(one, Xdg | Systemd) for one in starters):
        return ()
    return tuple(mark for one in starters for mark in _marks(one))


def _marks(starter: Autostart) -> tuple[Path, ...]:
    if isinstance(starter, Xdg):
        return tuple(starter.entry(part) for part in starter.parts)
    return (starter.unit, starter.link, FOR_ALL) if isinstance(starter, Systemd) else ()


def starts_at_login(paths: Paths, environ: Mapping[str, str]) -> bool | None:
    """Whether every part is started at the next login; None where `at_next_login` is not to be had."""
    if not marks(paths, environ):
        return None
    return all(
        starter.linked()
        if isinstance(starter, Systemd)
        else all(one.enabled for one in starter.standings(None))  # the desktop's read files alone
        for starter in autostart.find(paths.home, environ)
    )


def at_next_login(paths: Paths, environ: Mapping[str, str], *, starts: bool) -> None:
    """Have keeplit started from the next login on, or no more; what runs goes on. Raises `FileTrouble`."""
    program, starters = program_of(environ), autostart.find(paths.home, environ)
    if not marks(paths, environ):
        raise NotStartable("here that starts and ends at once; if you want that: keeplit autostart enable, or disable")
    if starts:
        # The flame was perhaps started by the desktop, which knows less than the shell that was recorded.
        record(paths, {**environ, **config.read(paths.config_file).environment})
        for starter in starters:
            starter.enable(program, start=False)
        return
    for starter in starters:
        if not isinstance(starter, Systemd):
            starter.disable()  # a desktop starts, and ends nothing
            continue
        done = standing.call("systemctl", "--user", "disable", UNIT, environ=environ)
        if not done.well and os.path.lexists(starter.link):
            raise NotStartable(f"systemd did not disable {UNIT}: {done.why}; try: keeplit autostart disable")
        if starter.linked():
            raise NotStartable(EVERYBODYS.format(part=Part.DAEMON))
