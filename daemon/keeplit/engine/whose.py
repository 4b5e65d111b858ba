"""The profile and the session that a command means: what was said, else the environment, else what the files say.

Law: the AWS CLI's order (``--profile``, AWS_PROFILE, AWS_DEFAULT_PROFILE), then ``config.toml``, then Claude Code's own
settings, then ``default``. Where the profile is isolated, what Claude Code runs takes ``config.toml`` before the
environment: AWS_PROFILE is then for the commands that Claude starts. Keys in the environment do not count: whoever asks
keeplit asks for a profile, and the shell that holds the last answer must get the next one. Where nothing can be meant,
an `Unclear` says why and what to do.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from keeplit.adapters import aws_config, claude_settings, clock, config, files, notebook
from keeplit.adapters.aws_config import AwsConfig
from keeplit.adapters.paths import Paths
from keeplit.core.catalogue_files import SPOILED
from keeplit.core.exit_codes import FAILED, NOT_SET_UP
from keeplit.core.model import Credential, Kind, Profile, Session

VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
DEFAULT = "default"
SEE = "See which profiles there are: keeplit profiles"
NOTHING_TO_RENEW = {
    Credential.KEYS: "uses access keys, which nothing renews",
    Credential.WEB_IDENTITY: "uses a web identity token, which whoever gives it renews",
    Credential.CONSOLE_LOGIN: "uses `aws login`, which the AWS CLI renews",
    Credential.PROCESS: "uses a credential_process, which renews by itself",
    Credential.API_KEY: "uses a Bedrock API key, which nothing renews",
    Credential.OTHER: "has no sign-in of its own",
}


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why no profile or session is meant: a code, a sentence with the next step, and the command's exit code."""

    code: str
    sentence: str
    exit_code: int = FAILED


@dataclass(frozen=True, slots=True)
class Meant:
    """A profile with a role, its session, the environment that AWS's settings come from, and the files that said so."""

    profile: Profile
    session: Session
    environ: Mapping[str, str] = field(compare=False)
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """All that says which profile is meant, read once."""

    aws: AwsConfig
    environ: Mapping[str, str]
    files: tuple[Path, ...]
    name: str
    said_by: str  # in words: where the name comes from; empty where nobody named one


def read(paths: Paths, environ: Mapping[str, str], profile: str | None, *, for_claude: bool = False) -> Sources:
    """Read the configuration and say which profile is named, and by what; `for_claude` where Claude Code may ask."""
    ours = config.read(paths.config_file, None)
    merged = {**ours.environment, **environ}
    by_environment = [(environ.get(variable, ""), variable) for variable in VARIABLES]
    by_config = [(ours.claude_profile, "config.toml")]
    isolated = for_claude and ours.claude.isolate
    named = [
        (profile or "", "--profile"),
        *(by_config + by_environment if isolated else by_environment + by_config),
        (claude_settings.profile(merged, ours.settings), "Claude Code's settings"),
    ]
    name, said_by = next(((name, by) for name, by in named if name), (DEFAULT, ""))
    read_from = (paths.config_file, *aws_config.files(merged), claude_settings.path(merged, ours.settings))
    return Sources(aws_config.read(merged, None), merged, read_from, name, said_by)


def meant(paths: Paths, environ: Mapping[str, str], profile: str | None) -> Meant | Unclear:
    """Return the profile whose role a command means, with its session; it has an account and a role."""
    sources = read(paths, environ, profile, for_claude=True)
    found = chosen(sources)
    if isinstance(found, Unclear):
        return found
    mine, session = found
    if not mine.account or not mine.role:
        what = "sso_account_id" if not mine.account else "sso_role_name"
        return Unclear(
            "no_role", f"profile {mine.name!r} names no {what}. Add it to {sources.files[1]}, or: keeplit setup"
        )
    return Meant(mine, session, sources.environ, sources.files)


def session(paths: Paths, environ: Mapping[str, str], *, profile: str | None, session: str | None) -> Session | Unclear:
    """Return the session that a command means: one by its name (a legacy one by its profile's), else the profile's."""
    sources = read(paths, environ, profile)
    if not session:
        found = chosen(sources)
        return found if isinstance(found, Unclear) else found[1]
    by_key = {one.key: one for one in sources.aws.sessions}
    named = next((one for one in by_key.values() if one.name == session), None)
    if named is not None:
        return named
    legacy = next((by_key[p.session] for p in sources.aws.profiles if p.name == session and p.session in by_key), None)
    if legacy is not None and legacy.kind is Kind.LEGACY:
        return legacy
    known = [one.name for one in by_key.values()]
    return Unclear("unknown_session", f"there is no session {session!r}{nearest(session, known)} {SEE}")


def sessions(paths: Paths, environ: Mapping[str, str]) -> tuple[Session, ...]:
    """Return every session of the AWS config."""
    return read(paths, environ, None).aws.sessions


def chosen(sources: Sources) -> tuple[Profile, Session] | Unclear:
    """Return the named profile with its session, or why there is none. Pure."""
    aws, name, by = sources.aws, sources.name, sources.said_by
    broken = next((p for p in aws.problems if p.code in SPOILED), None)
    if broken is not None and not aws.profiles:
        return Unclear(broken.code, f"{broken.sentence} Do: {broken.fix}")
    by_key = {one.key: one for one in aws.sessions}
    set_up = any(profile.session in by_key for profile in aws.profiles)
    mine = next((profile for profile in aws.profiles if profile.name == name), None)
    if mine is None and not set_up:
        return Unclear("no_sso_profile", "the AWS config has no SSO profile. Make one: keeplit setup", NOT_SET_UP)
    if mine is None and not by:
        sentence = "no profile is named, and there is no [default]. Name one: --profile P, or AWS_PROFILE"
        return Unclear("no_profile", f"{sentence}. {SEE}", NOT_SET_UP)
    if mine is None:
        near = nearest(name, [profile.name for profile in aws.profiles])
        return Unclear("unknown_profile", f"there is no profile {name!r} (named by {by}){near} {SEE}")
    if mine.session in by_key:
        return mine, by_key[mine.session]
    wrong = next((p for p in aws.problems if p.where == name), None)
    if wrong is not None:
        return Unclear(wrong.code, f"{wrong.sentence} Do: {wrong.fix}")
    why = f"profile {name!r} {NOTHING_TO_RENEW.get(mine.credential, 'has no sign-in of its own')}"
    sentence = f"{why}: keeplit has nothing to do for it. {SEE}"
    return Unclear("nothing_to_renew", sentence, FAILED if set_up else NOT_SET_UP)


def note_use(paths: Paths, meant: Meant) -> None:
    """Note that the profile was asked for: its session is in use for the next 24 h."""
    _note(paths, meant.profile.name)


def _note(paths: Paths, profile: str) -> None:
    """Touch the profile's note; another that does so at the same moment, or a full disk, stops nothing."""
    try:
        files.private_folder(paths.state)
        notebook.touch_asked(paths.asked, profile, clock.now())
    except (files.FileTrouble, OSError):
        return


def note_session(paths: Paths, environ: Mapping[str, str], session: Session, profile: str | None) -> bool:
    """Note that a session is wanted: by the profile that was meant where it is one of it, else by its first one.

    False where it has none, and config.toml does not name it either: nothing keeps it then.
    """
    sources = read(paths, environ, profile)
    names = [one.name for one in sources.aws.profiles if one.session == session.key]
    chosen = sources.name if sources.name in names else next(iter(names), "")
    if chosen:
        _note(paths, chosen)
    return bool(chosen) or session.name in config.read(paths.config_file, None).keep


def nearest(name: str, known: list[str]) -> str:
    """Return the known names that are most like `name`, as the end of a sentence; a full stop where none is."""
    import difflib

    same = [one for one in known if one.casefold() == name.casefold()]  # to difflib, WORK is nothing like work
    near = same[:3] or difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(repr(one) for one in near)}?" if near else "."


def quoted(name: str) -> str:
    """Return a name as a person types it in a shell, whatever it holds."""
    return shlex.quote(name)


def login_command(profile: str) -> str:
    """Return the command that signs a profile in; with ``=``, since a name may begin with a dash."""
    return f"keeplit login --profile={quoted(profile)}"


def forbidden(profile: Profile) -> str:
    """Return what to say where the portal answers 403: it knows the person, and gives them no such role."""
    return (
        f"AWS does not give you the role {profile.role!r} in account {profile.account!r} (403): it, or your assignment "
        "to it, is missing. Signing in again will not help; ask your administrator, or see: keeplit profiles"
    )
