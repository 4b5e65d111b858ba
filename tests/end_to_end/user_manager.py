"""A real systemd user manager in namespaces of its own, whatever the machine's own first process is.

Its pid namespace ends everything with it; its /run and its cgroups are its own; it sees the home folder of the test and
starts with the poor environment of a real login. Commands are run beside it by nsenter.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import pytest

from tests.conftest import real_part

SYSTEMD = Path("/lib/systemd/systemd")
GROUPS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))
RUNTIME = "/run/manager"  # short: the path of a socket may have 107 characters
TOOLS = ("unshare", "nsenter", "systemctl")
BEGINS = f"""\
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/log/journal /run/lock
mkdir -m 700 {RUNTIME}
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
env -i HOME="$HOME" XDG_RUNTIME_DIR={RUNTIME} USER=root LOGNAME=root SHELL=/bin/sh LANG=C.UTF-8 \\
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
    SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=notice SYSTEMD_LOG_COLOR=0 \\
    {SYSTEMD} --user --unit=default.target >"$HOME/../manager.log" 2>&1 &
read -r _
XDG_RUNTIME_DIR={RUNTIME} systemctl --user exit || true
wait
"""
SCRIPT = """\
#!{python}
import sys

sys.path[:0] = {folders}

from keeplit.ui.fast import main

sys.exit(main())
"""


@dataclass(frozen=True, slots=True)
class UserManager:
    """The manager of one home."""

    home: Path
    inside: int
    environ: dict[str, str]

    def run(self, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside the manager to its end."""
        enter = ["nsenter", f"--target={self.inside}", "--mount", "--pid", "--cgroup", "--ipc", f"--wdns={self.home}"]
        return subprocess.run(
            [*enter, *command],
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def systemctl(self, *arguments: str) -> str:
        """Return what systemctl says of the person's services."""
        return self.run("systemctl", "--user", *arguments).stdout.strip()

    def shown(self, name: str) -> str:
        """Return a property of keeplit's service."""
        return self.systemctl("show", "keeplit.service", f"--property={name}", "--value")

    def add(self, text: str) -> None:
        """Give the service a drop-in: the times of a test are shorter."""
        folder = self.home / ".config" / "systemd" / "user" / "keeplit.service.d"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "test.conf").write_text(text)
        self.systemctl("daemon-reload")


def installed(folder: Path, *packages: Path) -> str:
    """Put a keeplit into a folder, as pip does, and return its path; `packages` is where its package lies."""
    folder.mkdir(parents=True)
    program = folder / "keeplit"
    program.write_text(SCRIPT.format(python=sys.executable, folders=[str(path) for path in packages]))
    program.chmod(0o755)
    return str(program)


@contextmanager
def user_manager(home: Path, environ: dict[str, str]) -> Iterator[UserManager]:
    """Give a manager that runs; `environ` is what commands beside it have."""
    real_part("systemd", found=SYSTEMD.exists() and all(map(shutil.which, TOOLS)))
    if os.geteuid():
        pytest.skip("only root makes the namespaces of a manager")
    base = next((group for group in GROUPS if (group / "cgroup.controllers").exists()), None)
    real_part("a cgroup2 hierarchy", found=base is not None)
    group = Path(str(base)) / f"keeplit-{os.getpid()}-{abs(hash(home))}"
    group.mkdir()
    unshare = ["unshare", "--mount", "--propagation=private", "--cgroup", "--ipc", "--pid", "--fork"]
    command = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(group), *unshare]
    begun = subprocess.Popen(
        [*command, "--kill-child=SIGKILL", "--mount-proc", "sh", "-c", BEGINS],
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        stdin=subprocess.PIPE,
    )
    try:
        inside = _first_child(begun)
        found = UserManager(home, inside, {**environ, "HOME": str(home), "XDG_RUNTIME_DIR": RUNTIME})
        for _ in range(200):
            if found.systemctl("is-system-running") == "running":
                break
            sleep(0.05)
        else:
            pytest.fail(f"the manager does not run: {(home.parent / 'manager.log').read_text()}")
        yield found
    finally:
        if begun.stdin is not None:
            begun.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            begun.wait(10)
        begun.kill()
        begun.wait()
        for folder in sorted(group.rglob("*/"), reverse=True):
            gone(folder)
        gone(group)


def _first_child(process: subprocess.Popen[bytes]) -> int:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for _ in range(200):
        with suppress(OSError):
            children = listed.read_text().split()
            if children and process.poll() is None and Path(f"/proc/{children[0]}/comm").read_text() == "sh\n":
                return int(children[0])
        sleep(0.02)
    pytest.fail("no namespaces can be made here")


def gone(group: Path) -> None:
    """Remove a control group as soon as nothing is in it any more."""
    for _ in range(50):
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            sleep(0.05)
        else:
            return
