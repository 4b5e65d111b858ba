from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from time import sleep
from typing import Any

import pytest

from tests.conftest import SOAK
from tests.end_to_end.machine import Machine, until

ROOT = Path(__file__).parent.parent.parent
ODD = '{"env" :{"AWS_PROFILE":"home"},\r\n\t"theme": "d\\u0061rk", "größe": 1.50 }'.encode()
COMMENTED = b'# mine\n[claude]\nprofile = "work" # at work\n'
USE = ("use", "--profile", "work", "--region", "eu-west-1", "--env", "MAX_THINKING_TOKENS=0")
PROFILE = "env.AWS_PROFILE"
needs_kill = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def settings(desk: Machine) -> Path:
    """Return where Claude Code's settings are."""
    return desk.home / ".claude" / "settings.json"


def written(desk: Machine, data: bytes | None = ODD, config: bytes | None = COMMENTED) -> None:
    """Let a person have written both files, or neither."""
    for path, content in ((settings(desk), data), (desk.laptop.paths.config_file, config)):
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content)


def both(desk: Machine) -> tuple[bytes | None, bytes | None]:
    """Return what both files are."""
    files = (settings(desk), desk.laptop.paths.config_file)
    return (
        files[0].read_bytes() if files[0].exists() else None,
        files[1].read_bytes() if files[1].exists() else None,
    )


def done(desk: Machine, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command that ends as it should."""
    ran = desk.run(*arguments)
    assert ran.returncode == code, (ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stderr
    return ran


@pytest.mark.parametrize("before", [(ODD, COMMENTED), (ODD, None), (None, COMMENTED), (None, None)])
def test_a_use_is_undone_to_the_byte(desk: Machine, before: tuple[bytes | None, bytes | None]) -> None:
    """After `use` and `undo` both files are what they were, and one that was not there is gone again."""
    written(desk, *before)
    done(desk, *USE)
    env = json.loads(settings(desk).read_bytes())["env"]
    assert (env["AWS_PROFILE"], env["AWS_REGION"], env["MAX_THINKING_TOKENS"]) == ("work", "eu-west-1", "0")
    assert both(desk) != before
    done(desk, "undo")
    assert both(desk) == before
    done(desk, "undo", code=1)
    listed = json.loads(done(desk, "undo", "--list", "--json").stdout)
    assert [(one["command"], one["undone"]) for one in listed["commands"]] == [("use", True)]


def test_a_foreign_edit_outlives_the_undo(desk: Machine) -> None:
    """What Claude Code wrote after `use` stays, and so does its value of a key that `use` had written."""
    written(desk)
    done(desk, *USE)
    document = json.loads(settings(desk).read_bytes())
    document["env"]["AWS_REGION"] = "ap-southeast-2"
    document["model"] = "opus"
    settings(desk).write_text(json.dumps(document, indent=4))
    said = done(desk, "undo")
    assert "env.AWS_REGION: left alone" in said.stdout
    document["env"] = {"AWS_PROFILE": "home", "AWS_REGION": "ap-southeast-2"}
    del document["awsAuthRefresh"], document["awsCredentialExport"]
    assert settings(desk).read_text() == json.dumps(document, indent=4)
    assert desk.laptop.paths.config_file.read_bytes() == COMMENTED


def test_two_commands_are_undone_one_by_one(desk: Machine) -> None:
    """Each undo takes back one command, the last one first, and a reset after one of them takes back the rest."""
    written(desk)
    done(desk, *USE)
    between = both(desk)
    done(desk, "use", "--region", "us-east-1")
    done(desk, "undo")
    assert both(desk) == between
    done(desk, "undo")
    assert both(desk) == (ODD, COMMENTED)


def test_a_reset_restores_every_byte(desk: Machine) -> None:
    """Whatever keeplit did since, a reset brings back both files as they were, and can be undone itself."""
    written(desk)
    done(desk, *USE)
    done(desk, "use", "--region", "us-east-1")
    done(desk, "undo")
    done(desk, "use", "--env", "ONE=more")
    last = both(desk)
    done(desk, "reset")
    assert both(desk) == (ODD, COMMENTED)
    assert "nothing to reset" in done(desk, "reset").stdout
    done(desk, "undo")
    assert both(desk) == last


def test_a_reset_removes_what_keeplit_made(desk: Machine) -> None:
    """Files that `use` made are gone after a reset."""
    written(desk, None, None)
    done(desk, *USE)
    done(desk, "use", "--region", "us-east-1")
    done(desk, "reset")
    assert both(desk) == (None, None)


def test_a_reset_refuses_what_others_changed(desk: Machine) -> None:
    """A key that somebody else changed since is left alone and named, the others go back."""
    written(desk)
    done(desk, *USE)
    settings(desk).write_bytes(settings(desk).read_bytes().replace(b'"eu-west-1"', b'"ap-southeast-2"'))
    said = done(desk, "reset")
    assert "env.AWS_REGION: left alone" in said.stdout
    assert json.loads(settings(desk).read_bytes()) == {
        "env": {"AWS_PROFILE": "home", "AWS_REGION": "ap-southeast-2"},
        "theme": "dark",
        "größe": 1.5,
    }
    assert "There is nothing to reset" not in done(desk, "reset", code=1).stdout


def test_a_repair_and_its_undo(desk: Machine) -> None:
    """What the daemon agreed on and a tool dropped comes back by `repair`, and goes again by `undo`."""
    written(desk)
    done(desk, *USE)
    done(desk, "daemon", "--once")
    good = settings(desk).read_bytes()
    damaged = good.replace(b',"AWS_REGION":"eu-west-1"', b"")
    assert damaged != good
    settings(desk).write_bytes(damaged)
    assert "env.AWS_REGION: (absent) → eu-west-1" in done(desk, "repair").stdout
    assert json.loads(settings(desk).read_bytes()) == json.loads(good)
    assert "nothing to repair" in done(desk, "repair").stdout
    done(desk, "undo")
    assert settings(desk).read_bytes() == damaged
    settings(desk).write_bytes(damaged[:-3])
    said = done(desk, "repair", code=1)
    assert "line 2, column" in said.stderr
    assert settings(desk).read_bytes() == damaged[:-3]


@pytest.mark.parametrize("command", ["undo", "reset"])
def test_a_daemon_lets_go_of_what_was_taken_back(desk: Machine, command: str) -> None:
    """A daemon that keeps the settings writes none of the keys again that `undo` or `reset` took back."""
    written(desk)
    desk.daemon()
    done(desk, *USE)
    until(lambda: memory(desk).get("env.AWS_REGION", {}).get("value") == "eu-west-1", what="the base")
    done(desk, command)
    until(lambda: memory(desk)["env.AWS_REGION"].get("released"), what="the release")
    sleep(4.0)  # longer than the settle: time enough to repair what is missing
    assert both(desk) == (ODD, COMMENTED)
    commands = json.loads(done(desk, "undo", "--list", "--json").stdout)["commands"]
    assert {one["command"] for one in commands} <= {"use", "reset"}


def test_a_daemon_writes_nothing_over_what_an_undo_left_alone(desk: Machine) -> None:
    """What someone else wrote stays when config.toml goes back to what it was, whatever that names."""
    written(desk)
    desk.daemon()
    done(desk, "use", "--profile", "play")
    done(desk, "use", "--profile", "client")
    agreed = {"value": "client", "config": "client"}
    until(lambda: agreed.items() <= memory(desk).get(PROFILE, {}).items(), what="the base, with both files seen")
    settings(desk).write_bytes(settings(desk).read_bytes().replace(b'"client"', b'"other"'))
    until(lambda: memory(desk)[PROFILE].get("value") == "other", what="that it is adopted")
    assert "env.AWS_PROFILE: left alone" in done(desk, "undo").stdout
    left = both(desk)
    assert b'profile = "play"' in (left[1] or b"")
    sleep(4.0)  # longer than the settle
    assert both(desk) == left
    assert json.loads(left[0] or b"")["env"]["AWS_PROFILE"] == "other"


@pytest.mark.parametrize("commands", [("undo",), ("reset", "undo")])
def test_a_daemon_keeps_again_what_it_kept_before(desk: Machine, commands: tuple[str, ...]) -> None:
    """After an undo a key that was kept before the command is repaired as ever; a reset is undone likewise."""
    written(desk)
    desk.daemon()
    until(lambda: memory(desk).get(PROFILE, {}).get("value") == "home", what="the first base")
    done(desk, *USE)
    until(lambda: memory(desk)[PROFILE].get("value") == "work", what="the base")
    said = [done(desk, command).stdout for command in commands][-1]
    (line,) = (line for line in said.splitlines() if line.startswith("  keeplit keeps again, as before: "))
    assert PROFILE in line
    kept = json.loads(settings(desk).read_bytes())["env"]["AWS_PROFILE"]
    until(lambda: memory(desk)[PROFILE] | {"released": False} == memory(desk)[PROFILE], what="that it is kept again")
    until(lambda: memory(desk)[PROFILE].get("value") == kept, what="its value")
    good = settings(desk).read_bytes()
    lost = json.loads(good)
    del lost["env"]["AWS_PROFILE"]
    settings(desk).write_text(json.dumps(lost))
    until(lambda: json.loads(settings(desk).read_bytes())["env"].get("AWS_PROFILE") == kept, what="the repair")


def test_a_reset_leaves_what_a_daemon_repaired(desk: Machine) -> None:
    """A person's own key that was lost and came back is theirs, as it was before keeplit; a bare undo leaves it too."""
    written(desk, config=None)
    desk.daemon()
    until(lambda: memory(desk).get(PROFILE, {}).get("value") == "home", what="the first base")
    settings(desk).write_bytes(b'{"env": {}, "model": "opus"}')
    until(lambda: b'"home"' in settings(desk).read_bytes(), what="the repair")
    repaired = settings(desk).read_bytes()
    done(desk, "undo", code=1)
    assert "nothing to reset" in done(desk, "reset").stdout
    assert settings(desk).read_bytes() == repaired


def test_a_daemon_lets_go_of_settings_that_are_gone(desk: Machine) -> None:
    """Settings that were removed are a trouble until a reset lets go of them; no file is made, and a new one is new."""
    written(desk)
    desk.daemon()
    done(desk, *USE)
    until(lambda: memory(desk).get("env.AWS_REGION", {}).get("value") == "eu-west-1", what="the base")
    settings(desk).unlink()
    until(lambda: "settings_gone" in desk.codes(), what="the trouble")
    assert "somebody removed it, so keeplit lets go of it" in done(desk, "reset").stdout
    until(lambda: "settings_gone" not in desk.codes(), what="the end of the trouble")
    assert all(one["released"] for one in memory(desk).values())
    settings(desk).write_bytes(b'{"theme": "light"}')
    sleep(4.0)  # longer than the settle
    assert both(desk) == (b'{"theme": "light"}', COMMENTED)
    assert desk.status()["settings"]["missing"] == []


def test_a_daemon_keeps_what_was_accepted(desk: Machine) -> None:
    """What `repair --accept` keeps is the new base: the daemon writes none of the old values back."""
    written(desk)
    done(desk, *USE)
    desk.daemon()
    until(lambda: memory(desk).get("env.AWS_REGION", {}).get("value") == "eu-west-1", what="the base")
    settings(desk).write_bytes(b'{"theme": "light"}')  # all of ours gone: it asks, and repairs nothing
    done(desk, "repair", "--accept")
    until(lambda: memory(desk)["env.AWS_REGION"].get("value") is None, what="the new base")
    sleep(4.0)  # longer than the settle
    assert settings(desk).read_bytes() == b'{"theme": "light"}'


def memory(desk: Machine) -> dict[str, dict[str, Any]]:
    """Return what the daemon has agreed on, by key."""
    try:
        told = json.loads(desk.laptop.paths.memory.read_bytes())
    except FileNotFoundError:
        return {}
    found: dict[str, dict[str, Any]] = told.get("settings", {}).get("agreed", {})
    return found


class Killer:
    """The process that forks the commands that are killed."""

    def __init__(self, desk: Machine, process: subprocess.Popen[str]) -> None:
        """Order commands on this machine."""
        self.desk = desk
        self.process = process

    def order(self, step: int, *arguments: str, do: str = "command") -> dict[str, Any]:
        """Run a command that is killed at a step; 0: never."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"do": do, "step": step, "inside": str(self.desk.home)}
        order |= {"environ": self.desk.environ, "arguments": arguments}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def turn(self) -> None:
        """Let the daemon make one turn."""
        assert self.order(0, do="turn")["code"] == 0

    def steps(self, *arguments: str) -> Iterator[int]:
        """Give the steps at which a command is killed: all in a soak, else each third."""
        count = self.order(0, *arguments)["steps"]
        yield from range(1, count + 1, 1 if SOAK else 3)


@pytest.fixture
def killer(desk: Machine) -> Iterator[Killer]:
    """Give a killer."""
    command = [sys.executable, "-m", "tests.end_to_end.killing_commands"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield Killer(desk, process)
        assert process.stdin is not None
        process.stdin.close()


def begin_anew(desk: Machine, data: bytes | None = ODD, config: bytes | None = COMMENTED) -> None:
    """Let keeplit never have run here, and a person have written both files."""
    rmtree(desk.laptop.paths.state, ignore_errors=True)
    written(desk, data, config)


@needs_kill
def test_a_killed_use_is_undone_to_the_byte(desk: Machine, killer: Killer) -> None:
    """Wherever `use` is killed each file is the old or the new one, and `undo` brings both back."""
    begin_anew(desk)
    killer.order(0, *USE)  # what is made once and stays is no step of those that follow
    begin_anew(desk)
    steps = list(killer.steps(*USE))
    new = both(desk)
    seen = set()
    for step in steps:
        begin_anew(desk)
        assert killer.order(step, *USE)["killed"], step
        left = both(desk)
        assert all(one in pair for one, pair in zip(left, zip((ODD, COMMENTED), new, strict=True), strict=True)), step
        seen.add(left)
        undone = killer.order(0, "undo")
        assert undone["code"] == (0 if left != (ODD, COMMENTED) else 1), (step, undone)
        assert both(desk) == (ODD, COMMENTED), step
    assert len(seen) == 3, "killed before, between and after the two files"


@needs_kill
@pytest.mark.parametrize("command", ["undo", "reset"])
def test_a_killed_undo_is_done_by_the_next(desk: Machine, killer: Killer, command: str) -> None:
    """Wherever `undo` or `reset` is killed each file is the old or the new one, and the same again ends the work."""
    begin_anew(desk)
    killer.order(0, *USE)
    new = both(desk)
    for step in list(killer.steps(command)):
        begin_anew(desk)
        killer.order(0, *USE)
        assert both(desk) == new
        assert killer.order(step, command)["killed"], step
        left = both(desk)
        assert all(one in pair for one, pair in zip(left, zip((ODD, COMMENTED), new, strict=True), strict=True)), step
        killer.order(0, command)
        assert both(desk) == (ODD, COMMENTED), step


def kept(desk: Machine) -> dict[str, str]:
    """Return what the daemon keeps, by key."""
    return {key: one["value"] for key, one in memory(desk).items() if one["value"] is not None and not one["released"]}


def used_and_kept(desk: Machine, killer: Killer) -> dict[str, str]:
    """Let a daemon have agreed on a person's settings, then on what `use` wrote; return what it keeps."""
    begin_anew(desk)
    killer.turn()
    assert kept(desk) == {PROFILE: "home"}
    killer.order(0, *USE)
    killer.turn()
    return kept(desk)


@needs_kill
@pytest.mark.timeout(600)
@pytest.mark.parametrize("command", ["undo", "reset"])
def test_a_killed_undo_leaves_nothing_let_go(desk: Machine, killer: Killer, command: str) -> None:
    """Wherever it is killed, the daemon's next turn keeps all as before, or as after it; half of it is a trouble."""
    all_kept = used_and_kept(desk, killer)
    new = both(desk)
    assert all_kept.keys() > {PROFILE, "env.AWS_REGION"}
    after = {PROFILE: "home"} if command == "undo" else {}
    seen = set()
    for step in [*killer.steps(command)][:: 1 if SOAK else 2]:
        used_and_kept(desk, killer)
        assert killer.order(step, command)["killed"], step
        killer.turn()
        left = both(desk)
        if left == (ODD, COMMENTED):
            assert (kept(desk), desk.codes() & {"undo_cut_off"}) == (after, set()), step
        elif left == new:
            assert (kept(desk), desk.codes() & {"undo_cut_off"}) == (all_kept, set()), step
        else:
            assert left == (ODD, new[1]), step
            (told,) = (one for one in desk.status()["troubles"] if one["code"] == "undo_cut_off")
            assert told["fix"] == ("keeplit undo 1" if command == "undo" else "keeplit reset")
            killer.order(0, *told["fix"].split()[1:])
            killer.turn()
            assert both(desk) == (ODD, COMMENTED), step
            assert (kept(desk), desk.codes() & {"undo_cut_off"}) == (after, set()), step
        seen.add(left)
    assert len(seen) == 3, "killed before, between and after the two files"


@needs_kill
@pytest.mark.timeout(600)
@pytest.mark.parametrize("before", [(ODD, COMMENTED), (None, None)])
def test_a_killed_use_is_ended_by_the_daemon(
    desk: Machine, killer: Killer, before: tuple[bytes | None, bytes | None]
) -> None:
    """Wherever it is killed, the daemon's next turn leaves both files old or both new, and one undo takes it back."""
    begin_anew(desk, *before)
    killer.order(0, *USE)  # what is made once and stays is no step of those that follow
    begin_anew(desk, *before)
    steps = list(killer.steps(*USE))
    new = both(desk)
    seen = set()
    for step in steps[:: 1 if SOAK else 2]:
        begin_anew(desk, *before)
        killer.turn()
        assert killer.order(step, *USE)["killed"], step
        between = both(desk)
        killer.turn()
        left = both(desk)
        assert left in {before, new}, step
        seen.add((between, left))
        if left == new:
            assert kept(desk).get("env.AWS_REGION") == "eu-west-1", step
            assert killer.order(0, "undo")["code"] == 0, step
        assert both(desk) == before, step
    assert {left for between, left in seen if between not in {before, new}} == {new}, "killed between the two files"
