"""The calls to IAM Identity Center and its portal; each is made by a short-lived process that can be killed.

Law: unsigned, one attempt, and at most `deadline_seconds` whatever the network does. Nothing is raised: a call's end is
an `Outcome`. Secrets go to the worker through its stdin, never in its arguments or environment. Only the environment
may name another endpoint (`keeplit.core.aws_environment`); every other setting of the network is as botocore has it.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from keeplit.adapters import clock
from keeplit.core import own_process
from keeplit.core.answers import Answer, broken, judged, skew
from keeplit.core.aws_environment import Service, override, without_identity
from keeplit.core.deeds import Outcome
from keeplit.core.model import Session
from keeplit.core.own_process import Process
from keeplit.core.secrets import NewToken, Registration, RoleCredentials, Secrets
from keeplit.core.sign_in_flow import DeviceCode, Page

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT_NAME = "keeplit"
DEFAULT_INTERVAL = 5  # RFC 8628, section 3.2
LONGEST = 400 * 24 * 3600
"""No life that AWS gives out is longer, in seconds; a longer one is no answer of AWS."""

_WORKER = Path(__file__).with_name("aws_worker.py")
_FIELDS: Mapping[str, type] = {
    "status": int,
    "error": str,
    "failure": str,
    "page": bool,
    "date": str,
    "retry_after": str,
    "fields": dict,
}
_NEVER_CAME = Answer(failure="died")


@dataclass(slots=True)
class IdentityCenter:
    """Identity Center as the environment reaches it; `last_skew` is how far its clock was ahead at the last answer."""

    environ: Mapping[str, str]
    deadline_seconds: float = 25.0
    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    now: Callable[[], datetime] = clock.now
    last_skew: timedelta | None = None

    def create_token(self, session: Session, secrets: Secrets) -> tuple[Outcome, NewToken | None]:
        """Renew a token (CreateToken, grant type ``refresh_token``)."""
        asked = {"grantType": "refresh_token", "refreshToken": secrets.refresh_token}
        client = {"clientId": secrets.client_id, "clientSecret": secrets.client_secret}
        return _new_token(self._call("sso-oidc", session, "create_token", {**asked, **client}))

    def role_credentials(
        self, session: Session, account: str, role: str, access_token: str
    ) -> tuple[Outcome, RoleCredentials | None]:
        """Take role credentials (GetRoleCredentials); 401 is REJECTED, 403 FORBIDDEN."""
        return self.several_roles(session, ((account, role),), access_token)[0]

    def several_roles(
        self, session: Session, roles: Sequence[tuple[str, str]], access_token: str
    ) -> tuple[tuple[Outcome, RoleCredentials | None], ...]:
        """Take the credentials of several (account, role) in one process and one deadline, answers in their order."""
        asked = [{"accountId": account, "roleName": role, "accessToken": access_token} for account, role in roles]
        answers = self._calls("sso", session, "get_role_credentials", asked)
        return tuple(_role_credentials(answer, account) for answer, (account, _) in zip(answers, roles, strict=True))

    def logout(self, session: Session, access_token: str) -> Outcome:
        """End the sign-in behind a token (Logout); REJECTED means that it was over already."""
        return judged(self._call("sso", session, "logout", {"accessToken": access_token}), portal=True)

    def register(self, session: Session, scopes: Sequence[str]) -> tuple[Outcome, Registration | None]:
        """Register a public client (RegisterClient); nothing is renewable without the scope ``sso:account:access``."""
        asked = {"clientName": CLIENT_NAME, "clientType": "public", **({"scopes": list(scopes)} if scopes else {})}
        answer = self._call("sso-oidc", session, "register_client", asked)
        if not answer.good:
            return judged(answer), None
        told = answer.fields
        client_id, secret = told.get("clientId"), told.get("clientSecret")
        ends = _moment(told.get("clientSecretExpiresAt"))
        if not isinstance(client_id, str) or not isinstance(secret, str) or ends is None:
            return broken(), None
        return judged(answer), Registration(client_id, secret, ends, tuple(scopes))

    def start_device(self, session: Session, registration: Registration) -> tuple[Outcome, DeviceCode | None]:
        """Ask for a device code and the page where a person signs in (StartDeviceAuthorization)."""
        asked = {**_client_of(registration), "startUrl": session.start_url}
        answer = self._call("sso-oidc", session, "start_device_authorization", asked)
        if not answer.good:
            return judged(answer), None
        told = answer.fields
        code, user_code = told.get("deviceCode"), told.get("userCode")
        url = told.get("verificationUriComplete") or told.get("verificationUri")
        life, interval = _seconds(told.get("expiresIn")), _seconds(told.get("interval", DEFAULT_INTERVAL))
        if not (isinstance(code, str) and isinstance(user_code, str) and isinstance(url, str) and life and interval):
            return broken(), None
        page = Page(url, user_code)
        return judged(answer), DeviceCode(page, code, timedelta(seconds=life), timedelta(seconds=interval))

    def poll_device(
        self, session: Session, registration: Registration, device: DeviceCode
    ) -> tuple[Outcome, NewToken | None]:
        """Ask once for a device code's token; TRANSIENT with `keeplit.core.answers.PENDING` while nobody signed in."""
        asked = {**_client_of(registration), "grantType": DEVICE_GRANT, "deviceCode": device.device_code}
        return _new_token(self._call("sso-oidc", session, "create_token", asked))

    def _call(self, service: Service, session: Session, operation: str, parameters: Mapping[str, object]) -> Answer:
        return self._calls(service, session, operation, [parameters])[0]

    def _calls(
        self, service: Service, session: Session, operation: str, parameters: Sequence[Mapping[str, object]]
    ) -> list[Answer]:
        """Make calls of one kind, and return as many answers, those that never came included."""
        named = override(self.environ, service)
        if named is not None and not named.allowed:
            return [Answer(failure="endpoint")] * len(parameters)
        where = {"service": service, "region": session.region, "endpoint": named.url if named else None}
        return self.asked([{**where, "operation": operation, "parameters": asked} for asked in parameters])

    def asked(self, calls: Sequence[Mapping[str, object]]) -> list[Answer]:
        """Have the worker make calls, as it takes them; return as many answers, those that never came included."""
        seconds = {"connect_seconds": self.connect_seconds, "read_seconds": self.read_seconds}
        request = json.dumps({**seconds, "calls": calls}).encode()
        said, failure = _work(request, self._worker_environ(), self.deadline_seconds)
        answers = [_answer(line) for line in said.splitlines()][: len(calls)]
        if answers:
            measured = skew(answers[-1], self.now())
            self.last_skew = self.last_skew if measured is None else measured
        return answers + [Answer(failure=failure)] * (len(calls) - len(answers))

    def _worker_environ(self) -> dict[str, str]:
        kept = without_identity(self.environ)
        return {name: value for name, value in kept.items() if not name.startswith("AWS_ENDPOINT_URL")}


def _work(request: bytes, environ: Mapping[str, str], deadline_seconds: float) -> tuple[bytes, str]:
    """Run the worker; return what it said and why there is no more: ``timeout``, ``died`` or ``not_started``."""
    try:
        process = subprocess.Popen(
            own_process.command(Process.AWS, sys.executable, frozen=getattr(sys, "frozen", False), file=str(_WORKER)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback's text can hold a secret
            env=environ,
            start_new_session=True,
            creationflags=_FLAGS,
        )
    except OSError:
        return b"", "not_started"
    with process:
        try:
            return process.communicate(request, timeout=deadline_seconds)[0], "died"
        except subprocess.TimeoutExpired:
            _kill(process)
            return process.communicate()[0], "timeout"
        except BaseException:
            _kill(process)
            raise


if sys.platform == "win32":
    _FLAGS = subprocess.CREATE_NO_WINDOW

    def _kill(process: subprocess.Popen[bytes]) -> None:
        """Kill the worker; it starts nothing itself."""
        process.kill()

else:
    _FLAGS = 0

    def _kill(process: subprocess.Popen[bytes]) -> None:
        """Kill the worker with its whole group; it was started as the leader of one."""
        if process.poll() is None:  # not yet waited for, so the id is still its own
            os.killpg(process.pid, signal.SIGKILL)


def _answer(line: bytes) -> Answer:
    """Read one line of the worker; a half line, of a worker killed while writing, is an answer that never came."""
    try:
        told: Any = json.loads(line)
        sound = all(isinstance(told.get(name, kind()), kind) for name, kind in _FIELDS.items())
        return Answer(**{name: told[name] for name in _FIELDS if name in told}) if sound else _NEVER_CAME
    except (ValueError, AttributeError):
        return _NEVER_CAME


def _new_token(answer: Answer) -> tuple[Outcome, NewToken | None]:
    outcome = judged(answer)
    if not answer.good:
        return outcome, None
    token, refresh = answer.fields.get("accessToken"), answer.fields.get("refreshToken")
    life = _seconds(answer.fields.get("expiresIn"))
    if not isinstance(token, str) or not token or not life or not isinstance(refresh, str | None):
        return broken(), None
    new = NewToken(access_token=token, expires_in=life, refresh_token=refresh or None)
    return replace(outcome, life=timedelta(seconds=life)), new


def _role_credentials(answer: Answer, account: str) -> tuple[Outcome, RoleCredentials | None]:
    if not answer.good:
        return judged(answer, portal=True), None
    told = answer.fields.get("roleCredentials")
    if not isinstance(told, dict):
        return broken(), None
    key, secret, token = told.get("accessKeyId"), told.get("secretAccessKey"), told.get("sessionToken")
    ends = _moment(told.get("expiration"), per_second=1000)
    if not (key and isinstance(key, str) and isinstance(secret, str) and isinstance(token, str)) or ends is None:
        return broken(), None
    return judged(answer), RoleCredentials(
        access_key_id=key, secret_access_key=secret, session_token=token, expires_at=ends, account=account
    )


def _client_of(registration: Registration) -> dict[str, str]:
    return {"clientId": registration.client_id, "clientSecret": registration.client_secret}


def _seconds(value: object) -> int:
    """Return a life in seconds; 0 for what is none."""
    return value if isinstance(value, int) and 0 < value < LONGEST and value is not True else 0


def _moment(value: object, per_second: int = 1) -> datetime | None:
    """Return an epoch time as an aware datetime; None for what is none."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None
