"""What `keeplit doctor` says of the AWS CLI and of the AWS config: whether tools can read it, whom it means. Pure."""

import re
from dataclasses import dataclass

from keeplit.core.aws_cli import SSO_SESSIONS_SINCE, Found
from keeplit.core.catalogue_files import SPOILED
from keeplit.core.check import Check
from keeplit.core.doctor_marks import fail, ok, skipped, together, warn
from keeplit.core.model import Problem, Profile

PLAIN = re.compile(r"[\x21-\x7e]+")
NEVER_RENEWED = "nothing_to_renew"
INSTALL = "install AWS CLI v2 (https://docs.aws.amazon.com/cli/), or sign in by a printed code: keeplit login"


@dataclass(frozen=True, slots=True)
class Config:
    """What was read of the AWS config, and the profile that Claude Code works with."""

    cli: Found
    path: str
    there: bool = True
    problems: tuple[Problem, ...] = ()
    in_use: frozenset[str] = frozenset()  # names of profiles and sessions that matter
    profiles: tuple[Profile, ...] = ()
    name: str = ""
    said_by: str = ""
    on_bedrock: bool = True
    unclear: Problem | None = None  # why no profile with a session is meant


def aws_cli(seen: Config) -> Check:
    """Judge the AWS CLI: its kind and its version."""
    cli = seen.cli.cli
    if cli is None and any(one.code in SPOILED for one in seen.problems):
        return skipped(
            "aws_cli", "An AWS CLI does not even say its version with this config: see the check 'aws_config'."
        )
    if cli is None:
        return warn("aws_cli", seen.cli.sentence, INSTALL)
    version = ".".join(map(str, cli.version))
    if cli.version < SSO_SESSIONS_SINCE:
        sentence = f"AWS CLI {version} is older than 2.9 and knows no sso-session."
        return warn("aws_cli", sentence, f"update it: {cli.path}")
    return ok("aws_cli", f"AWS CLI {version} ({cli.path}).")


def aws_config(seen: Config) -> Check:
    """Judge whether AWS's tools can read the config at all."""
    if not seen.there:
        return skipped("aws_config", f"There is no {seen.path}.")
    found = [fail("aws_config", one.sentence, one.fix) for one in seen.problems if one.code in SPOILED]
    return together("aws_config", f"{seen.path} can be read by every AWS tool.", found)


def config_sections(seen: Config) -> Check:
    """Judge what single sections say; one that is not in use is only told of."""
    found = [
        (fail if one.where in seen.in_use else warn)("config_sections", one.sentence, one.fix)
        for one in seen.problems
        if one.code not in SPOILED
    ]
    if not seen.there:
        return skipped("config_sections", f"There is no {seen.path}.")
    return together("config_sections", "No section of the AWS config is incomplete or dropped.", found)


def profile_names(seen: Config) -> Check:
    """Judge whether Claude Code, which is a JavaScript program, can see the profiles' names."""
    if not seen.profiles:
        return skipped("profile_names", "The AWS config has no profile.")
    odd = [one.name for one in seen.profiles if not PLAIN.fullmatch(one.name)]
    found = [
        (fail if name == seen.name else warn)(
            "profile_names",
            f"Claude Code cannot see the profile {name!r}: AWS's JavaScript library takes no spaces and only ASCII.",
            f"give it a plain name in {seen.path}",
        )
        for name in odd
    ]
    return together("profile_names", "Claude Code can see every profile by its name.", found)


def profile(seen: Config) -> Check:
    """Judge whether it is clear which profile is meant, and that it has a sign-in to renew."""
    if any(one.code in SPOILED for one in seen.problems) and not seen.profiles:
        return skipped("profile", "The AWS config cannot be read.")
    if seen.unclear is not None and seen.unclear.code == "no_profile" and not seen.on_bedrock:
        return skipped("profile", "Nothing names a profile, since Claude Code's settings do not.")
    if seen.unclear is not None and any(one.code == seen.unclear.code for one in seen.problems):
        return skipped("profile", "See the check 'config_sections'.")
    if seen.unclear is not None:
        mark = warn if seen.unclear.code == NEVER_RENEWED else fail
        return mark("profile", _sentence(seen.unclear.sentence), seen.unclear.fix)
    by = f", named by {seen.said_by}" if seen.said_by else ""
    return ok("profile", f"The profile is {seen.name!r}{by}.")


def _sentence(text: str) -> str:
    capital = text[:1].upper() + text[1:]
    return capital if capital.endswith((".", "?")) else f"{capital}."


CHECKS = (aws_cli, aws_config, config_sections, profile_names, profile)
