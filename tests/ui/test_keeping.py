from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, files
from keeplit.core.deeds import Action, Do, Outcome, Plan, Result
from keeplit.core.memory import Memory
from keeplit.core.model import Facts
from keeplit.engine import ask, crashes, run
from keeplit.engine.living import prepare
from keeplit.engine.turn import Turned
from keeplit.sandbox.faults import Fault, Kind
from keeplit.ui import keeping
from tests.ui.typing_person import Typist


def test_one_turn_is_made_and_told(person: Typist) -> None:
    """`daemon --once` renews what is due, says so on stderr, publishes, and ends with 0."""
    person.laptop.sign_in(timedelta(minutes=1))
    said = person.types("daemon", "--once")
    assert (said.code, said.out) == (0, "")
    assert "renewing it silently. done" in said.err
    shown = json.loads(person.laptop.paths.status.read_text())
    assert [session["state"] for session in shown["sessions"]] == ["fresh"]


@pytest.mark.parametrize(
    ("fault", "why", "what"),
    [
        ("drop", "The renewal failed: AWS could not be reached.", "check the network, the proxy and the VPN"),
        ("invalid_grant", "AWS ended the sign-in session", "keeplit login --session acme"),
        ("access_denied", "It was refused by a person or a policy. ", "compare sso_start_url and sso_region"),
    ],
)
def test_a_turn_whose_action_failed_says_why(person: Typist, fault: Kind, why: str, what: str) -> None:
    """`daemon --once` ends with 1, and stderr has the reason and the next step; it promises no other try."""
    person.laptop.sign_in(timedelta(minutes=1))
    person.laptop.sandbox.faults.inject("CreateToken", Fault(fault))
    said = person.types("daemon", "--once")
    assert (said.code, said.out) == (1, "")
    assert "renewing it silently. That failed.\n! " in said.err
    assert f"\n  {why}" in said.err.replace("The answer: ", "")
    assert f"\n  Do: {what}" in said.err
    assert "tried again" not in said.err


def test_what_is_begun_or_told_is_no_failure(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a notice that nobody shows here: what it says stands in the status."""
    person.laptop.sign_in(timedelta(minutes=1))
    performed = [
        (Action(Do.SIGN_IN, "k" * 40, "over", "The sign-in is over."), Outcome(Result.DONE, "started")),
        (Action(Do.NOTIFY, "k" * 40, "over", "You are told."), Outcome(Result.NOT_SHOWN, "no_service")),
    ]
    monkeypatch.setattr(run, "once", lambda *_: Turned(Facts(), Memory(), Plan((), clock.now()), tuple(performed)))
    said = person.types("daemon", "--once")
    assert (said.code, said.out, said.err) == (0, "", "The sign-in is over. done\nYou are told. not shown\n")


def test_a_daemon_that_runs_is_named(person: Typist) -> None:
    """Where a daemon runs, a second one ends with 1."""
    prepare(person.laptop.paths)
    with files.lock(person.laptop.paths.daemon_lock, timeout=1.0):
        for arguments in (["daemon"], ["daemon", "--once"]):
            said = person.types(*arguments)
            assert (said.code, said.err) == (1, "keeplit: a daemon runs already; see: keeplit status\n")


def test_launchd_is_told_that_all_is_well(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts what ended with 1 again every ten seconds: an agent that finds a daemon ends with 0."""
    prepare(person.laptop.paths)
    monkeypatch.setenv("XPC_SERVICE_NAME", "io.keeplit.daemon")
    monkeypatch.setattr(keeping, "ONE_TURN", 0.0)
    with files.lock(person.laptop.paths.daemon_lock, timeout=1.0):
        assert person.types("daemon").code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the sockets of systemd")
def test_systemd_is_told_that_all_is_well(person: Typist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes an end before READY for a failure, whatever the exit code, and starts that anew."""
    prepare(person.laptop.paths)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        monkeypatch.setattr(keeping, "ONE_TURN", 0.0)
        monkeypatch.chdir(tmp_path)  # the path of a socket may have 107 characters
        manager.bind("manager")
        monkeypatch.setenv("NOTIFY_SOCKET", "/proc/self/cwd/manager")
        with files.lock(person.laptop.paths.daemon_lock, timeout=1.0):
            said = person.types("daemon")
            assert person.types("daemon", "--once").code == 1
        assert (said.code, said.err) == (0, "keeplit: a daemon runs already; see: keeplit status\n")
        assert manager.recv(100) == b"READY=1"


def test_a_service_takes_the_place_of_one_that_soon_ends(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `daemon --once` of cron at a login keeps nobody from keeping afterwards."""
    tries: list[object] = []

    def keep(world: object, paths: object) -> None:
        del paths
        tries.append(world)
        if len(tries) == 1:
            raise run.AlreadyRunning

    monkeypatch.setattr(run, "keep", keep)
    monkeypatch.setenv("XPC_SERVICE_NAME", "io.keeplit.daemon")
    said = person.types("daemon")
    assert (said.code, said.err, len(tries)) == (0, "", 2)


def test_after_a_crash_a_daemon_takes_its_place(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where the last one crashed: one that was stopped stays stopped, and one that runs is left alone."""
    paths = person.laptop.paths
    prepare(paths)
    kept: list[object] = []
    monkeypatch.setattr(run, "keep", lambda world, _: kept.append(world))

    assert (person.types("daemon", "--after-crash").code, len(kept)) == (0, 0)
    crashes.began(paths, clock.now())
    with files.lock(paths.daemon_lock, timeout=1.0):
        assert (person.types("daemon", "--after-crash").code, len(kept)) == (0, 0)
    assert (person.types("daemon", "--after-crash").code, len(kept)) == (0, 1)
    crashes.ended(paths, clock.now())
    assert (person.types("daemon", "--after-crash").code, len(kept)) == (0, 1)


def test_the_daemon_never_lacks_a_set_up(person: Typist) -> None:
    """With nothing to keep a turn is made all the same: never exit 4."""
    person.laptop.configure("")
    (person.laptop.home / ".aws" / "config").unlink()
    assert person.types("daemon", "--once").code == 0


def paused_until(person: Typist) -> object:
    """Return until when it is paused, as status says."""
    return person.types("status", "--json").json["paused_until"]


def test_a_pause_begins_and_ends(person: Typist) -> None:
    """`pause 45m` pauses for that long, `pause` until `resume`, and a pause is no longer than it was said."""
    said = person.types("pause", "45m")
    assert (said.code, said.out) == (0, "Paused for 45 min. Resume: keeplit resume\n")
    assert paused_until(person) is not None
    said = person.types("pause")
    assert (said.code, said.out) == (0, "Paused until you resume. Resume: keeplit resume\n")
    assert paused_until(person) == "9999-12-31T00:00:00Z"
    said = person.types("resume")
    assert (said.code, said.out) == (0, "Resumed.\n")
    assert paused_until(person) is None


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_a_daemon_that_does_not_answer_is_told(person: Typist, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Where the daemon is stuck the command ends with 1 and says what will come of it."""
    monkeypatch.setattr(ask, "wish", lambda *_, **__: None)
    said = person.types(command)
    assert (said.code, said.out) == (1, "")
    assert "did not answer" in said.err


def test_the_log_is_shown_from_its_end(person: Typist) -> None:
    """`logs -n` shows so many lines, whatever bytes they hold; without a log it says how one comes."""
    said = person.types("logs")
    assert (said.code, said.out, "keeplit daemon" in said.err) == (1, "", True)
    prepare(person.laptop.paths)
    person.laptop.paths.log.write_bytes(b"one\ntwo \xff\nthree\n")
    assert person.types("logs", "-n", "2").out == "two \ufffd\nthree\n"
    assert person.types("logs", "-n", "0").out == ""
    assert person.types("logs").out == "one\ntwo \ufffd\nthree\n"


def test_the_log_is_followed_over_its_rotation(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """`logs -f` shows each line once, the last one before a rotation too, and ends with Ctrl-C and 0."""
    prepare(person.laptop.paths)
    log = person.laptop.paths.log
    log.write_bytes(b"one \xff\n")

    def add() -> None:
        with log.open("ab") as file:
            file.write(b"two\n")

    def rotate() -> None:
        with log.open("ab") as file:
            file.write(b"last\n")
        log.replace(log.with_suffix(".log.1"))

    deeds: list[Callable[[], object]] = [add, lambda: None, rotate, lambda: log.write_bytes(b"three\n"), lambda: None]

    def sleep(seconds: float) -> None:
        if not deeds:
            raise KeyboardInterrupt
        deeds.pop(0)()

    monkeypatch.setattr(clock, "sleep", sleep)
    said = person.types("logs", "-f")
    assert (said.code, said.out) == (0, "one \ufffd\ntwo\nlast\nthree\n\n")


def test_a_log_that_cannot_be_read_is_a_sentence(person: Typist) -> None:
    """A folder in place of the log is said to be no log."""
    prepare(person.laptop.paths)
    person.laptop.paths.log.mkdir()
    said = person.types("logs")
    assert (said.code, said.out) == (1, "")
    assert "cannot be read" in said.err
