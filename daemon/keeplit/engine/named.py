"""The names in config.toml that the AWS config does not have: a typing error there would keep nothing, and in silence.

Law: they are judged only by AWS files that were read without a fault and hold a session: else it is those that are
wrong, or nothing is set up yet. What Claude Code's own settings name is for `doctor` to judge.
"""

from pathlib import Path

from keeplit.adapters import config
from keeplit.adapters.aws_config import AwsConfig
from keeplit.adapters.config import Config
from keeplit.core.in_use import DROPPED
from keeplit.core.model import Problem

CODE = "config_names_nothing"
MOST = 10
FIX = "correct the name, or take it out; see which there are: keeplit profiles"


class Names:
    """Judges the names again only where one of the files has changed."""

    def __init__(self, path: Path) -> None:
        """Judge nothing yet; `path` is that of config.toml."""
        self.path = path
        self._seen: tuple[Config, AwsConfig] | None = None
        self._found: tuple[Problem, ...] = ()

    def unknown(self, ours: Config, aws: AwsConfig) -> tuple[Problem, ...]:
        """Return a problem for each name that nothing has."""
        if self._seen is None or self._seen[0] is not ours or self._seen[1] is not aws:
            self._seen, self._found = (ours, aws), unknown(self.path, ours, aws)
        return self._found


def unknown(path: Path, ours: Config, aws: AwsConfig) -> tuple[Problem, ...]:
    """Return a problem for each name that no profile has, nor a session where it may be one; ten are enough."""
    if not ours.named or not aws.sessions:
        return ()
    profiles = {profile.name for profile in aws.profiles}
    kept = profiles | {session.name for session in aws.sessions}
    strange = [(key, name) for key, name in ours.named if name not in (kept if key == config.KEEP else profiles)]
    if not strange:
        return ()
    from keeplit.core.catalogue_files import SPOILED  # late: mostly every name is known
    from keeplit.engine.whose import nearest

    if any(problem.code in SPOILED for problem in aws.problems):
        return ()
    found = []
    for key, name in [one for one in strange if not _is_told(one[1], aws)][:MOST]:
        at, where = config.place_of(path, ours.spelled, key)
        known, what = (kept, "session or profile") if key == config.KEEP else (profiles, "profile")
        near = nearest(name, sorted(known))
        found.append(Problem(CODE, f"{at} names {name!r}, and there is no such {what}{near}", FIX, where))
    return tuple(found)


def _is_told(name: str, aws: AwsConfig) -> bool:
    """Whether the AWS config's own problem is about that name: its section is there, and no AWS tool sees it."""
    return any(one.where == name or (one.code == DROPPED and name in one.where) for one in aws.problems)
