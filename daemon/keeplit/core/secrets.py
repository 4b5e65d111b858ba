"""What is secret and must travel: tokens, client registrations and role credentials.

Law: the `repr` of everything here is its name and nothing else, so that no log line, no exception and no failed
assertion can show a secret. Facts about a token that are not secret are in `keeplit.core.model.Token`.
"""

from dataclasses import dataclass
from datetime import datetime


class Hidden:
    """What shows nothing of itself but its name."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


@dataclass(frozen=True, slots=True, repr=False)
class Secrets(Hidden):
    """What a token file hides: the access token and what a silent refresh sends. Absent ones are empty."""

    access_token: str
    refresh_token: str = ""
    client_id: str = ""
    client_secret: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Registration(Hidden):
    """A client registration of RegisterClient, and the scopes it was made with."""

    client_id: str
    client_secret: str
    expires_at: datetime
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class NewToken(Hidden):
    """CreateToken's answer; `expires_in` in seconds; `refresh_token` None where none came."""

    access_token: str
    expires_in: int
    refresh_token: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RoleCredentials(Hidden):
    """GetRoleCredentials' answer, also as it lies in the AWS CLI's role cache."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expires_at: datetime
    account: str = ""
