"""What `keeplit doctor` says of keeplit itself: the daemon, its start, its environment, its configuration. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from keeplit.core.check import Check
from keeplit.core.doctor_marks import fail, ok, skipped, together, warn
from keeplit.core.model import Problem
from keeplit.core.words import span

START = "keeplit autostart enable"
SERVICE = "start a notification service (dunst, mako, your desktop's own), or look at: keeplit status --watch"
UNKNOWN_KEY, NAMES_NOTHING = "config_unknown", "config_names_nothing"
RESTART = "end the daemon and start it again: keeplit autostart disable, then " + START
STUCK = timedelta(minutes=5)  # a turn is due every minute, and one that asks AWS ends within two


@dataclass(frozen=True, slots=True)
class Keeper:
    """What was seen of keeplit; None is unknown."""

    version: str
    running: bool
    keeps: bool = True  # there is a sign-in in use, and so something to renew
    overdue: timedelta = timedelta(0)  # for how long what it said it would do has not been done
    published_version: str = ""
    paused: bool = False
    crashes: int = 0  # lately
    crashed: str = ""  # how it ended the last time
    enabled: bool | None = None  # it starts at login
    notes: tuple[str, ...] = ()  # what the start at login says of itself
    not_recorded: tuple[str, ...] = ()  # variables of the shell that a service would lack, or has otherwise
    problems: tuple[Problem, ...] = ()  # of config.toml
    journal: Problem | None = None
    memory: Problem | None = None
    notices: bool | None = None  # something shows them


def daemon(seen: Keeper) -> Check:
    """Judge whether somebody keeps the sign-ins lit."""
    if not seen.running and not seen.keeps:
        return skipped("daemon", "keeplit's daemon does not run, and there is no sign-in that it would renew.")
    if not seen.running:
        return warn("daemon", "keeplit's daemon does not run, so nothing is renewed by itself.", START)
    if seen.published_version not in {"", seen.version}:
        sentence = f"The daemon that runs is keeplit {seen.published_version}, and this is {seen.version}."
        return warn("daemon", sentence, RESTART)
    if seen.overdue >= STUCK:
        sentence = f"The daemon runs, and has not done for {span(seen.overdue)} what was due: it hangs."
        return fail("daemon", sentence, f"after a suspend look again in a minute; else {RESTART}")
    return ok("daemon", f"keeplit {seen.version} runs.")


def crashes(seen: Keeper) -> Check:
    """Judge how its last runs ended."""
    if seen.crashes:
        times = "once" if seen.crashes == 1 else f"{seen.crashes} times"
        return warn("crashes", f"The daemon ended by itself {times} lately ({seen.crashed}).", "see why: keeplit logs")
    return ok("crashes", "The daemon did not end by itself lately.")


def paused(seen: Keeper) -> Check:
    """Say whether a person paused it."""
    if seen.paused:
        return warn("paused", "keeplit is paused: it opens no browser and repairs no settings.", "keeplit resume")
    return ok("paused", "keeplit is not paused.")


def autostart(seen: Keeper) -> Check:
    """Judge whether it starts at login."""
    if seen.enabled is None:
        return skipped("autostart", "How keeplit starts with the computer is not known here.")
    if not seen.enabled and not seen.keeps:
        return skipped("autostart", "keeplit does not start with the computer, and would have nothing to renew.")
    if not seen.enabled:
        return warn("autostart", "keeplit does not start with the computer.", START)
    found = [warn("autostart", note, START) for note in seen.notes]
    return together("autostart", "keeplit starts with the computer.", found)


def service_environment(seen: Keeper) -> Check:
    """Judge whether a service has what the shell has: proxies, CA bundles, AWS's files."""
    code = "service_environment"
    if seen.enabled is not True:
        return skipped(code, "keeplit is started by no service, so it has this shell's variables.")
    if seen.not_recorded:
        names = ", ".join(seen.not_recorded)
        return warn(code, f"This shell has other values than the service: {names}.", START)
    return ok(code, "The service has what this shell has.")


def config_toml(seen: Keeper) -> Check:
    """Judge keeplit's own configuration."""
    light = {UNKNOWN_KEY, NAMES_NOTHING}
    found = [(warn if one.code in light else fail)("config_toml", one.sentence, one.fix) for one in seen.problems]
    return together("config_toml", "keeplit's config.toml has no mistake in it.", found)


def own_files(seen: Keeper) -> Check:
    """Judge keeplit's memory and journal."""
    found = [warn("own_files", one.sentence, one.fix) for one in (seen.memory, seen.journal) if one is not None]
    return together("own_files", "keeplit's memory and journal can be read.", found)


def notices(seen: Keeper) -> Check:
    """Judge whether a notice would be seen."""
    if seen.notices is None:
        return skipped("notices", "There is no desktop here that shows notices.")
    if not seen.notices:
        return warn("notices", "Nothing on this desktop shows notices, so keeplit cannot tell you anything.", SERVICE)
    return ok("notices", "Notices can be shown; see one: keeplit doctor --notice")


def notice_check(why_not: str, *, seen: bool | None) -> Check:
    """Return what came of a notice that was shown: `seen` None where nobody could be asked."""
    fix = "look at the notification settings of your desktop (do not disturb, keeplit's own switch)"
    if why_not:
        fix = f"{SERVICE}; where one runs, {fix}"
        return warn("notices", f"The notice was not shown: {why_not.rstrip('.')}.", fix)
    if seen is False:
        return warn("notices", "The desktop took the notice, and you did not see it.", fix)
    return ok("notices", "You saw the notice." if seen else "The desktop took the notice.")


CHECKS = (daemon, crashes, paused, autostart, service_environment, config_toml, own_files, notices)
