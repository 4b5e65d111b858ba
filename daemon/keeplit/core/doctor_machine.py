"""What `keeplit doctor` says of the machine: home, folders, disk, the kind of place it is, and its clock. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from keeplit.core.check import Check
from keeplit.core.doctor_marks import fail, ok, skipped, together, warn
from keeplit.core.model import Problem
from keeplit.core.troubles import MOST_SKEW

LEAST_FREE, LITTLE_FREE = 1 << 20, 100 << 20
BY_CODE = "a sign-in is made by a code that you type in any browser"


@dataclass(frozen=True, slots=True)
class Machine:
    """What was seen of the machine; None is unknown."""

    no_home: str = ""  # why there is none
    home: str = ""
    home_is_anothers: bool = False  # as after `sudo`
    unusable: tuple[Problem, ...] = ()  # folders and files that are not as they must be
    free_bytes: int | None = None
    windows_subsystem: bool = False
    over_ssh: bool = False
    container: bool = False
    wslview: bool = False
    browser: bool = True  # one can be opened from here


def home(seen: Machine) -> Check:
    """Judge the home folder."""
    if seen.no_home:
        return fail("home", f"{_capital(seen.no_home)}.", "set HOME to your home folder, then: keeplit doctor")
    if seen.home_is_anothers:
        fix = "run keeplit as that user, without sudo; files made so far: chown -R $USER ~/.aws ~/.claude"
        return warn("home", f"HOME is {seen.home}, which belongs to another user than the one who asks.", fix)
    return ok("home", f"HOME is {seen.home}.")


def folders(seen: Machine) -> Check:
    """Judge the folders that keeplit and AWS's tools write to."""
    found = [fail("folders", one.sentence, one.fix) for one in seen.unusable]
    return together("folders", "Every folder that is written to is yours, private and writable.", found)


def disk(seen: Machine) -> Check:
    """Judge the space that is left on the disk of the home folder."""
    free = seen.free_bytes
    if free is None:
        return skipped("disk", "How much space the disk has left is not known.")
    if free < LITTLE_FREE:
        sentence = f"The disk of the home folder has {free >> 20} MB left."
        fix = "free disk space: a full disk leaves AWS's tools empty files"
        return (fail if free < LEAST_FREE else warn)("disk", sentence, fix)
    return ok("disk", f"The disk has {free >> 30} GB left." if free >> 30 else f"The disk has {free >> 20} MB left.")


def place(seen: Machine) -> Check:
    """Say what to use where this is no ordinary desktop."""
    if seen.windows_subsystem:
        if seen.wslview or seen.browser:
            return ok("place", "This is WSL: the browser of Windows is opened for a sign-in.")
        fix = "install wslu (it brings wslview), or sign in with: keeplit login --no-browser"
        return warn("place", "This is WSL without wslview, so no browser of Windows can be opened from here.", fix)
    where = "an SSH session" if seen.over_ssh else "a container" if seen.container else ""
    if where and not seen.browser:
        return ok("place", f"This is {where}: {BY_CODE}.")
    if not seen.browser:
        return ok("place", f"No browser can be opened from here: {BY_CODE}.")
    return ok("place", f"This is {where}; a browser can be opened." if where else "A browser can be opened.")


def clock(skew: timedelta | None) -> Check:
    """Judge how far this machine's clock is from AWS's (above zero: AWS's is ahead)."""
    if skew is None:
        return skipped("clock", "AWS's clock was not asked.")
    seconds = skew.total_seconds()
    if abs(seconds) <= MOST_SKEW.total_seconds():
        return ok("clock", "This machine's clock is right.")
    side = "behind" if seconds > 0 else "ahead of"
    sentence = (
        f"This machine's clock is {round(abs(seconds) / 60)} min {side} AWS's, and AWS refuses what is signed so."
    )
    return fail("clock", sentence, "let the system set the time by itself (Linux: timedatectl set-ntp true)")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


CHECKS = (home, folders, disk, place)
