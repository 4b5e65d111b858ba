"""A keeplit that goes: by `keeplit uninstall` while a sign-in waits, or without it, and installed again elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from keeplit.core.own_command import HELPERS
from tests.end_to_end.machine import Machine, until
from tests.end_to_end.user_manager import installed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script with a first line is the program")


def helpers(desk: Machine) -> dict[str, str]:
    """Return the commands that Claude Code's settings run."""
    told = json.loads((desk.home / ".claude" / "settings.json").read_text())
    return {key: told[key] for key in HELPERS if key in told}


@pytest.mark.parametrize("forgotten", [False, True], ids=["remembered", "forgotten"])
def test_its_daemon_mends_the_settings(desk: Machine, *, forgotten: bool) -> None:
    """Its daemon names itself in place of the one that is gone, where our own files were thrown away too."""
    before = installed(desk.home.parent / "before")
    done = desk.program(before, "use", "--profile", "work", "--region", "us-west-2")
    assert done.returncode == 0, done.stderr
    assert {command.split(" ")[0] for command in helpers(desk).values()} == {before}

    shutil.rmtree(Path(before).parent)
    if forgotten:
        shutil.rmtree(desk.laptop.paths.state)
        desk.laptop.paths.config_file.unlink()
    again = installed(desk.home.parent / "again")
    process = subprocess.Popen(
        [again, "daemon"],
        env=desk.environ,
        cwd=desk.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    desk.started.append(process)
    until(lambda: {command.split(" ")[0] for command in helpers(desk).values()} == {again}, what="the mended settings")
    assert process.poll() is None


def test_a_sign_in_that_waits_ends_with_it(desk: Machine, waiting_cli: Path) -> None:
    """Uninstalled while a browser waits for its person, the runner ends first, and writes nothing afterwards."""
    desk.put_first(waiting_cli)
    assert desk.run("login", "--timeout", "1").returncode == 3
    done = desk.run("uninstall", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    until(lambda: desk.runners() == [] and desk.processes("sleep") == [], what="the end of runner and AWS CLI")
    assert [
        path for path in desk.home.rglob("*keeplit*") if not path.is_relative_to(desk.home / ".local" / "bin")
    ] == []
