from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import files, sign_in_files
from keeplit.core.model import SignIn
from keeplit.sandbox.clients import ACME, person_file
from keeplit.sandbox.clockwork import wall
from keeplit.sandbox.person import tabs_of
from keeplit.sandbox.stage import Stage

RUNNER = """
import os, sys, time, pathlib
from keeplit.adapters import files, sign_in_files
from keeplit.core.model import SignIn
from datetime import datetime, UTC
own = pathlib.Path(sys.argv[1])
files.private_folder(own)
with files.lock(sign_in_files.sign_in_lock(own, sys.argv[2]), timeout=5):
    record = SignIn("id", "a" * 40, sys.argv[2], datetime.now(UTC))
    sign_in_files.write(own, record, None, os.getpid())
    print("running", flush=True)
    while not (sys.argv[3] == "obeys" and sign_in_files.cancel_asked(own, record)):
        time.sleep(0.02)
"""


def stage(*command: str, device: bool = True) -> Stage:
    """Return a stage whose keeplit is a piece of Python."""
    return Stage(lead=timedelta(seconds=8), device=device, keeplit=(sys.executable, "-c", *command))


def test_the_home_is_there_and_then_gone() -> None:
    """The configuration is what the play needs, in a home that is removed."""
    with stage("") as made:
        written = tomllib.loads(made.config_file.read_text())
        assert written["sessions"]["keep"] == ["acme", "beta", "old"]
        assert written["sign_in"] == {"mode": "ask", "presence": "always", "lead": "8s", "method": "device"}
        assert made.environ["HOME"] == str(made.home)
        assert made.variables()["AWS_ENDPOINT_URL_SSO"] == made.sandbox.url
        assert (made.published(), made.log_tail(3)) == ({}, ())
    assert not made.home.exists()


def test_with_an_aws_cli_the_daemon_may_open_the_browser(aws_cli_v2: Path) -> None:
    """Where a real AWS CLI v2 is found, it is used, and a person is taken to be there."""
    with stage("", device=False) as made:
        written = tomllib.loads(made.config_file.read_text())
    assert written["sign_in"] == {"mode": "auto", "presence": "always", "lead": "8s", "method": "aws-cli"}


def test_without_an_aws_cli_it_is_the_device_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where none is found needs no flag."""
    monkeypatch.setattr("keeplit.adapters.login._USUAL_PLACES", ())
    monkeypatch.setenv("PATH", "")
    with stage("", device=False) as made:
        assert made.device


def test_every_process_is_ended() -> None:
    """A daemon and a login that would stay for a minute end with the stage."""
    with stage("import time; time.sleep(60)") as made:
        made.start_daemon()
        log_in = made.log_in("acme")
        daemon = made.daemon
        assert daemon is not None
        assert (daemon.poll(), log_in.process.poll()) == (None, None)
    assert (daemon.returncode, log_in.process.returncode) == (-signal.SIGTERM, -signal.SIGTERM)


@pytest.mark.parametrize("manner", ["obeys", "is deaf"])
def test_a_detached_sign_in_is_ended(manner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runner is asked to end as keeplit asks, and ended by its id where it does not."""
    monkeypatch.setattr("keeplit.sandbox.stage.ENDS_WITHIN", 1.0)
    with stage("") as made:
        runner = subprocess.Popen(
            [sys.executable, "-c", RUNNER, str(made.own), ACME, manner],
            stdout=subprocess.PIPE,
            env=dict(os.environ),
            start_new_session=True,
        )
        assert runner.stdout is not None
        assert runner.stdout.readline() == b"running\n"
        runner.stdout.close()
    assert runner.wait(10) == (0 if manner == "obeys" else -signal.SIGTERM)


def test_an_interruption_while_it_is_set_up_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the first half second."""
    made = stage("")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("keeplit.sandbox.stage.write_home", interrupt)
    with pytest.raises(KeyboardInterrupt):
        made.__enter__()
    assert not made.home.exists()


def test_a_printed_address_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a browser of its own keeplit prints the address, and the person opens it; the login's end is seen."""
    code = "import sys; print('Sign in here:  http://127.0.0.1:9/device?user_code=A\\n' * 2); sys.exit('no')"
    opened: list[str] = []
    monkeypatch.setattr(Stage, "_open_page", lambda _, url: opened.append(url))
    with stage(code) as made:
        log_in = made.log_in("acme")
        log_in.process.wait(10)
        ends = wall() + timedelta(seconds=10)
        while log_in.said != "no" and wall() < ends:
            made.rest(timedelta(milliseconds=20))
        assert (opened, log_in.failed, log_in.said) == (["http://127.0.0.1:9/device?user_code=A"], True, "no")


def test_what_the_daemon_said_last() -> None:
    """Its exit code or signal, and its last line."""
    with stage("import sys; sys.exit('one\\ntwo')") as made:
        made.start_daemon()
        assert made.daemon is not None
        made.daemon.wait(10)
        assert made.daemon_said() == "exit 1; two"
    with stage("import os; os.kill(os.getpid(), 9)") as made:
        made.start_daemon()
        assert made.daemon is not None
        made.daemon.wait(10)
        assert made.daemon_said() == "signal 9"


def test_nobody_signs_in_at_the_start() -> None:
    """There is neither a tab nor a record of a sign-in."""
    with stage("") as made:
        assert (tabs_of(person_file(made.home)), sign_in_files.running(made.own)) == ((), ())
        with pytest.raises(files.FileTrouble):
            files.private_folder(made.home / "person.json")
        assert SignIn("id", "a" * 40, ACME, wall()).running


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise SystemExit('keeplit: no panel')", "keeplit: no panel"),
        ("", "keeplit: the flame ended"),
        ("import time; time.sleep(60)", ""),
    ],
)
def test_a_flame_is_started_and_ended_with_the_stage(script: str, said: str) -> None:
    """Why it cannot be shown is told."""
    with stage(script) as made:
        assert made.start_flame(within=1.0) == said
        (flame,) = made._children
    assert flame.poll() is not None
