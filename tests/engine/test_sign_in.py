from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha1
from pathlib import Path

import pytest

from keeplit.adapters import clock, files, sign_in_files
from keeplit.core.deeds import Action, Do, Outcome, Result
from keeplit.core.model import Kind, Session, SignIn, SignInCode
from keeplit.core.sign_in_flow import Page
from keeplit.engine import sign_in
from keeplit.sandbox.clients import ACME, BETA
from tests.engine.lit_laptop import Laptop, laptop

MINUTE = timedelta(minutes=1)


@pytest.fixture
def lit(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox."""
    with laptop(own_home) as mine:
        yield mine


def acme(lit: Laptop) -> Session:
    """Return the session acme."""
    return Session(lit.token_file.stem, "acme", Kind.SSO_SESSION, ACME, "us-east-1")


def record_of(lit: Laptop, identity: str = "other", **changes: object) -> SignIn:
    """Return a record of a sign-in of acme."""
    given = {"started_at": clock.now() - MINUTE, **changes}
    return SignIn(identity, lit.token_file.stem, ACME, **given)  # type: ignore[arg-type]


class Runner:
    """A stand-in for the process: what it says at once, and what it has been told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, lit: Laptop, *says: str) -> None:
        self.told: list[sign_in.Request] = []
        self.says = list(says)
        self.lit = lit
        monkeypatch.setattr(sign_in, "begin", self.begin)
        monkeypatch.setattr(clock, "sleep", self.sleep)
        self.slept: list[float] = []
        self.after_sleep: Sequence[Callable[[], object]] = []

    def begin(self, paths: object, environ: object, wanted: sign_in.Request) -> Outcome:
        self.told.append(wanted)
        return Outcome(Result.DONE, self.says.pop(0))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.after_sleep:
            first, *self.after_sleep = self.after_sleep
            first()

    def complete(self, **how: object) -> SignIn | str | sign_in.Another | None:
        return sign_in.complete(
            self.lit.paths,
            self.lit.environ,
            acme(self.lit),
            lambda _: None,
            **{"timeout": MINUTE, **how},  # type: ignore[arg-type]
        )


def test_a_request_holds_what_was_decided(lit: Laptop) -> None:
    """A planned sign-in is asked for with its token; extending asks for a fresh one."""
    action = Action(Do.EXTEND, "key", "extend", "Sentence.", token="digest", asked=True)
    wanted = sign_in.request(acme(lit), action, "device")
    assert (wanted.session, wanted.token, wanted.asked, wanted.fresh) == (lit.token_file.stem, "digest", True, True)
    assert (wanted.method, wanted.since, wanted.seconds) == ("device", "", 660.0)
    assert wanted.id != sign_in.request(acme(lit), action).id


@pytest.mark.parametrize(
    ("says", "result", "code"),
    [
        ("running", Result.DONE, "running"),
        ("joined", Result.DONE, "joined"),
        ("done", Result.DONE, "done"),
        ("stale", Result.STALE, "other_token"),
        ("impossible the folder is a link", Result.CANNOT, "impossible"),
        ("", Result.CANNOT, "no_answer"),
    ],
)
def test_what_the_runner_says_is_an_outcome(
    lit: Laptop, monkeypatch: pytest.MonkeyPatch, says: str, result: Result, code: str
) -> None:
    """The runner's first line becomes an outcome, with its sentence."""
    monkeypatch.setattr(sign_in, "first_line", lambda *_: says)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: None)
    outcome = sign_in.begin(lit.paths, lit.environ, sign_in.Request("id", "key"))
    assert (outcome.result, outcome.code) == (result, code)
    if code == "impossible":
        assert outcome.detail == "the folder is a link"


def test_a_runner_that_cannot_be_started_is_told(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be started the outcome says so."""
    monkeypatch.setattr(sys, "executable", str(lit.home / "nothing"))
    assert sign_in.begin(lit.paths, lit.environ, sign_in.Request("id", "key")).code == "no_runner"


def test_a_runner_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that hangs before its first line is given up, and goes on alone."""
    monkeypatch.setattr(sign_in, "STARTS_WITHIN", 0.2)
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert sign_in.first_line(process, b"{}") == ""
        assert process.poll() is None
        process.kill()


def test_a_runner_is_told_on_its_standard_input_alone(lit: Laptop) -> None:
    """The request goes through a pipe; the command line holds nothing of it."""
    command = [sys.executable, "-c", "import sys; print(sys.stdin.read()[::-1], flush=True)"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert sign_in.first_line(process, b"cba") == "abc"


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C of Windows goes to a whole console")
def test_ctrl_c_waits_for_the_first_word() -> None:
    """Whoever stops waiting while the runner starts is told whether a sign-in goes on: by then its record is there."""
    says_late = "import time; time.sleep(0.6); print('running', flush=True); time.sleep(30)"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", says_late], stdin=pipe, stdout=pipe) as process:
        began = clock.monotonic()
        interrupts = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
        interrupts.start()
        with pytest.raises(KeyboardInterrupt):
            sign_in.first_line(process, b"{}")
        waited = clock.monotonic() - began
        process.kill()
    assert 0.5 < waited < sign_in.STARTS_WITHIN


def test_a_session_that_is_gone_is_an_outcome(lit: Laptop) -> None:
    """The real runner says that the AWS config has no such session."""
    outcome = sign_in.begin(lit.paths, lit.environ, sign_in.Request("id", "f" * 40))
    assert (outcome.result, outcome.code) == (Result.CANNOT, "unknown_session")


def followed(lit: Laptop, pages: list[Page], since: datetime, known: str = "") -> SignIn | None:
    """Follow the sign-in of acme for no longer than a moment."""
    until = clock.now()
    return sign_in.follow(lit.paths, acme(lit), pages.append, until, since=since, known=known)


def test_who_follows_sees_the_page_and_the_end(lit: Laptop) -> None:
    """A page is shown once; an old record is nobody's end, one that ended since, or is known, is."""
    pages: list[Page] = []
    now = clock.now()
    own = lit.paths.own
    with files.lock(_lock(lit), timeout=1.0):
        sign_in_files.write(own, record_of(lit), Page("https://example.com/", "ABCD-EFGH"))
        assert followed(lit, pages, now) is None
    assert pages == [Page("https://example.com/", "ABCD-EFGH")]
    old = record_of(lit, code=SignInCode.DENIED, ended_at=now - MINUTE)
    sign_in_files.write(own, old)
    assert followed(lit, pages, now) is None
    assert followed(lit, pages, now, known="other") == old
    assert followed(lit, pages, now - 2 * MINUTE) == old
    assert len(pages) == 1


def test_a_runner_that_dies_ends_those_who_follow(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever saw a sign-in run is told that its runner died, although it began long before they came."""
    since = clock.now()
    held = files.try_lock(_folder(lit) / _lock(lit).name)
    assert held is not None
    sign_in_files.write(lit.paths.own, record_of(lit))
    monkeypatch.setattr(clock, "sleep", lambda _: held.close())
    ended = sign_in.follow(lit.paths, acme(lit), lambda _: None, clock.now() + MINUTE, since=since)
    assert ended is not None
    assert (ended.code, ended.detail) == (SignInCode.FAILED, sign_in_files.RUNNER_DIED)


def _folder(lit: Laptop) -> Path:
    return files.private_folder(lit.paths.own)


def _lock(lit: Laptop) -> Path:
    return sign_in_files.sign_in_lock(_folder(lit), ACME)


def test_who_begins_follows_its_own(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login that begins waits for its own record, and asks for no less than the whole 11 min."""
    runner = Runner(monkeypatch, lit, "running")

    def end() -> None:
        mine = runner.told[0]
        record = record_of(lit, mine.id, code=SignInCode.SIGNED_IN, ended_at=clock.now() - MINUTE)
        sign_in_files.write(lit.paths.own, record)

    runner.after_sleep = [end]
    ended = runner.complete()
    assert isinstance(ended, SignIn)
    assert ended.code is SignInCode.SIGNED_IN
    assert (runner.told[0].seconds, runner.told[0].asked) == (660.0, True)
    assert datetime.fromisoformat(runner.told[0].since) <= clock.now()


def test_who_joins_takes_the_end_of_what_runs(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login that joins does not begin again when the sign-in that it joined has just ended."""
    runner = Runner(monkeypatch, lit, "joined")
    ended = record_of(lit, code=SignInCode.SIGNED_IN, ended_at=clock.now() + MINUTE)
    sign_in_files.write(files.private_folder(lit.paths.own), ended)
    assert runner.complete() == ended
    assert len(runner.told) == 1


def test_who_is_held_up_by_another_session_waits_without_processes(
    lit: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another session of the portal signs in no process is started; once it ended, one is."""
    runner = Runner(monkeypatch, lit, "joined", "running")
    held = files.try_lock(_lock(lit))
    assert held is not None

    def end() -> None:
        record = record_of(lit, runner.told[-1].id, code=SignInCode.SIGNED_IN, ended_at=clock.now())
        sign_in_files.write(lit.paths.own, record)

    runner.after_sleep = [lambda: None] * 5 + [held.close, end]
    ended = runner.complete()
    assert isinstance(ended, SignIn)
    assert len(runner.told) == 2


def test_who_extends_is_not_content_with_an_ordinary_sign_in(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running sign-in that moves no end is waited for, and then the extension begins."""
    runner = Runner(monkeypatch, lit, "joined", "running")
    held = files.try_lock(_lock(lit))
    assert held is not None
    sign_in_files.write(lit.paths.own, record_of(lit))

    def end() -> None:
        record = record_of(lit, runner.told[-1].id, fresh=True, code=SignInCode.SIGNED_IN, ended_at=clock.now())
        sign_in_files.write(lit.paths.own, record)

    runner.after_sleep = [held.close, end]
    ended = runner.complete(fresh=True)
    assert isinstance(ended, SignIn)
    assert ended.fresh
    assert [wanted.fresh for wanted in runner.told] == [True, True]
    assert [wanted.since for wanted in runner.told] == ["", ""]


NONE_LEFT = timedelta(0)


def test_who_runs_out_of_time_is_told_that_its_own_goes_on(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the time passes while the asked sign-in waits for the person, begun or joined, there is no end yet."""
    runner = Runner(monkeypatch, lit, "running", "joined")
    with files.lock(_lock(lit), timeout=1.0):
        sign_in_files.write(lit.paths.own, record_of(lit))
        assert runner.complete(timeout=NONE_LEFT) is None
        assert runner.complete(timeout=NONE_LEFT) is None


@pytest.mark.parametrize(
    ("session", "told"), [("twin", "twin"), ("acme", "acme"), ("nobody", ""), ("", "")], ids=lambda name: name or "none"
)
def test_who_only_waited_for_another_sign_in_is_told_whose(
    lit: Laptop, monkeypatch: pytest.MonkeyPatch, session: str, told: str
) -> None:
    """Nothing of the asked kind is begun while another session, or a plain login, holds the portal: it is named."""
    runner = Runner(monkeypatch, lit, "joined")
    config = lit.home / ".aws" / "config"
    config.write_text(f"{config.read_text()}\n[sso-session twin]\nsso_start_url = {ACME}/\nsso_region = us-east-1\n")
    key = sha1(session.encode(), usedforsecurity=False).hexdigest()
    with files.lock(_lock(lit), timeout=1.0):
        if session:
            sign_in_files.write(lit.paths.own, SignIn("other", key, f"{ACME}/", clock.now() - MINUTE))
        assert runner.complete(fresh=True, timeout=NONE_LEFT) == sign_in.Another(told)
    assert len(runner.told) == 1


def test_another_portal_s_sign_in_is_not_named(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-in elsewhere holds nobody up, whatever its name comes before."""
    runner = Runner(monkeypatch, lit, "joined")
    key = sha1(b"beta", usedforsecurity=False).hexdigest()
    with (
        files.lock(_lock(lit), timeout=1.0),
        files.lock(sign_in_files.sign_in_lock(lit.paths.own, BETA), timeout=1.0),
    ):
        sign_in_files.write(lit.paths.own, SignIn("other", key, BETA, clock.now() - MINUTE))
        assert runner.complete(timeout=NONE_LEFT) == sign_in.Another("")


def test_a_sign_in_that_cannot_be_begun_is_a_sentence(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What keeps a runner from starting is said."""
    monkeypatch.setattr(sign_in, "begin", lambda *_: Outcome(Result.CANNOT, "impossible", "the folder is a link"))
    assert sign_in.complete(lit.paths, {}, acme(lit), print, timeout=MINUTE) == "the folder is a link"


def test_no_console_window_appears() -> None:
    """Off Windows there are no flags; there they are those of a process without a window."""
    assert (sign_in.detached() != 0) is (sys.platform == "win32")
