from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import keeplit
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.core.service_files import Part
from tests.conftest import real_part
from tests.end_to_end.booted import booted
from tests.end_to_end.machine import stand_in, until
from tests.end_to_end.user_manager import UserManager, installed, user_manager

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd and the desktops of Linux")

QUICK = "[Service]\nRestartSec=100ms\n"


@pytest.fixture
def program(own_home: Path) -> str:
    """Give an installed keeplit, in a folder with odd characters."""
    return installed(own_home.parent / "a $b 100% é" / "bin")


@pytest.fixture
def manager(own_home: Path) -> Iterator[UserManager]:
    """Give a user manager; the AWS CLI of the person's shell is asked for its release, and that alone."""
    folder = stand_in(own_home.parent / "aws", "aws", "#!/bin/sh\necho aws-cli/2.15.0 Python/3.11.6\n")
    with user_manager(own_home, {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}) as found:
        yield found


def standing(manager: UserManager, program: str, part: str = "daemon") -> dict[str, Any]:
    """Return what `autostart status` says of a part."""
    told = json.loads(manager.run(program, "autostart", "status", "--json").stdout)
    return next(one for one in told["parts"] if one["part"] == part)


def enabled(manager: UserManager, program: str) -> int:
    """Enable it, and return the daemon's process id."""
    done = manager.run(program, "autostart", "enable")
    assert (done.returncode, done.stderr) == (0, "")
    return main_process(manager)


def main_process(manager: UserManager) -> int:
    """Return the process id of the daemon that runs now, 0 for none."""
    return int(manager.shown("MainPID") or 0)


def strike(manager: UserManager, number: signal.Signals) -> None:
    """Send the daemon a signal."""
    done = manager.run("kill", f"-{number.name.removeprefix('SIG')}", str(main_process(manager)))
    assert (done.returncode, done.stderr) == (0, "")


def runs_anew(manager: UserManager, before: int) -> bool:
    """Whether the daemon runs in another process than before."""
    return main_process(manager) not in {0, before} and manager.shown("ActiveState") == "active"


def test_it_is_started_and_leaves_nothing(manager: UserManager, program: str) -> None:
    """Enabled, the daemon is ready under systemd, once however often it is enabled; disabled, nothing of it is left."""
    before = sorted(manager.home.rglob("*"))
    process = enabled(manager, program)
    assert manager.shown("ActiveState") == "active"
    found = standing(manager, program)
    assert (found["enabled"], found["running"], found["current"], found["why_not"]) == (True, True, True, None)
    assert found["since"] is not None
    unit = str(manager.home / ".config" / "systemd" / "user" / "keeplit.service")
    checked = manager.run("systemd-analyze", "--user", "verify", unit)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert enabled(manager, program) == process
    assert manager.shown("NRestarts") == "0"

    assert manager.run(program, "uninstall", "--yes").returncode == 0
    assert manager.shown("LoadState") == "not-found"
    assert manager.run("pgrep", "-f", "keeplit daemon").stdout == ""
    left = [path for path in sorted(manager.home.rglob("*")) if path not in before]
    assert [path for path in left if path.name not in {".config", ".local", "state"}] == []


def test_a_crash_is_mended_and_an_end_is_not_a_crash(manager: UserManager, program: str) -> None:
    """Killed, it comes back by itself, and that is told; told to end, it ends with 0 within 2 s and stays ended."""
    manager.add(QUICK)
    first = enabled(manager, program)
    strike(manager, signal.SIGKILL)
    until(partial(runs_anew, manager, first))
    found = standing(manager, program)
    assert (found["restarts"], found["last_exit"]) == (1, "signal KILL")

    strike(manager, signal.SIGTERM)
    until(lambda: not main_process(manager), within=2.5)
    until(lambda: manager.shown("ActiveState") == "inactive")
    found = standing(manager, program)
    assert (found["enabled"], found["running"], found["last_exit"]) == (True, False, "exit 0")
    assert found["why_not"] == "it was ended"
    assert manager.shown("Result") == "success"


def test_a_stuck_daemon_is_started_anew(manager: UserManager, program: str) -> None:
    """A daemon that turns no more is killed by the watchdog and started anew; one that turns is left alone."""
    manager.add(f"{QUICK}WatchdogSec=2\nTimeoutAbortSec=200ms\n")
    first = enabled(manager, program)
    until((manager.home / ".local" / "state" / "keeplit" / "status.json").exists)
    strike(manager, signal.SIGSTOP)
    until(partial(runs_anew, manager, first))
    assert manager.shown("NRestarts") == "1"


def test_three_crashes_are_enough(manager: UserManager, program: str) -> None:
    """After the third crash within ten minutes it is not started any more; status says so, and enabling starts it."""
    manager.add(QUICK)
    enabled(manager, program)
    for count in range(3):
        before = main_process(manager)
        strike(manager, signal.SIGKILL)
        if count < 2:
            until(partial(runs_anew, manager, before))
    until(lambda: manager.shown("ActiveState") == "failed")
    found = standing(manager, program)
    assert (found["enabled"], found["running"], found["last_exit"]) == (True, False, "signal KILL")
    assert found["why_not"] == "it ended by itself 3 times within 10 min, so systemd starts it no more"
    assert enabled(manager, program)
    assert standing(manager, program)["why_not"] is None


def test_a_moved_program_is_mended(manager: UserManager, program: str, own_home: Path) -> None:
    """A keeplit that moved is told of by status, and enabling it again has the new one started."""
    enabled(manager, program)
    moved = own_home.parent / "elsewhere"
    Path(program).parent.rename(moved)
    there = str(moved / "keeplit")
    told = json.loads(manager.run(there, "autostart", "status", "--json").stdout)
    assert [one["current"] for one in told["parts"]] == [False, False]
    assert "Mend it: keeplit autostart enable" in told["notes"][0]
    enabled(manager, there)
    assert there in manager.shown("ExecStart")
    assert standing(manager, there)["current"] is True
    assert there in (own_home / ".config" / "autostart" / "keeplit-tray.desktop").read_text()


def test_a_daemon_that_runs_already_is_left_alone(manager: UserManager, program: str) -> None:
    """A daemon in a terminal goes on, and the service is left for the next login; an uninstall asks it to end."""
    terminal = f"setsid '{program}' daemon >/dev/null 2>&1 & echo $!"
    assert manager.run("sh", "-c", terminal).stdout
    until(lambda: standing(manager, program)["running"], what="a daemon in a terminal")
    enabled(manager, program)
    assert main_process(manager) == 0
    found = standing(manager, program)
    assert (found["running"], found["why_not"]) == (True, "the daemon that runs was started otherwise")
    assert manager.run(program, "uninstall", "--yes").returncode == 0
    until(lambda: manager.run("pgrep", "-f", "keeplit daemon").stdout == "", within=5.0)
    assert not (manager.home / ".local" / "state" / "keeplit").exists()


def test_of_two_that_start_at_once_one_keeps(manager: UserManager, program: str) -> None:
    """Where the flame's daemon was first at a login, that of systemd ends quietly, and is tried no more."""
    enabled(manager, program)
    assert manager.systemctl("stop", "keeplit.service") == ""
    assert manager.run("sh", "-c", f"setsid '{program}' daemon >/dev/null 2>&1 & echo $!").stdout
    until(lambda: standing(manager, program)["running"], what="the flame's daemon")
    (first,) = manager.run("pgrep", "-f", "keeplit daemon").stdout.split()
    manager.add(QUICK)
    done = manager.run("systemctl", "--user", "start", "keeplit.service")
    assert (done.returncode, done.stderr) == (0, "")
    until(lambda: manager.shown("ActiveState") == "inactive", within=50.0, what="the quiet end, after half a minute")
    found = [manager.shown(name) for name in ("Result", "NRestarts", "ExecMainStatus")]
    assert found == ["success", "0", "0"]
    assert manager.run("pgrep", "-f", "keeplit daemon").stdout.split() == [first]
    assert json.loads((manager.home / ".local/state/keeplit/runs.json").read_text())["crashes"] == []
    assert standing(manager, program)["why_not"] == "the daemon that runs was started otherwise"
    assert manager.run(program, "uninstall", "--yes").returncode == 0


def test_what_is_enabled_for_everybody_is_seen(manager: UserManager, program: str) -> None:
    """What an administrator enables starts at login without a person's own order, and status and files agree on it."""
    enabled(manager, program)
    overlay = "mount -t tmpfs tmpfs /etc/systemd/user && mkdir -p /etc/systemd/user && cp {unit} /etc/systemd/user/"
    unit = manager.home / ".config" / "systemd" / "user" / "keeplit.service"
    done = manager.run("sh", "-c", overlay.format(unit=unit))
    assert (done.returncode, done.stderr) == (0, "")
    assert manager.run(program, "autostart", "disable").returncode == 0
    code = (
        "import os, pathlib; from keeplit.adapters.autostart.systemd import Systemd;"
        "print(Systemd(pathlib.Path.home(), os.environ).linked())"
    )
    found = []
    for order in ("is-enabled", "enable"):
        manager.run("systemctl", "--global", order, "keeplit.service")
        manager.systemctl("daemon-reload")
        seen = manager.run(sys.executable, "-P", "-c", code).stdout.strip()
        found.append((seen, standing(manager, program)["enabled"]))
    assert found == [("False", False), ("True", True)]


def test_a_new_release_is_started(manager: UserManager, own_home: Path) -> None:
    """A release that is installed in place is run within a turn, by the same process: that is neither end nor crash."""
    packages = own_home.parent / "packages"
    shutil.copytree(Path(keeplit.__file__).parent, packages / "keeplit")
    program = installed(own_home.parent / "bin", packages)
    process = enabled(manager, program)
    status = own_home / ".local" / "state" / "keeplit" / "status.json"
    until(status.exists)
    package = packages / "keeplit" / "__init__.py"
    package.write_text(package.read_text().replace(keeplit.__version__, "99.1"))
    manager.systemctl("kill", "--kill-who=main", "--signal=HUP", "keeplit.service")
    until(lambda: json.loads(status.read_text())["daemon"]["version"] == "99.1", what="the new release")
    assert main_process(manager) == process
    found = standing(manager, program)
    assert (found["running"], found["restarts"], found["last_exit"]) == (True, 0, "as it was asked to")


def test_what_it_opened_outlives_it(manager: UserManager, program: str) -> None:
    """A browser that was opened from the service goes on when the service is ended."""
    first = enabled(manager, program)
    group = f"/sys/fs/cgroup{manager.shown('ControlGroup')}/cgroup.procs"
    opened = f"echo $$ > {group}; setsid sleep 1234 >/dev/null 2>&1 & sleep 0.3; pgrep -x -f 'sleep 1234'"
    browser = manager.run("sh", "-c", opened).stdout.strip()
    assert browser in manager.run("cat", group).stdout.split()
    assert manager.run(program, "autostart", "disable").returncode == 0
    assert main_process(manager) == 0
    assert manager.run("cat", f"/proc/{first}/cmdline").stdout == ""
    assert manager.run("cat", f"/proc/{browser}/cmdline").stdout == "sleep\x001234\0"  # one that was killed has none
    assert manager.run("kill", browser).returncode == 0


def test_what_the_session_imports_later_is_seen(manager: UserManager) -> None:
    """The display that a session tells systemd after the daemon's start is known to it."""
    manager.systemctl("set-environment", "DISPLAY=:77", 'XAUTHORITY=/tmp/it\'s a "cookie"', "HTTPS_PROXY=not-asked-for")
    code = "import os; from keeplit.adapters.desktop_environment import Manager; print(Manager().lacking(os.environ))"
    told = manager.run(sys.executable, "-P", "-c", code, DBUS_SESSION_BUS_ADDRESS="unix:path=/its/own").stdout
    assert told.strip() == str({"DISPLAY": ":77", "XAUTHORITY": '/tmp/it\'s a "cookie"'})


LOGIN = """\
set -e
for folder in {folders}; do chmod o+x "$folder"; done
install -D --mode=755 /test/bin/keeplit "{program}"
useradd --create-home --shell /bin/bash keeplit-test
su --login keeplit-test --command '"{program}" autostart enable'
manager="user@$(id -u keeplit-test)"
for _ in $(seq 100); do systemctl --quiet is-active "$manager" || break; sleep 0.2; done
systemctl --quiet is-active "$manager" && echo "the manager did not end"
su --login keeplit-test --command '
    for _ in $(seq 100); do systemctl --user --quiet is-active keeplit && break; sleep 0.1; done
    "{program}" autostart status --json
    "{program}" uninstall --yes >&2
    find ~ -mindepth 1 -name "*keeplit*" >&2'
"""


@pytest.mark.soak
def test_a_login_starts_it(tmp_path: Path) -> None:
    """On a machine that boots, an ordinary person's login starts the daemon, logout ends it, and nothing is left."""
    installed(tmp_path / "boot" / "bin")
    needed = [Path(sys.executable), Path(sys.executable).resolve(), Path(keeplit.__file__)]
    folders = sorted({str(folder) for path in needed for folder in path.parents} - {"/"})
    if "/tmp" in folders:  # the machine's, which no other sees
        pytest.skip("this checkout lies in /tmp, and a machine that boots has a /tmp of its own")
    quoted = " ".join(shlex.quote(folder) for folder in folders)
    code, said = booted(tmp_path / "boot", LOGIN.format(folders=quoted, program="/opt/keeplit test/keeplit"))
    assert code == 0, said
    told = next(json.loads(line) for line in said.splitlines() if line.startswith("{"))
    assert [(one["enabled"], one["running"]) for one in told["parts"]] == [(True, True), (True, False)]
    assert "the manager did not end" not in said
    assert [line for line in said.splitlines() if line.startswith("/home")] == []


def entries(home: Path, folder: str) -> tuple[str, list[Path]]:
    """Write both autostart entries of a program that notes how it was started; return its path and theirs."""
    place = home.parent / folder / "bin"
    place.mkdir(parents=True)
    program = place / "keeplit"
    program.write_text('#!/bin/sh\nprintf "%s %s\\n" "$0" "$*" >> "$HOME/started"\n')
    program.chmod(0o755)
    xdg = Xdg(home, os.environ)
    xdg.enable(str(program))
    return str(program), [xdg.entry(part) for part in Part]


def started(home: Path) -> list[str]:
    """Return what was started, sorted; waits for both."""
    note = home / "started"
    until(lambda: note.exists() and len(note.read_text().splitlines()) == len(Part), what="two programs")
    return sorted(note.read_text().splitlines())


@pytest.mark.parametrize("folder", ["plain", "with a space é"])
def test_a_plain_desktop_starts_both(own_home: Path, folder: str) -> None:
    """dex starts the daemon and the tray of the autostart folder, as desktops without systemd do."""
    real_part("dex", found=shutil.which("dex") is not None)
    program, written = entries(own_home, folder)
    command = ["dex", "--autostart", "--environment", "XFCE", "--search-paths", str(written[0].parent)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    assert started(own_home) == [f"{program} daemon", f"{program} tray"]


@pytest.mark.parametrize("folder", ["a $b 100% é", 'it\'s "quoted" \\ `so` ; & (x)', " %u %%"])
def test_odd_paths_are_started(own_home: Path, folder: str) -> None:
    """Whatever a path holds, GLib, which most desktops use, starts that very program; the checker finds no fault."""
    real_part("desktop-file-validate", found=shutil.which("desktop-file-validate") is not None)
    real_part("PyGObject", found=find_spec("gi") is not None)
    program, written = entries(own_home, folder)
    checked = subprocess.run(["desktop-file-validate", *written], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")
    launch = "import sys; from gi.repository.Gio import DesktopAppInfo\n"
    launch += "for one in sys.argv[1:]: DesktopAppInfo.new_from_filename(one).launch([], None)"
    subprocess.run([sys.executable, "-c", launch, *written], check=True, timeout=30)
    assert started(own_home) == [f"{program} daemon", f"{program} tray"]
