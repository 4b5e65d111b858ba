"""What the sandbox's tests share: a clock that stands still, a running sandbox, real botocore clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.loaders import create_loader

from keeplit.sandbox.clients import ACME
from keeplit.sandbox.clockwork import Clockwork
from keeplit.sandbox.nouns import ACCOUNT_ACCESS
from keeplit.sandbox.oidc import DEVICE_GRANT
from keeplit.sandbox.server import Sandbox

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

Client = Any
"""botocore makes its clients' methods at run time."""


@pytest.fixture
def clock() -> Clockwork:
    """Give a clock that stands at noon until it is advanced."""
    return Clockwork(lambda: NOON)


@pytest.fixture
def sandbox(clock: Clockwork) -> Iterator[Sandbox]:
    """Give a running sandbox whose time stands still."""
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture(scope="session")
def botocore_session() -> botocore.session.Session:
    """Give one botocore session, which keeps the service models it has loaded."""
    session = botocore.session.Session()
    # The loader keeps what AWS_DATA_PATH names at its first use: the rules that one test's home has for its own port.
    session.register_component("data_loader", create_loader())
    return session


@pytest.fixture
def client_of(botocore_session: botocore.session.Session, sandbox: Sandbox) -> Callable[..., Client]:
    """Give a function that makes a real client of a service, pointed at the sandbox."""

    def make(service: str, keys: dict[str, Any] | None = None, **config: Any) -> Client:
        path = {"sts": "/sts", "bedrock": "/bedrock", "bedrock-runtime": "/bedrock"}.get(service, "")
        signed = {} if keys else {"signature_version": UNSIGNED}
        settings = {"connect_timeout": 5, "read_timeout": 5, "retries": {"total_max_attempts": 1}}
        return botocore_session.create_client(
            service,
            region_name="us-east-1",
            endpoint_url=sandbox.url + path,
            aws_access_key_id=keys["accessKeyId"] if keys else None,
            aws_secret_access_key=keys["secretAccessKey"] if keys else None,
            aws_session_token=keys["sessionToken"] if keys else None,
            config=Config(**(settings | signed | config)),
        )

    return make


@pytest.fixture
def oidc(client_of: Callable[..., Client]) -> Client:
    """Give a real sso-oidc client."""
    return client_of("sso-oidc")


@pytest.fixture
def portal(client_of: Callable[..., Client]) -> Client:
    """Give a real sso client."""
    return client_of("sso")


class SignIn:
    """A device flow by a real client, approved in the sandbox, and what it brought."""

    def __init__(
        self, oidc: Client, sandbox: Sandbox, *, scopes: tuple[str, ...] = (ACCOUNT_ACCESS,), start_url: str = ACME
    ) -> None:
        self._oidc = oidc
        registration = oidc.register_client(
            clientName="test", clientType="public", **({"scopes": list(scopes)} if scopes else {})
        )
        self.client = {name: registration[name] for name in ("clientId", "clientSecret")}
        self.device = oidc.start_device_authorization(**self.client, startUrl=start_url)
        sandbox.identity.decide(self.device["userCode"], "sam", approve=True)
        self.token = self.poll()

    def poll(self) -> dict[str, Any]:
        """Ask for the token of the device code."""
        answer: dict[str, Any] = self._oidc.create_token(
            **self.client, grantType=DEVICE_GRANT, deviceCode=self.device["deviceCode"]
        )
        return answer

    def refresh(self, token: str | None = None) -> dict[str, Any]:
        """Exchange a refresh token, by default the first."""
        spent = token or self.token["refreshToken"]
        answer: dict[str, Any] = self._oidc.create_token(**self.client, grantType="refresh_token", refreshToken=spent)
        return answer


@pytest.fixture
def sign_in(oidc: Client, sandbox: Sandbox) -> Callable[..., SignIn]:
    """Give a function that signs in by the device flow."""
    return lambda **how: SignIn(oidc, sandbox, **how)


@pytest.fixture
def role_keys(portal: Client, sign_in: Callable[..., SignIn]) -> dict[str, Any]:
    """Give role credentials as the portal answers them."""
    token = sign_in().token["accessToken"]
    keys: dict[str, Any] = portal.get_role_credentials(
        accessToken=token, accountId="111122223333", roleName="ClaudeCode"
    )["roleCredentials"]
    return keys
