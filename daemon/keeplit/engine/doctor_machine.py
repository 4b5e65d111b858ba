"""The facts of the doctor's checks of the machine and of keeplit itself."""

import os
import shutil
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from keeplit import __version__
from keeplit.adapters import foreign_places, login
from keeplit.adapters.paths import NoHome, Paths
from keeplit.core.browser import OVER_SSH
from keeplit.core.clocks import is_paused
from keeplit.core.doctor_keeper import NAMES_NOTHING, Keeper
from keeplit.core.doctor_machine import Machine
from keeplit.core.labels import one_line
from keeplit.core.model import Problem
from keeplit.core.service_environment import recorded
from keeplit.core.view import Status
from keeplit.core.words import parse_time
from keeplit.engine import autostart, crashes, published
from keeplit.engine.doctor_scene import Scene
from keeplit.engine.living import is_running

OPEN_TO_OTHERS = 0o077
NO_NOTICES = "no_notices"  # the daemon's own trouble
PRIVATE = "keeplit uses no folder that is open to others"


def machine(scene: Scene) -> Machine:
    """Return what is known of the machine."""
    environ = scene.environ
    known = Machine(
        windows_subsystem=bool(environ.get("WSL_DISTRO_NAME")),
        over_ssh=any(environ.get(name) for name in OVER_SSH),
        container=foreign_places.in_container(environ),
        wslview=shutil.which("wslview", path=environ.get("PATH", "")) is not None,
        browser=login.can_open_browser(environ),
    )
    if isinstance(scene.place, NoHome):
        return replace(known, no_home=str(scene.place).partition(";")[0])
    home = scene.place.home
    return replace(
        known,
        home=str(home),
        home_is_anothers=_anothers(home),
        unusable=unusable(scene.place),
        free_bytes=_free(home),
    )


def _anothers(home: Path) -> bool:
    return sys.platform != "win32" and home.stat().st_uid != os.geteuid()


def _free(home: Path) -> int | None:
    try:
        return shutil.disk_usage(home).free
    except OSError:
        return None


def unusable(paths: Paths) -> tuple[Problem, ...]:
    """Return which folders are not as they must be: ours private, and all that is written to writable."""
    found = [problem for folder in (paths.state, paths.own) if (problem := _not_private(folder)) is not None]
    for folder in dict.fromkeys((paths.state, paths.config_file.parent, paths.aws)):
        there = folder
        while not os.path.lexists(there) and there != there.parent:
            there = there.parent
        if not os.access(f"{there}{os.sep}", os.W_OK | os.X_OK):
            fix = f"make it yours: chown -R $USER {there}; a read-only home (a container's) needs a volume for it"
            found.append(Problem("folders", f"{there} cannot be written by you.", fix))
    return tuple(found)


def _not_private(folder: Path) -> Problem | None:
    if sys.platform == "win32" or not os.path.lexists(folder):
        return None
    seen = folder.lstat()
    if folder.is_symlink() or not folder.is_dir():
        return Problem(
            "folders", f"{folder} is a link or no folder; {PRIVATE}.", f"move it away: mv {folder} {folder}.old"
        )
    if seen.st_uid != os.geteuid():
        return Problem("folders", f"{folder} belongs to another user; {PRIVATE}.", f"sudo chown -R $USER {folder}")
    if seen.st_mode & OPEN_TO_OTHERS:
        return Problem("folders", f"{folder} is open to other users; {PRIVATE}.", f"chmod 700 {folder}")
    return None


def keeper(scene: Scene) -> Keeper:
    """Return what is known of keeplit itself."""
    paths, environ, now = scene.paths, scene.environ, scene.now
    running = is_running(paths)
    status = published.read(paths, now)
    runs = crashes.read(paths)
    enabled, notes = _start(scene)
    values, _secret = recorded(environ)
    noted = scene.config.environment
    other = tuple(name for name, value in values.items() if name != "BROWSER" and noted.get(name) != value)
    return Keeper(
        version=__version__,
        running=running,
        keeps=bool(scene.cases),
        overdue=overdue(status, now),
        published_version=status["daemon"]["version"] if running else "",
        paused=is_paused(scene.memory, now),
        crashes=runs.lately(now),
        crashed=runs.crashes[-1].how if runs.crashes else "",
        enabled=enabled,
        notes=notes,
        not_recorded=other,
        problems=(*scene.config.problems, *(one for one in scene.facts.problems if one.code == NAMES_NOTHING)),
        memory=scene.world.memory_problem,
        journal=scene.world.guard.problem,
        notices=notices(environ) and all(one["code"] != NO_NOTICES for one in status["troubles"]),
    )


def overdue(status: Status, now: datetime) -> timedelta:
    """Return for how long a daemon has left undone what it published as its next step; a turn moves that time on."""
    due = (parse_time(one["next_action_at"]) for one in status["sessions"])
    return max((now - at for at in due if at is not None and at < now), default=timedelta(0))


def notices(environ: dict[str, str]) -> bool | None:
    """Whether something shows notices; None where there is no desktop."""
    desktop = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not desktop:
        return None
    from keeplit.adapters import notify  # late: asyncio takes a tenth of what is ours of a doctor offline

    return bool(notify.served(environ))


def _start(scene: Scene) -> tuple[bool | None, tuple[str, ...]]:
    """Return whether every part starts at login, and what is to be known of it."""
    report = autostart.status(scene.paths, scene.environ)
    if not report.parts:
        return None, ()
    notes = [one_line(note) for note in report.notes]
    return all(part.enabled for part in report.parts), tuple(notes)
