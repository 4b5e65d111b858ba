"""Whether the flame can be shown here, as a check says it."""

from __future__ import annotations

import sys

import pytest

from keeplit.adapters import tray_host, tray_parts
from keeplit.core.check import State
from keeplit.engine import tray_check

SESSION = {"DISPLAY": ":4711", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere", "XDG_CURRENT_DESKTOP": "GNOME"}


@pytest.mark.parametrize(
    ("environ", "gi", "host", "state", "said", "fix"),
    [
        ({}, True, True, State.SKIPPED, "The flame needs a graphical session", ""),
        ({"DISPLAY": ":4711"}, True, True, State.WARN, "The flame needs the session's D-Bus", "start it"),
        (SESSION, False, True, State.WARN, "The flame needs more than Python here", "pipx inject keeplit"),
        (SESSION, True, False, State.WARN, "Nothing on this desktop shows tray icons", "Extensions app"),
        (SESSION, True, True, State.OK, "The flame can be shown", ""),
        (SESSION, True, None, State.OK, "The flame can be shown", ""),
    ],
)
def test_the_check_says_what_is_missing(
    environ: dict[str, str], said: str, state: State, fix: str, monkeypatch: pytest.MonkeyPatch, *, gi: bool, host: bool
) -> None:
    """With every step; a host that cannot be asked is not complained of."""

    def indicator() -> None:
        if not gi:
            raise tray_parts.NoTray("no_pygobject")

    monkeypatch.setattr(tray_parts, "indicator", indicator)
    monkeypatch.setattr(tray_host, "shows_icons", lambda environ: host)
    found = tray_check.look(environ)

    assert (found.code, found.state) == ("tray", state)
    assert found.sentence.startswith(said)
    assert fix in found.fix
    assert bool(found.fix) == (state is State.WARN)
    assert "\n" not in found.sentence + found.fix


def test_other_systems_miss_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """They show icons always."""
    monkeypatch.setattr(sys, "platform", "win32")

    assert tray_check.look({}).state is State.OK
