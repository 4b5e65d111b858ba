"""What the doctor says of the AWS CLI and the AWS config."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keeplit.core.aws_cli import Cli, Found
from keeplit.core.check import State
from keeplit.core.doctor_config import CHECKS, Config
from keeplit.core.model import Credential, Problem, Profile

OK, WARN, FAIL, SKIPPED = State.OK, State.WARN, State.FAIL, State.SKIPPED
WORK = Profile("work", Credential.SSO, "key", "111122223333", "ClaudeCode")
CLI = Found(Cli("/usr/bin/aws", (2, 30, 0)))
WELL = Config(CLI, "~/.aws/config", profiles=(WORK,), in_use=frozenset({"work"}), name="work", said_by="config.toml")
BROKEN = Problem("aws_config_broken", "config, line 4: it stands twice.", "correct it", "~/.aws/config")
INCOMPLETE = Problem("session_incomplete", "[sso-session acme] has no sso_region.", "add it", "acme")


def test_a_good_config_is_well() -> None:
    """Every check ends well, and the profile is named with who names it."""
    assert {judge(WELL).state for judge in CHECKS} == {OK}
    assert CHECKS[-1](WELL).sentence == "The profile is 'work', named by config.toml."
    assert CHECKS[-1](replace(WELL, said_by="")).sentence == "The profile is 'work'."


@pytest.mark.parametrize(
    ("changes", "code", "state", "said"),
    [
        ({"cli": Found()}, "aws_cli", WARN, "No AWS CLI"),
        ({"cli": Found(None, "/usr/bin/aws")}, "aws_cli", WARN, "v1"),
        ({"cli": Found(Cli("aws", (2, 8, 0)))}, "aws_cli", WARN, "2.8.0 is older than 2.9"),
        ({"cli": Found(), "problems": (BROKEN,)}, "aws_cli", SKIPPED, "'aws_config'"),
        ({"cli": Found(), "problems": (INCOMPLETE,)}, "aws_cli", WARN, "No AWS CLI"),
        ({"there": False, "profiles": ()}, "aws_config", SKIPPED, "There is no ~/.aws/config."),
        ({"there": False, "profiles": ()}, "config_sections", SKIPPED, "There is no ~/.aws/config."),
        ({"profiles": ()}, "profile_names", SKIPPED, "has no profile"),
        ({"problems": (BROKEN,)}, "aws_config", FAIL, "line 4"),
        ({"problems": (BROKEN,)}, "config_sections", OK, "No section"),
        ({"problems": (BROKEN,), "profiles": ()}, "profile", SKIPPED, "cannot be read"),
        ({"problems": (INCOMPLETE,)}, "config_sections", WARN, "no sso_region"),
        ({"problems": (INCOMPLETE,), "in_use": frozenset({"acme"})}, "config_sections", FAIL, "no sso_region"),
        ({"profiles": (replace(WORK, name="my work"),)}, "profile_names", WARN, "'my work'"),
        ({"profiles": (replace(WORK, name="büro"),), "name": "büro"}, "profile_names", FAIL, "'büro'"),
        ({"unclear": Problem("unknown_profile", "there is none.", "x")}, "profile", FAIL, "There is none."),
        ({"unclear": Problem("unknown_profile", "there is none", "x")}, "profile", FAIL, "There is none."),
        ({"unclear": Problem("unknown_profile", "is it 'a'?", "x")}, "profile", FAIL, "Is it 'a'?"),
        ({"unclear": Problem("nothing_to_renew", "it uses keys", "x")}, "profile", WARN, "It uses keys."),
        ({"unclear": Problem("no_profile", "none", "x"), "on_bedrock": False}, "profile", SKIPPED, "Nothing names"),
        ({"unclear": Problem("no_profile", "none", "x")}, "profile", FAIL, "None."),
        ({"unclear": INCOMPLETE, "problems": (INCOMPLETE,)}, "profile", SKIPPED, "config_sections"),
    ],
)
def test_each_thing_is_named(changes: dict[str, object], code: str, state: State, said: str) -> None:
    """By its own check; what one names, no other names again."""
    found = next(one for one in (judge(replace(WELL, **changes)) for judge in CHECKS) if one.code == code)  # type: ignore[arg-type]  # fields by name

    assert (found.state, said in found.sentence, bool(found.fix)) == (state, True, state in {WARN, FAIL})
