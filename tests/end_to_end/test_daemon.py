from __future__ import annotations

import json
import signal
import sys
from datetime import timedelta
from time import monotonic

import pytest

from keeplit.adapters import notebook
from keeplit.core.model import Verb, Wish
from keeplit.sandbox.faults import Fault
from tests.end_to_end.machine import PRESENT, Machine, machine, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and /proc")


def ended_within(process: object, seconds: float) -> float:
    """Wait for a process and return how long that took."""
    began = monotonic()
    process.wait(seconds)  # type: ignore[attr-defined]
    return monotonic() - began


def test_a_second_daemon_says_so(desk: Machine) -> None:
    """Of two daemons the second ends with 1 and one sentence, and the first keeps the lock."""
    desk.laptop.sign_in()
    first = desk.daemon()
    second = desk.run("daemon")
    assert (second.returncode, second.stdout) == (1, "")
    assert "runs already" in second.stderr
    once = desk.run("daemon", "--once")
    assert once.returncode == 1
    assert desk.holds(first)


def test_sigterm_ends_it_cleanly(desk: Machine) -> None:
    """SIGTERM ends an idle daemon within 2 s, with 0 and its lock free; status then says that none runs."""
    desk.laptop.sign_in()
    daemon = desk.daemon()
    daemon.send_signal(signal.SIGTERM)
    assert ended_within(daemon, 5) < 2
    assert daemon.returncode == 0
    assert "keeplit ends" in desk.log
    told = json.loads(desk.run("status", "--json").stdout)
    assert told["daemon"]["running"] is False


def test_sigterm_ends_it_while_a_call_hangs(desk: Machine) -> None:
    """SIGTERM ends it within 2 s even while AWS does not answer, and the token stays as it was."""
    desk.laptop.sandbox.faults.inject("CreateToken", Fault("hang", seconds=60))
    desk.laptop.sign_in(timedelta(minutes=1))
    before = desk.laptop.token_file.read_bytes()
    daemon = desk.daemon()
    until(lambda: desk.laptop.calls("CreateToken"), what="a call that hangs")
    daemon.send_signal(signal.SIGTERM)
    assert ended_within(daemon, 5) < 2
    assert daemon.returncode == 0
    assert desk.laptop.token_file.read_bytes() == before


def test_an_open_sign_in_outlives_the_daemon(desk: Machine, waiting_cli: object) -> None:
    """SIGTERM of the daemon leaves an open sign-in to its runner, which sees a sign-in by hand and ends well."""
    desk.put_first(waiting_cli)  # type: ignore[arg-type]
    desk.laptop.sign_in()
    daemon = desk.daemon()
    notebook.write_wish(desk.laptop.paths.wishes, Wish("a1", Verb.SIGN_IN, desk.laptop.token_file.stem))
    until((desk.home / "tabs").exists, what="a tab")
    until(lambda: desk.record().page is not None, what="the page in the record")
    daemon.send_signal(signal.SIGTERM)
    assert ended_within(daemon, 5) < 2
    assert desk.record().sign_in.running
    desk.laptop.sign_in(timedelta(hours=2))
    until(lambda: not desk.runners(), what="the runner's end")
    assert desk.record().sign_in.code == "signed_in"
    assert desk.processes("sleep") == []


def test_sighup_looks_again(desk: Machine) -> None:
    """Each SIGHUP makes a turn at once."""
    desk.laptop.sign_in()
    desk.configure(PRESENT + '[log]\nlevel = "debug"\n')
    daemon = desk.daemon()
    until(desk.is_fresh)
    for _ in range(3):
        before = desk.log.count(": turn ")
        daemon.send_signal(signal.SIGHUP)
        until(lambda seen=before: desk.log.count(": turn ") > seen, within=5, what="a turn")  # type: ignore[misc]
    assert daemon.poll() is None


def test_the_level_of_the_log_follows_the_config(desk: Machine) -> None:
    """A log level that is changed in config.toml counts without a new start."""
    desk.laptop.sign_in()
    daemon = desk.daemon()
    assert ": turn " not in desk.log
    desk.configure(PRESENT + '[log]\nlevel = "debug"\n')

    def told() -> bool:
        daemon.send_signal(signal.SIGHUP)
        return ": turn " in desk.log

    until(told, what="a line that only debug writes")


def test_a_deleted_status_comes_back(desk: Machine) -> None:
    """A status.json that somebody deletes is published anew by the next turn."""
    desk.laptop.sign_in()
    daemon = desk.daemon()
    until(desk.is_fresh)
    desk.laptop.paths.status.unlink()
    daemon.send_signal(signal.SIGHUP)
    until(desk.is_fresh, within=5)


def test_a_config_that_breaks_is_told_by_its_line(desk: Machine) -> None:
    """A config.toml that is broken while the daemon runs is told with its line; the last good one stands."""
    desk.laptop.sign_in()
    desk.daemon()
    until(desk.is_fresh)
    desk.configure('[claude]\nprofile = "work"\n[sign_in\n')
    until(lambda: "config_wrong" in desk.codes(), what="the trouble")
    told = next(one for one in desk.status()["troubles"] if one["code"] == "config_wrong")
    assert "line 3" in told["detail"]
    assert desk.is_fresh()
    assert desk.status()["profile"] == "work"
    desk.configure()
    until(lambda: "config_wrong" not in desk.codes(), what="the end of the trouble")


def test_a_wrong_key_is_told_by_its_line(desk: Machine) -> None:
    """A key with a value that it cannot have is told with its line, and costs no other key."""
    desk.laptop.sign_in()
    desk.configure('[claude]\nprofile = "work"\n[sign_in]\nlead = "soon"\n')
    assert desk.run("daemon", "--once").returncode == 0
    told = next(one for one in desk.status()["troubles"] if one["code"] == "config_wrong")
    assert "line 4" in told["detail"]
    assert desk.is_fresh()


def test_an_aws_config_that_breaks_is_told(desk: Machine) -> None:
    """An AWS config that is broken while the daemon runs is a trouble, and its mending is seen."""
    desk.laptop.sign_in()
    desk.daemon()
    until(desk.is_fresh)
    config = desk.home / ".aws" / "config"
    good = config.read_text()
    config.write_text("text before any header\n" + good)
    until(lambda: "aws_config_broken" in desk.codes(), what="the trouble")
    config.write_text(good)
    until(lambda: desk.codes() == {"endpoint_override"} and desk.is_fresh(), what="the mended config")


def test_a_thousand_wishes_at_once(desk: Machine) -> None:
    """A thousand wishes at once are all answered and gone, and what was wished last is true."""
    desk.laptop.sign_in()
    desk.daemon()
    wishes = desk.laptop.paths.wishes
    for number in range(999):
        verb = Verb.PAUSE if number % 2 else Verb.RESUME
        notebook.write_wish(wishes, Wish(f"{number:032x}", verb, duration=timedelta(hours=1)))
    notebook.write_wish(wishes, Wish(f"{999:032x}", Verb.PAUSE))
    until(lambda: not list(wishes.iterdir()), what="an empty folder of wishes")
    until(lambda: desk.status()["paused_until"] == "9999-12-31T00:00:00Z", what="the last wish")
    answers = {answer["id"]: answer["state"] for answer in desk.status()["answers"]}
    assert answers[f"{999:032x}"] == "done"
    assert desk.run("resume").returncode == 0


def test_broken_wishes_are_swept_away(desk: Machine) -> None:
    """Files among the wishes that are none disappear, and a real one beside them is answered."""
    desk.laptop.sign_in()
    desk.daemon()
    wishes = desk.laptop.paths.wishes
    for name, data in {"a.json": b"", "b.json": b"{", "c.json": b"\xff\xfe", "d.json": b"x" * 9999}.items():
        (wishes / name).write_bytes(data)
    (wishes / "e.json").symlink_to(desk.laptop.token_file)
    newer = {"id": "f", "verb": "open_url", "session": "", "url": "https://example.com"}
    (wishes / "f.json").write_text(json.dumps(newer))
    assert desk.run("pause", "30m").returncode == 0
    until(lambda: not list(wishes.iterdir()), what="an empty folder of wishes")
    assert desk.laptop.token_file.exists()


MEMORIES = {
    "empty": b"",
    "half": b'{"schema": 1, "sessions": {"29',
    "not ours": b"[1, 2, 3]",
    "no text": b"\xff\xfe\x00\x01",
    "newer": b'{"schema": 99, "sessions": {}}',
    "wrong types": b'{"schema": 1, "sessions": {"KEY": {"token": 5, "refresh": "soon"}}, "answers": "none"}',
    "from the future": json.dumps(
        {
            "schema": 1,
            "sessions": {
                "KEY": {
                    "token": "DIGEST",
                    "first_seen_at": "2999-01-01T00:00:00Z",
                    "token_end": "2999-01-01T00:00:00Z",
                    "refresh": {"failures": 99, "at": "2999-01-01T00:00:00Z", "delay": 1e9, "result": "transient"},
                }
            },
        }
    ).encode(),
}


@pytest.mark.parametrize("data", MEMORIES.values(), ids=MEMORIES)
def test_no_memory_stops_a_due_refresh(desk: Machine, data: bytes) -> None:
    """Whatever stands in memory.json, a token that is due is renewed by the first turn."""
    desk.laptop.sign_in(timedelta(minutes=1))
    before = desk.digest
    memory = desk.laptop.paths.memory
    memory.parent.mkdir(parents=True)
    key = desk.laptop.token_file.stem.encode()
    memory.write_bytes(data.replace(b"KEY", key))
    assert desk.run("daemon", "--once").returncode == 0
    assert desk.digest != before
    assert json.loads(memory.read_bytes())["schema"] == 1


STATUSES = {"empty": b"", "half": b'{"schema": 1, "daemon": {', "newer": b'{"schema": 99}', "no text": b"\xff\xfe"}


@pytest.mark.parametrize("data", STATUSES.values(), ids=STATUSES)
def test_a_bad_status_is_replaced_and_never_shown(desk: Machine, data: bytes) -> None:
    """Whatever stands in status.json, `status --json` prints a whole one, and the daemon replaces it."""
    desk.laptop.sign_in()
    status = desk.laptop.paths.status
    status.parent.mkdir(parents=True)
    status.write_bytes(data)
    shown = desk.run("status", "--json")
    assert (shown.returncode, json.loads(shown.stdout)["schema"]) == (0, 1)
    assert desk.run("daemon", "--once").returncode == 0
    assert desk.is_fresh()


def test_a_poor_environment_is_enough(desk: Machine) -> None:
    """With HOME and nothing else, as a service has it, the daemon runs, sees the session, and says what it lacks."""
    desk.laptop.sign_in()
    (desk.home / ".config" / "keeplit").mkdir(parents=True, exist_ok=True)
    poor = {"HOME": str(desk.home)}
    daemon = desk.daemon(env=poor)
    until(desk.is_fresh)
    assert daemon.poll() is None
    until(lambda: "no browser can be opened" in desk.log, what="what is lacking")


@pytest.mark.parametrize("home", ["", "relative", "/nonexistent/home"])
def test_without_a_home_everything_says_so(desk: Machine, home: str) -> None:
    """A home that is missing or empty is one sentence with the next step, exit 1, and no traceback."""
    environ = {**desk.environ, "HOME": home}
    for command in (["status"], ["status", "--json"], ["daemon", "--once"], ["login"], ["profiles"], ["logs"]):
        said = desk.run(*command, env=environ, cwd="/")
        told = json.loads(said.stdout)["exit_code"] if "--json" in command else said.stdout or 1
        assert (said.returncode, told) == (1, 1), command
        assert "set HOME" in said.stderr
        assert "Traceback" not in said.stderr


def test_a_config_that_names_nothing_leaves_it_idle(own_home: object) -> None:
    """With nothing to keep the daemon idles, and status is complete and says so."""
    with machine(own_home) as desk:  # type: ignore[arg-type]
        desk.configure("")
        assert desk.run("daemon", "--once").returncode == 0
        told = desk.status()
        assert told["sessions"] == []
        assert desk.laptop.sandbox.log.since() == ()
        shown = desk.run("status")
        assert (shown.returncode, "No session is in use" in shown.stdout) == (0, True)


def test_the_profile_of_claude_code_comes_into_use(desk: Machine) -> None:
    """A profile that Claude Code's settings name while the daemon runs is kept from then on."""
    desk.configure("")
    desk.laptop.sign_in()
    desk.daemon()
    assert desk.session() == {}
    settings = desk.home / ".claude" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps({"env": {"AWS_PROFILE": "work"}}))
    until(desk.is_fresh, what="the session in use")
    assert desk.status()["profile"] == "work"
