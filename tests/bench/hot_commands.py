"""How fast the hot commands answer, as ratios to a bare Python in the same run: ``python tests/bench/hot_commands.py``.

Law: what is compared is run in turns, one round after the other, so that a busy machine slows all of it alike; the
figure of a row is the median of the rounds' ratios. Nothing here is a test: a machine's mood is no defect.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))  # so that it runs as a script too

from keeplit import __version__
from keeplit.adapters import files, notebook
from keeplit.adapters import paths as places
from keeplit.engine.look import look
from keeplit.sandbox.clients import environment
from tests.engine.lit_laptop import Laptop, laptop

ROUNDS = 21
WARM_UP = 3
WINDOWS = 20
BARE = "python -I -c pass"
AWS_PLACES = ("/usr/bin/aws", "/usr/local/bin/aws")
SETTLED = 2.5


@dataclass(frozen=True, slots=True)
class Ratio:
    """One promise and what was measured: `ratio` of the command to what it is compared with, at most `promised`."""

    what: str
    against: str
    ratio: float
    promised: float
    milliseconds: float

    @property
    def kept(self) -> bool:
        """Whether the promise held in this run."""
        return self.ratio <= self.promised


def measure(rounds: int = ROUNDS) -> tuple[Ratio, ...]:
    """Run everything in turns and return a row for each promise; those against the AWS CLI only where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        others = ("XDG_", "CLAUDE", "KEEPLIT_")
        base = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        with mock.patch.dict(os.environ, {**base, "HOME": str(home)}, clear=True), laptop(home) as mine:
            return tuple(_rows(mine, rounds))


def _rows(mine: Laptop, rounds: int) -> Iterator[Ratio]:
    keeplit = keeplit_command()
    status, credentials = [*keeplit, "status", "--json"], [*keeplit, "credentials", "--profile", "work"]
    cli = aws_cli()
    export = [] if cli is None else [cli, "configure", "export-credentials", "--profile", "work"]
    mine.sign_in(timedelta(hours=1))
    mine.cache_role(timedelta(hours=1))
    mine.configure('[claude]\nprofile = "work"\n')
    environ = environment(mine.home, mine.sandbox.url, base=os.environ)
    # As installed: byte-compiled, which a checkout or an image may be told not to be.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environ["PYTHONPYCACHEPREFIX"] = str(mine.home / "bytecode")
    time.sleep(SETTLED)  # the config must be older than the grain of its time, as a person's is
    with published(mine, environ):
        commands = {"bare": [sys.executable, "-I", "-c", "pass"], "status": status, "credentials": credentials}
        took = in_turns({**commands, **({"export": export} if export else {})}, environ, rounds)
        line = {"bare": commands["bare"], "line": [*keeplit, "statusline"]}
        lines, crowd = in_turns(line, environ, rounds), at_once(line, environ, max(1, rounds // 3))
    yield row("status --json, with a daemon", BARE, took["status"], took["bare"], 3.5)
    # The files alone are looked at; most environments name no address instead of AWS's, which would be told.
    plain = {name: value for name, value in environ.items() if not name.startswith("AWS_ENDPOINT_URL")}
    alone = in_turns({"bare": commands["bare"], "status": status}, plain, rounds)
    yield row("status --json, without a daemon", BARE, alone["status"], alone["bare"], 7.0)
    yield row("credentials, warm", BARE, took["credentials"], took["bare"], 3.0)
    yield row("statusline", BARE, lines["line"], lines["bare"], 2.5)
    yield row(f"{WINDOWS} status lines at once", f"{WINDOWS} x {BARE}", crowd["line"], crowd["bare"], 2.5)
    if export:
        against = "aws configure export-credentials"
        yield row("credentials, warm", against, took["credentials"], took["export"], 0.15)


@contextmanager
def published(mine: Laptop, environ: Mapping[str, str]) -> Iterator[None]:
    """Let a daemon seem to live: its lock is held, and its status is published by the real notebook."""
    paths = places.find(environ)
    files.private_folder(paths.state)
    document = {**look(paths, environ).status}
    notebook.write_status(paths.status, {**document, "daemon": {"running": True, "version": __version__}})
    held = files.try_lock(paths.daemon_lock)
    if held is None:
        message = "the daemon's lock is held by another"
        raise RuntimeError(message)
    with held:
        yield


def in_turns(commands: Mapping[str, list[str]], environ: Mapping[str, str], rounds: int) -> dict[str, list[float]]:
    """Run each command once a round, after a warm-up, and return the seconds it took by its name."""
    took: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(WARM_UP + rounds):
        for name, command in commands.items():
            began = time.perf_counter()
            ended = subprocess.run(command, env=environ, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=True)
            lasted = time.perf_counter() - began
            if name == "line" and b"keeplit is not running" in ended.stdout:
                message = "the status line has not found the published status"
                raise RuntimeError(message)
            if name not in {"bare", "line"}:
                json.loads(ended.stdout)  # an empty answer would be fast
            if number >= WARM_UP:
                took[name].append(lasted)
    return took


def at_once(commands: Mapping[str, list[str]], environ: Mapping[str, str], rounds: int) -> dict[str, list[float]]:
    """Run each command in so many windows at the same time, in turns; return the seconds until the last one ended."""
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            began = time.perf_counter()
            windows = [
                subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
                for _ in range(WINDOWS)
            ]
            codes = {window.wait() for window in windows}
            took[name].append(time.perf_counter() - began)
            if codes != {0}:
                message = f"{name} failed: {codes}"
                raise RuntimeError(message)
    return took


def row(what: str, against: str, took: list[float], compared: list[float], promised: float) -> Ratio:
    """Return a row: the median of the rounds' ratios."""
    ratios = [mine / theirs for mine, theirs in zip(took, compared, strict=True)]
    return Ratio(what, against, median(ratios), promised, 1000 * median(took))


def keeplit_command() -> list[str]:
    """Return the installed command of this interpreter, as a person runs it."""
    installed = shutil.which("keeplit", path=str(Path(sys.executable).parent))
    return [installed] if installed else [sys.executable, "-m", "keeplit.ui.fast"]


def aws_cli() -> str | None:
    """Return an AWS CLI v2, None where there is none."""
    for place in (*AWS_PLACES, shutil.which("aws") or ""):
        if not Path(place).is_file():
            continue
        said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout
        if said.startswith("aws-cli/2."):
            return place
    return None


if __name__ == "__main__":
    for one in measure():
        promise = f"at most {one.promised:<5} {'ok' if one.kept else 'OVER'}"
        print(f"{one.what:<34} {one.ratio:5.2f} x {one.against:<34} {one.milliseconds:6.1f} ms  {promise}")
