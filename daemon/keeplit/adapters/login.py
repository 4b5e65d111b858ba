"""`aws sso login` of AWS CLI v2: finds it, runs it in a process group of its own, and says how it ended.

Law: success is a later token in the cache, which the caller checks, and never a sentence on stdout. Whatever happens,
nothing of the process group is left when `run` returns, but for a browser, which is in a group of its own.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO

from keeplit.adapters import clock, files
from keeplit.core.aws_cli import Cli, Found, briefly, read_page, version_in, why_it_ended
from keeplit.core.aws_environment import IGNORE, SIGN_IN, override, without_identity
from keeplit.core.browser import browser_variable, can_open
from keeplit.core.model import Kind, Session, SignInCode
from keeplit.core.sign_in_flow import Page

LOOK_SECONDS = 0.25
GRACE_SECONDS = 2.0
BRIEFLY_SECONDS = 0.05
VERSION_SECONDS = 20.0
MOST_SAID = 8192
MOST_OF_A_SCRIPT = 1 << 16

_USUAL_PLACES = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", r"C:\Program Files\Amazon\AWSCLIV2")
if sys.platform == "win32":
    _FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
else:
    _FLAGS = 0


_versions: dict[tuple[str, int], tuple[int, ...]] = {}


def find(environ: Mapping[str, str], *, brief: bool = False) -> Found:
    """Find the AWS CLI on PATH and in the usual places; a version is asked for once per file and its change.

    With `brief` a Python script is not run: its package is asked (`briefly`), even where the rest of it is broken.
    """
    v1 = ""
    for path in _candidates(environ):
        version = _version(path, environ, brief=brief)
        if version >= (2,):
            return Found(Cli(str(path), version), v1)
        if version:
            v1 = v1 or str(path)
    return Found(None, v1)


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    seen: set[Path] = set()
    folders = [folder for folder in environ.get("PATH", "").split(os.pathsep) if folder]
    for folder in (*folders, *_USUAL_PLACES):
        command = shutil.which("aws", path=folder) if Path(folder).is_absolute() else None
        if command is not None and Path(command) not in seen:
            seen.add(Path(command))
            yield Path(command)


def _version(path: Path, environ: Mapping[str, str], *, brief: bool) -> tuple[int, ...]:
    try:
        key = (str(path), path.stat().st_mtime_ns)
        if key in _versions:
            return _versions[key]
        found = _of_script(path.resolve(), environ) if brief else ()
        return found or _versions.setdefault(key, _asked([str(path), "--version"], environ))
    except (OSError, subprocess.TimeoutExpired):
        return ()


def _of_script(path: Path, environ: Mapping[str, str]) -> tuple[int, ...]:
    """Return the version of a CLI that is a Python script; nothing where that is no such script, or does not work."""
    try:
        command = briefly(files.read(path, MOST_OF_A_SCRIPT) or b"")
        return _asked(command, environ, path.parent) if command else ()
    except (files.FileTrouble, OSError, subprocess.TimeoutExpired):
        return ()


def _asked(command: Sequence[str], environ: Mapping[str, str], folder: Path | None = None) -> tuple[int, ...]:
    said = subprocess.run(
        command,
        cwd=folder,
        env=_cleaned(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # v1 on Python 2 says it there
        timeout=VERSION_SECONDS,
        check=False,
        creationflags=_FLAGS,
    )
    return version_in(said.stdout.decode(errors="replace"))


def can_open_browser(environ: Mapping[str, str]) -> bool:
    """Whether the CLI can open a browser here (`keeplit.core.browser`)."""
    return can_open(environ, sys.platform, os.pathsep, _wslview(environ))


def _wslview(environ: Mapping[str, str]) -> str:
    return shutil.which("wslview", path=environ.get("PATH", "")) or "" if environ.get("WSL_DISTRO_NAME") else ""


def _cleaned(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the CLI: no profile and no keys, no prompts, no endpoint of a config file."""
    kept = without_identity(environ)
    browser = browser_variable(environ, os.pathsep, _wslview(environ))
    kept.pop("BROWSER", None)
    if not any(override(environ, service) for service in SIGN_IN):
        kept[IGNORE] = "true"
    return {**kept, "AWS_CLI_AUTO_PROMPT": "off", "AWS_PAGER": "", **({"BROWSER": browser} if browser else {})}


@dataclass(slots=True)
class _Said:
    """What the CLI has said so far, line by line, as its two pipes bring it."""

    lines: SimpleQueue[tuple[str, str]] = field(default_factory=SimpleQueue)
    page: Page | None = None
    errors: str = ""

    def listen(self, process: subprocess.Popen[bytes]) -> None:
        """Read both pipes until they close; a browser that inherited them may hold them open for ever."""
        for name, pipe in (("out", process.stdout), ("err", process.stderr)):
            if pipe is not None:
                Thread(target=self._read, args=(name, pipe), name=f"aws-{name}", daemon=True).start()

    def _read(self, name: str, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self.lines.put((name, line.decode(errors="replace")))

    def take(self, wait_seconds: float, on_page: Callable[[Page], None]) -> None:
        """Wait for one line at most `wait_seconds`, take in all there are, and show the page where it changed."""
        before = self.page
        for name, line in self._waiting(wait_seconds):
            if name == "out":
                self.page = read_page(self.page, line)
            else:
                self.errors = (self.errors + line)[-MOST_SAID:]
        if self.page is not None and self.page != before:
            on_page(self.page)

    def _waiting(self, wait_seconds: float) -> Iterator[tuple[str, str]]:
        """Give the lines that come now: an address and the code below it are written at once, and read one by one."""
        until = clock.monotonic() + wait_seconds
        try:
            yield self.lines.get(timeout=wait_seconds)
            while clock.monotonic() < until:
                yield self.lines.get(timeout=BRIEFLY_SECONDS)
        except Empty:
            return


def run(
    cli: Cli,
    session: Session,
    environ: Mapping[str, str],
    deadline_seconds: float,
    on_page: Callable[[Page], None],
    cancelled: Callable[[], bool],
    signed_in: Callable[[], bool],
) -> tuple[SignInCode, str]:
    """Sign in, and return how it ended with one sentence that holds no secret.

    `signed_in` says whether the cache holds a token later than this start; it is asked while the CLI runs too, since
    the person may have signed in by another way, and then the CLI is ended.
    """
    if any(named and not named.allowed for named in (override(environ, service) for service in SIGN_IN)):
        return SignInCode.MISCONFIGURED, "The endpoint that the environment names is neither https nor this machine."
    if not cli.suits(session):
        return SignInCode.MISCONFIGURED, "This AWS CLI v2 is older than 2.9 and knows no sso-session; update it."
    which = f"--sso-session={session.name}" if session.kind is Kind.SSO_SESSION else f"--profile={session.name}"
    try:
        process = subprocess.Popen(
            [cli.path, "sso", "login", which],
            env=_cleaned(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            creationflags=_FLAGS,
        )
    except OSError as error:
        return SignInCode.FAILED, f"The AWS CLI could not be started ({type(error).__name__})."
    said = _Said()
    said.listen(process)
    try:
        return _watch(process, said, clock.monotonic() + deadline_seconds, on_page, cancelled, signed_in)
    finally:
        _end(process)


def _watch(
    process: subprocess.Popen[bytes],
    said: _Said,
    deadline: float,
    on_page: Callable[[Page], None],
    cancelled: Callable[[], bool],
    signed_in: Callable[[], bool],
) -> tuple[SignInCode, str]:
    while process.poll() is None:
        said.take(LOOK_SECONDS, on_page)
        if signed_in():
            _wait(process, GRACE_SECONDS)  # its own token: it is about to end by itself
            return SignInCode.SIGNED_IN, ""
        if cancelled():
            return SignInCode.CANCELLED, "It was cancelled."
        if clock.monotonic() >= deadline:
            return SignInCode.TIMED_OUT, "Nobody signed in in time."
    said.take(LOOK_SECONDS, on_page)
    if signed_in():
        return SignInCode.SIGNED_IN, ""
    return why_it_ended(process.returncode, said.errors)


if sys.platform == "win32":

    def _end(process: subprocess.Popen[bytes]) -> None:
        """End the CLI, which starts nothing but the browser there."""
        if process.poll() is None:
            process.terminate()
            _wait(process, GRACE_SECONDS)

else:

    def _end(process: subprocess.Popen[bytes]) -> None:
        """End the whole group, gently first; a leader that has ended may have left others behind."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            until = clock.monotonic() + GRACE_SECONDS
            try:
                os.killpg(process.pid, name)
                while clock.monotonic() < until:
                    process.poll()  # its own zombie would count as one that is left
                    os.killpg(process.pid, 0)
                    clock.sleep(BRIEFLY_SECONDS)
            except (ProcessLookupError, PermissionError):  # macOS says the second of a group of zombies
                process.poll()
                return


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
