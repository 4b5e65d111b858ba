"""A home that is well in every way the doctor looks at, and the many ways in which it can be broken."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import aws_config, bedrock, claude_code, login, notebook, paths, token_cache
from keeplit.adapters.paths import NoHome, Paths
from keeplit.core.check import Check, State
from keeplit.core.memory import Memory, SessionMemory
from keeplit.core.model import FOREVER
from keeplit.engine import doctor
from keeplit.sandbox.clients import LEGACY
from keeplit.sandbox.clockwork import wall
from keeplit.sandbox.faults import Fault
from tests.end_to_end.machine import stand_in
from tests.engine.lit_laptop import Laptop, laptop, write

SHELL = "#!/bin/sh\necho '{says}'\n"
CLAUDE, AWS = "2.1.240 (Claude Code)", "aws-cli/2.30.0 Python/3.11.6 Linux/6"
SETTINGS = {
    "env": {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "AWS_PROFILE": "work",
        "AWS_REGION": "us-east-1",
        "ANTHROPIC_DEFAULT_OPUS_MODEL": "us.anthropic.claude-opus-5",
    }
}


@dataclass
class Home:
    """One home: what is broken in it is changed in place."""

    laptop: Laptop
    folder: Path
    settings: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(SETTINGS)))
    place: Paths | NoHome | None = None

    @property
    def env(self) -> dict[str, str]:
        """Return the variables of Claude Code's settings."""
        found: dict[str, str] = self.settings["env"]
        return found

    @property
    def environ(self) -> dict[str, str]:
        """Return the person's environment."""
        return self.laptop.environ

    @property
    def config(self) -> Path:
        """Return the AWS config."""
        return self.laptop.home / ".aws" / "config"

    @property
    def settings_file(self) -> Path:
        """Return Claude Code's settings file."""
        return self.laptop.home / ".claude" / "settings.json"

    def program(self, name: str, says: str) -> None:
        """Install a program that says its version."""
        stand_in(self.folder, name, SHELL.format(says=says))

    def edit(self, before: str, after: str) -> None:
        """Change the AWS config."""
        text = self.config.read_text()
        assert before in text
        self.config.write_text(text.replace(before, after))

    def project(self, text: str) -> None:
        """Write the settings of the project that Claude Code is started in."""
        file = self.laptop.home / "project" / ".claude" / "settings.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def remember(self, memory: Memory) -> None:
        """Write keeplit's memory."""
        paths_ = self.laptop.paths
        paths_.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        notebook.write_memory(paths_.memory, memory)

    def state_file(self, name: str, text: str) -> None:
        """Write a file of keeplit's state."""
        file = self.laptop.paths.state / name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(text)
        file.chmod(0o600)

    def editor(self, text: str) -> None:
        """Write the settings of VS Code."""
        file = self.laptop.home / ".config" / "Code" / "User" / "settings.json"
        file.parent.mkdir(parents=True)
        file.write_text(text)

    @property
    def digest(self) -> str:
        """Return the digest of acme's token."""
        session = next(one for one in aws_config.read(self.environ, None).sessions if one.name == "acme")
        token = token_cache.look(self.laptop.paths.sso_cache, self.laptop.paths.own, session).token
        assert token is not None
        return token.digest

    def examined(self, *, network: bool) -> tuple[Check, ...]:
        """Write the settings that are still to be written, and let the doctor look."""
        if self.settings and not self.settings_file.exists():
            write(self.settings_file, self.settings)
        project = self.laptop.home / "project"
        project.mkdir(exist_ok=True)
        place = self.place if self.place is not None else paths.find(self.environ)
        return doctor.checks(place, self.environ, folder=project, network=network)


def not_well(found: tuple[Check, ...]) -> dict[str, State]:
    """Return the checks that a person has to read, by code."""
    return {one.code: one.state for one in found if one.state in {State.WARN, State.FAIL}}


def well(laptop: Laptop) -> Home:
    """Return a home with nothing wrong in it but that no daemon runs, and none starts."""
    home = Home(laptop, laptop.home / "programs")
    home.program("claude", CLAUDE)
    home.program("aws", AWS)
    laptop.environ["PATH"] = f"{home.folder}{os.pathsep}{laptop.environ['PATH']}"
    laptop.sign_in()
    return home


@contextmanager
def well_home(own_home: Path) -> Iterator[Home]:
    """Give a home in which all is well, on a machine without programs of its own."""
    with pytest.MonkeyPatch.context() as machine, laptop(own_home, base={"PATH": ""}) as mine:
        machine.setattr(login, "_USUAL_PLACES", ())
        machine.setattr(claude_code, "FOLDERS", ())
        yield well(mine)


Break = Callable[[Home], object]


@dataclass(frozen=True)
class Sick:
    """One fault: how it is made, and the checks that name it, with the state in which they end."""

    name: str
    make: Break
    named: Mapping[str, State]


def sick(name: str, make: Break, code: str, state: State = State.FAIL, **others: State) -> Sick:
    """Return a fault that one check names, seldom two."""
    return Sick(name, make, {code: state, **others})


WARN, FAIL = State.WARN, State.FAIL
DUPLICATE = "\n[profile work]\nregion = us-east-1\n"


def _legacy(home: Home) -> None:
    home.env["AWS_PROFILE"] = "old"
    name = sha1(LEGACY.encode(), usedforsecurity=False).hexdigest()
    token = {**home.laptop.token, "startUrl": LEGACY}
    for key in ("refreshToken", "clientId", "clientSecret", "registrationExpiresAt"):
        del token[key]
    write(home.laptop.token_file.with_name(f"{name}.json"), token)


def _token(home: Home, **changes: object) -> None:
    write(home.laptop.token_file, {k: v for k, v in {**home.laptop.token, **changes}.items() if v is not None})


def _no_scope(home: Home) -> None:
    home.edit("sso_registration_scopes = sso:account:access\n\n[sso-session beta]", "\n[sso-session beta]")
    _token(home, refreshToken=None)


def _empty_registration(home: Home) -> None:
    from keeplit.core import registration_file

    session = next(one for one in aws_config.read(home.environ, None).sessions if one.name == "acme")
    (home.laptop.token_file.parent / registration_file.name(session)).write_text("")


def _remembered(home: Home, **session: Any) -> None:
    found = home.digest
    known: dict[str, Any] = {name: value if value != "token" else found for name, value in session.items()}
    home.remember(Memory({home.laptop.token_file.stem: SessionMemory(token=found, **known)}))


def _odd_name(home: Home) -> None:
    home.edit("[profile work]", '[profile "my work"]')
    home.env.update(AWS_PROFILE="my work")


def _soon_over(home: Home) -> None:
    home.laptop.sign_in(timedelta(minutes=20))
    _remembered(home, capped="token")


def _shut_state(home: Home) -> None:
    home.laptop.paths.state.mkdir(parents=True)
    home.laptop.paths.state.chmod(0o777)


def _linked_own(home: Home) -> None:
    (home.laptop.home / "elsewhere").mkdir()
    home.laptop.paths.own.symlink_to(home.laptop.home / "elsewhere")


def _crashed(home: Home) -> None:
    at = wall().isoformat()
    runs = {"began_at": None, "last": None, "crashes": [{"at": at, "how": "signal ABRT"}]}
    home.state_file("runs.json", json.dumps(runs))


def _wsl(home: Home) -> None:
    home.environ["WSL_DISTRO_NAME"] = "Debian"
    home.environ.pop("BROWSER")


def _open_settings(home: Home) -> None:
    write(home.settings_file, home.settings)
    home.settings_file.chmod(0o666)


def _only_in_the_shell(home: Home) -> None:
    home.environ["CLAUDE_CODE_USE_BEDROCK"] = home.env.pop("CLAUDE_CODE_USE_BEDROCK")


def _row_hidden(home: Home) -> None:
    home.program("keeplit", "a row")
    home.settings["statusLine"] = {"type": "command", "command": f"{home.folder}/keeplit statusline"}
    home.project('{"statusLine": {"type": "command", "command": "git branch"}}')


def _row_off(home: Home) -> None:
    home.program("keeplit", "a row")
    home.settings["statusLine"] = {"type": "command", "command": f"{home.folder}/keeplit statusline"}
    home.settings["disableAllHooks"] = True


def _key_lost(home: Home) -> None:
    from keeplit.core.switching import Asked
    from keeplit.engine import use

    write(home.settings_file, home.settings)
    used = use.use(home.laptop.paths, home.environ, Asked(region="us-west-2"))
    assert isinstance(used, use.Used)
    document = json.loads(home.settings_file.read_text())
    del document["env"]["AWS_REGION"]
    home.settings_file.write_text(json.dumps(document))


def _broken(text: str) -> Break:
    def make(home: Home) -> None:
        home.settings_file.parent.mkdir()
        home.settings_file.write_text(text)

    return make


def _startup(home: Home) -> None:
    (home.laptop.home / ".bashrc").write_text("# mine\nexport ANTHROPIC_API_KEY=sk-ant-1\n")
    home.environ["ANTHROPIC_API_KEY"] = "sk-ant-1"


OPUS = "ANTHROPIC_DEFAULT_OPUS_MODEL"
ARN = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.{base}"
BASES = {"anthropic.claude-opus-5": False, "anthropic.claude-3-haiku-20240307-v1:0": True}
LIST = {
    "profiles": [
        {
            "id": f"us.{base}",
            "name": base,
            "arn": ARN.format(base=base),
            "application": False,
            "models": [f"arn:aws:bedrock:us-east-1::foundation-model/{base}"],
        }
        for base in BASES
    ],
    "models": [{"id": base, "legacy": legacy, "on_demand": False} for base, legacy in BASES.items()],
    "unknown": [],
}
"""What AWS said of its models an hour ago."""


def _pinned(model: str) -> Break:
    def make(home: Home) -> None:
        bedrock.write(home.laptop.paths.state, "111122223333", "us-east-1", LIST, wall() - timedelta(hours=1))
        home.env[OPUS] = model

    return make


LOCAL = (
    sick("no home folder", lambda h: setattr(h, "place", NoHome("there is no home folder; set HOME")), "home"),
    sick("a state folder that all may write to", _shut_state, "folders"),
    sick("a link in place of our folder", _linked_own, "folders"),
    sick("WSL without wslview", _wsl, "place", WARN),
    sick("a daemon that crashed", _crashed, "crashes", WARN),
    sick("a pause", lambda h: h.remember(Memory(paused_until=FOREVER)), "paused", WARN),
    sick("a config.toml that is no TOML", lambda h: h.laptop.configure("[claude\n"), "config_toml"),
    sick("a wrong value in config.toml", lambda h: h.laptop.configure('[sign_in]\nmode = "often"\n'), "config_toml"),
    sick("an unknown key in config.toml", lambda h: h.laptop.configure("[sign_in]\nmood = 1\n"), "config_toml", WARN),
    sick("a torn memory", lambda h: h.state_file("memory.json", "{"), "own_files", WARN),
    sick("a torn journal", lambda h: h.state_file("journal.jsonl", "{}\nxyz\n"), "own_files", WARN),
    sick("no AWS CLI", lambda h: (h.folder / "aws").unlink(), "aws_cli", WARN),
    sick("only AWS CLI v1", lambda h: h.program("aws", "aws-cli/1.32.0 Python/3.11"), "aws_cli", WARN),
    sick("an AWS CLI v2 before sso-sessions", lambda h: h.program("aws", "aws-cli/2.8.1 Python/3.9"), "aws_cli", WARN),
    sick("a section that stands twice", lambda h: h.edit("[profile play]", "[profile work]"), "aws_config"),
    sick("a byte order mark", lambda h: h.config.write_text("\ufeff" + h.config.read_text()), "aws_config"),
    sick("text before the first section", lambda h: h.config.write_text("x\n" + h.config.read_text()), "aws_config"),
    sick("a dropped section", lambda h: h.edit("[sso-session beta]", "[sso-session be ta]"), "config_sections", WARN),
    sick(
        "a session that is not there", lambda h: h.edit("sso_session = acme", "sso_session = acne"), "config_sections"
    ),
    sick(
        "a leftover that contradicts",
        lambda h: h.edit("[profile work]\n", "[profile work]\nsso_region = eu-west-1\n"),
        "config_sections",
    ),
    sick("a profile that is not there", lambda h: h.env.update(AWS_PROFILE="wrok"), "profile"),
    sick("no profile at all", lambda h: h.config.write_text(""), "profile"),
    sick(
        "a profile of keys",
        lambda h: h.edit("sso_session = acme\nsso_account_id = 1", "aws_access_key_id = A\nx = 1"),
        "profile",
        WARN,
    ),
    sick(
        "a name that JavaScript cannot see",
        _odd_name,
        "profile_names",
    ),
    sick("a legacy profile", _legacy, "legacy", WARN),
    sick("a session without the scope", _no_scope, "scopes", WARN),
    sick("no sign-in", lambda h: h.laptop.token_file.unlink(), "token"),
    sick("an empty token file", lambda h: h.laptop.token_file.write_text(""), "token"),
    sick("half a token file", lambda h: h.laptop.token_file.write_text('{"accessTok'), "token"),
    sick("a token of another start URL", lambda h: _token(h, startUrl=LEGACY), "token"),
    sick("an ended token", lambda h: h.laptop.sign_in(timedelta(hours=-1)), "token"),
    sick("a token without a refresh token", lambda h: _token(h, refreshToken=None), "token", WARN),
    sick("a sign-in that AWS refuses", lambda h: _remembered(h, refused="token"), "token"),
    sick(
        "a sign-in that soon ends",
        _soon_over,
        "sign_in_end",
        WARN,
    ),
    sick("an empty registration", _empty_registration, "registration"),
    sick(
        "an ended registration", lambda h: _token(h, registrationExpiresAt="2020-01-01T00:00:00Z"), "registration", WARN
    ),
    sick("a token that others can read", lambda h: h.laptop.token_file.chmod(0o644), "token_cache", WARN),
    sick("a short limit of the organisation", lambda h: _remembered(h, length=timedelta(hours=4)), "asked_often", WARN),
    sick(
        "keys in the shell",
        lambda h: h.environ.update(AWS_ACCESS_KEY_ID="AKIA1", AWS_SECRET_ACCESS_KEY="s"),
        "aws_keys",
    ),
    sick("keys in the settings", lambda h: h.env.update(AWS_ACCESS_KEY_ID="AKIA1"), "aws_keys"),
    sick("a Bedrock API key", lambda h: h.env.update(AWS_BEARER_TOKEN_BEDROCK="abc"), "api_key"),
    sick("authentication switched off", lambda h: h.env.update(CLAUDE_CODE_SKIP_BEDROCK_AUTH="1"), "api_key", WARN),
    sick("a key of Anthropic's API", _startup, "anthropic_key", WARN),
    sick(
        "two profiles in the shell",
        lambda h: h.environ.update(AWS_PROFILE="work", AWS_DEFAULT_PROFILE="play"),
        "shell_profile",
        WARN,
    ),
    sick("no Claude Code", lambda h: (h.folder / "claude").unlink(), "claude_code", WARN),
    sick("a Claude Code that breaks sign-ins", lambda h: h.program("claude", "2.1.207 (Claude Code)"), "claude_code"),
    sick("a Claude Code before awsAuthRefresh", lambda h: h.program("claude", "1.0.40"), "claude_code"),
    sick("a Claude Code that says nothing", lambda h: h.program("claude", "hello"), "claude_code", WARN),
    sick("torn settings", _broken('{"env": {"AWS_PR'), "settings_file"),
    sick("settings that are a list", _broken("[]"), "settings_file"),
    sick("no settings", lambda h: h.settings.clear(), "on_bedrock"),
    sick("Bedrock switched off", lambda h: h.env.update(CLAUDE_CODE_USE_BEDROCK="0"), "on_bedrock"),
    sick(
        "Bedrock switched off by the project",
        lambda h: h.project('{"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}}'),
        "on_bedrock",
    ),
    sick("Bedrock on in the shell alone", _only_in_the_shell, "on_bedrock", WARN),
    sick("a session that began before", lambda h: h.environ.update(CLAUDECODE="1"), "on_bedrock", WARN),
    sick("a project that overrules", lambda h: h.project('{"env": {"AWS_REGION": "us-west-2"}}'), "layers", WARN),
    sick("a broken project file", lambda h: h.project("{"), "layers"),
    sick("a region that is none", lambda h: h.env.update(AWS_REGION="us-esat-1"), "region"),
    sick("no region", lambda h: h.env.pop("AWS_REGION"), "region", WARN),
    sick("no caching", lambda h: h.env.update(DISABLE_PROMPT_CACHING="1"), "caching", WARN),
    sick("settings that all may write", _open_settings, "settings_rights", WARN),
    sick(
        "a helper that is gone",
        lambda h: h.settings.update(awsAuthRefresh="/gone/keeplit login --for-claude"),
        "helpers",
    ),
    sick(
        "a status line that is gone",
        lambda h: h.settings.update(
            statusLine={"type": "command", "command": "/gone/keeplit statusline --with 'echo mine'"}
        ),
        "status_line",
    ),
    sick("a project with a status line of its own", _row_hidden, "status_line", WARN),
    sick("a row that disableAllHooks switches off", _row_off, "status_line", WARN),
    sick("a key that was lost", _key_lost, "settings_kept"),
    sick("a model of another region", _pinned("eu.anthropic.claude-opus-5"), "model_pins"),
    sick("a model that needs a profile", _pinned("anthropic.claude-opus-5"), "model_pins"),
    sick("a model that nobody has", _pinned("us.anthropic.claude-opus-9"), "model_pins"),
    sick("a model that ends", _pinned("us.anthropic.claude-3-haiku-20240307-v1:0"), "model_pins", WARN),
    sick("nothing pinned", lambda h: h.env.pop("ANTHROPIC_DEFAULT_OPUS_MODEL"), "model_pins", WARN),
    sick(
        "an editor that says otherwise",
        lambda h: h.editor('{// mine\n"claudeCode.environmentVariables": [{"name": "AWS_PROFILE", "value": "play"}],}'),
        "vscode",
        WARN,
    ),
    sick("an editor's file that is broken", lambda h: h.editor("{"), "vscode", WARN),
    sick("a CA bundle that is not there", lambda h: h.environ.update(AWS_CA_BUNDLE="/nowhere.pem"), "ca_bundle"),
    sick(
        "a proxy without its scheme", lambda h: h.environ.update(HTTPS_PROXY="proxy.acme.example:3128"), "proxy", WARN
    ),
    sick(
        "an endpoint in the clear",
        lambda h: h.environ.update(AWS_ENDPOINT_URL_SSO="http://sso.acme.example"),
        "endpoints",
    ),
)
SHUT = "http://127.0.0.1:9"  # the discard port, where nobody listens


def _all_shut(home: Home) -> None:
    home.environ.update({name: SHUT for name in home.environ if name.startswith("AWS_ENDPOINT_URL")})


def _answers(operation: str, kind: Any) -> Break:
    return lambda home: home.laptop.sandbox.faults.inject(operation, Fault(kind))


def _skewed(home: Home) -> None:
    home.laptop.sandbox.faults.skew = timedelta(minutes=9)


ONLINE = (
    sick("no network", _all_shut, "network"),
    sick(
        "Bedrock alone out of reach", lambda h: h.environ.update(AWS_ENDPOINT_URL_BEDROCK_RUNTIME=SHUT), "reach_bedrock"
    ),
    sick("a gateway out of reach", lambda h: h.env.update(ANTHROPIC_BEDROCK_BASE_URL=SHUT), "reach_bedrock"),
    sick("the portal out of reach", lambda h: h.environ.update(AWS_ENDPOINT_URL_SSO=SHUT), "reach_portal"),
    sick("a token that was ended", _answers("GetRoleCredentials", "unauthorized"), "role_credentials"),
    sick("a role that is not assigned", _answers("GetRoleCredentials", "forbidden"), "role_credentials"),
    sick("a portal in trouble", _answers("GetRoleCredentials", "server_error"), "role_credentials", WARN),
    sick("a wrong clock", _skewed, "clock"),
    sick("lists that are denied", _answers("ListInferenceProfiles", "access_denied"), "model_list", WARN),
    sick(
        "an account without the form",
        lambda h: h.env.update(AWS_PROFILE="play", AWS_REGION="us-west-2"),
        "use_case_form",
        model_agreement=FAIL,
    ),
)
