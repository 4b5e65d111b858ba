from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from keeplit.adapters import clock, files, notify, presence, sign_in_files
from keeplit.core.deeds import Action, Notice, Outcome, Result
from keeplit.core.model import Desk, SignIn
from keeplit.core.sign_in_flow import Page
from keeplit.engine import for_claude, sign_in, whose
from keeplit.engine.whose import Meant
from keeplit.sandbox.clients import ACME
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.person import Person
from tests.engine.lit_laptop import Laptop, laptop, said, write

MINUTE = timedelta(minutes=1)
THERE = '[sign_in]\npresence = "always"\n'
POSIX = pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")


def call(mine: Laptop, profile: str | None = "work") -> tuple[int, str, str]:
    """Call it as Claude Code does; return its exit code, what it printed and what it said."""
    out, err = said()
    code = for_claude.run(mine.paths, mine.environ, profile, out, err)
    return code, out.getvalue(), err.getvalue()


def role_key(mine: Laptop) -> str:
    """Return the access key id in the AWS CLI's role cache."""
    found: str = json.loads(mine.role_file.read_text())["Credentials"]["AccessKeyId"]
    return found


def test_an_accepted_token_is_fresh(own_home: Path) -> None:
    """One call, the role cache replaced whatever its date said, exit 0 without a word."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.cache_role(timedelta(hours=1))
        assert call(mine) == (0, "", "")
        assert (mine.calls("GetRoleCredentials"), mine.tabs) == (["200"], ())
        assert role_key(mine) != "ASIAKEPT"


def test_ten_windows_that_wake_together(own_home: Path) -> None:
    """All are told 0 by one call to AWS."""
    with laptop(own_home) as mine:
        mine.sign_in()
        with ThreadPoolExecutor(10) as windows:
            ended = list(windows.map(lambda _: call(mine), range(10)))
        assert ended == [(0, "", "")] * 10
        assert mine.calls("GetRoleCredentials") == ["200"]


def test_a_rejected_token_is_renewed(own_home: Path) -> None:
    """401 before its time: renewed silently, asked again, exit 0 and no browser."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.sandbox.sessions.reject(ACME)
        assert call(mine)[0] == 0
        assert mine.calls("GetRoleCredentials") == ["UnauthorizedException", "200"]
        assert (mine.calls("CreateToken"), mine.tabs) == (["200"], ())


def test_an_expired_token_is_renewed(own_home: Path) -> None:
    """A token past its date is renewed without asking the portal about it."""
    with laptop(own_home) as mine:
        mine.sign_in(-MINUTE)
        assert call(mine)[0] == 0
        assert (mine.calls("CreateToken"), mine.calls("GetRoleCredentials")) == (["200"], ["200"])


def test_a_missing_role_is_no_reason_to_sign_in(own_home: Path) -> None:
    """403: exit 1, the sentence says that signing in will not help, nothing else is tried."""
    with laptop(own_home) as mine:
        mine.configure(THERE)
        mine.sign_in()
        mine.sandbox.faults.inject("GetRoleCredentials", Fault("forbidden"))
        code, _, error = call(mine)
        assert (code, mine.tabs, mine.calls("CreateToken")) == (1, (), [])
        assert "Signing in again will not help" in error


@pytest.mark.parametrize("dead", [True, False])
def test_without_a_network_no_browser_opens(own_home: Path, *, dead: bool) -> None:
    """AWS unreachable: exit 1 with that sentence, whether the token lives or needs renewal."""
    with laptop(own_home) as mine:
        mine.configure(THERE)
        mine.sign_in(-MINUTE if dead else MINUTE)
        mine.sandbox.faults.inject("any", Fault("drop"))
        code, _, error = call(mine)
        assert (code, mine.tabs) == (1, ())
        assert "AWS could not be reached" in error


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("throttle", "keeplit: AWS asks for fewer calls. Claude Code tries again by itself\n"),
        (
            "server_error",
            "keeplit: AWS answered with an error (InternalServerException). Claude Code tries again by itself\n",
        ),
    ],
)
@pytest.mark.parametrize("dead", [True, False])
def test_what_aws_itself_answers_is_not_the_network(own_home: Path, fault: str, says: str, *, dead: bool) -> None:
    """A throttle and AWS's own trouble have their sentences, whether the token lives or needs renewal."""
    with laptop(own_home) as mine:
        mine.configure(THERE)
        mine.sign_in(-MINUTE if dead else MINUTE)
        mine.sandbox.faults.inject("any", Fault(fault))  # type: ignore[arg-type]  # one of its kinds
        code, _, error = call(mine)
        assert (code, error, mine.tabs) == (1, says, ())


@pytest.mark.parametrize(
    ("config", "token"),
    [
        (THERE, None),
        ("", "over"),
        ('[sign_in]\nmode = "ask"\npresence = "always"\n', "over"),
        ('[sign_in]\nmode = "never"\npresence = "always"\n', "over"),
        ('[sign_in]\npresence = "always"\nquiet_hours = "00:00-23:59"\n', "over"),
    ],
)
def test_where_no_browser_may_open_it_says_so_at_once(own_home: Path, config: str, token: str | None) -> None:
    """No token ever, nobody known to be there, ask, never, quiet hours: exit 3 within 2 s, with the command to type."""
    with laptop(own_home) as mine:
        mine.configure(config)
        if token is not None:
            mine.sign_in(-MINUTE, refreshToken=None)
        began = time.monotonic()
        code, _, error = call(mine)
        assert (code, mine.tabs) == (3, ())
        assert "keeplit login --profile=work" in error
        assert time.monotonic() - began < 2.0


class Shown:
    """A notifier that notes what it is shown."""

    def __init__(self) -> None:
        self.notices: list[Notice | None] = []

    def show(self, action: Action, title: str, text: str, buttons: tuple[str, ...]) -> Outcome:
        self.notices.append(action.notice)
        return Outcome(Result.DONE)


@pytest.mark.parametrize("token", [None, "over"])
def test_the_waiting_notice_is_shown_once(own_home: Path, token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a daemon the command's own turns show the plan's notice, and later calls do not repeat it."""
    shown = Shown()
    monkeypatch.setattr(notify, "find", lambda: shown)
    with laptop(own_home) as mine:
        if token is not None:
            mine.sign_in(-MINUTE, refreshToken=None)
        assert [call(mine)[0] for _ in range(2)] == [3, 3]
        assert shown.notices == [Notice.SIGN_IN_NEEDED]


@pytest.mark.timeout(150)
def test_a_sign_in_under_way_is_waited_for(own_home: Path, aws_cli_v2: Path) -> None:
    """Somebody signs in already: every window waits for that one tab, and all go on."""
    with laptop(own_home) as mine:
        mine.environ["PATH"] = f"{aws_cli_v2.parent}{os.pathsep}{mine.environ['PATH']}"
        mine.person(Person("approve", after=2.0))
        meant = whose.meant(mine.paths, mine.environ, "work")
        assert isinstance(meant, Meant)
        wanted = sign_in.Request("begun-by-hand", meant.session.key)
        assert sign_in.begin(mine.paths, mine.environ, wanted).code == "running"
        with ThreadPoolExecutor(3) as windows:
            ended = list(windows.map(lambda _: call(mine), range(3)))
        assert [(code, error) for code, _, error in ended] == [(0, "")] * 3
        assert len(mine.tabs) == 1
        assert ["Signed in to acme." in text for _, text, _ in ended] == [True] * 3


def test_a_daemon_is_told_and_left_to_act(own_home: Path) -> None:
    """With a daemon's lock held the command writes one wish, says at once what to type, and does nothing itself."""
    with laptop(own_home) as mine:
        mine.sign_in(refreshToken=None)
        mine.sandbox.sessions.reject(ACME)
        files.private_folder(mine.paths.state)
        held = files.try_lock(mine.paths.daemon_lock)
        assert held is not None
        with held:
            began = time.monotonic()
            code, _, error = call(mine)
            lasted = time.monotonic() - began
        wishes = [json.loads(path.read_text()) for path in mine.paths.wishes.glob("*.json")]
        assert (code, [one["verb"] for one in wishes], mine.paths.memory.exists()) == (3, ["rejected"], False)
        assert "keeplit login --profile=work" in error
        assert lasted < 5.0


@pytest.mark.timeout(150)
def test_a_person_there_is_signed_in_by_the_rules(own_home: Path, aws_cli_v2: Path) -> None:
    """Announced, 20 s later one tab, approved: the page is shown once, the new token asked, exit 0."""
    with laptop(own_home) as mine:
        mine.environ["PATH"] = f"{aws_cli_v2.parent}{os.pathsep}{mine.environ['PATH']}"
        mine.configure(THERE)
        mine.sign_in(-MINUTE, refreshToken=None)
        mine.sandbox.sessions.revoke(ACME)
        mine.person(Person("approve", after=1.0))
        began = time.monotonic()
        code, text, error = call(mine)
        assert (code, error, len(mine.tabs)) == (0, "", 1)
        assert time.monotonic() - began > 20
        assert [line.partition(":")[0] for line in text.splitlines()] == [
            "Sign in here",
            "The page shows this code",
            "Signed in to acme.",
        ]


@pytest.mark.timeout(150)
def test_a_person_who_declines_is_asked_no_second_time(own_home: Path, aws_cli_v2: Path) -> None:
    """Denied in the browser: exit 3, and the next call opens nothing."""
    with laptop(own_home) as mine:
        mine.environ["PATH"] = f"{aws_cli_v2.parent}{os.pathsep}{mine.environ['PATH']}"
        mine.configure(THERE)
        mine.sign_in(-MINUTE, refreshToken=None)
        mine.sandbox.sessions.revoke(ACME)
        mine.person(Person("deny", after=0.2))
        assert [call(mine)[0], call(mine)[0]] == [3, 3]
        assert len(mine.tabs) == 1


@POSIX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home_opens_no_browser(own_home: Path) -> None:
    """What could not be kept is not begun: exit 1 and the folder's name."""
    with laptop(own_home) as mine:
        mine.configure(THERE)
        mine.sign_in(-MINUTE)
        for folder in (mine.token_file.parent, mine.home / ".aws"):
            folder.chmod(0o500)
        try:
            code, _, error = call(mine)
        finally:
            for folder in (mine.home / ".aws", mine.token_file.parent):
                folder.chmod(0o700)
        assert (code, mine.tabs, mine.calls("CreateToken")) == (1, (), [])
        assert ".aws" in error


@POSIX
def test_a_bad_folder_of_ours_is_an_error(own_home: Path) -> None:
    """A link in place of our own folder ends the call with 1."""
    with laptop(own_home) as mine:
        mine.sign_in()
        (own_home / "elsewhere").mkdir()
        mine.paths.own.symlink_to(own_home / "elsewhere")
        code, _, error = call(mine)
        assert (code, mine.calls("GetRoleCredentials")) == (1, [])
        assert "link" in error


def test_an_endless_refusal_ends(own_home: Path) -> None:
    """If the portal refuses every token, renewing goes on no longer than twice."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.sandbox.faults.inject("GetRoleCredentials", Fault("unauthorized"))
        code, _, error = call(mine)
        assert (code, len(mine.calls("GetRoleCredentials")), mine.tabs) == (1, 3, ())
        assert "refuses even a fresh token" in error


def test_a_profile_that_is_unclear_ends_at_once(own_home: Path) -> None:
    """An unknown profile is 1, none at all 4; neither asks AWS."""
    with laptop(own_home) as mine:
        assert [call(mine, "wrok")[0], call(mine, None)[0]] == [1, 4]
        assert mine.sandbox.log.since() == ()


@pytest.mark.parametrize("runs", [True, False])
def test_it_leaves_before_it_would_be_killed(own_home: Path, *, runs: bool) -> None:
    """At 165 s, with exit code 1; while a sign-in runs the last line says that it goes on, word for word."""
    with laptop(own_home) as mine:
        mine.configure('[sessions]\nkeep = ["acme"]\n')
        mine.sign_in(-MINUTE, refreshToken=None)
        meant = whose.meant(mine.paths, mine.environ, "work")
        assert isinstance(meant, Meant)
        out, err = said()
        late = for_claude.Visit(mine.paths, meant, out, err)
        late.started -= 165
        files.private_folder(mine.paths.own)
        held = files.try_lock(sign_in_files.sign_in_lock(mine.paths.own, ACME))
        assert held is not None
        with held:
            if runs:
                sign_in_files.write(mine.paths.own, SignIn("1", meant.session.key, ACME, late.started_at))
            assert (late.run(), out.getvalue()) == (1, "")
        waiting = "Still waiting for you in the browser; Claude Code continues at its next try.\n"
        assert (err.getvalue() == waiting) == runs
        assert ("no token came in time" in err.getvalue()) != runs


def test_nobody_at_hand_is_told_what_to_type_at_once(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between one and five minutes after the last touch no browser opens by itself, so none is waited for."""
    touched = Desk(clock.now() - 2 * MINUTE)
    monkeypatch.setattr(presence, "find", lambda _: SimpleNamespace(look=lambda: touched))
    with laptop(own_home) as mine:
        mine.sign_in(-MINUTE, refreshToken=None)
        began = time.monotonic()
        code, _, error = call(mine)
        assert (code, mine.tabs) == (3, ())
        assert "nobody seems to be at the desk" in error
        assert time.monotonic() - began < 2


def test_a_page_is_shown_once(own_home: Path) -> None:
    """The same address and code are printed one time, however often they are read."""
    with laptop(own_home) as mine:
        meant = whose.meant(mine.paths, mine.environ, "work")
        assert isinstance(meant, Meant)
        out, err = said()
        mine_ = for_claude.Visit(mine.paths, meant, out, err)
        for _ in range(3):
            mine_.show(Page("https://x/device?user_code=AB", "AB"))
        assert out.getvalue() == "Sign in here:  https://x/device?user_code=AB\nThe page shows this code:  AB\n"


def test_a_torn_token_file_is_waited_for(own_home: Path) -> None:
    """A half file is read again, not taken for signed out."""
    with laptop(own_home) as mine:
        mine.sign_in()
        whole = mine.token_file.read_text()
        mine.token_file.write_text(whole[:40])
        with ThreadPoolExecutor(1) as window:
            called = window.submit(call, mine)
            until = time.monotonic() + 20
            while not mine.paths.memory.exists() and time.monotonic() < until:
                time.sleep(0.05)
            write(mine.token_file, json.loads(whole))
            assert called.result()[0] == 0
