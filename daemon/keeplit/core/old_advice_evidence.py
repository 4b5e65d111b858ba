"""What the checks of old advice look at: files and variables as they were read, and where each was found. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from keeplit.core.aws_profiles import Sections

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TokenSeen:
    """A sign-in as its token file shows it: `session` is the name of the sso-session, or of the legacy profile."""

    session: str
    refreshable: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file that a shell reads at its start, or of another text of the person's, and where it stands."""

    path: str
    number: int
    text: str = field(repr=False)

    @property
    def place(self) -> str:
        """Return where the line stands, as a sentence says it."""
        return f"{self.path}, line {self.number}"


@dataclass(frozen=True, slots=True)
class Said:
    """A variable's value and the place that says it, in words; the value may be secret."""

    place: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is to look at. What could not be read is empty, and None where it makes a difference that it is not.

    `profiles` and `sso_sessions` are the sections of the AWS config by their bare names (``default`` among them, the
    credentials file's keys merged in), `profile` the one that Claude Code uses, `environ` the person's environment.
    """

    settings: Document = field(default_factory=dict, repr=False)  # ~/.claude/settings.json, parsed
    settings_path: str = "~/.claude/settings.json"
    profiles: Sections = field(default_factory=dict, repr=False)
    sso_sessions: Sections = field(default_factory=dict, repr=False)
    config_path: str = "~/.aws/config"
    config_comments: Sequence[Line] = ()  # lines of the AWS config that begin with # or ;
    profile: str = ""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    shell_lines: Sequence[Line] = ()  # of ~/.bashrc, ~/.zshrc, ~/.profile and the like
    foreign: Sequence[str] = ()  # existing folders and files that Claude Code does not read
    vscode: Document | None = field(default=None, repr=False)  # VS Code's settings.json, parsed
    vscode_path: str = "VS Code's settings.json"
    tokens: Sequence[TokenSeen] = ()
    policies: Sequence[str] = field(default=(), repr=False)  # IAM policy documents, as JSON texts

    @property
    def values(self) -> Mapping[str, str]:
        """Return the texts of the settings by key: those of `env` as ``env.NAME``, and what stands at the top."""
        env = self.settings.get("env")
        inner = env if isinstance(env, Mapping) else {}
        top = {key: value for key, value in self.settings.items() if isinstance(value, str)}
        return {**top, **{f"env.{key}": value for key, value in inner.items() if isinstance(value, str)}}

    def said(self, name: str) -> tuple[Said, ...]:
        """Return what is said of a variable: by the settings, then by each line of a shell, else by the environment."""
        env = self.settings.get("env")
        inner = env.get(name) if isinstance(env, Mapping) else None
        found = [Said(self.settings_path, str(inner))] if isinstance(inner, str | int) and str(inner) else []
        sets = re.compile(rf"""(?:^|[\s;:]){name}\s*(?:=|\s)\s*["']?([^"'\s;]+)""")
        lines = [Said(line.place, match[1]) for line in self.shell_lines if (match := sets.search(line.text))]
        told = self.environ.get(name, "")
        around = [Said("your environment", told)] if told and not found and not lines else []
        return (*found, *lines, *around)

    @property
    def own_profiles(self) -> Sections:
        """Return the profile that is used with the one it leads to; none where it is gone, all where none is named."""
        if not self.profile:
            return self.profiles
        if self.profile not in self.profiles:
            return {}
        section = self.profiles[self.profile]
        source = section.get("source_profile")
        names = [self.profile, *([source] if isinstance(source, str) and source in self.profiles else [])]
        return {name: self.profiles[name] for name in names}
