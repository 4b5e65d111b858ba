"""Whether somebody is there decides: with a real daemon, a real X display, and a real hand on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import keeplit
from keeplit.sandbox.clients import ACME, CONFIG
from keeplit.sandbox.nouns import Lifetimes
from tests.conftest import real_part
from tests.desktop.bed import Bed, bed
from tests.desktop.notifications import Note, Recorder
from tests.end_to_end.machine import Machine, machine, seconds, until
from tests.end_to_end.user_manager import RUNTIME, installed, user_manager

pytestmark = pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the desktop of Linux")
DETECT = '[claude]\nprofile = "work"\n[sign_in]\nmethod = "aws-cli"\n'


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Bed]:
    """Give a desktop with a bus and a display, which nobody has touched."""
    real_part("xdotool", found=shutil.which("xdotool") is not None)
    with bed(tmp_path / "desktop") as made:
        made.bus()
        made.screen()
        yield made


@pytest.fixture
def desk(own_home: Path, desktop: Bed, aws_cli_v2: Path) -> Iterator[Machine]:
    """Give a machine at that desktop, signed in, with a real AWS CLI v2."""
    with machine(own_home, lifetimes=Lifetimes(access_token=seconds(20))) as made:
        (made.home / "v2").mkdir()
        (made.home / "v2" / "aws").symlink_to(aws_cli_v2)
        made.put_first(made.home / "v2")
        made.environ.update({name: desktop.environment[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")})
        made.configure(DETECT)
        made.laptop.sign_in(seconds(20))
        yield made


def touched(desktop: Bed) -> bool:
    """Move the mouse."""
    subprocess.run(["xdotool", "mousemove_relative", "--", "3", "3"], env=desktop.environment, check=True)
    return False  # not what is waited for


def notice(service: Recorder) -> Note:
    """Return the notice of a tab that will open, once it is shown."""
    until(lambda: [note for note in service.notes if note.title.startswith("Signing in")], within=40)
    return next(note for note in service.notes if note.title.startswith("Signing in"))


def test_somebody_at_the_desk_is_told_and_gets_one_tab(desk: Machine, desktop: Bed) -> None:
    """The notice comes 20 s before the tab; the sign-in then goes through the real AWS CLI."""
    with Recorder(desktop.environment["DBUS_SESSION_BUS_ADDRESS"]) as service:
        desk.daemon()
        until(desk.is_fresh)
        touched(desktop)
        assert desk.laptop.sandbox.sessions.revoke(ACME) == 1
        note = notice(service)
        assert desk.tabs == 0
        touched(desktop)
        until(lambda: desk.tabs or touched(desktop), within=60, what="the tab")
        until(desk.is_fresh)

    assert "Not today" in note.buttons
    assert desk.tabs == 1


def test_not_today_on_the_notice_keeps_the_tab_away(desk: Machine, desktop: Bed) -> None:
    """The button is pressed, the wish is answered, and no tab opens."""
    with Recorder(desktop.environment["DBUS_SESSION_BUS_ADDRESS"]) as service:
        desk.daemon()
        until(desk.is_fresh)
        touched(desktop)
        assert desk.laptop.sandbox.sessions.revoke(ACME) == 1
        note = notice(service)
        service.press(note, "Not today")
        until(lambda: [a for a in desk.status()["answers"] if a["code"] == "not_today"], what="the answer")
        for _ in range(25):
            touched(desktop)
            subprocess.run(["sleep", "1"], check=True)

    assert desk.tabs == 0


def test_at_an_empty_desk_nothing_opens(desk: Machine, desktop: Bed) -> None:
    """Nobody has touched this display since before the daemon started."""
    with Recorder(desktop.environment["DBUS_SESSION_BUS_ADDRESS"]) as service:
        desk.daemon()
        until(desk.is_fresh)
        assert desk.laptop.sandbox.sessions.revoke(ACME) == 1
        until(lambda: desk.status()["sessions"][0]["state"] == "signed_out", within=60, what="the token's end")
        subprocess.run(["sleep", "25"], check=True)

    assert desk.tabs == 0
    assert [note.title for note in service.notes if note.title.startswith("Signing in")] == []


@pytest.mark.timeout(240)
def test_a_service_finds_the_desktop_that_comes_after_it(own_home: Path, desktop: Bed) -> None:
    """Under systemd it says that it knows of none; once a session has named its display, whoever is there is told."""
    program = installed(own_home.parent / "bin", Path(keeplit.__file__).parent.parent)
    (own_home / ".aws").mkdir(mode=0o700)
    (own_home / ".aws" / "config").write_text(CONFIG)
    (own_home / ".config" / "keeplit").mkdir(parents=True)
    (own_home / ".config" / "keeplit" / "config.toml").write_text('[claude]\nprofile = "work"\n')
    display = desktop.environment["DISPLAY"]
    with user_manager(own_home, dict(os.environ)) as manager:

        def troubles() -> dict[str, str]:
            told = json.loads(manager.run(program, "status", "--json").stdout)
            return {trouble["code"]: trouble["detail"] for trouble in told["troubles"]}

        assert manager.run(program, "autostart", "enable").returncode == 0
        before = until(lambda: "no_notices" in (found := troubles()) and found, what="the trouble") or {}
        manager.run("systemctl", "--user", "import-environment", "DISPLAY", DISPLAY=display)
        with Recorder(f"unix:path=/proc/{manager.inside}/root{RUNTIME}/bus") as service:
            until(lambda: service.notes or touched(desktop), within=100, what="the notice")
            after = until(lambda: "presence_unknown" not in (found := troubles()) and found, within=70) or {}

    assert before["presence_unknown"].startswith("No desktop is known to the daemon")
    assert before["no_notices"] == "No notification service runs on this desktop."
    assert "no_notices" not in after
    assert [note.title for note in service.notes] == ["Sign in to acme"]
