from __future__ import annotations

import pytest

from keeplit.core import setup_names
from keeplit.core.model import Kind, Session

URL = "https://acme.awsapps.com/start"
ACME = Session("1", "acme", Kind.SSO_SESSION, URL + "/", "us-east-1", ("sso:account:access",))


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        (URL, URL),
        (f"  {URL}/#/ ", URL),
        (f"{URL}#", URL),
        ("acme", URL),
        ("d-1234567890", "https://d-1234567890.awsapps.com/start"),
        ("https://ssoins-722.portal.us-east-1.app.aws", "https://ssoins-722.portal.us-east-1.app.aws"),
        ("https://portal.example.com/sso", "https://portal.example.com/sso"),
    ],
)
def test_a_start_url_is_taken_as_people_type_it(typed: str, url: str) -> None:
    """What a browser's address line adds goes, and a directory's short name is enough."""
    assert setup_names.start_url(typed) == (url, "")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "begins with https"),
        ("http://acme.awsapps.com/start", "begins with https"),
        ("https://acme/start", "begins with https"),
        ("https://me:secret@acme.awsapps.com/start", "begins with https"),
        ("https://äcme.awsapps.com/start", "begins with https"),
        ("https://acme.awsapps.com:x/start", "no address"),
        ("https://acme.awsapps.com/sta rt", "ends with its path"),
        ("https://acme.awsapps.com/start?x=1", "ends with its path"),
        ("https://acme.awsapps.com", "ends in /start: https://acme.awsapps.com/start"),
    ],
)
def test_what_is_no_start_url_is_said_as_it_is_typed(typed: str, why: str) -> None:
    """Each wrong address has its sentence, and none shows what may be a password."""
    url, said = setup_names.start_url(typed)
    assert (url, why in said, "secret" in said) == ("", True, False)


@pytest.mark.parametrize(
    ("url", "region", "known", "name"),
    [
        (URL, "us-east-1", (), "acme"),
        (URL, "us-east-1", (ACME,), "acme"),
        (URL, "eu-central-1", (ACME,), "acme-2"),
        ("https://d-1234567890.awsapps.com/start", "us-east-1", (), "sso"),
        ("no address", "us-east-1", (), "sso"),
    ],
)
def test_a_session_that_is_there_is_used_again(url: str, region: str, known: tuple[Session, ...], name: str) -> None:
    """The same portal and region is the same session; another one gets a free name."""
    assert setup_names.session_name(url, region, known) == name


@pytest.mark.parametrize(
    ("account", "role", "taken", "name"),
    [
        ("Acme Production", "ClaudeCode", (), "acme-production"),
        ("Acme Production", "ClaudeCode", ("acme-production", "acme-production-2"), "acme-production-3"),
        ("***", "Claude Code", (), "claude-code"),
        ("", "", (), "claude"),
        ("An account with a very long name indeed", "", (), "an-account-with-a-very-long-na"),
    ],
)
def test_a_profile_gets_a_short_free_name(account: str, role: str, taken: tuple[str, ...], name: str) -> None:
    """It is one word that every AWS tool sees."""
    assert setup_names.profile_name(account, role, taken) == name


@pytest.mark.parametrize(
    ("name", "why"), [("work", ""), ("two words", "letters"), ("naïve", "letters"), ("old", "'old' already")]
)
def test_a_name_that_tools_do_not_see_is_refused(name: str, why: str) -> None:
    """A name is free, and one word of letters and digits."""
    said = setup_names.name_fault(name, ["old"])
    assert (why in said, bool(said)) == (True, bool(why))
