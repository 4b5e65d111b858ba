"""Which sessions are in use."""

from keeplit.core.in_use import in_use
from keeplit.core.model import Credential, Kind, Profile, Session

ACME = Session("a" * 40, "acme", Kind.SSO_SESSION, "https://d-1.awsapps.com/start", "us-east-1")
BETA = Session("b" * 40, "beta", Kind.SSO_SESSION, "https://d-2.awsapps.com/start", "us-east-1")
WORK = Profile("work", Credential.SSO, ACME.key, "111122223333", "Developer")
PLAY = Profile("play", Credential.SSO, ACME.key, "444455556666", "Developer")
SIDE = Profile("side", Credential.SSO, BETA.key, "111122223333", "Developer")
KEYS = Profile("keys", Credential.KEYS)
ALL = (WORK, PLAY, SIDE, KEYS)


def test_a_wanted_profile_puts_its_session_in_use_with_that_profile_alone() -> None:
    """Only the profiles that someone uses are named; their siblings are not."""
    assert in_use((ACME, BETA), ALL, ("work",), ()) == ((ACME, (WORK,)),)


def test_a_kept_session_is_in_use_without_profiles() -> None:
    """A session kept by its name, or by a profile's name, needs no profile in use."""
    assert in_use((ACME, BETA), ALL, (), ("beta",)) == ((BETA, ()),)
    assert in_use((ACME, BETA), ALL, (), ("side",)) == ((BETA, ()),)


def test_wanted_and_kept_join() -> None:
    """The sessions come in the config's order, each once."""
    assert in_use((ACME, BETA), ALL, ("side", "play", "work"), ("acme",)) == ((ACME, (WORK, PLAY)), (BETA, (SIDE,)))


def test_a_profile_without_a_session_puts_nothing_in_use() -> None:
    """Keys, and names that do not exist, have nothing to renew."""
    assert in_use((ACME,), ALL, ("keys", "nobody", "side"), ("nobody",)) == ()
