"""The profiles and sessions that a parsed AWS config means."""

import shlex
from hashlib import sha1

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.aws_profiles import Sections, cache_key, head, profiles_of, sessions_of
from keeplit.core.model import Credential, Kind, Profile, Session

URL = "https://d-1234567890.awsapps.com/start"
OLD_URL = "https://d-0000000000.awsapps.com/start"
ACME = Session(cache_key("acme"), "acme", Kind.SSO_SESSION, URL, "eu-west-1", ("sso:account:access", "other"))
OLD = Session(cache_key(OLD_URL), "old", Kind.LEGACY, OLD_URL, "us-east-1")
SESSIONS: Sections = {
    "acme": {
        "sso_start_url": URL,
        "sso_region": "eu-west-1",
        "sso_registration_scopes": " sso:account:access,, other ,",
    }
}
WORK = {
    "sso_session": "acme",
    "sso_account_id": "111122223333",
    "sso_role_name": "Developer",
    "region": "us-west-2",
}
LEGACY = {
    "sso_start_url": OLD_URL,
    "sso_region": "us-east-1",
    "sso_account_id": "111122223333",
    "sso_role_name": "Developer",
}
WORK_PROFILE = Profile("work", Credential.SSO, ACME.key, "111122223333", "Developer", "us-west-2")
ARN = "arn:aws:iam::444455556666:role/Deploy"
KEYS = {"aws_access_key_id": "AKIDONE", "aws_secret_access_key": "secret-one"}


def only(profiles: Sections, name: str = "it") -> tuple[Profile, list[str]]:
    """Return one profile of a config and the codes of the problems."""
    sessions, wrong_sessions = sessions_of(SESSIONS, profiles)
    found, wrong = profiles_of(profiles, sessions)
    (profile,) = (one for one in found if one.name == name)
    return profile, [problem.code for problem in (*wrong_sessions, *wrong)]


def test_a_key_is_the_digest_of_the_name_or_of_the_exact_start_url() -> None:
    """Names of any language have one, and a slash makes another one."""
    assert cache_key("zoë") == sha1("zoë".encode(), usedforsecurity=False).hexdigest()
    assert cache_key(URL) != cache_key(URL + "/")


def test_sessions_come_first_then_each_legacy_start_url_once() -> None:
    """A legacy session has the name of the first profile with its start URL."""
    profiles: Sections = {"old": LEGACY, "work": WORK, "older": LEGACY}
    assert sessions_of(SESSIONS, profiles) == ((ACME, OLD), ())


@pytest.mark.parametrize("missing", ["sso_start_url", "sso_region"])
def test_an_incomplete_session_is_a_problem(missing: str) -> None:
    """It is no session; what lacks is named. A nested block is no value."""
    section = {**SESSIONS["acme"], missing: {"nested": "block"}}
    found, problems = sessions_of({"acme": section, "acme2": SESSIONS["acme"]}, {})
    assert ([session.name for session in found], [p.code for p in problems]) == (["acme2"], ["session_incomplete"])
    assert missing in problems[0].sentence


def test_a_start_url_without_a_region_is_no_legacy_session() -> None:
    """The region is needed to reach it."""
    half = {"sso_start_url": OLD_URL}
    assert sessions_of({}, {"it": half}) == ((), ())
    assert only({"it": half}) == (Profile("it", Credential.OTHER), [])


def test_a_profile_of_a_session() -> None:
    """Account, role and region are its own."""
    assert only({"work": WORK}, "work") == (WORK_PROFILE, [])


def test_a_legacy_profile() -> None:
    """Its session is that of its start URL."""
    assert only({"it": LEGACY}) == (Profile("it", Credential.SSO, OLD.key, "111122223333", "Developer"), [])


def test_a_profile_with_a_session_but_no_account_or_role_is_kept() -> None:
    """It is one to sign in with."""
    assert only({"it": {"sso_session": "acme"}}) == (Profile("it", Credential.SSO, ACME.key), [])


def test_a_role_is_followed_to_the_session() -> None:
    """Account and role are those of the chain's first profile, the role assumed at the end is named."""
    profiles: Sections = {
        "it": {"role_arn": ARN, "source_profile": "step"},
        "step": {"role_arn": "arn:aws:iam::1:role/Step", "source_profile": "work", "region": "eu-north-1"},
        "work": WORK,
    }
    assert only(profiles) == (
        Profile("it", Credential.SSO, ACME.key, "111122223333", "Developer", "us-west-2", ARN),
        [],
    )


def test_a_role_wins_over_the_session_beside_it() -> None:
    """Botocore assumes the role first, whatever else stands in the profile."""
    beside = {**WORK, "role_arn": ARN, "source_profile": "keys"}
    assert only({"it": beside, "keys": KEYS}) == (Profile("it", Credential.KEYS, region="us-west-2"), [])


def test_keys_beside_a_role_end_the_chain() -> None:
    """A source with keys is not followed any further."""
    profiles: Sections = {
        "it": {"role_arn": ARN, "source_profile": "step"},
        "step": {**KEYS, "role_arn": ARN, "source_profile": "work"},
        "work": WORK,
    }
    assert only(profiles) == (Profile("it", Credential.KEYS), [])


@pytest.mark.parametrize(
    ("profiles", "codes"),
    [
        ({"it": {"role_arn": ARN, "source_profile": "it"}}, ["profile_loop"]),
        (
            {"it": {"role_arn": ARN, "source_profile": "b"}, "b": {"role_arn": ARN, "source_profile": "it"}},
            ["profile_loop", "profile_loop"],
        ),
        (
            {"it": {"role_arn": ARN, "source_profile": "b"}, "b": {"role_arn": ARN, "source_profile": "b"}},
            ["profile_loop", "profile_loop"],
        ),
        ({"it": {"role_arn": ARN, "source_profile": "gone"}}, ["profile_source_missing"]),
        ({"it": {"role_arn": ARN}}, []),
        ({"it": {"role_arn": ARN, "credential_source": "Ec2InstanceMetadata"}}, []),
        ({"it": {"role_arn": ARN, "credential_source": "Environment", "source_profile": "w"}, "w": WORK}, []),
    ],
)
def test_a_chain_that_leads_nowhere_has_no_session(profiles: Sections, codes: list[str]) -> None:
    """Circles and missing ends are said; what comes from the machine is nothing to renew."""
    assert only(profiles) == (Profile("it", Credential.OTHER), codes)


def test_a_role_may_name_itself_where_its_keys_stand_beside_it() -> None:
    """Botocore allows that one circle."""
    assert only({"it": {**KEYS, "role_arn": ARN, "source_profile": "it"}}) == (Profile("it", Credential.KEYS), [])


@pytest.mark.parametrize(
    ("section", "credential"),
    [
        (KEYS, Credential.KEYS),
        ({"role_arn": ARN, "web_identity_token_file": "/token"}, Credential.WEB_IDENTITY),
        ({"role_arn": ARN, "web_identity_token_file": "/token", "source_profile": "it"}, Credential.WEB_IDENTITY),
        ({"login_session": "arn:aws:iam::1:user/me"}, Credential.CONSOLE_LOGIN),
        ({"credential_process": "vault-of-keys"}, Credential.PROCESS),
        ({"region": "eu-west-1"}, Credential.OTHER),
        ({**KEYS, "credential_process": "vault-of-keys"}, Credential.KEYS),
        ({**KEYS, "sso_session": "acme"}, Credential.KEYS),
        ({**KEYS, **WORK}, Credential.SSO),
        ({**KEYS, **LEGACY}, Credential.SSO),
    ],
)
def test_where_credentials_come_from(section: dict[str, str], credential: Credential) -> None:
    """In botocore's order of providers; only those of a session are renewed."""
    profile, codes = only({"it": section})
    assert (profile.credential, bool(profile.session), codes) == (credential, credential is Credential.SSO, [])


def test_a_session_that_is_not_there_is_a_problem() -> None:
    """The profile has nothing to renew, and both names are said."""
    sessions, _ = sessions_of(SESSIONS, {})
    found, (problem,) = profiles_of({"it": {"sso_session": "acne"}}, sessions)
    assert found == (Profile("it", Credential.OTHER),)
    assert (problem.code, problem.where) == ("session_missing", "it")
    assert all(name in problem.sentence for name in ("'it'", "'acne'"))


@pytest.mark.parametrize(
    ("left", "codes"),
    [
        ({"sso_start_url": OLD_URL}, ["profile_contradicts_session"]),
        ({"sso_region": "us-east-1"}, ["profile_contradicts_session"]),
        ({"sso_start_url": URL, "sso_region": "eu-west-1"}, []),
    ],
)
def test_unequal_leftovers_are_a_problem(left: dict[str, str], codes: list[str]) -> None:
    """AWS tools refuse the profile until they are removed; equal ones are no matter."""
    profile, found = only({"it": {**WORK, **left}})
    assert (profile.session, found) == (ACME.key, codes)


NAMES = st.sampled_from(["a", "b", "c", "it's", "two words", "-x", "line\nbreak", '"', ""])
VALUES = NAMES | st.sampled_from([URL, OLD_URL, "eu-west-1"]) | st.dictionaries(st.just("nested"), st.just("x"))
SECTION = st.dictionaries(
    st.sampled_from(
        (
            *("sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name", "role_arn", "region"),
            *("source_profile", "credential_source", "web_identity_token_file", "aws_access_key_id"),
        )
    ),
    VALUES,
)


@given(st.dictionaries(NAMES, SECTION), st.dictionaries(NAMES, SECTION))
def test_any_config_whatever_has_a_meaning(sso_sessions: Sections, profiles: Sections) -> None:
    """Each profile comes once, each session once, and a profile's session is one of them."""
    sessions, _ = sessions_of(sso_sessions, profiles)
    found, _ = profiles_of(profiles, sessions)
    keys = [session.key for session in sessions]
    assert [profile.name for profile in found] == list(profiles)
    assert len(keys) == len(set(keys))
    assert {profile.session for profile in found if profile.credential is Credential.SSO} <= set(keys)
    assert all(bool(profile.session) is (profile.credential is Credential.SSO) for profile in found)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("work", "[profile work]"),
        ("my work", '[profile "my work"]'),
        ("it's", '[profile "it\'s"]'),
        ('my "work"', "[profile 'my \"work\"']"),
        ('my "work" it\'s', None),
        ("", '[profile ""]'),
    ],
)
def test_a_section_is_named_so_that_aws_tools_read_it(name: str, text: str | None) -> None:
    """Its quotes are closed, whatever the name holds: split as a shell does, the head is two words."""
    assert shlex.split(head("profile", name)[1:-1]) == ["profile", name]
    assert text in {None, head("profile", name)}
