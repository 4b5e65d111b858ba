"""What the doctor says of a machine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keeplit.core import doctor_machine
from keeplit.core.check import State
from keeplit.core.doctor_machine import CHECKS, Machine
from keeplit.core.model import Problem

OK, WARN, FAIL, SKIPPED = State.OK, State.WARN, State.FAIL, State.SKIPPED
MINUTES = timedelta(minutes=1)


def states(seen: Machine) -> dict[str, State]:
    """Return how each check ends."""
    return {one.code: one.state for one in (judge(seen) for judge in CHECKS)}


def test_an_ordinary_desktop_is_well() -> None:
    """Nothing is to be done there."""
    assert states(Machine(home="/home/sam", free_bytes=9 << 30)) == dict.fromkeys(
        ("home", "folders", "disk", "place"), OK
    )


@pytest.mark.parametrize(
    ("seen", "code", "state", "said"),
    [
        (Machine(no_home="there is none"), "home", FAIL, "There is none."),
        (Machine(home="/home/sam", home_is_anothers=True), "home", WARN, "another user"),
        (Machine(unusable=(Problem("x", "It is shut.", "open it"),)), "folders", FAIL, "It is shut."),
        (Machine(), "disk", SKIPPED, "not known"),
        (Machine(free_bytes=9), "disk", FAIL, "0 MB"),
        (Machine(free_bytes=50 << 20), "disk", WARN, "50 MB"),
        (Machine(free_bytes=500 << 20), "disk", OK, "500 MB"),
        (Machine(windows_subsystem=True, browser=False), "place", WARN, "without wslview"),
        (Machine(windows_subsystem=True, wslview=True, browser=False), "place", OK, "browser of Windows"),
        (Machine(over_ssh=True, browser=False), "place", OK, "an SSH session: a sign-in is made by a code"),
        (Machine(container=True), "place", OK, "a container; a browser can be opened"),
        (Machine(browser=False), "place", OK, "No browser can be opened"),
        (Machine(), "place", OK, "A browser can be opened."),
    ],
)
def test_each_thing_is_named(seen: Machine, code: str, state: State, said: str) -> None:
    """With what is to be used there instead."""
    found = next(one for one in (judge(seen) for judge in CHECKS) if one.code == code)

    assert (found.state, said in found.sentence) == (state, True)


@pytest.mark.parametrize(
    ("skew", "state", "said"),
    [
        (None, SKIPPED, "not asked"),
        (2 * MINUTES, OK, "right"),
        (9 * MINUTES, FAIL, "9 min behind"),
        (-9 * MINUTES, FAIL, "9 min ahead of"),
    ],
)
def test_a_clock_is_judged_by_awss(skew: timedelta | None, state: State, said: str) -> None:
    """Two minutes are nothing; with more, AWS refuses what is signed."""
    found = doctor_machine.clock(skew)

    assert (found.code, found.state, said in found.sentence) == ("clock", state, True)
