from __future__ import annotations

import os
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keeplit.adapters import paths as places
from keeplit.core.model import Kind
from keeplit.engine import whose
from keeplit.engine.whose import Meant, Unclear

CONFIG = """\
[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = us-east-1

[profile work]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = ClaudeCode

[profile play]
sso_session = acme
sso_account_id = 444455556666
sso_role_name = ClaudeCode

[profile bare]
sso_session = acme

[profile half]
sso_session = acme
sso_account_id = 111122223333

[profile keys]
aws_access_key_id = AKIA
aws_secret_access_key = x

[profile tool]
credential_process = /bin/true

[profile lost]
sso_session = gone
sso_account_id = 111122223333
sso_role_name = ClaudeCode

[profile old]
sso_start_url = https://old.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = ReadOnly
"""


@pytest.fixture
def environ(own_home: Path) -> dict[str, str]:
    """Give the environment of a home with an AWS config."""
    configure(own_home, CONFIG)
    return dict(os.environ)


def configure(home: Path, text: str) -> None:
    """Write the AWS config."""
    (home / ".aws").mkdir(exist_ok=True)
    (home / ".aws" / "config").write_text(text)


def say(environ: dict[str, str], text: str) -> None:
    """Write config.toml."""
    file = places.find(environ).config_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def settings(environ: dict[str, str], text: str) -> None:
    """Write Claude Code's settings."""
    file = Path(environ["HOME"], ".claude", "settings.json")
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def name(environ: dict[str, str], profile: str | None = None) -> str:
    """Return the name of the profile that is meant, or why none is."""
    found = whose.meant(places.find(environ), environ, profile)
    return found.profile.name if isinstance(found, Meant) else found.code


def test_the_nearest_word_counts(environ: dict[str, str], own_home: Path) -> None:
    """`--profile`, AWS_PROFILE, AWS_DEFAULT_PROFILE, config.toml, Claude Code's settings, default: in this order."""
    configure(own_home, CONFIG.replace("[profile old]", "[default]"))
    assert name(environ) == "default"
    settings(environ, '{"env": {"AWS_PROFILE": "play"}}')
    assert name(environ) == "play"
    say(environ, '[claude]\nprofile = "work"\n')
    assert name(environ) == "work"
    environ["AWS_DEFAULT_PROFILE"] = "play"
    assert name(environ) == "play"
    environ["AWS_PROFILE"] = "default"
    assert name(environ) == "default"
    assert name(environ, "work") == "work"
    environ["AWS_PROFILE"] = ""
    assert name(environ, "") == "play"


def test_keys_in_the_environment_do_not_count(environ: dict[str, str]) -> None:
    """A shell that holds the last answer of `credentials --format env` gets the next one."""
    environ |= {"AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "y"}
    assert name(environ, "work") == "work"


@pytest.mark.parametrize(
    ("profile", "code", "exit_code", "says"),
    [
        ("wrok", "unknown_profile", 1, "did you mean 'work'? See which profiles"),
        ("zzz", "unknown_profile", 1, "keeplit profiles"),
        ("bare", "no_role", 1, "sso_account_id"),
        ("half", "no_role", 1, "sso_role_name"),
        ("keys", "nothing_to_renew", 1, "access keys"),
        ("tool", "nothing_to_renew", 1, "credential_process"),
        (None, "no_profile", 4, "--profile P"),
    ],
)
def test_what_cannot_be_meant_is_explained(
    environ: dict[str, str], profile: str | None, code: str, exit_code: int, says: str
) -> None:
    """Each way of meaning nothing has its code, its exit code, and a sentence with the next step."""
    found = whose.meant(places.find(environ), environ, profile)
    assert isinstance(found, Unclear)
    assert (found.code, found.exit_code) == (code, exit_code)
    assert says in found.sentence


def test_a_session_that_is_gone_is_said_so(environ: dict[str, str]) -> None:
    """A profile whose sso_session names no section has no sign-in."""
    found = whose.meant(places.find(environ), environ, "lost")
    assert isinstance(found, Unclear)
    assert found.exit_code == 1


@pytest.mark.parametrize("config", ["", "[profile keys]\naws_access_key_id = AKIA\naws_secret_access_key = x\n"])
@pytest.mark.parametrize("profile", [None, "keys", "work"])
def test_without_any_sso_profile_it_is_not_set_up(
    environ: dict[str, str], own_home: Path, config: str, profile: str | None
) -> None:
    """Where nothing could ever be renewed, the exit code is 4."""
    configure(own_home, config)
    found = whose.meant(places.find(environ), environ, profile)
    assert isinstance(found, Unclear)
    assert found.exit_code == 4


def test_a_broken_config_is_what_is_wrong(environ: dict[str, str], own_home: Path) -> None:
    """A file that cannot be parsed is named, rather than the profile that is missing because of it."""
    configure(own_home, "[profile work\nregion = x\n")
    found = whose.meant(places.find(environ), environ, "work")
    assert isinstance(found, Unclear)
    assert (found.code, found.exit_code) == ("aws_config_broken", 1)


def test_a_session_by_its_name_or_its_profile(environ: dict[str, str]) -> None:
    """`--session` takes an sso-session's name or a legacy profile's; without it the profile's session is meant."""
    paths = places.find(environ)

    def kind(profile: str | None, session: str | None) -> object:
        found = whose.session(paths, environ, profile=profile, session=session)
        return found.code if isinstance(found, Unclear) else (found.name, found.kind)

    assert kind(None, "acme") == ("acme", Kind.SSO_SESSION)
    assert kind("bare", None) == ("acme", Kind.SSO_SESSION)
    assert kind(None, "old") == ("old", Kind.LEGACY)
    assert kind(None, "work") == "unknown_session"
    assert kind(None, "acmee") == "unknown_session"
    assert kind(None, None) == "no_profile"
    assert {one.name for one in whose.sessions(paths, environ)} == {"acme", "old"}


def test_the_files_that_said_so_are_named(environ: dict[str, str]) -> None:
    """Whoever keeps an answer knows which files make it old: AWS's two, config.toml, Claude Code's settings."""
    environ |= {"AWS_CONFIG_FILE": str(Path(environ["HOME"], ".aws", "config"))}
    found = whose.meant(places.find(environ), environ, "work")
    assert isinstance(found, Meant)
    assert [path.name for path in found.files] == ["config.toml", "config", "credentials", "settings.json"]


def test_a_use_is_noted_by_whoever_comes_first(environ: dict[str, str]) -> None:
    """Windows that ask at the same moment leave one note, and none of them fails."""
    paths = places.find(environ)
    found = whose.meant(paths, environ, "work")
    assert isinstance(found, Meant)
    with ThreadPoolExecutor(10) as windows:
        list(windows.map(lambda _: whose.note_use(paths, found), range(50)))
    assert len(list(paths.asked.iterdir())) == 1


@pytest.mark.parametrize("odd", ["a b", "it's", "-x", "--profile", "$(id)", "a\nb", "work"])
def test_the_command_can_be_typed(odd: str) -> None:
    """Whatever a profile is called, the shell gives the command back its name."""
    assert shlex.split(whose.login_command(odd)) == ["keeplit", "login", f"--profile={odd}"]


def test_an_isolated_profile_comes_before_the_environment(environ: dict[str, str]) -> None:
    """AWS_PROFILE is then for the commands that Claude runs; `--profile` still wins, and a person's own sign-in too."""
    environ["AWS_PROFILE"] = "play"
    say(environ, '[claude]\nprofile = "work"\nisolate = true\n')
    settings(environ, '{"env": {"AWS_PROFILE": "play"}}')
    assert [name(environ), name(environ, "play")] == ["work", "play"]
    paths = places.find(environ)
    assert [whose.read(paths, environ, None).name, whose.read(paths, environ, None, for_claude=True).name] == [
        "play",
        "work",
    ]
    say(environ, "[claude]\nisolate = true\n")
    assert name(environ) == "play"
    say(environ, '[claude]\nprofile = "work"\n')
    assert name(environ) == "play"


def test_a_name_in_other_letters_is_near() -> None:
    """Capitals are the commonest slip; what is like nothing ends the sentence."""
    assert whose.nearest("WORK", ["play", "work"]) == "; did you mean 'work'?"
    assert whose.nearest("Wrok", ["play", "work"]) == "; did you mean 'work'?"
    assert whose.nearest("zzz", ["play", "work"]) == "."
