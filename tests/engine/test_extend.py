from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.core.deeds import Result
from keeplit.core.model import Kind, Session, SignInCode
from keeplit.engine import extend
from keeplit.sandbox.clients import ACME, BETA
from keeplit.sandbox.faults import Fault
from tests.engine.lit_laptop import Laptop, laptop


@pytest.fixture
def lit(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox that is signed in."""
    with laptop(own_home) as mine:
        mine.sign_in()
        yield mine


def acme(lit: Laptop) -> Session:
    """Return the session acme."""
    return Session(lit.token_file.stem, "acme", Kind.SSO_SESSION, ACME, "us-east-1")


def test_a_logout_ends_this_token_alone(lit: Laptop) -> None:
    """The portal is told, the token file goes, and every other file of the cache stays."""
    other = lit.token_file.with_name("f" * 40 + ".json")
    other.write_text("{}")
    assert extend.logout(lit.paths, lit.environ, acme(lit)).result is Result.DONE
    assert lit.calls("Logout") == ["200"]
    assert not lit.token_file.exists()
    assert other.exists()
    assert lit.sandbox.sessions.live(ACME) is None


def test_a_token_that_the_portal_does_not_know_is_deleted(lit: Laptop) -> None:
    """A dead token is signed out of by deleting it."""
    lit.sandbox.sessions.revoke(ACME)
    assert extend.logout(lit.paths, lit.environ, acme(lit)).result is Result.DONE
    assert not lit.token_file.exists()


def test_a_portal_that_cannot_be_reached_touches_nothing(lit: Laptop) -> None:
    """Without an answer the token stays, since it still lives."""
    lit.sandbox.faults.inject("Logout", Fault("drop"))
    before = lit.token
    assert extend.logout(lit.paths, lit.environ, acme(lit)).result is Result.TRANSIENT
    assert lit.token == before


WHY = {
    "drop": (Fault("drop"), SignInCode.OFFLINE, "AWS could not be reached."),
    "a portal of a hotel": (Fault("html"), SignInCode.OFFLINE, "a network that wants a sign-in."),
    "throttled": (Fault("throttle"), SignInCode.NOT_ENDED, "AWS asks for fewer calls."),
    "AWS in trouble": (Fault("server_error"), SignInCode.NOT_ENDED, "AWS has trouble of its own."),
    "forbidden": (Fault("forbidden"), SignInCode.NOT_ENDED, "signing in will not help."),
    "refused": (Fault("unnamed"), SignInCode.NOT_ENDED, "AWS refused, and does not say why."),
    "access denied": (Fault("access_denied"), SignInCode.NOT_ENDED, "It was refused by a person or a policy."),
}


@pytest.mark.parametrize(("fault", "code", "sentence"), WHY.values(), ids=WHY)
def test_why_the_old_sign_in_did_not_end_is_told(lit: Laptop, fault: Fault, code: SignInCode, sentence: str) -> None:
    """Only what happens on the way to AWS is the network's fault; what AWS answered is told in its own words."""
    lit.sandbox.faults.inject("Logout", fault)
    told, why = extend.why_not_ended(extend.logout(lit.paths, lit.environ, acme(lit)))
    assert (told, why[-len(sentence) :]) == (code, sentence)


def test_a_cache_that_shuts_meanwhile_is_told_as_such(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal has ended the sign-in by then, and the token file cannot be deleted: the network is well."""

    def shut(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", shut)
    code, why = extend.why_not_ended(extend.logout(lit.paths, lit.environ, acme(lit)))
    assert code is SignInCode.CACHE_NOT_WRITABLE
    assert why.startswith("the old sign-in is ended, but its token file stays: ")
    assert why.endswith("cannot be written: Permission denied")


def test_an_environment_that_forbids_the_call_is_told_as_such(lit: Laptop) -> None:
    """An endpoint that is neither https nor this machine is no fault of the network."""
    environ = {**lit.environ, "AWS_ENDPOINT_URL_SSO": "http://portal.example"}
    code, why = extend.why_not_ended(extend.logout(lit.paths, environ, acme(lit)))
    assert (code, "neither https nor this machine" in why) == (SignInCode.MISCONFIGURED, True)


def test_without_a_token_there_is_nothing_to_end(lit: Laptop) -> None:
    """Signing out twice is signing out once."""
    lit.token_file.unlink()
    outcome = extend.logout(lit.paths, lit.environ, acme(lit))
    assert (outcome.result, outcome.code) == (Result.DONE, "no_token")
    assert lit.calls("Logout") == []


def test_every_session_of_the_portal_is_touched(lit: Laptop) -> None:
    """All sessions with the start URL share one sign-in, however its end is spelled; no others do."""
    mine = acme(lit)
    twins = tuple(
        Session(f"key{number}", f"twin{number}", Kind.SSO_SESSION, url, "us-east-1")
        for number, url in enumerate((ACME, ACME + "/", ACME + "/#", ACME + "#/"))
    )
    other = Session("other", "beta", Kind.SSO_SESSION, BETA, "us-east-1")
    touched = extend.touched((mine, *twins, other), mine)
    assert touched == ("acme", "twin0", "twin1", "twin2", "twin3")
