from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from keeplit.adapters import clock, device, files, logfile, login, sign_in_files
from keeplit.core.aws_cli import Cli, Found
from keeplit.core.model import Kind, Session, SignIn, SignInCode
from keeplit.core.sign_in_flow import Page
from keeplit.engine import sign_in_runner
from keeplit.engine.sign_in import Request
from keeplit.engine.sign_in_runner import Runner
from keeplit.sandbox.clients import ACME
from tests.engine.lit_laptop import Laptop, laptop

HOUR = timedelta(hours=1)
CLI = Found(Cli("/usr/bin/aws", (2, 15, 0)))


@pytest.fixture
def lit(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, where a browser can be opened."""
    with laptop(own_home) as mine:
        monkeypatch.setattr(login, "find", lambda _: CLI)
        files.private_folder(mine.paths.own)
        yield mine


def acme(lit: Laptop) -> Session:
    """Return the session acme."""
    return Session(lit.token_file.stem, "acme", Kind.SSO_SESSION, ACME, "us-east-1")


def digest(lit: Laptop) -> str:
    """Return the digest of the token in the file."""
    return sha256(lit.token["accessToken"].encode()).hexdigest()[:32]


def runner(lit: Laptop, **wanted: object) -> Runner:
    """Return a runner that has not begun."""
    return Runner(lit.paths, lit.environ, acme(lit), Request("id", lit.token_file.stem, **wanted))  # type: ignore[arg-type]


def by_cli(monkeypatch: pytest.MonkeyPatch, deed: Callable[..., tuple[SignInCode, str]]) -> None:
    """Let the AWS CLI do a deed of the test's own."""
    monkeypatch.setattr(login, "run", deed)


def test_a_sign_in_by_the_cli_is_recorded(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record shows the page while it runs, and at last how it ended; a request to cancel goes."""
    seen: list[object] = []

    def deed(
        cli: Cli, session: Session, environ: object, left: float, on_page: Callable[[Page], None], *more: object
    ) -> tuple[SignInCode, str]:
        on_page(Page("https://example.com/", "ABCD-EFGH"))
        seen.append(sign_in_files._read(sign_in_files._record(lit.paths.own, session.key)))
        lit.sign_in()
        return SignInCode.SIGNED_IN, ""

    by_cli(monkeypatch, deed)
    mine = runner(lit)
    sign_in_files.ask_cancel(lit.paths.own, mine.state(SignInCode.RUNNING))
    ended = mine.run()
    assert ended.code is SignInCode.SIGNED_IN
    (joined,) = seen
    assert joined.page == Page("https://example.com/", "ABCD-EFGH")  # type: ignore[attr-defined]
    assert sign_in_files.read(lit.paths.own, lit.token_file.stem) == ended
    assert not mine.cancelled()


@pytest.mark.parametrize("code", [SignInCode.DENIED, SignInCode.TIMED_OUT, SignInCode.FAILED, SignInCode.CANCELLED])
def test_an_end_without_a_token_is_told_as_it_is(
    lit: Laptop, monkeypatch: pytest.MonkeyPatch, code: SignInCode
) -> None:
    """However the CLI ends without a token, the record says so, with its sentence."""
    by_cli(monkeypatch, lambda *_: (code, "A sentence."))
    ended = runner(lit).run()
    assert (ended.code, ended.detail) == (code, "A sentence.")


def test_a_sign_in_by_another_way_counts(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CLI that fails while somebody signs in by hand is a sign-in that ended well."""

    def deed(*given: object) -> tuple[SignInCode, str]:
        lit.sign_in()
        return SignInCode.FAILED, "It failed."

    by_cli(monkeypatch, deed)
    ended = runner(lit).run()
    assert (ended.code, ended.detail) == (SignInCode.SIGNED_IN, "signed in by another way meanwhile")


def test_what_nobody_foresaw_is_a_failed_sign_in(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error inside is in the record as its kind alone."""
    by_cli(monkeypatch, lambda *_: 1 // 0)  # type: ignore[arg-type]
    ended = runner(lit).run()
    assert (ended.code, ended.detail) == (SignInCode.FAILED, "something unexpected happened: ZeroDivisionError")


def test_only_a_later_living_token_is_success(lit: Laptop) -> None:
    """The token of the start, an older one and a dead one are none; any later one is, and after a logout any is."""
    lit.sign_in()
    mine, fresh = runner(lit), runner(lit, fresh=True)
    assert not mine.accepted()
    lit.sign_in(timedelta(minutes=30))
    assert (mine.accepted(), fresh.accepted()) == (False, True)
    lit.sign_in(-HOUR)
    assert (mine.accepted(), fresh.accepted()) == (False, False)
    lit.sign_in(2 * HOUR)
    assert (mine.accepted(), fresh.accepted()) == (True, True)
    lit.token_file.unlink()
    assert not runner(lit).accepted()


def test_a_cache_that_cannot_be_written_opens_nothing(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the token could not be put down no browser opens."""
    by_cli(monkeypatch, lambda *_: pytest.fail("a browser opened"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert runner(lit).run().code is SignInCode.CACHE_NOT_WRITABLE


def test_a_broken_registration_is_gone_before_the_cli_runs(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty registration file, with which the CLI fails for ever, is deleted first."""
    from keeplit.core import registration_file

    folder = lit.token_file.parent
    folder.mkdir(parents=True, exist_ok=True)
    names = registration_file.names(acme(lit))
    (folder / names[0]).write_text("")
    left: list[bool] = []

    def deed(*given: object) -> tuple[SignInCode, str]:
        left.append((folder / names[0]).exists())
        return SignInCode.FAILED, ""

    by_cli(monkeypatch, deed)
    runner(lit).run()
    assert left == [False]


FORGOTTEN = (SignInCode.REGISTRATION_DEAD, "AWS does not accept it.")
DEVICE_PAGE = Page("https://device.sso.us-east-1.amazonaws.com/", "ABCD-EFGH")
CODE_PAGE = Page("https://oidc.us-east-1.amazonaws.com/authorize?client_id=x")


def runs(
    lit: Laptop, monkeypatch: pytest.MonkeyPatch, *ends: tuple[SignInCode, str], page: Page | None = None
) -> list[tuple[bool, float]]:
    """Let the AWS CLI end so, one run after the other; note whether each found the registration, and its time left."""
    from keeplit.core import registration_file

    folder = lit.token_file.parent
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / registration_file.name(acme(lit))
    sound = {"clientId": "i", "clientSecret": "s", "expiresAt": "2099-01-01T00:00:00Z"}
    place.write_text(json.dumps(sound))
    noted: list[tuple[bool, float]] = []

    def deed(
        cli: object, session: object, environ: object, left: float, on_page: Callable[[Page], None], *more: object
    ) -> tuple[SignInCode, str]:
        noted.append((place.exists(), left))
        place.write_text(json.dumps(sound))
        if page is not None:
            on_page(page)
        return ends[len(noted) - 1]

    by_cli(monkeypatch, deed)
    return noted


@pytest.mark.parametrize("last", [(SignInCode.SIGNED_IN, ""), (SignInCode.DENIED, "No."), FORGOTTEN])
def test_a_forgotten_registration_is_replaced_once(
    lit: Laptop, monkeypatch: pytest.MonkeyPatch, last: tuple[SignInCode, str]
) -> None:
    """The CLI runs once more without it, in the time that is left; how that ends, a second refusal too, is the end."""
    noted = runs(lit, monkeypatch, FORGOTTEN, last)
    mine = runner(lit)
    ended = mine.run()
    assert (ended.code, ended.detail) == last
    assert [found for found, _ in noted] == [True, False]
    assert 0 < noted[1][1] <= noted[0][1]
    assert sign_in_files.read(lit.paths.own, lit.token_file.stem) == ended


@pytest.mark.parametrize("page", [DEVICE_PAGE, CODE_PAGE])
def test_a_registration_that_dies_behind_a_tab_opens_no_second_one(
    lit: Laptop, monkeypatch: pytest.MonkeyPatch, page: Page
) -> None:
    """Once a page was shown the CLI does not run again by itself; the next login is without the registration."""
    noted = runs(lit, monkeypatch, FORGOTTEN, page=page)
    assert runner(lit).run().code is SignInCode.REGISTRATION_DEAD
    assert len(noted) == 1
    assert [one.name for one in lit.token_file.parent.glob("*.json")] == []


@pytest.mark.parametrize(
    ("page", "code", "left"),
    [
        (CODE_PAGE, SignInCode.TIMED_OUT, 0),
        (CODE_PAGE, SignInCode.CANCELLED, 0),
        (CODE_PAGE, SignInCode.SIGNED_IN, 1),
        (DEVICE_PAGE, SignInCode.TIMED_OUT, 1),
        (None, SignInCode.OFFLINE, 1),
    ],
)
def test_a_page_that_may_have_been_an_error_is_not_trusted_again(
    lit: Laptop, monkeypatch: pytest.MonkeyPatch, page: Page | None, code: SignInCode, left: int
) -> None:
    """An authorization page of a forgotten client shows an error, and the CLI waits: the next login registers anew."""
    noted = runs(lit, monkeypatch, (code, ""), page=page)
    assert runner(lit).run().code is code
    assert (len(noted), len(list(lit.token_file.parent.glob("*.json")))) == (1, left)


def test_to_extend_is_to_sign_out_first(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh sign-in logs out before the browser opens; where that fails nothing is opened."""
    from keeplit.sandbox.faults import Fault

    lit.sign_in()
    by_cli(monkeypatch, lambda *_: (SignInCode.DENIED, str(lit.token_file.exists())))
    lit.sandbox.faults.inject("Logout", Fault("drop", times=1))
    assert runner(lit, fresh=True).run().code is SignInCode.OFFLINE
    lit.sandbox.faults.inject("Logout", Fault("throttle", times=1))
    assert runner(lit, fresh=True).run().code is SignInCode.NOT_ENDED
    assert lit.token_file.exists()
    ended = runner(lit, fresh=True).run()
    assert (ended.code, ended.detail, ended.fresh) == (SignInCode.DENIED, "False", True)


WAYS = {
    "a person without a browser takes the code": ({"no_browser": True}, {}, CLI, "device"),
    "the config says code": ({"method": "device"}, {}, CLI, "device"),
    "there is no CLI": ({}, {}, Found(None), "device"),
    "there is an old CLI": ({}, {}, Found(None, "/usr/bin/aws"), "device"),
    "the CLI knows no sso-session": ({}, {}, Found(Cli("/usr/bin/aws", (2, 4, 0))), "device"),
    "no browser can be opened": ({}, {"BROWSER": "true"}, CLI, "device"),
    "all is there": ({}, {}, CLI, "cli"),
    "the config wants the CLI and there is none": ({"method": "aws-cli"}, {}, Found(None), "no_browser"),
    "the config wants the CLI where no browser is": ({"method": "aws-cli"}, {"BROWSER": ""}, CLI, "no_browser"),
    "nobody asked and there is no CLI": ({"asked": False}, {}, Found(None), "no_browser"),
    "nobody asked and there is one": ({"asked": False}, {}, CLI, "cli"),
}


@pytest.mark.parametrize(("wanted", "environ", "found", "way"), WAYS.values(), ids=WAYS)
def test_which_way_is_taken(
    lit: Laptop,
    monkeypatch: pytest.MonkeyPatch,
    wanted: dict[str, object],
    environ: dict[str, str],
    found: Found,
    way: str,
) -> None:
    """The browser by the AWS CLI where both are there, else a code, and a code only where a person asked."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        lit.environ.pop(name, None)
    lit.environ.update(environ)
    monkeypatch.setattr(login, "find", lambda _: found)
    monkeypatch.setattr(login, "run", lambda *_: (SignInCode.DENIED, "cli"))
    monkeypatch.setattr(device, "run", lambda *_: (SignInCode.DENIED, "device"))
    monkeypatch.setattr("sys.platform", "linux")
    ended = runner(lit, **wanted).run()
    assert (ended.detail if ended.code is SignInCode.DENIED else str(ended.code)) == way


def test_a_code_of_our_own_writes_what_the_cli_would(lit: Laptop) -> None:
    """Our own device flow leaves a renewable token and its registration in AWS's cache."""
    mine = runner(lit, no_browser=True)

    def approve(page: Page) -> None:
        lit.sandbox.identity.decide(page.user_code, "sam", approve=True)

    mine.on_page = approve  # type: ignore[method-assign]
    assert mine.run().code is SignInCode.SIGNED_IN
    assert {"accessToken", "refreshToken", "clientId", "registrationExpiresAt", "startUrl"} <= set(lit.token)
    assert len(list(lit.token_file.parent.iterdir())) == 2


def test_a_signal_ends_the_child_first(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runner that is told to end lets the CLI be ended, and the record says that it was no person's will."""
    mine = runner(lit)

    def deed(
        cli: object,
        session: object,
        environ: object,
        left: object,
        page: object,
        cancelled: Callable[[], bool],
        signed_in: object,
    ) -> tuple[SignInCode, str]:
        assert not cancelled()
        mine.end(signal.SIGTERM, None)
        assert cancelled()
        return SignInCode.CANCELLED, "It was cancelled."

    by_cli(monkeypatch, deed)
    ended = mine.run()
    assert (ended.code, ended.detail) == (SignInCode.FAILED, sign_in_files.RUNNER_DIED)


def test_what_is_signed_in_by_now_needs_no_browser(lit: Laptop) -> None:
    """Decided on a token that is not there any more it is stale; signed in since it was asked for, it is done."""
    lit.sign_in()
    now = clock.now()
    assert runner(lit, asked=False, token=digest(lit)).needless() == ""
    assert runner(lit, asked=False, token="other").needless() == "stale"
    assert runner(lit, asked=True, token="other").needless() == ""
    ended = SignIn("x", lit.token_file.stem, ACME, now, code=SignInCode.SIGNED_IN, ended_at=now)
    sign_in_files.write(lit.paths.own, ended)
    assert runner(lit, since=(now - HOUR).isoformat()).needless() == "done"
    assert runner(lit, since=(now + HOUR).isoformat()).needless() == ""
    assert runner(lit).needless() == ""
    lit.sign_in(-HOUR)
    assert runner(lit, asked=False, token="other").needless() == ""


def ran(lit: Laptop, monkeypatch: pytest.MonkeyPatch, order: str) -> tuple[int, str]:
    """Run the process's main with an order on its standard input; return its exit code and what it said."""
    said = io.StringIO()
    lines: list[str] = []
    said.close = lambda: lines.append(said.getvalue())  # type: ignore[method-assign]
    for name, value in lit.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", io.StringIO(order))
    monkeypatch.setattr("sys.stdout", said)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(logfile, "open_log", lambda *_, **__: None)
    return sign_in_runner.main(), lines[0] if lines else said.getvalue()


def order(lit: Laptop, **wanted: object) -> str:
    """Return an order for acme."""
    return json.dumps({"id": "id", "session": lit.token_file.stem, **wanted})


def test_the_process_says_how_it_stands(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that it runs only once its record is there; the exit code is 0 where it signed in."""
    by_cli(monkeypatch, lambda *_: (SignInCode.DENIED, ""))
    assert ran(lit, monkeypatch, order(lit)) == (1, "running\n")
    by_cli(monkeypatch, lambda *_: (SignInCode.SIGNED_IN, ""))
    assert ran(lit, monkeypatch, order(lit)) == (0, "running\n")
    assert ran(lit, monkeypatch, order(lit, since="2020-01-01T00:00:00+00:00")) == (0, "done\n")


def test_the_process_joins_where_the_lock_is_held(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two for one start URL the second says that it joins, and writes nothing."""
    monkeypatch.setattr(sign_in_runner, "LOCK_WAIT", 0.05)
    with files.lock(sign_in_files.sign_in_lock(lit.paths.own, ACME), timeout=1.0):
        assert ran(lit, monkeypatch, order(lit)) == (0, "joined\n")
    assert sign_in_files.read(lit.paths.own, lit.token_file.stem) is None


def test_the_process_says_why_it_cannot(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown session, a folder that is a link, and an order that makes no sense are each one line and exit 1."""
    code, said = ran(lit, monkeypatch, json.dumps({"id": "id", "session": "f" * 40}))
    assert (code, said.split()[0]) == (1, "unknown_session")
    lit.paths.own.rmdir()
    lit.paths.own.symlink_to(lit.home)
    code, said = ran(lit, monkeypatch, order(lit))
    assert (code, said.split()[0], "is a link" in said) == (1, "impossible", True)
    code, said = ran(lit, monkeypatch, "not JSON")
    assert (code, said.split()[0]) == (1, "failed")


def test_nobody_has_to_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line to somebody who has gone is lost, and nothing else."""

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Gone())
    sign_in_runner.say("running")
    monkeypatch.setattr("sys.stdout", closed := io.StringIO())
    closed.close()
    sign_in_runner.say("running")
    assert closed.closed
