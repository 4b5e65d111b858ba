"""The stage: the sandbox's services, a temporary home that leads to them, and every process that is started in it.

Law: whatever was started is ended, by its own id, and the home is removed, however the play ends. A sign-in's runner is
detached and is nobody's child, so it is asked to end as keeplit's own interfaces ask, and ended by its id only after.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import IO, Self

from keeplit.adapters import files, login, sign_in_files
from keeplit.core import own_process
from keeplit.core.own_process import Process
from keeplit.sandbox.clients import environment, person_file, write_home
from keeplit.sandbox.clockwork import wall
from keeplit.sandbox.ending import ENDS_WITHIN, end, uninterrupted
from keeplit.sandbox.log_in import LogIn
from keeplit.sandbox.nouns import Lifetimes, World
from keeplit.sandbox.person import Deed, Person, tabs_of
from keeplit.sandbox.rewriter import Rewriter
from keeplit.sandbox.server import Sandbox

FROZEN = getattr(sys, "frozen", False)
KEEPLIT = own_process.command(Process.WHOLE, sys.executable, frozen=FROZEN)
BROWSER = own_process.command(Process.BROWSER, sys.executable, frozen=FROZEN)
SETTINGS = """\
[claude]
profile = "work"

[sessions]
keep = ["acme", "beta", "old"]

[sign_in]
mode = "{mode}"
presence = "always"
lead = "{lead}s"
method = "{method}"
"""
REACTION_SECONDS = 0.8
AFTERWARDS_SECONDS = 0.4
LOOK_EVERY = 0.05


@dataclass(slots=True)
class Stage:
    """A sandbox, a home and its processes, alive inside ``with``."""

    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    world: World = field(default_factory=World)
    lead: timedelta = timedelta(minutes=10)
    device: bool = False
    """True: sign in with a printed code, as on a machine without an AWS CLI v2."""
    keeplit: Sequence[str] = KEEPLIT
    sandbox: Sandbox = field(init=False)
    home: Path = field(init=False)
    environ: Mapping[str, str] = field(init=False, repr=False)
    claude: Rewriter = field(init=False)
    daemon: subprocess.Popen[bytes] | None = None
    _undo: ExitStack = field(default_factory=ExitStack, repr=False)
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list, repr=False)

    def __enter__(self) -> Self:
        """Start the services and write the home; no process yet."""
        try:
            self.home = Path(tempfile.mkdtemp(prefix="keeplit-sandbox-"))
            self._undo.callback(shutil.rmtree, self.home, ignore_errors=True)
            self.sandbox = self._undo.enter_context(Sandbox(lifetimes=self.lifetimes, world=self.world))
            self._undo.callback(self._end_all)
            self._furnish()
        except BaseException:  # Ctrl-C, which may come while the AWS CLI is asked for its version
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every process, then the services, and remove the home; a second Ctrl-C does not hurry it."""
        with uninterrupted():
            self._undo.close()

    def _furnish(self) -> None:
        write_home(self.home, self.sandbox.url)
        self.environ = environment(self.home, self.sandbox.url, base=os.environ)
        self.device = self.device or not login.can_open_browser(self.environ) or login.find(self.environ).cli is None
        self.person("approve")
        self.config_file.parent.mkdir(parents=True, exist_ok=True)
        mode, method = ("ask", "device") if self.device else ("auto", "aws-cli")
        lead = f"{self.lead / timedelta(seconds=1):.0f}"
        self.claude = Rewriter(self.home / ".claude" / "settings.json")
        self.claude.furnish()
        self.config_file.write_text(SETTINGS.format(mode=mode, method=method, lead=lead), encoding="utf-8")

    def _end_all(self) -> None:
        for child in (*self._children, *((self.daemon,) if self.daemon is not None else ())):
            end(child)
        self._end_sign_ins()
        tabs = tabs_of(person_file(self.home))
        if tabs:
            # The person behind the last tab is nobody's child, and ends by themselves once they have decided.
            decided = tabs[-1].at + timedelta(seconds=REACTION_SECONDS + AFTERWARDS_SECONDS)
            Event().wait(max(0.0, (decided - wall()) / timedelta(seconds=1)))

    @property
    def config_file(self) -> Path:
        """Return where keeplit reads its configuration in this home."""
        return self._folder("XDG_CONFIG_HOME") / "config.toml"

    @property
    def memory(self) -> Path:
        """Return where keeplit remembers."""
        return self._folder("XDG_STATE_HOME") / "memory.json"

    @property
    def status(self) -> Path:
        """Return where the daemon publishes."""
        return self._folder("XDG_STATE_HOME") / "status.json"

    @property
    def log(self) -> Path:
        """Return where the daemon logs."""
        return self._folder("XDG_STATE_HOME") / "keeplit.log"

    @property
    def own(self) -> Path:
        """Return keeplit's folder beside AWS's token cache."""
        return self.home / ".aws" / "sso" / "keeplit"

    def _folder(self, variable: str) -> Path:
        return Path(self.environ["LOCALAPPDATA" if sys.platform == "win32" else variable]) / "keeplit"

    def person(self, does: Deed, after: float = REACTION_SECONDS) -> None:
        """Say what the person does with the tabs that open from now on."""
        Person(does, after=after).write(person_file(self.home))

    def start_daemon(self) -> None:
        """Start the real daemon, a process of its own."""
        # What it says belongs into its log; a traceback at its start belongs nowhere else.
        with (self.home / "daemon.err").open("wb") as errors:
            self.daemon = self._started([*self.keeplit, "daemon"], stderr=errors)

    def start_flame(self, within: float = 2.0) -> str:
        """Start the flame for the panel; return why it cannot be shown, empty where it did not end at once."""
        with (self.home / "flame.err").open("wb") as errors:
            flame = self._started([*self.keeplit, "tray", "--no-daemon"], stderr=errors)
        self._children.append(flame)
        with suppress(subprocess.TimeoutExpired):
            flame.wait(within)
            return (self.home / "flame.err").read_text("utf-8", "replace").strip() or "keeplit: the flame ended"
        return ""

    def daemon_said(self) -> str:
        """Return why the daemon ended, in a line."""
        code = self.daemon.poll() if self.daemon is not None else None
        said = (self.home / "daemon.err").read_text("utf-8", "replace").strip().splitlines()
        how = f"signal {-code}" if code is not None and code < 0 else f"exit {code}"
        return f"{how}; {said[-1]}" if said else how

    def log_in(self, session: str) -> LogIn:
        """Type ``keeplit login`` for a session, as the person does in a terminal.

        On a machine that cannot open a browser the person opens the address that is printed.
        """
        command = [*self.keeplit, "login", "--session", session, "--timeout", "60"]
        child = self._started(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._children.append(child)
        begun = LogIn(session, child)
        Thread(target=begun.listen, args=(self._open_page if self.device else None,), daemon=True).start()
        return begun

    def _open_page(self, url: str) -> None:
        self._children.append(self._started([*BROWSER, url]))

    def variables(self) -> dict[str, str]:
        """Return what points any AWS client at the sandbox, to be put into another shell."""
        return environment(self.home, self.sandbox.url)

    def log_tail(self, lines: int) -> tuple[str, ...]:
        """Return the last lines of the daemon's log."""
        try:
            return tuple(self.log.read_text("utf-8", "replace").splitlines()[-lines:])
        except OSError:
            return ()

    def rest(self, length: timedelta) -> None:
        """Wait."""
        Event().wait(length / timedelta(seconds=1))

    def published(self) -> dict[str, str]:
        """Return the state of each session as the daemon has published it."""
        try:
            told = json.loads(self.status.read_bytes())
            return {one["name"]: one["state"] for one in told["sessions"]}
        except (OSError, ValueError, LookupError, TypeError):
            return {}

    def _started(
        self, command: Sequence[str], stdout: int = subprocess.DEVNULL, stderr: int | IO[bytes] = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        # A group of its own: Ctrl-C in the terminal is for us alone, and we end it in the right order.
        return subprocess.Popen(
            command,
            env=dict(self.environ),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )

    def _end_sign_ins(self) -> None:
        """Ask every runner to end, and end by its id the one that does not."""
        until = wall() + timedelta(seconds=ENDS_WITHIN)
        while running := sign_in_files.running(self.own):
            for one in running:
                with suppress(files.FileTrouble):
                    sign_in_files.ask_cancel(self.own, one)
            if wall() >= until:
                for joined in filter(None, (sign_in_files.look(self.own, one.session) for one in running)):
                    with suppress(OSError):
                        os.kill(joined.runner, signal.SIGTERM)
                return
            Event().wait(LOOK_EVERY)
