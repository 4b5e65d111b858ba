"""`keeplit autostart`: start with the computer, stop that, and say how it stands.

Law: what of the person's shell a service would lack is recorded first, through the one door, so that the service starts
with it; what is recorded is named, never shown. Whatever is asked twice is so once.
"""

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from keeplit.adapters import autostart, clock, config, config_edit, files, own_command
from keeplit.adapters.autostart import Autostart, NotStartable, Standing, standing
from keeplit.adapters.autostart.systemd import UNIT, Systemd
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.adapters.claude_settings.written import WriteResult, Written
from keeplit.adapters.paths import Paths
from keeplit.core.journal_entry import Changed
from keeplit.core.json_edit import encode
from keeplit.core.service_environment import PATH, recorded
from keeplit.core.service_files import Part
from keeplit.engine import crashes, daemon_start, guarded
from keeplit.engine.living import is_running

TRIES = 5
TABLE = "environment"
COMMAND = "autostart"
ELSEWHERE = "nothing, or end that one: the next login starts it"
DESKTOP = "xdg"
END_WITHIN, LOOK_EVERY = 5.0, 0.05
TRAY_LOCK = "tray.lock"
WANTED = "default.target.wants"


@dataclass(frozen=True, slots=True)
class Report:
    """How keeplit's start with the computer stands: the system that does it, each part, and what is to be known."""

    systems: tuple[str, ...]
    parts: tuple[Standing, ...]
    notes: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()  # the names of the variables that were written down now


def enable(paths: Paths, environ: Mapping[str, str]) -> Report:
    """Have keeplit started at login, and start it now where no daemon runs. Raises `FileTrouble`."""
    program = _program(environ)
    names, notes = record(paths, environ)
    starters = autostart.find(paths.home, environ)
    troubles: list[files.FileTrouble] = []
    for starter in starters:
        alien = is_running(paths) and not _runs_so(starter)
        try:
            starter.enable(program, start=not alien)
        except files.FileTrouble as trouble:  # the tray is one thing, the daemon another
            troubles.append(trouble)
    if troubles:
        raise troubles[0]
    failed = daemon_start.begin(paths, environ)  # where the desktop starts it, that is at the next login only
    notes += (failed,) if failed else ()
    report = _report(paths, starters, program)
    return replace(report, notes=(*notes, *_headless(environ, starters), *report.notes), recorded=names)


def _program(environ: Mapping[str, str]) -> str:
    program = own_command.program(environ)
    if program is None:
        raise NotStartable("keeplit has no executable of its own here; install it (pipx install keeplit), then again")
    return program


def marks(paths: Paths, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files that differ as soon as what starts at login does; none where `at_next_login` is not to be had.

    They are looked at for each look of the flame: no program is asked.
    """
    starters = autostart.find(paths.home, environ)
    if own_command.program(environ) is None or any(not isinstance(one, Xdg | Systemd) for one in starters):
        return ()
    return tuple(mark for one in starters for mark in _marks(one))


def _marks(starter: Autostart) -> tuple[Path, ...]:
    if isinstance(starter, Xdg):
        return tuple(starter.entry(part) for part in starter.parts)
    return (starter.unit.parent / WANTED / UNIT,) if isinstance(starter, Systemd) else ()


def starts_at_login(paths: Paths, environ: Mapping[str, str]) -> bool | None:
    """Whether every part is started at the next login; None where `at_next_login` is not to be had."""
    if not marks(paths, environ):
        return None
    return all(
        all(one.enabled for one in starter.standings(None))
        if isinstance(starter, Xdg)  # they read files alone
        else all(os.path.lexists(mark) for mark in _marks(starter))
        for starter in autostart.find(paths.home, environ)
    )


def at_next_login(paths: Paths, environ: Mapping[str, str], *, starts: bool) -> None:
    """Have keeplit started from the next login on, or no more; what runs goes on. Raises `FileTrouble`."""
    program, starters = _program(environ), autostart.find(paths.home, environ)
    if not marks(paths, environ):
        raise NotStartable("here that starts and ends at once; if you want that: keeplit autostart enable, or disable")
    if starts:
        # The flame was perhaps started by the desktop, which knows less than the shell that was recorded.
        record(paths, {**environ, **config.read(paths.config_file).environment})
        for starter in starters:
            starter.enable(program, start=False)
        return
    for starter in starters:
        if isinstance(starter, Xdg):
            starter.disable()  # a desktop starts, and ends nothing
            continue
        done = standing.call("systemctl", "--user", "disable", UNIT, environ=environ)
        if not done.well and any(os.path.lexists(mark) for mark in _marks(starter)):
            raise NotStartable(f"systemd did not disable {UNIT}: {done.why}; try: keeplit autostart disable")


def disable(paths: Paths, environ: Mapping[str, str]) -> Report:
    """Start keeplit no more at login, and end what was started so. Raises `FileTrouble`."""
    starters = autostart.find(paths.home, environ)
    for starter in starters:
        starter.disable()
        if starter.name == DESKTOP and Part.DAEMON in starter.parts:
            end(paths, environ)  # a desktop starts, and ends nothing
    report = _report(paths, starters, None)
    left = tuple(f"The {part} that was started otherwise still runs." for part in Part if runs(paths, part))
    return replace(report, notes=left)


def end(paths: Paths, environ: Mapping[str, str]) -> None:
    """Ask the daemon that runs, however it was started, to end, and wait for that a moment."""
    if not is_running(paths):
        return
    from keeplit.core.model import Verb
    from keeplit.engine import ask

    ask.wish(paths, environ, Verb.STOP)
    until = clock.monotonic() + END_WITHIN
    while is_running(paths) and clock.monotonic() < until:
        clock.sleep(LOOK_EVERY)


def status(paths: Paths, environ: Mapping[str, str]) -> Report:
    """Return how it stands; nothing is changed."""
    starters = autostart.find(paths.home, environ)
    return _report(paths, starters, own_command.program(environ))


def _report(paths: Paths, starters: tuple[Autostart, ...], program: str | None) -> Report:
    found = [one for starter in starters for one in starter.standings(program)]
    parts = tuple(_seen(paths, one) for one in found)
    notes = [
        f"The {one.part} is started by another keeplit than this one ({program}), or as an older release wrote it. "
        "Mend it: keeplit autostart enable"
        for one in parts
        if one.enabled and not one.current
    ]
    return Report(tuple(starter.name for starter in starters), parts, tuple(notes))


def _seen(paths: Paths, one: Standing) -> Standing:
    """Return how a part stands; what its system does not know, the part's own lock and notes do."""
    if one.part is Part.DAEMON:
        noted = crashes.read(paths)
        last_exit = one.last_exit or (noted.last.how if noted.last is not None else "")
        one = replace(one, since=one.since or (noted.began_at if runs(paths, one.part) else None), last_exit=last_exit)
    if one.running or not runs(paths, one.part):
        return one if one.running is not None else replace(one, running=False)
    if one.running is None or not one.enabled:
        return replace(one, running=True)
    return replace(one, running=True, why_not=f"the {one.part} that runs was started otherwise", fix=ELSEWHERE)


def runs(paths: Paths, part: Part) -> bool:
    """Whether a part runs, however it was started."""
    return is_running(paths) if part is Part.DAEMON else files.is_held(paths.state / TRAY_LOCK)


def _runs_so(starter: Autostart) -> bool:
    return any(one.part is Part.DAEMON and one.running for one in starter.standings(None))


def _headless(environ: Mapping[str, str], starters: tuple[Autostart, ...]) -> tuple[str, ...]:
    by_systemd = any(starter.name == "systemd" for starter in starters)
    seen = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    if not by_systemd or seen or autostart.lingers(environ):
        return ()
    return ("It runs while you are logged in. To have it run from boot on, without a login: loginctl enable-linger",)


def record(paths: Paths, environ: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write what a service would lack into config.toml; return the names that changed, and what is to be known.

    Raises `FileTrouble`.
    """
    from keeplit.adapters import login  # the flame asks this module, and signs nobody in

    values, secret = recorded(environ)
    notes = [
        f"{name} holds a password and was not recorded; a service that needs it has to get it from the system "
        "(~/.config/environment.d for systemd)."
        for name in secret
    ]
    found = login.find(environ)
    if found.cli is None:
        notes.append("AWS CLI v2 was not found; without it a service shows a code to type. Install it, then once more.")
    folders = _folders(environ, found.cli.path if found.cli is not None else "")
    if folders:
        values[PATH] = os.pathsep.join(folders)
    for _ in range(TRIES):
        config = config_edit.read(paths.config_file)
        before = {name: config.value(f"{TABLE}.{name}") for name in values}
        changed = {name: value for name, value in values.items() if before[name] != value}
        if not changed:
            return (), tuple(notes)
        data = config_edit.change(config.data, {f"{TABLE}.{name}": value for name, value in changed.items()})
        written = _put(paths, config, data, {name: (before[name], value) for name, value in changed.items()})
        if written.as_wanted:
            return tuple(sorted(changed)), tuple(notes)
        if written.result is not WriteResult.MOVED:
            raise files.NotWritable(f"{written.fault}. Do: {written.fix}")
    raise files.Busy(f"another program changes {paths.config_file} again and again; try once more in a moment")


def _put(paths: Paths, config: config_edit.Contents, data: bytes, changed: Mapping[str, tuple[object, str]]) -> Written:
    keys = tuple(
        Changed(f"{TABLE}.{name}", None if before is None else encode(before), encode(after))
        for name, (before, after) in changed.items()
    )
    group = uuid.uuid4().hex
    return guarded.put(
        paths,
        paths.config_file,
        data,
        expected=config.digest,
        command=COMMAND,
        group=group,
        changed=keys,
        create=True,
    )


def _folders(environ: Mapping[str, str], aws: str) -> list[str]:
    """Return the folders of the PATH that a service will have too, that of `aws` among them.

    Those of a virtual environment are left out: they belong to one shell, and may be gone tomorrow.
    """
    temporary = environ.get("VIRTUAL_ENV") or None
    named = [folder for folder in environ.get(PATH, "").split(os.pathsep) if os.path.isabs(folder)]  # noqa: PTH117
    lasting = [
        folder
        for folder in named
        if os.path.isdir(folder) and (temporary is None or Path(temporary) not in Path(folder).parents)  # noqa: PTH112
    ]
    return list(dict.fromkeys([*lasting, *([str(Path(aws).parent)] if aws else [])]))
