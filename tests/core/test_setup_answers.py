from __future__ import annotations

from dataclasses import replace

import pytest

from keeplit.core.model import Credential, Kind, Profile, Session
from keeplit.core.setup_answers import Answers, Found, Way, never_renewed, unasked_profile, way

ACME = Session("1", "acme", Kind.SSO_SESSION, "https://acme.awsapps.com/start", "us-east-1")
OLD = Session("2", "old", Kind.LEGACY, "https://old.awsapps.com/start", "us-east-1")
WORK = Profile("work", Credential.SSO, "1", "111122223333", "ClaudeCode")
PLAY = replace(WORK, name="play")
LEGACY = Profile("legacy", Credential.SSO, "2", "111122223333", "ClaudeCode")
KEYS = Profile("keys", Credential.KEYS)
ROLELESS = replace(WORK, name="roleless", role="")


def found(*profiles: Profile, used: str = "") -> Found:
    """Return what is found with these profiles."""
    return Found(sessions=(ACME, OLD), profiles=profiles, profile=used)


@pytest.mark.parametrize(
    ("there", "given", "name"),
    [
        (found(), Answers(), ""),
        (found(WORK, ROLELESS, KEYS), Answers(), "work"),
        (found(WORK, PLAY), Answers(), ""),
        (found(WORK, PLAY, used="play"), Answers(), "play"),
        (found(WORK, used="gone"), Answers(), "work"),
        (found(WORK, PLAY), Answers(profile="work"), "work"),
        (found(WORK), Answers(profile="new", start_url="acme"), ""),
    ],
)
def test_one_possible_profile_is_not_asked_about(there: Found, given: Answers, name: str) -> None:
    """What was said, what is in use, or the only one that signs in is taken unasked."""
    assert unasked_profile(there, given) == name


@pytest.mark.parametrize(
    ("answers", "which"),
    [
        (Answers(), Way.NEW),
        (Answers(profile="work"), Way.EXISTING),
        (Answers(profile="work", start_url="acme"), Way.NEW),
        (Answers(profile="legacy"), Way.UPGRADE),
        (Answers(profile="legacy", upgrade=True), Way.UPGRADE),
        (Answers(profile="legacy", upgrade=False), Way.EXISTING),
        (Answers(profile="keys"), Way.OTHER),
    ],
)
def test_the_profile_says_what_is_to_be_done(answers: Answers, which: Way) -> None:
    """A legacy one is upgraded unless a person says no; one without a sign-in is taken as it is."""
    assert way(found(WORK, LEGACY, KEYS), answers) is which


def test_it_is_said_what_is_never_renewed() -> None:
    """Each other kind of credentials has its sentence, a sign-in has none."""
    assert never_renewed(WORK) == ""
    assert "access keys: nothing renews them" in never_renewed(KEYS)
    assert all(never_renewed(replace(KEYS, credential=one)) for one in Credential if one is not Credential.SSO)
