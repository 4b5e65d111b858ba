"""Start with the computer, stop that, and say how it stands: the three orders, over whatever this system has for it.

Law: a daemon that runs otherwise is left alone, and said; one that a desktop started is asked to end, for a desktop
ends nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from keeplit.adapters import autostart, clock, files, own_command
from keeplit.adapters.autostart import Autostart, NotStartable, Standing
from keeplit.adapters.paths import Paths
from keeplit.core.service_files import Part
from keeplit.engine import crashes, daemon_start
from keeplit.engine.autostart.recording import record
from keeplit.engine.living import is_running

ELSEWHERE = "nothing, or end that one: the next login starts it"
AT_REST, AGAIN = "it does not run, and the next login starts it", "keeplit logs, then: keeplit autostart enable"
LEFT = {
    Part.DAEMON: "The daemon that was started otherwise still runs.",
    Part.TRAY: "The tray still runs; choose Quit in its menu to end it.",
}
DESKTOP = "xdg"
END_WITHIN, LOOK_EVERY = 5.0, 0.05
TRAY_LOCK = "tray.lock"
EVERYBODYS = (
    "The {part} is still started at login: whoever administers this machine enabled it for everybody. Not for you: "
    "systemctl --user mask keeplit.service"
)


@dataclass(frozen=True, slots=True)
class Report:
    """How keeplit's start with the computer stands: the system that does it, each part, and what is to be known."""

    systems: tuple[str, ...]
    parts: tuple[Standing, ...]
    notes: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()  # the names of the variables that were written down now


def enable(paths: Paths, environ: Mapping[str, str], *, group: str = "") -> Report:
    """Have keeplit started at login, and start it now where no daemon runs. Raises `FileTrouble`.

    `group` is that of the journal, where it is part of another command.
    """
    program = program_of(environ)
    names, notes = record(paths, environ, group=group)
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


def program_of(environ: Mapping[str, str]) -> str:
    """Return the keeplit that is to be started. Raises `NotStartable` where there is none of a path that lasts."""
    program = own_command.program(environ)
    if program is None:
        raise NotStartable("keeplit has no executable of its own here; install it (pipx install keeplit), then again")
    return program


def disable(paths: Paths, environ: Mapping[str, str]) -> Report:
    """Start keeplit no more at login, and end what was started so. Raises `FileTrouble`."""
    starters = autostart.find(paths.home, environ)
    for starter in starters:
        starter.disable()
        if starter.name == DESKTOP and Part.DAEMON in starter.parts:
            end(paths, environ)  # a desktop starts, and ends nothing
    report = _report(paths, starters, None)
    left = tuple(sentence for part, sentence in LEFT.items() if runs(paths, part))
    everybodys = tuple(EVERYBODYS.format(part=one.part) for one in report.parts if one.enabled)
    return replace(report, notes=(*left, *everybodys))


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
    really = runs(paths, one.part)
    if one.part is Part.DAEMON:
        noted = crashes.read(paths)
        since = one.since or (noted.began_at if really else None)
        one = replace(one, since=since, last_exit=one.last_exit or noted.last_end(runs=really))
    if really and not one.running:
        otherwise = one.running is not None and one.enabled
        why = (f"the {one.part} that runs was started otherwise", ELSEWHERE) if otherwise else (one.why_not, one.fix)
        return replace(one, running=True, why_not=why[0], fix=why[1])
    if one.running is None:
        one = replace(one, running=False)
    if one.part is Part.DAEMON and one.enabled and not one.running and not one.why_not:
        return replace(one, why_not=AT_REST, fix=AGAIN)  # a flame that is not shown was perhaps quit
    return one


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
