from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.conftest import SOAK
from tests.end_to_end.machine import Machine
from tests.end_to_end.test_settings_undone import COMMENTED, ODD, Killer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
ROOT = Path(__file__).parent.parent.parent
AWS = b"# by hand\n[default]\nregion=eu-west-1 # near\n"
Trio = tuple[bytes | None, bytes | None, bytes | None]
OLD: Trio = (AWS, COMMENTED, ODD)
NONE: Trio = (None, None, None)


@pytest.fixture
def killer(desk: Machine) -> Iterator[Killer]:
    """Give a killer that knows setup; what it kills leaves its drafts at home."""
    desk.environ["TMPDIR"] = str(desk.home)
    command = [sys.executable, "-m", "tests.end_to_end.killing_setup"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield Killer(desk, process)
        assert process.stdin is not None
        process.stdin.close()


def places(desk: Machine) -> tuple[Path, Path, Path]:
    """Return the files in the order in which setup writes them."""
    return desk.home / ".aws" / "config", desk.laptop.paths.config_file, desk.home / ".claude" / "settings.json"


def now(desk: Machine) -> Trio:
    """Return what the files are."""
    aws, config, settings = (path.read_bytes() if path.exists() else None for path in places(desk))
    return aws, config, settings


def begin_anew(desk: Machine, before: Trio) -> None:
    """Let keeplit never have run here, and a person have written these files."""
    rmtree(desk.laptop.paths.state, ignore_errors=True)
    for path, content in zip(places(desk), before, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)


def written(desk: Machine, killer: Killer, before: Trio) -> tuple[int, Trio]:
    """Return how many steps setup has, and the files after it."""
    told = {}
    for _ in range(2):  # what is made once and stays is no step of those that follow
        begin_anew(desk, before)
        told = killer.order(0, do="setup")
    assert told["code"] == 0
    return told["steps"], now(desk)


def stage(files: Trio, before: Trio, new: Trio) -> tuple[int, int, int]:
    """Return how far each file is: as before, as after; the settings may lack the row alone, which comes last."""
    for one, old, then in zip(files, before, new, strict=True):
        assert one in {old, then} or one == files[2]
    aws, config, settings = (int(one != old) for one, old in zip(files, before, strict=True))
    if settings:
        told, wanted = json.loads(files[2] or b""), json.loads(new[2] or b"")
        settings += "statusLine" in told
        assert told | {"statusLine": 0} == wanted | {"statusLine": 0}
    return aws, config, settings


STAGES = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 1, 2)]


@pytest.mark.parametrize("before", [OLD, NONE], ids=["files", "no files"])
def test_one_undo_takes_a_killed_setup_back(desk: Machine, killer: Killer, before: Trio) -> None:
    """Wherever it is killed each file is the old or the new one, and all of them are the old ones after an undo."""
    count, new = written(desk, killer, before)
    seen = set()
    for step in range(1, count + 1, 1 if SOAK else 7):
        begin_anew(desk, before)
        assert killer.order(step, do="setup")["killed"], step
        seen.add(stage(now(desk), before, new))
        killer.order(0, "undo")
        assert now(desk) == before, step
    assert seen == {*STAGES}


@pytest.mark.parametrize("before", [OLD, NONE], ids=["files", "no files"])
def test_a_killed_setup_is_ended_by_the_daemon(desk: Machine, killer: Killer, before: Trio) -> None:
    """Its next turn lets the settings follow keeplit's configuration; a new AWS profile alone is whole by itself."""
    count, new = written(desk, killer, before)
    seen = set()
    for step in range(1, count + 1, 1 if SOAK else 13):
        begin_anew(desk, before)
        killer.turn()
        killer.order(step, do="setup")  # it comes to its end before the last step: a folder was there already
        between = stage(now(desk), before, new)
        killer.turn()
        left = stage(now(desk), before, new)
        assert left == ((1, 1, 1) if between == (1, 1, 0) else between), step
        seen.add(between)
        killer.order(0, "undo")
        assert now(desk) == before, step
    assert seen == {*STAGES}


def test_a_setup_after_a_killed_one_does_the_rest(desk: Machine, killer: Killer) -> None:
    """Wherever the first was killed, the second leaves what an unbroken one leaves, and a reset takes back both."""
    count, new = written(desk, killer, OLD)
    for step in range(1, count + 1, 1 if SOAK else 25):
        begin_anew(desk, OLD)
        assert killer.order(step, do="setup")["killed"], step
        assert killer.order(0, do="setup")["code"] == 0
        assert [json.loads(now(desk)[2] or b""), *now(desk)[:2]] == [json.loads(new[2] or b""), *new[:2]], step
        assert killer.order(0, "reset")["code"] == 0
        assert now(desk) == OLD, step
