"""The notice of the third crash: under a real systemd, on a real bus, to a service that keeps what it is shown."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.desktop.bed import bed
from tests.desktop.notifications import Recorder
from tests.end_to_end.machine import until
from tests.end_to_end.user_manager import UserManager, installed, user_manager

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd and the desktops of Linux")

QUICK = "[Service]\nRestartSec=100ms\n"
TOKEN = "aoaAAAAAA" + "t" * 300


def crashed(manager: UserManager, log: Path, *, last: bool) -> None:
    """Kill the daemon, once it runs, as it has written this; wait for the next one, or for systemd to give up."""
    until(lambda: manager.shown("ActiveState") == "active" and log.exists(), what="a daemon")
    with log.open("a") as lines:
        lines.write(f'2026-11-21T12:00:00+0000 E keeplit: <b>it</b> said {{"accessToken": "{TOKEN}"}} & more\n')
    before = manager.shown("MainPID")
    assert manager.run("kill", "-KILL", before).returncode == 0
    if last:
        until(lambda: manager.shown("ActiveState") == "failed", what="the end of the starts")
    else:
        until(partial(_anew, manager, before), what="the next daemon")


def _anew(manager: UserManager, before: str) -> bool:
    return manager.shown("MainPID") not in {"0", before}


def test_the_third_crash_is_told_once(own_home: Path, tmp_path: Path) -> None:
    """Nothing is shown of the first two; the third comes with the log's last lines, without the secret in them."""
    program = installed(tmp_path / "bin")
    log = own_home / ".local" / "state" / "keeplit" / "keeplit.log"
    with (
        bed(tmp_path / "bed") as desk,
        Recorder(desk.bus()) as shown,
        user_manager(own_home, dict(os.environ)) as found,
    ):
        found.add(QUICK)
        found.systemctl("set-environment", f"DBUS_SESSION_BUS_ADDRESS={desk.environment['DBUS_SESSION_BUS_ADDRESS']}")
        done = found.run(program, "autostart", "enable")
        assert done.returncode == 0, done.stderr
        for count in range(3):
            assert shown.notes == []
            crashed(found, log, last=count == 2)
        note = shown.wait()
        assert note.title == "keeplit ended by itself 3 times"
        assert "said" in note.text
        assert "[hidden]" in note.text
        assert TOKEN[:20] not in note.text
        assert note.text.endswith("See more: keeplit logs")
        told = found.run(program, "autostart", "status").stdout
        assert "it ended by itself 3 times within 10 min, so systemd starts it no more" in told
        assert len(shown.notes) == 1
