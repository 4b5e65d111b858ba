"""A machine for the end-to-end tests: a laptop on a sandbox, the commands as a person types them, and a daemon."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

from keeplit.adapters import files, sign_in_files
from keeplit.sandbox.nouns import Lifetimes, World
from tests.conftest import real_part
from tests.engine.lit_laptop import Laptop, laptop

KEEPLIT = (sys.executable, "-m", "keeplit.ui.fast")
PRESENT = '[claude]\nprofile = "work"\n[sign_in]\npresence = "always"\n'
PATIENCE = 30.0
LOOK_EVERY = 0.03
HOUR = timedelta(hours=1)
T = TypeVar("T")


def seconds(count: float) -> timedelta:
    """Return a length of time."""
    return timedelta(seconds=count)


def until(look: Callable[[], T], within: float = PATIENCE, what: str = "") -> T:
    """Look until there is something, and return it; fail after `within` seconds."""
    end = monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if monotonic() >= end:
            message = f"nothing after {within:.0f} s: {what or look}"
            raise AssertionError(message)
        sleep(LOOK_EVERY)


@dataclass
class Machine:
    """One laptop with its processes; what it started is ended with it."""

    laptop: Laptop
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """Return the home folder."""
        return self.laptop.home

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment of every process on it; a test changes it in place."""
        return self.laptop.environ

    def put_first(self, folder: Path) -> None:
        """Let the programs of `folder` be found before all others."""
        self.environ["PATH"] = f"{folder}{os.pathsep}{self.environ['PATH']}"

    def configure(self, text: str = PRESENT) -> None:
        """Write config.toml."""
        self.laptop.configure(text)

    def run(self, *arguments: str, within: float = 60.0, **changes: Any) -> subprocess.CompletedProcess[str]:
        """Run a keeplit command to its end."""
        return self.program(*KEEPLIT, *arguments, within=within, **changes)

    def program(self, *command: str, within: float = 60.0, **changes: Any) -> subprocess.CompletedProcess[str]:
        """Run any program to its end."""
        given: dict[str, Any] = {"env": self.environ, "cwd": self.home, "stdin": subprocess.DEVNULL, **changes}
        return subprocess.run(command, capture_output=True, text=True, timeout=within, check=False, **given)

    def start(self, *arguments: str, **changes: Any) -> subprocess.Popen[str]:
        """Start a keeplit command."""
        given: dict[str, Any] = {"env": self.environ, "cwd": self.home, "stdin": subprocess.DEVNULL, **changes}
        process = subprocess.Popen(
            [*KEEPLIT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **given
        )
        self.started.append(process)
        return process

    def daemon(self, **changes: Any) -> subprocess.Popen[str]:
        """Start the daemon and wait until it has published."""
        before = self.published
        process = self.start("daemon", **changes)
        until(lambda: process.poll() is not None or self.holds(process), what="the daemon's lock")
        assert process.poll() is None, process.communicate()
        until(lambda: self.published not in {before, b""} or self.turned(), what="the first status")
        return process

    def holds(self, process: subprocess.Popen[str]) -> bool:
        """Whether a daemon holds the lock."""
        return process.poll() is None and files.is_held(self.laptop.paths.daemon_lock)

    def turned(self) -> bool:
        """Whether the log's last daemon has made a turn that ended."""
        return self.published != b"" and self.status()["daemon"]["running"] is True

    @property
    def published(self) -> bytes:
        """Return the published status as it lies there."""
        try:
            return self.laptop.paths.status.read_bytes()
        except FileNotFoundError:
            return b""

    def status(self) -> dict[str, Any]:
        """Return the published status."""
        told: dict[str, Any] = json.loads(self.published)
        return told

    def session(self, name: str = "acme") -> dict[str, Any]:
        """Return one session of the published status; empty where it is not there."""
        found = self.status() if self.published else {"sessions": []}
        return next((one for one in found["sessions"] if one["name"] == name), {})

    def is_fresh(self, name: str = "acme") -> bool:
        """Whether the published status says that a session is signed in."""
        return self.session(name).get("state") == "fresh"

    def codes(self) -> set[str]:
        """Return the codes of the published troubles."""
        return {trouble["code"] for trouble in self.status()["troubles"]} if self.published else set()

    @property
    def log(self) -> str:
        """Return the daemon's log."""
        try:
            return self.laptop.paths.log.read_text()
        except FileNotFoundError:
            return ""

    def record(self, name: str = "acme") -> Any:
        """Return the record of a session's last sign-in."""
        key = self.laptop.token_file.stem if name == "acme" else name
        return sign_in_files.look(self.laptop.paths.own, key)

    @property
    def tabs(self) -> int:
        """Return how many browser tabs were opened."""
        return len(self.laptop.tabs)

    @property
    def digest(self) -> str:
        """Return the token's own bytes, to see that it changed."""
        return str(self.laptop.token["accessToken"]) if self.laptop.token_file.exists() else ""

    def end(self) -> None:
        """End what was started here, runners included."""
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.communicate()
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def processes(self, word: str = "") -> list[int]:
        """Return the processes that live in this home: their environment says so; `word` stands in their command."""
        mark = f"\0HOME={self.home}\0".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                environ = b"\0" + (folder / "environ").read_bytes()
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
                if mark in environ and word in command and folder.name != str(os.getpid()):
                    found.append(int(folder.name))
        return found

    def runners(self) -> list[int]:
        """Return the sign-in runners of this home."""
        return self.processes("sign_in_runner")


@contextmanager
def machine(
    home: Path, *, lifetimes: Lifetimes | None = None, world: World | None = None, base: Mapping[str, str] = os.environ
) -> Iterator[Machine]:
    """Give a machine of a person who is there and uses the profile work."""
    with laptop(home, lifetimes=lifetimes, world=world, base=base) as mine:
        found = Machine(mine)
        found.configure()
        try:
            yield found
        finally:
            found.end()


def wall_shift(folder: Path) -> tuple[Path, Path]:
    """Build the shim that moves the wall clock of a process, and return it and the file that says how far."""
    compiler = next((found for found in map(shutil.which, ("cc", "gcc", "clang")) if found), None)
    real_part("a C compiler", found=compiler is not None)
    library, file = folder / "wallshift.so", folder / "ahead"
    source = Path(__file__).with_name("wallshift.c")
    subprocess.run([str(compiler), "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    file.write_text("0")
    return library, file


def stand_in(folder: Path, name: str, script: str) -> Path:
    """Write a small program that stands in for another, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(script)
    program.chmod(0o755)
    return folder
