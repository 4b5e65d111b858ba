"""Which sessions are in use, and by which profiles. Pure.

In use = the profile of Claude Code's settings, those that ``config.toml`` names, any that was asked for in the last
24 h, and the sessions kept by name (section 3 of the design).
"""

from collections.abc import Iterable
from datetime import timedelta

from keeplit.core.model import Problem, Profile, Session

ASKED_FOR = timedelta(hours=24)
DROPPED = "section_dropped"
# Problems of one profile or session: who does not use it need not hear of them all day; `keeplit profiles` says all.
ABOUT_ONE = frozenset(
    {
        DROPPED,
        "profile_contradicts_session",
        "profile_loop",
        "profile_source_missing",
        "session_incomplete",
        "session_missing",
    }
)


def in_use(
    sessions: Iterable[Session], profiles: Iterable[Profile], wanted: Iterable[str], keep: Iterable[str]
) -> tuple[tuple[Session, tuple[Profile, ...]], ...]:
    """Return each session in use with its profiles in use: `wanted` profiles, `keep` sessions or legacy profiles."""
    by_key = {session.key: session for session in sessions}
    wanted_names = frozenset(wanted)
    kept_names = frozenset(keep)
    using: dict[str, list[Profile]] = {}
    for profile in profiles:
        if profile.session not in by_key:
            continue
        if profile.name in wanted_names:
            using.setdefault(profile.session, []).append(profile)
        elif profile.name in kept_names:
            using.setdefault(profile.session, [])
    for session in by_key.values():
        if session.name in kept_names:
            using.setdefault(session.key, [])
    return tuple((session, tuple(using[key])) for key, session in by_key.items() if key in using)


def concerns(problem: Problem, names: frozenset[str]) -> bool:
    """Whether a problem of the AWS config touches what is in use: `names` are the profiles and sessions that are.

    A dropped section is known by its header alone, so a name that stands in it is enough.
    """
    if problem.code not in ABOUT_ONE:
        return True
    return problem.where in names or (problem.code == DROPPED and any(name in problem.where for name in names if name))
