"""Which sessions are in use."""

from keeplit.core.in_use import concerns, in_use
from keeplit.core.model import Credential, Kind, Problem, Profile, Session

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


def problem(code: str, where: str) -> Problem:
    """Return a problem of the AWS config."""
    return Problem(code, "Something is wrong.", "mend it", where)


def test_a_problem_of_a_profile_nobody_uses_concerns_nobody() -> None:
    """One stale profile among a hundred must not mark the tray for good."""
    names = frozenset({"work", ""})
    assert concerns(problem("session_missing", "work"), names) is True
    assert concerns(problem("session_missing", "stale"), names) is False


def test_a_dropped_section_is_known_by_the_name_in_its_header() -> None:
    """AWS tools drop it, so no profile has its name."""
    dropped = problem("section_dropped", "profile my work")
    assert concerns(dropped, frozenset({"my work"})) is True
    assert concerns(dropped, frozenset({"client", ""})) is False


def test_a_problem_of_the_whole_file_concerns_everybody() -> None:
    """A file that no tool can read is nobody's own."""
    assert concerns(problem("aws_config_broken", "/home/sam/.aws/config"), frozenset()) is True
