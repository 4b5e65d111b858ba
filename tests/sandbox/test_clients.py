"""Real clients pointed at the sandbox: AWS CLI v2 and botocore's own token provider."""

from __future__ import annotations

import json
import os
import site
import subprocess
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.tokens import SSOTokenProvider
from botocore.utils import JSONFileCache

from keeplit.sandbox.clients import ACME, BETA, LEGACY, environment, person_file, write_home
from keeplit.sandbox.clockwork import Clockwork, wall
from keeplit.sandbox.nouns import Lifetimes
from keeplit.sandbox.person import Person, tabs_of
from keeplit.sandbox.server import Sandbox

SignIn = Callable[..., Any]
Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def clock() -> Clockwork:
    """Give real time, in which real clients live."""
    return Clockwork()


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Path:
    """Give a home folder whose AWS configuration leads to the sandbox."""
    write_home(tmp_path, sandbox.url)
    return tmp_path


@pytest.fixture
def aws(aws_cli_v2: Path, home: Path, sandbox: Sandbox) -> Cli:
    """Give a function that runs the real AWS CLI in that home."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        variables = environment(home, sandbox.url, base=os.environ)
        command = [str(aws_cli_v2), *arguments]
        return subprocess.run(
            command,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def token_of(home: Path, name: str) -> dict[str, Any]:
    """Read a token out of the AWS CLI's cache."""
    path = home / ".aws" / "sso" / "cache" / f"{sha1(name.encode(), usedforsecurity=False).hexdigest()}.json"
    token: dict[str, Any] = json.loads(path.read_text())
    return token


def test_environment_drops_other_settings(tmp_path: Path) -> None:
    """What a person's shell says of AWS and of proxies does not reach the sandbox's clients."""
    base = {
        "PATH": "/bin",
        "AWS_PROFILE": "mine",
        "AWS_ACCESS_KEY_ID": "mine",
        "HTTPS_PROXY": "http://proxy",
        "https_proxy": "x",
        "XDG_STATE_HOME": "/theirs",
        "CLAUDE_CONFIG_DIR": "/theirs",
        "AWS_CONFIG_FILE": "/theirs",
    }
    made = environment(tmp_path, "http://127.0.0.1:1", base=base)
    assert {name for name in base if made.get(name) == base[name]} == {"PATH"}
    assert {"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "HTTPS_PROXY", "https_proxy"}.isdisjoint(made)
    assert set(environment(tmp_path, "http://127.0.0.1:1")) == set(made) - {"PATH"}


@pytest.mark.parametrize(("uses", "expected"), [(True, "/her/base"), (False, None), (None, None)])
def test_programs_of_hers_find_their_modules(
    uses: object, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `pip install --user` put there, keeplit itself perhaps, hangs on the home: another one hides it."""
    monkeypatch.setattr(site, "ENABLE_USER_SITE", uses)
    monkeypatch.setattr(site, "getuserbase", lambda: "/her/base")
    assert environment(tmp_path, "http://127.0.0.1:1").get("PYTHONUSERBASE") == expected


def test_home_has_two_sessions_and_a_legacy_profile(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's parser finds them all."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / ".aws" / "config"))
    config = botocore.session.Session().full_config
    sessions = {name: one["sso_start_url"] for name, one in config["sso_sessions"].items()}
    assert sessions == {"acme": ACME, "beta": BETA}
    profiles = {name: one.get("sso_session", one.get("sso_start_url")) for name, one in config["profiles"].items()}
    assert profiles == {"work": "acme", "play": "acme", "client": "beta", "old": LEGACY}


def test_aws_cli_signs_in_and_works(aws: Cli, home: Path, sandbox: Sandbox) -> None:
    """`aws sso login` opens one tab, the person approves, and the profile's role credentials work."""
    Person("approve", after=0.2).write(person_file(home))
    login = aws("sso", "login", "--sso-session", "acme")
    assert (login.returncode, f"Successfully logged into Start URL: {ACME}" in login.stdout) == (0, True), login.stderr
    assert [(one.start_url, one.client) for one in tabs_of(person_file(home))] == [(ACME, "botocore-client-acme")]
    assert {"accessToken", "refreshToken", "registrationExpiresAt"} <= set(token_of(home, "acme"))
    asked = aws("sts", "get-caller-identity", "--profile", "work", "--output", "json")
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["Account"] == "111122223333"
    assert [one.outcome for one in sandbox.log.of("GetRoleCredentials")] == ["200"]
    assert not any(secret in login.stdout + login.stderr for secret in sandbox.secrets())


def test_aws_cli_with_a_legacy_profile(aws: Cli, home: Path) -> None:
    """A legacy login brings a long token that cannot be refreshed."""
    login = aws("sso", "login", "--profile", "old")
    assert login.returncode == 0, login.stderr
    assert "refreshToken" not in token_of(home, LEGACY)


def test_aws_cli_when_the_person_denies(aws: Cli, home: Path) -> None:
    """Denying ends the login without a token."""
    Person("deny").write(person_file(home))
    login = aws("sso", "login", "--sso-session", "beta")
    assert login.returncode in {254, 255}
    with pytest.raises(FileNotFoundError):
        token_of(home, "beta")


def test_aws_cli_without_a_browser(aws_cli_v2: Path, home: Path, sandbox: Sandbox) -> None:
    """`--no-browser` prints the page's address, which a person visits by themselves."""
    command = [str(aws_cli_v2), "sso", "login", "--sso-session", "acme", "--no-browser"]
    variables = environment(home, sandbox.url, base=os.environ) | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as login:
        assert login.stdout is not None
        url = next(line.strip() for line in login.stdout if "user_code=" in line)
        assert url.startswith(f"{sandbox.url}/device?user_code=")
        sandbox.identity.decide(url.partition("=")[2], "sam", approve=True)
        assert "Successfully logged into" in login.stdout.read()
    assert (login.returncode, tabs_of(person_file(home))) == (0, ())


@pytest.fixture
def provider(home: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> SSOTokenProvider:
    """Give botocore's own token provider for the profile work, with a cache in the home."""
    for name, value in environment(home, sandbox.url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / ".aws" / "config"))
    return SSOTokenProvider(
        botocore.session.Session(), cache=JSONFileCache(str(home / ".aws" / "sso" / "cache")), profile_name="work"
    )


def keep_token(home: Path, signed_in: Any, left: timedelta) -> None:
    """Write a token into the cache as the AWS CLI does, as if ``left`` were left of it."""
    cache = JSONFileCache(str(home / ".aws" / "sso" / "cache"))
    told = {
        "startUrl": ACME,
        "region": "us-east-1",
        "accessToken": signed_in.token["accessToken"],
        "refreshToken": signed_in.token["refreshToken"],
        "expiresAt": f"{wall() + left:%Y-%m-%dT%H:%M:%SZ}",
        "registrationExpiresAt": f"{wall() + timedelta(days=90):%Y-%m-%dT%H:%M:%SZ}",
        **signed_in.client,
    }
    cache[sha1(b"acme", usedforsecurity=False).hexdigest()] = told


def test_botocore_refreshes_and_rotates(provider: Any, home: Path, sign_in: SignIn) -> None:
    """With under 15 minutes left botocore refreshes, and writes both new tokens down."""
    signed_in = sign_in()
    keep_token(home, signed_in, timedelta(minutes=10))
    fresh = provider.load_token().get_frozen_token().token
    written = token_of(home, "acme")
    assert fresh == written["accessToken"] != signed_in.token["accessToken"]
    assert written["refreshToken"] != signed_in.token["refreshToken"]


def test_botocore_at_the_sessions_end(provider: Any, home: Path, sign_in: SignIn, sandbox: Sandbox) -> None:
    """A refused refresh leaves botocore with the old token and its file as it was."""
    signed_in = sign_in()
    keep_token(home, signed_in, timedelta(minutes=10))
    sandbox.sessions.shorten(ACME, wall())
    assert provider.load_token().get_frozen_token().token == signed_in.token["accessToken"]
    assert token_of(home, "acme")["refreshToken"] == signed_in.token["refreshToken"]
    assert [one.outcome for one in sandbox.log.of("CreateToken")][-1] == "InvalidGrantException"


def test_short_lifetimes_in_real_time(home: Path) -> None:
    """A sandbox with lifetimes of seconds says so to its clients."""
    with Sandbox(lifetimes=Lifetimes(access_token=timedelta(seconds=6), session=timedelta(seconds=20))) as fast:
        write_home(home, fast.url)
        oidc = botocore.session.Session().create_client("sso-oidc", region_name="us-east-1", endpoint_url=fast.url)
        told = oidc.register_client(clientName="test", clientType="public", scopes=["sso:account:access"])
        client = {name: told[name] for name in ("clientId", "clientSecret")}
        device = oidc.start_device_authorization(**client, startUrl=ACME)
        fast.identity.decide(device["userCode"], "sam", approve=True)
        grant = "urn:ietf:params:oauth:grant-type:device_code"
        assert oidc.create_token(**client, grantType=grant, deviceCode=device["deviceCode"])["expiresIn"] == 6
