from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from keeplit.adapters import clock, files, notebook, sign_in_files
from keeplit.adapters import login as aws_cli
from keeplit.core.aws_cli import Cli, Found
from keeplit.core.deeds import Outcome, Result
from keeplit.core.memory import Answer
from keeplit.core.model import SignIn, SignInCode
from keeplit.core.sign_in_flow import Page
from keeplit.engine import ask, credentials, desk, extend, for_claude, sign_in
from keeplit.sandbox.clients import ACME
from tests.ui.typing_person import Typist


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Let a sign-in end as the last entry's `ends` says, and note how each was asked for."""
    notes: list[dict[str, Any]] = [{"ends": SignInCode.SIGNED_IN}]

    def complete(paths: object, environ: object, session: Any, on_page: Any, **how: Any) -> object:
        ends = notes[0]["ends"]
        notes.append({"session": session.name, "environ": environ, **how})
        on_page(Page("https://example.com/device", "ABCD-EFGH"))
        if not isinstance(ends, SignInCode):
            return ends
        return SignIn("id", session.key, ACME, clock.now(), code=ends, detail="in detail")

    monkeypatch.setattr(sign_in, "complete", complete)
    monkeypatch.setattr(aws_cli, "find", lambda _: Found(Cli("/usr/bin/aws", (2, 9, 19)), ""))
    return notes


def test_a_login_shows_the_page_and_the_end(person: Typist, asked: list[dict[str, Any]]) -> None:
    """The address and the code are shown as they come, then that it is done: exit 0."""
    said = person.types("login")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "Sign in here:  https://example.com/device",
        "The page shows this code:  ABCD-EFGH",
        "Signed in to acme.",
    ]


@pytest.mark.parametrize("code", sorted(set(SignInCode) - {SignInCode.SIGNED_IN, SignInCode.RUNNING}))
def test_every_other_end_is_a_sentence(person: Typist, asked: list[dict[str, Any]], code: SignInCode) -> None:
    """However else it ends: exit 1, and stderr says why and what to do next."""
    asked[0]["ends"] = code
    said = person.types("login")
    assert said.code == 1
    assert "(in detail)" in said.err
    assert "keeplit" in said.err.removeprefix("keeplit:") or "~/.aws" in said.err
    other = person.types("extend", "--session", "beta")
    assert said.err.replace("login --session=acme", "extend --session=beta") == other.err


def test_patience_that_ends_is_3(person: Typist, asked: list[dict[str, Any]]) -> None:
    """Where the person did not sign in in time a person must sign in: exit 3."""
    asked[0]["ends"] = None
    said = person.types("login", "--timeout", "2")
    assert (said.code, "goes on by itself" in said.err) == (3, True)
    assert asked[1]["timeout"] == timedelta(seconds=2)


def test_a_sign_in_that_cannot_begin_is_1(person: Typist, asked: list[dict[str, Any]]) -> None:
    """What keeps it from beginning is said."""
    asked[0]["ends"] = "the folder is a link"
    said = person.types("login")
    assert (said.code, said.err) == (1, "keeplit: the folder is a link\n")


def test_what_is_typed_is_what_is_asked(person: Typist, asked: list[dict[str, Any]]) -> None:
    """Profile, session, browser and the config's method and environment reach the sign-in."""
    person.laptop.configure(
        '[claude]\nprofile = "work"\n[sign_in]\nmethod = "device"\n[environment]\nNO_PROXY = "lit"\n'
    )
    person.types("login", "--profile", "client", "--no-browser")
    person.types("login", "--session", "old")
    first, second = asked[1:]
    assert (first["session"], first["no_browser"], first["method"], first["fresh"]) == ("beta", True, "device", False)
    assert first["environ"]["NO_PROXY"] == "lit"
    assert (second["session"], second["no_browser"]) == ("old", False)


@pytest.mark.parametrize("command", ["login", "logout", "extend"])
def test_an_unknown_name_is_1(person: Typist, asked: list[dict[str, Any]], command: str) -> None:
    """A profile or a session that is not there is said, with the command that lists them."""
    for option in ("--profile=nobody", "--session=nobody"):
        said = person.types(command, option)
        assert (said.code, said.out, "keeplit profiles" in said.err) == (1, "", True)
    assert len(asked) == 1


@pytest.mark.parametrize("command", [["login"], ["login", "--for-claude"], ["logout"], ["extend"], ["credentials"]])
def test_not_set_up_is_4(person: Typist, asked: list[dict[str, Any]], command: list[str]) -> None:
    """Without an SSO profile nothing can be done: exit 4, with the command that makes one."""
    person.laptop.configure("")
    (person.laptop.home / ".aws" / "config").unlink()
    said = person.types(*command)
    assert (said.code, said.out, "keeplit setup" in said.err) == (4, "", True)


def test_both_a_profile_and_a_session_is_2(person: Typist, asked: list[dict[str, Any]]) -> None:
    """One of the two is meant."""
    for command in ("login", "logout", "extend"):
        said = person.types(command, "--profile", "work", "--session", "acme")
        assert (said.code, "not both" in said.err) == (2, True)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("command", "option"),
    [
        *product(["login", "login --for-claude", "logout", "extend"], ["--profile", "--session"]),
        ("credentials", "--profile"),
    ],
)
def test_an_empty_name_is_2(person: Typist, asked: list[dict[str, Any]], command: str, option: str) -> None:
    """A script's unset variable must not end, or give out, what is the default one."""
    person.laptop.sign_in()
    for given in ([option, ""], [f"{option}="], [option, " "]):
        said = person.types(*command.split(), *given)
        assert (said.code, said.out, f"{option} wants a value" in said.err) == (2, "", True)
    assert (len(asked), person.laptop.token_file.exists()) == (1, True)


@pytest.mark.parametrize("command", ["login", "extend"])
def test_a_time_that_is_no_number_is_2(person: Typist, asked: list[dict[str, Any]], command: str) -> None:
    """It lies in no range; before anything is announced or begun."""
    for time in ("nan", "inf", "-1", "0.5", "soon"):
        said = person.types(command, "--timeout", time)
        assert (said.code, said.out, "--timeout" in said.err) == (2, "", True)
    assert len(asked) == 1


@pytest.mark.parametrize(("command", "again"), [("login", "login"), ("extend", "extend")])
def test_a_sign_in_that_was_not_begun_is_not_said_to_go_on(
    person: Typist, asked: list[dict[str, Any]], command: str, again: str
) -> None:
    """While another one of the same portal is waited for, nothing of this one goes on by itself: exit 3."""
    asked[0]["ends"] = sign_in.Another("acme")
    said = person.types(command, "--session", "beta", "--timeout", "2")
    assert (said.code, "goes on by itself" in said.err) == (3, False)
    assert f"(of acme). Once it has ended: keeplit {again} --session=beta" in said.err


def test_a_session_that_nothing_keeps_is_said(person: Typist, asked: list[dict[str, Any]]) -> None:
    """One without a profile cannot be asked for by one; it is kept where config.toml names it."""
    with (person.laptop.home / ".aws" / "config").open("a") as config:
        config.write(f"\n[sso-session lone]\nsso_start_url = {ACME}\nsso_region = us-east-1\n")
    said = person.types("login", "--session", "lone")
    assert (said.code, said.out.splitlines()[-1][:24]) == (0, "No profile uses lone, so")
    assert "No profile" not in person.types("login", "--session", "beta").out
    person.laptop.configure('[sessions]\nkeep = ["lone"]\n')
    assert "No profile" not in person.types("login", "--session", "lone").out


def test_an_extension_names_what_it_ends(person: Typist, asked: list[dict[str, Any]]) -> None:
    """`extend` names every session of the start URL before it begins, and asks for a fresh sign-in."""
    with (person.laptop.home / ".aws" / "config").open("a") as config:
        config.write(f"\n[sso-session twin]\nsso_start_url = {ACME}\nsso_region = us-east-1\n")
    said = person.types("extend")
    assert said.code == 0
    assert said.out.startswith("This ends the sign-in of acme, twin, then signs in to acme again.\n")
    assert asked[1]["fresh"] is True


def test_a_logout_is_told(person: Typist) -> None:
    """Signed out: exit 0; the sessions that end with it are named on stderr."""
    with (person.laptop.home / ".aws" / "config").open("a") as config:
        config.write(f"\n[sso-session twin]\nsso_start_url = {ACME}\nsso_region = us-east-1\n")
    person.laptop.sign_in()
    said = person.types("logout")
    assert (said.code, said.out) == (0, "Signed out of acme.\n")
    assert "twin" in said.err
    assert not person.laptop.token_file.exists()


def test_a_logout_that_fails_is_told(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the portal cannot be reached: exit 1, and the next step."""
    monkeypatch.setattr(extend, "logout", lambda *_: Outcome(Result.TRANSIENT, "timeout", "late"))
    said = person.types("logout")
    assert (said.code, said.out) == (1, "")
    assert "was not signed out (transient). See: keeplit status" in said.err
    said = person.types("logout", "--session", "beta")
    assert (said.code, "was not signed out (timeout)" in said.err) == (1, True)


def test_a_logout_cancels_a_sign_in_that_waits(person: Typist) -> None:
    """Or whoever ends it in the browser, minutes later, would be signed in again."""
    person.laptop.sign_in()
    own, key = person.laptop.paths.own, person.laptop.token_file.stem
    running = SignIn("id", key, ACME, clock.now())
    with files.lock(sign_in_files.sign_in_lock(own, ACME), 1):
        sign_in_files.write(own, running)
        said = person.types("logout")
        assert sign_in_files.cancel_asked(own, running)
    assert (said.code, said.out) == (0, "Signed out of acme.\n")
    assert "The sign-in of acme that waits in the browser is cancelled." in said.err


def test_a_logout_that_is_under_way_is_said(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops waiting for a daemon that is at it already is signed out soon."""
    monkeypatch.setattr(ask, "wish", lambda *_, **__: Answer("id", "waiting", ""))
    said = person.types("logout")
    assert (said.code, said.out, "is signing out of acme already" in said.err) == (1, "", True)


def test_whoever_signs_in_wants_it_kept(person: Typist, asked: list[dict[str, Any]]) -> None:
    """A profile that somebody signed in to is in use from then on, with nothing written in config.toml."""
    person.laptop.configure("")
    paths = person.laptop.paths
    since = clock.now() - timedelta(hours=24)
    assert person.types("login", "--profile", "client").code == 0
    assert person.types("login", "--session", "old").code == 0
    asked[0]["ends"] = SignInCode.DENIED
    assert person.types("login", "--profile", "play").code == 1
    names = ["work", "play", "client", "old"]
    assert notebook.asked_since(paths.asked, names, since) == {"client", "old"}


@pytest.mark.parametrize(
    ("v1", "said"), [("", "No AWS CLI is installed"), ("/usr/bin/aws", "/usr/bin/aws is AWS CLI v1")]
)
def test_a_missing_aws_cli_is_said(
    person: Typist, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, v1: str, said: str
) -> None:
    """The person learns why there is a code instead of a browser; who asked for the code is told nothing."""
    monkeypatch.setattr(aws_cli, "find", lambda _: Found(None, v1))
    assert said in person.types("login").err
    assert person.types("login", "--no-browser").err == ""


@pytest.mark.parametrize(("command", "lost"), [("login", False), ("extend", True)])
def test_ctrl_c_says_what_goes_on(person: Typist, monkeypatch: pytest.MonkeyPatch, command: str, *, lost: bool) -> None:
    """The sign-in has a process of its own: it goes on, can be joined, and after `extend` one is signed out."""

    def interrupted(*given: object, **how: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(sign_in, "complete", interrupted)
    said = person.types(command)
    assert (said.code, "no sign-in of acme runs" in said.err) == (1, True)
    running = SignIn("id", "key", ACME, clock.now())
    monkeypatch.setattr("keeplit.adapters.sign_in_files.read", lambda *_: running)
    said = person.types(command)
    joins = "Join it: keeplit login --session=acme" in said.err
    assert (said.code, joins, "signed out of acme" in said.err) == (1, True, lost)


def test_for_claude_goes_by_the_profile_alone(person: Typist) -> None:
    """Options that it would not heed are refused: exit 2."""
    for option in ("--no-browser", "--session=acme", "--timeout=2"):
        said = person.types("login", "--for-claude", option)
        assert (said.code, said.out, "--for-claude" in said.err) == (2, "", True)


def test_claude_and_credentials_go_their_own_ways(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """`login --for-claude` and `credentials` hand over the profile, and return their own exit codes."""
    seen: list[tuple[object, ...]] = []

    def ran(code: int, count: int) -> Callable[..., int]:
        def run(paths: object, environ: object, *given: object) -> int:
            seen.append(given[:count])
            return code

        return run

    monkeypatch.setattr(for_claude, "run", ran(3, 1))
    monkeypatch.setattr(credentials, "run", ran(1, 2))
    assert person.types("login", "--for-claude", "--profile", "play").code == 3
    assert person.types("credentials", "--profile", "play", "--format", "env").code == 1
    assert seen == [("play",), ("play", "env")]


@pytest.mark.parametrize(("empty", "code"), [(True, 3), (False, 0)])
def test_a_login_that_nobody_typed_opens_nothing_at_an_empty_desk(
    person: Typist, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, *, empty: bool, code: int
) -> None:
    """A job of the night has no terminal, and its browser would wait for nobody."""
    monkeypatch.setattr(desk, "is_empty", lambda _: empty)
    typed = person.types("login", "--profile", "work")

    assert (typed.code, len(asked) - 1) == (code, 0 if empty else 1)
    assert ("nobody is at the desk" in typed.err) is empty


def test_a_printed_code_needs_nobody_at_the_desk(
    person: Typist, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person may be far away, behind SSH."""
    monkeypatch.setattr(desk, "is_empty", lambda _: True)

    assert person.types("login", "--profile", "work", "--no-browser").code == 0
    assert len(asked) - 1 == 1
