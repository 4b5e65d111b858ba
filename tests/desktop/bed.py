"""A throw-away desktop: a private bus that starts nothing by itself, an X server without a screen, and what runs there.

Every process is started here, in a group of its own, and ended by its id.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.conftest import real_part

WITHIN = 10.0
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def until(true: Callable[[], object], within: float = WITHIN, what: str = "it") -> None:
    """Wait until `true()` is; fail where it is not in time."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, f"{what} did not happen within {within} s"
        time.sleep(0.01)


def listens(path: Path) -> bool:
    """Tell whether somebody takes connections there: a socket's file is there a moment earlier."""
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.connect(str(path))
        except OSError:
            return False
    return True


class Bed:
    """A desktop in a folder of its own; `environment` points a process at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services = folder / "services"  # what the bus would start
        self.services.mkdir(parents=True, exist_ok=True)
        self.environment: dict[str, str] = {
            name: value for name, value in os.environ.items() if name not in {"XDG_RUNTIME_DIR", "SESSION_MANAGER"}
        }
        self.environment |= {"NO_AT_BRIDGE": "1", "GTK_A11Y": "none", "GDK_BACKEND": "x11", "LC_ALL": "C.UTF-8"}
        self.environment |= {"GDK_GL": "disable", "PYTHONUNBUFFERED": "1"}
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, command: Sequence[str | Path], *, log: str = "log", **more: str) -> subprocess.Popen[bytes]:
        """Start a process on the desktop; what it says goes to a file."""
        with (self.folder / f"{log}.txt").open("ab") as out:
            process = subprocess.Popen(
                [str(part) for part in command],
                env={**self.environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes], with_signal: signal.Signals = signal.SIGTERM) -> int:
        """End a process that was started here, and all that it started."""
        if process in self.running:
            self.running.remove(process)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, with_signal)
        try:
            return process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait(5)

    def bus(self, name: str = "session") -> str:
        """Start a bus and return its address; "session" becomes the desktop's own."""
        daemon = shutil.which("dbus-daemon")
        real_part("dbus-daemon", found=daemon is not None)
        place, config = self.folder / f"{name}.bus", self.folder / f"{name}.conf"
        config.write_text(BUS.format(socket=place, services=self.services))
        process = self.start([str(daemon), f"--config-file={config}", "--nofork", "--nopidfile"], log=f"{name}-bus")
        until(lambda: listens(place) or process.poll() is not None, what="the bus")
        assert process.poll() is None
        address = f"unix:path={place}"
        if name == "session":
            self.environment["DBUS_SESSION_BUS_ADDRESS"] = address
        return address

    def startable(self, name: str, command: str) -> None:
        """Let the bus that begins next start `command` for a name."""
        (self.services / f"{name}.service").write_text(f"[D-BUS Service]\nName={name}\nExec={command}\n")

    def screen(self, size: str = "800x600x24") -> str:
        """Start an X server without a screen and return its display."""
        server = shutil.which("Xvfb")
        real_part("Xvfb", found=server is not None)
        told, tell = os.pipe()
        with (self.folder / "xvfb.txt").open("wb") as log:
            process = subprocess.Popen(
                [str(server), "-displayfd", str(tell), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
                pass_fds=(tell,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        os.close(tell)
        with os.fdopen(told) as answer:
            number = answer.readline().strip()
        assert number, (self.folder / "xvfb.txt").read_text()
        self.environment["DISPLAY"] = f":{number}"
        return self.environment["DISPLAY"]

    def owns(self, name: str, address: str) -> bool:
        """Tell whether somebody owns a name on a bus."""
        command = ["dbus-send", f"--bus={address}", "--dest=org.freedesktop.DBus", "--print-reply", "/"]
        command += ["org.freedesktop.DBus.NameHasOwner", f"string:{name}"]
        said = subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment)
        return "true" in said.stdout

    def close(self) -> None:
        """End all that was started."""
        for process in reversed(self.running.copy()):
            self.end(process)


@contextlib.contextmanager
def bed(folder: Path) -> Iterator[Bed]:
    """Give a desktop and end all of it."""
    made = Bed(folder)
    try:
        yield made
    finally:
        made.close()


def mock(bed: Bed, address: str, *arguments: str, name: str, environ: Mapping[str, str] | None = None) -> None:
    """Start a python-dbusmock service, of Debian's own Python, on a bus and wait for its name."""
    python = Path("/usr/bin/python3")
    there = python.exists() and (
        subprocess.run([python, "-c", "import dbusmock"], capture_output=True, check=False).returncode == 0
    )
    real_part("python3-dbusmock", found=there)
    addresses = {"DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": address}
    bed.start([python, "-m", "dbusmock", *arguments], log="mock", **addresses, **(environ or {}))
    until(lambda: bed.owns(name, address), what=name)
