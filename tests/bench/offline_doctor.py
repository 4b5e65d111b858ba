"""How long `keeplit doctor --offline` takes with this machine's own AWS CLI: ``python tests/bench/offline_doctor.py``.

Law: a person waits for seconds, so their median is the figure. The processor's seconds, the CLI's own included, stand
beside it: they tell a slow doctor from a busy machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))  # so that it runs as a script too

from keeplit.adapters import files
from tests.bench.hot_commands import aws_cli, keeplit_command
from tests.end_to_end.sick_home import SETTINGS
from tests.engine.lit_laptop import laptop, write

ROUNDS = 11
WARM_UP = 2
PROMISED = 1.0


@dataclass(frozen=True, slots=True)
class Took:
    """Medians in seconds: what a person waits, and what the processors work; `cli` as the doctor names it."""

    seconds: float
    processor: float
    cli: str


def measure(rounds: int = ROUNDS) -> Took:
    """Ask the doctor so many times, in a home with a sign-in, settings and the AWS CLI that is found first here."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        cli = aws_cli()
        others = ("XDG_", "CLAUDE", "KEEPLIT_")
        base = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        if cli is not None:  # one of version 1 before it is another machine's tale
            base["PATH"] = os.pathsep.join([str(Path(cli).parent), base.get("PATH", "")])
        with mock.patch.dict(os.environ, {**base, "HOME": str(home)}, clear=True), laptop(home) as mine:
            mine.sign_in()
            mine.configure('[claude]\nprofile = "work"\n')
            write(home / ".claude" / "settings.json", SETTINGS)
            files.private_folder(mine.paths.state)
            # As installed: byte-compiled, which a checkout or an image may be told not to be.
            environ = {**mine.environ, "PYTHONPYCACHEPREFIX": str(home / "bytecode")}
            environ.pop("PYTHONDONTWRITEBYTECODE", None)
            return _asked(environ, rounds)


def _asked(environ: Mapping[str, str], rounds: int) -> Took:
    command = [*keeplit_command(), "doctor", "--offline", "--json"]
    took = [_once(command, environ) for _ in range(WARM_UP + rounds)]
    counted = took[WARM_UP:]
    named = next(one["sentence"] for one in took[-1][2] if one["code"] == "aws_cli")
    return Took(median(one[0] for one in counted), median(one[1] for one in counted), named)


def _once(command: Sequence[str], environ: Mapping[str, str]) -> tuple[float, float, list[dict[str, str]]]:
    """Return the seconds, the processor's seconds with those of what it started, and the checks: none would be fast."""
    before, began = _of_children(), time.perf_counter()
    ended = subprocess.run(command, env=environ, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    lasted = time.perf_counter() - began
    if ended.returncode not in {0, 1}:
        message = f"the doctor ended with {ended.returncode}"
        raise RuntimeError(message)
    checks: list[dict[str, str]] = json.loads(ended.stdout)["checks"]
    return lasted, _of_children() - before, checks


def _of_children() -> float:
    used = os.times()
    return used.children_user + used.children_system


if __name__ == "__main__":
    found = measure()
    verdict = "ok" if found.seconds <= PROMISED else "OVER"
    print(f"doctor --offline: {found.seconds:.2f} s, {found.processor:.2f} s of processor; {found.cli} {verdict}")
