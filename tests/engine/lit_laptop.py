"""A laptop for tests of the engine: a home pointed at a running sandbox, with tokens and role credentials as AWS's."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.sandbox.clients import ACME, environment, person_file, write_home
from keeplit.sandbox.clockwork import wall
from keeplit.sandbox.nouns import ACCOUNT_ACCESS, Lifetimes, World
from keeplit.sandbox.person import Person, Tab, tabs_of
from keeplit.sandbox.server import Sandbox

TIME = "%Y-%m-%dT%H:%M:%SZ"
WORK = {"accountId": "111122223333", "roleName": "ClaudeCode", "sessionName": "acme"}
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Laptop:
    """One home folder and the sandbox that it is pointed at."""

    home: Path
    sandbox: Sandbox
    environ: dict[str, str]

    @property
    def paths(self) -> Paths:
        """Return where keeplit keeps its files here."""
        return places.find(self.environ)

    @property
    def token_file(self) -> Path:
        """Return the token file of the session acme."""
        return self.home / ".aws" / "sso" / "cache" / f"{_sha1('acme')}.json"

    @property
    def role_file(self) -> Path:
        """Return the AWS CLI's cache of the profile work's role credentials."""
        name = _sha1(json.dumps(WORK, sort_keys=True, separators=(",", ":")))
        return self.home / ".aws" / "cli" / "cache" / f"{name}.json"

    @property
    def token(self) -> dict[str, Any]:
        """Return what the token file holds."""
        told: dict[str, Any] = json.loads(self.token_file.read_text())
        return told

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """Return the browser tabs that were opened."""
        return tabs_of(person_file(self.home))

    def sign_in(self, left: timedelta = HOUR, **changes: object) -> None:
        """Put a token of the sandbox into the cache, as if `left` were left of it; `changes` replace fields."""
        identity, now = self.sandbox.identity, wall()
        client = identity.register("test", (ACCOUNT_ACCESS,))
        granted = identity.sessions.sign_in(ACME, "sam", client, client.scopes)
        assert granted.refresh is not None
        told = {
            "startUrl": ACME,
            "region": "us-east-1",
            "accessToken": granted.access.value,
            "expiresAt": f"{now + left:{TIME}}",
            "clientId": client.client_id,
            "clientSecret": client.client_secret,
            "registrationExpiresAt": f"{now + timedelta(days=90):{TIME}}",
            "refreshToken": granted.refresh.value,
            **changes,
        }
        write(self.token_file, {name: value for name, value in told.items() if value is not None})

    def cache_role(self, left: timedelta, **changes: str) -> dict[str, str]:
        """Put role credentials with `left` to live into the AWS CLI's cache and return them."""
        fields = {
            "AccessKeyId": "ASIAKEPT",
            "SecretAccessKey": "kept/secret'key",
            "SessionToken": "kept-session-token",
            "Expiration": f"{wall() + left:{TIME}}",
            "AccountId": "111122223333",
            **changes,
        }
        write(self.role_file, {"ProviderType": "sso", "Credentials": fields})
        return fields

    def assume(self, role: str = "Deep", *, profile: str = "deep", source: str = "work", **settings: str) -> None:
        """Add a profile that assumes a role of the sandbox to the AWS config."""
        settings = {"role_arn": f"arn:aws:iam::111122223333:role/{role}", "source_profile": source, **settings}
        lines = [f"[profile {profile}]", *(f"{name} = {value}" for name, value in settings.items())]
        with (self.home / ".aws" / "config").open("a") as file:
            file.write("\n" + "\n".join(lines) + "\n")

    @property
    def assumed(self) -> int:
        """Return how often a role was assumed."""
        return self.calls("GetCallerIdentity").count("AssumeRole")

    def configure(self, text: str) -> None:
        """Write keeplit's own config.toml."""
        file = self.paths.config_file
        # keeplit's own folders hang on this process's environment: where that is not a test's, they are the person's.
        assert file.is_relative_to(self.home.parent), f"{file} is not of this home"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def person(self, person: Person) -> None:
        """Say what the person does with the next tab."""
        person.write(person_file(self.home))

    def calls(self, operation: str) -> list[str]:
        """Return the outcomes of an operation's calls."""
        return [one.outcome for one in self.sandbox.log.of(operation)]


@contextmanager
def laptop(
    home: Path, *, lifetimes: Lifetimes | None = None, world: World | None = None, base: Mapping[str, str] = os.environ
) -> Iterator[Laptop]:
    """Give a laptop whose sandbox runs in real time."""
    with Sandbox(lifetimes=lifetimes or Lifetimes(), world=world or World()) as sandbox:
        write_home(home, sandbox.url)
        yield Laptop(home, sandbox, environment(home, sandbox.url, base=base))


def write(path: Path, content: object) -> None:
    """Write JSON as AWS's tools do."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(json.dumps(content))
    path.chmod(0o600)


def age(path: Path, seconds: float = 60.0) -> None:
    """Let a file look as if it had been written a while ago."""
    then = datetime.now(UTC).timestamp() - seconds
    os.utime(path, (then, then))


def said() -> tuple[io.StringIO, io.StringIO]:
    """Give a standard output and a standard error."""
    return io.StringIO(), io.StringIO()


def _sha1(text: str) -> str:
    return sha1(text.encode(), usedforsecurity=False).hexdigest()
