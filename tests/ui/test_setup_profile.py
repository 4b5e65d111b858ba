from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import pytest

from keeplit.core.setup_answers import Answers, Way
from keeplit.sandbox.clients import ACME, CONFIG
from keeplit.ui.setup_profile import NEW, ProfileHalf
from tests.engine.lit_laptop import Laptop, laptop
from tests.ui.answering_person import Answering, drafted, heard

LEGACY = f"[profile old]\nsso_start_url = {ACME}#/\nsso_region = us-east-1\n"
LEGACY += "sso_account_id = 111122223333\nsso_role_name = R\n"
SCOPELESS = CONFIG.partition("[sso-session beta]")[0].replace("sso_registration_scopes = sso:account:access\n", "")
SCOPELESS += "[profile work]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = ClaudeCode\n"
KEYS = "[profile keys]\naws_access_key_id = A\naws_secret_access_key = x\n"


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, signed in to acme."""
    with laptop(own_home) as found:
        found.sign_in()
        yield found


@contextmanager
def half(
    mine: Laptop, text: str, *, plans: bool = False, asks: bool = True, **answers: str | bool
) -> Iterator[ProfileHalf]:
    """Give whoever asks a person with these answers, for this AWS config."""
    (mine.home / ".aws" / "config").write_text(text)
    with drafted(mine, answers, asks=asks) as (draft, asker, found):
        yield ProfileHalf(mine.paths, draft, asker, found, plans=plans)


def test_the_only_profile_is_taken_unasked(mine: Laptop) -> None:
    """It is as it is, and the draft says what the config says."""
    text = SCOPELESS.replace("us-east-1\n", "us-east-1\nsso_registration_scopes = sso:account:access\n", 1)
    with half(mine, text) as asks:
        assert asks.run(Answers()) == (Answers(profile="work"), Way.EXISTING)
        assert (heard(asks.asker), asks.draft.after) == ([], text)


def test_of_several_a_person_chooses_those_that_sign_in_first(mine: Laptop) -> None:
    """Another one can be made; asked again, what is in use is proposed."""
    with half(mine, KEYS + CONFIG, Which="work") as asks:
        assert asks.run(Answers())[0].profile == "work"
        assert isinstance(asks.asker, Answering)
        (titles,) = asks.asker.offered.values()
    assert titles[0] == "work  111122223333 ClaudeCode"
    assert titles[-2:] == ["keys  keys", "another one: sign in and make it"]
    with half(mine, CONFIG) as asks:
        assert asks.run(Answers(), again=True)[0].profile == "work"


def test_a_new_one_beside_others_is_made(mine: Laptop) -> None:
    """The portal that is known already is proposed, and its session used again; the draft holds both, with a region."""
    text = CONFIG.partition("[sso-session beta]")[0]
    with half(mine, text, Which_account="111122223333", Which_role="ClaudeCode") as asks:
        answers, way = asks.run(Answers())
        assert (answers.session, answers.profile, way) == ("acme", "acme-production", Way.NEW)
        asks.completed(answers, way)
        added = "\n[profile acme-production]\nsso_session = acme\nsso_account_id = 111122223333\n"
        added += "sso_role_name = ClaudeCode\n"
        assert asks.draft.after == text.rstrip("\n") + "\n" + added
    with half(mine, CONFIG, Which_profile=NEW, Start=ACME, Which_account="111122223333", Which_role="ReadOnly") as asks:
        assert asks.run(Answers())[1] is Way.NEW


def test_a_start_url_that_is_none_is_wrong_usage(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """As a flag it is said at once, and so is a region that AWS does not have."""
    for answers in (Answers(start_url="http://x"), Answers(start_url=ACME, sso_region="us-east-9")):
        with half(mine, "") as asks, pytest.raises(click.exceptions.Exit) as ended:
            asks.run(answers)
        assert ended.value.exit_code == 2
    assert "us-east-9" in capsys.readouterr().err


def test_a_session_name_that_is_taken_ends_setup(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of a person's is written over."""
    with half(mine, CONFIG) as asks, pytest.raises(click.exceptions.Exit):
        asks.run(Answers(start_url="other", sso_region="us-east-1", session="acme"))
    assert "is there already, with another sso_start_url" in capsys.readouterr().err


def test_a_legacy_profile_is_upgraded_or_left(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said why first; left, it is signed in as it is."""
    with half(mine, LEGACY, plans=True) as asks:
        assert asks.run(Answers()) == (Answers(profile="old", session="sso", upgrade=True), Way.UPGRADE)
        assert "sso_session = sso" in asks.draft.after
    with half(mine, LEGACY, plans=True, Upgrade=False) as asks:
        assert asks.run(Answers())[1] is Way.EXISTING
        assert asks.draft.after == LEGACY
    with half(mine, LEGACY, plans=True) as asks:
        assert asks.run(Answers(upgrade=False))[1] is Way.EXISTING
        assert heard(asks.asker) == []
    assert "a browser opens every 8 hours" in capsys.readouterr().out


def test_a_session_without_its_scope_gets_it_after_a_yes(mine: Laptop) -> None:
    """Without it nothing is renewed that was signed in by a code."""
    with half(mine, SCOPELESS) as asks:
        asks.run(Answers())
        assert asks.draft.after.count("sso_registration_scopes = sso:account:access") == 1
    with half(mine, SCOPELESS) as asks:
        asks.run(Answers(upgrade=False))
        assert asks.draft.after == SCOPELESS


def test_other_credentials_are_taken_as_they_are(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said what is never renewed; nobody signs in."""
    with half(mine, KEYS) as asks:
        assert asks.run(Answers(profile="keys"))[1] is Way.OTHER
    assert "nothing renews them" in capsys.readouterr().out


def test_a_profile_that_nobody_knows_gets_the_nearest(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error makes no new profile."""
    with half(mine, CONFIG) as asks, pytest.raises(click.exceptions.Exit):
        asks.run(Answers(profile="wrok"))
    assert "did you mean 'work'? For a new one" in capsys.readouterr().err


def test_a_plan_wants_account_and_role(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody signs in for it, so AWS cannot be asked for them."""
    given = Answers(start_url=ACME, sso_region="us-east-1")
    with half(mine, "", plans=True) as asks, pytest.raises(click.exceptions.Exit) as ended:
        asks.run(given)
    assert (ended.value.exit_code, "Say it: --account ID" in capsys.readouterr().err) == (2, True)
    with half(mine, "", plans=True) as asks:
        answers, _ = asks.run(replace(given, account="111122223333", role="ClaudeCode"))
        assert answers.profile == "claudecode"
    assert mine.calls("ListAccounts") == []


def test_a_profile_without_a_role_is_of_no_use(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said what it lacks, before anybody signs in."""
    with half(mine, CONFIG.replace("sso_role_name = ClaudeCode\n", "")) as asks, pytest.raises(click.exceptions.Exit):
        asks.run(Answers(profile="work"))
    told = capsys.readouterr().err
    assert "names no sso_role_name" in told
    assert "or: keeplit setup --start-url https://" in told  # setup alone would end here again


def test_a_profile_that_is_there_for_the_role_is_not_made_twice(mine: Laptop) -> None:
    """The same flags once more take it as it is; another name makes another one."""
    given = Answers(start_url=f"{ACME}/", sso_region="us-east-1", account="111122223333", role="ClaudeCode")
    with half(mine, CONFIG.replace(ACME, f"{ACME}/")) as asks:
        answers, way = asks.run(given)
        assert (answers.session, answers.profile, way) == ("acme", "work", Way.EXISTING)
        assert asks.draft.after == asks.draft.before
        answers, way = asks.run(replace(given, profile="more"))
        assert (way, "[profile more]" in asks.draft.after) == (Way.NEW, True)
