from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import pytest

from keeplit.adapters.presence import x11
from keeplit.adapters.presence.measured import NOTHING
from tests.conftest import real_part
from tests.desktop.bed import Bed


def idle(display: x11.Display) -> float:
    """Return the seconds since the last input, which must be known."""
    measured = display.measure()
    assert measured.idle is not None
    return measured.idle


def test_input_on_a_real_display_ends_its_idle_time(desktop: Bed) -> None:
    """Seconds pass while nobody touches anything, and begin anew with a movement of the mouse."""
    real_part("xdotool", found=shutil.which("xdotool") is not None)
    desktop.screen()
    display = x11.Display(desktop.environment)
    try:
        idle(display)
        time.sleep(1.2)
        before = idle(display)
        subprocess.run(["xdotool", "mousemove", "30", "40"], env=desktop.environment, check=True)
        after = idle(display)
    finally:
        display.stop()

    assert before >= 1.0
    assert after < before


def test_a_display_that_hangs_is_unknown_and_comes_back(desktop: Bed) -> None:
    """A frozen server holds nobody up for longer than half a second."""
    desktop.screen()
    server = desktop.running[-1]
    display = x11.Display(desktop.environment)
    try:
        idle(display)
        os.kill(server.pid, signal.SIGSTOP)
        began = time.monotonic()
        frozen = display.measure()
        waited = time.monotonic() - began
        os.kill(server.pid, signal.SIGCONT)
        assert display._patient._running is not None
        display._patient._running.join(5)
        thawed = display.measure()
    finally:
        os.kill(server.pid, signal.SIGCONT)
        display.stop()

    assert frozen == NOTHING
    assert waited < 2.0
    assert thawed.idle is not None


def test_a_display_that_ends_is_unknown(desktop: Bed) -> None:
    """Nothing is raised, and nothing is guessed."""
    desktop.screen()
    display = x11.Display(desktop.environment)
    idle(display)
    desktop.end(desktop.running[-1])

    assert display.measure() == NOTHING
    assert display.measure() == NOTHING


def test_a_display_that_was_never_there_is_unknown() -> None:
    """It is not tried again at every look."""
    display = x11.Display({"DISPLAY": ":4711"})

    assert [display.measure(), display.measure()] == [NOTHING, NOTHING]


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"DISPLAY": ""},
        {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"},
        {"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"},
    ],
)
def test_under_wayland_or_without_a_display_x_is_not_asked(environ: dict[str, str]) -> None:
    """X sees only the input of its own windows there."""
    assert x11.found(environ) is None


def test_a_display_is_asked_where_there_is_one() -> None:
    """The environment names it."""
    found = x11.found({"DISPLAY": ":0", "XDG_SESSION_TYPE": "x11"})

    assert found is not None
    assert found.name == "x11"


def test_the_cookie_of_another_environment_is_used_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service has no XAUTHORITY of its own; what was there before is there after."""
    monkeypatch.setenv("XAUTHORITY", "mine")
    with x11._variable("XAUTHORITY", "theirs"):
        during = os.environ["XAUTHORITY"]
    with x11._variable("XAUTHORITY", None):
        unasked = os.environ["XAUTHORITY"]
    monkeypatch.delenv("XAUTHORITY")
    with x11._variable("XAUTHORITY", "theirs"):
        pass

    assert (during, unasked, "XAUTHORITY" in os.environ) == ("theirs", "mine", False)
