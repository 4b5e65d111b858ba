from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from keeplit.adapters import aws_config
from keeplit.adapters.portal_lists import Account
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import SignIn, SignInCode
from keeplit.core.setup_answers import Answers
from keeplit.engine import sign_in
from keeplit.engine.setup_look import Draft
from keeplit.engine.setup_portal import Portal
from keeplit.sandbox.clockwork import wall
from keeplit.ui import signing
from keeplit.ui.setup_portal import PortalQuestions
from tests.engine.lit_laptop import Laptop, laptop
from tests.ui.answering_person import Answering

PRODUCTION = Account("111122223333", "Acme Production")


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, nobody signed in."""
    with laptop(own_home) as found:
        yield found


def asking(mine: Laptop, **answers: str) -> PortalQuestions:
    """Return whoever asks a person with these answers."""
    draft = Draft.begin(mine.paths, mine.environ)
    assert isinstance(draft, Draft)
    draft.__exit__()
    return PortalQuestions(
        mine.paths, draft, Answering(answers={f"Which {name}?": said for name, said in answers.items()})
    )


def portal(mine: Laptop) -> Portal:
    """Return the portal of acme."""
    session = next(one for one in aws_config.read(mine.environ).sessions if one.name == "acme")
    return Portal(mine.paths, mine.environ, session)


def signing_in(monkeypatch: pytest.MonkeyPatch, *ends: Any) -> list[timedelta]:
    """Let sign-ins end so, one after the other; return how long each may take."""
    asked: list[timedelta] = []
    left = list(ends)

    def complete(*_: object, timeout: timedelta, **__: object) -> object:
        asked.append(timeout)
        end = left.pop(0)
        if isinstance(end, BaseException):
            raise end
        return end() if callable(end) else end

    monkeypatch.setattr(sign_in, "complete", complete)
    monkeypatch.setattr(signing, "nobody_asks", lambda: False)
    return asked


def record(mine: Laptop, code: SignInCode) -> SignIn:
    """Return the record of a sign-in that ended."""
    session = portal(mine).session
    return replace(SignIn("1", session.key, session.start_url, wall()), code=code, ended_at=wall())


def test_a_token_that_lives_needs_no_sign_in(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is troubled."""
    mine.sign_in()
    signing_in(monkeypatch)
    assert asking(mine).sign_in(portal(mine).session).session.name == "acme"


def test_a_person_signs_in_and_it_is_said(
    mine: Laptop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it begins, and when it is done."""
    asked = signing_in(monkeypatch, record(mine, SignInCode.SIGNED_IN))
    asking(mine).sign_in(portal(mine).session)
    assert (asked, capsys.readouterr().out) == (
        [timedelta(minutes=11)],
        "Signing in to acme …\nSigned in to acme.\n",
    )


@pytest.mark.parametrize(
    ("code", "exit_code", "said"),
    [(SignInCode.DENIED, 1, "denied"), (None, 3, "nobody finished"), ("no runner", 1, "no runner")],
)
def test_a_sign_in_that_does_not_end_well_ends_setup(
    mine: Laptop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: SignInCode | str | None,
    exit_code: int,
    said: str,
) -> None:
    """With why, and with what to type then."""
    signing_in(monkeypatch, record(mine, code) if isinstance(code, SignInCode) else code)
    with pytest.raises(click.exceptions.Exit) as ended:
        asking(mine).sign_in(portal(mine).session)
    assert (ended.value.exit_code, said in (told := capsys.readouterr().err)) == (exit_code, True), told


def test_ctrl_c_ends_the_sign_in_too(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it any more."""
    signing_in(monkeypatch, KeyboardInterrupt())
    cancelled: list[str] = []
    monkeypatch.setattr(Portal, "cancel", lambda self: cancelled.append(self.session.name))
    with pytest.raises(click.Abort):
        asking(mine).sign_in(portal(mine).session)
    assert cancelled == ["acme"]


def test_at_an_empty_desk_no_browser_opens(
    mine: Laptop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person must sign in: exit 3, and the command to type."""
    monkeypatch.setattr(signing, "nobody_asks", lambda: True)
    with pytest.raises(click.exceptions.Exit) as ended:
        asking(mine).sign_in(portal(mine).session)
    assert (ended.value.exit_code, "keeplit setup" in capsys.readouterr().err) == (3, True)


def test_account_and_role_are_chosen_from_the_portal_s_lists(mine: Laptop) -> None:
    """The account by its name, the role of that account."""
    mine.sign_in()
    asks = asking(mine, account=PRODUCTION.id, role="ReadOnly")
    account = asks.account(portal(mine), Answers())
    assert (account.name, asks.role(portal(mine), Answers(), account)) == ("Acme Production", "ReadOnly")


def test_one_role_is_taken_unasked(mine: Laptop) -> None:
    """Nothing is asked that has one answer."""
    mine.sign_in()
    asks = asking(mine)
    assert asks.role(portal(mine), Answers(), Account("777788889999", "Beta")) == "ClaudeCode"


@pytest.mark.parametrize(
    ("answers", "said"),
    [(Answers(account="999999999999"), "no account 999999999999"), (Answers(role="Root"), "no role 'Root'")],
)
def test_what_the_portal_does_not_have_is_said(
    mine: Laptop, capsys: pytest.CaptureFixture[str], answers: Answers, said: str
) -> None:
    """With what there is instead."""
    mine.sign_in()
    with pytest.raises(click.exceptions.Exit):
        asking(mine).role(portal(mine), answers, asking(mine, account=PRODUCTION.id).account(portal(mine), answers))
    told = capsys.readouterr().err
    assert said in told
    assert "You have:" in told


def test_a_token_that_the_portal_rejects_is_signed_in_anew(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file still looks good, but the portal knows better."""
    mine.sign_in()
    mine.sandbox.sessions.revoke(portal(mine).session.start_url)

    def again() -> SignIn:
        mine.sign_in()
        return record(mine, SignInCode.SIGNED_IN)

    signing_in(monkeypatch, again)
    assert asking(mine, account=PRODUCTION.id).account(portal(mine), Answers()).name == "Acme Production"


def test_no_accounts_is_the_administrator_s_matter(
    mine: Laptop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty list, and one that did not come, are told apart."""
    monkeypatch.setattr(Portal, "accounts", lambda _: (Outcome(Result.DONE), ()))
    with pytest.raises(click.exceptions.Exit):
        asking(mine).account(portal(mine), Answers())
    assert "Ask your administrator" in capsys.readouterr().err
    monkeypatch.setattr(Portal, "accounts", lambda _: (Outcome(Result.TRANSIENT, "network", "No network."), ()))
    with pytest.raises(click.exceptions.Exit):
        asking(mine).account(portal(mine), Answers())
    assert "No network." in capsys.readouterr().err
