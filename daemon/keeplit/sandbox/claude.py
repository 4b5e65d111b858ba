"""The pretend Claude Code: for one profile it works every second, with the credentials that keeplit hands out.

Law: it is the measure of the sandbox, and so it does what Claude Code does and nothing kinder. It takes what ``keeplit
credentials`` prints, keeps that until shortly before its end, and calls AWS with it; a second in which AWS says no is a
dark second, whatever the reason.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from keeplit.sandbox.clockwork import Now, wall

ASKS_BEFORE_END = timedelta(seconds=5)
ASKS_AGAIN = timedelta(seconds=2)
PATIENCE = timedelta(seconds=45)
ANSWERS_WITHIN = 3.0
OK = 200


@dataclass(frozen=True, slots=True)
class Second:
    """One second of work: whether AWS took the credentials, and if not, what was said."""

    at: datetime
    lit: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """Role credentials as ``credential_process`` writes them."""

    access_key_id: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_at: datetime


@dataclass(slots=True)
class Claude:
    """Claude Code on one profile; ``command`` is how keeplit is called, ``url`` where the sandbox is."""

    profile: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(repr=False)
    url: str
    now: Now = wall
    complaint: str = ""
    """Why keeplit had no credentials when it was asked last; empty when it had."""
    _keys: Keys | None = field(default=None, repr=False)
    _asking: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _asked_at: datetime | None = field(default=None, repr=False)
    _answered: bool = False

    def work(self) -> Second | None:
        """Work for a second; None while the very first credentials are still awaited."""
        self._listen()
        self._ask_where_due()
        now = self.now()
        if self._keys is None:
            return Second(now, lit=False, why=self.complaint) if self._answered else None
        said = self._call_aws(self._keys)
        return Second(now, not said, " · ".join(filter(None, (said, self.complaint))) if said else "")

    def close(self) -> None:
        """End the question that may be under way."""
        if self._asking is not None:
            self._asking.kill()
            self._asking.communicate()
            self._asking = None

    def _ask_where_due(self) -> None:
        now = self.now()
        enough = self._keys is not None and self._keys.expires_at - now > ASKS_BEFORE_END
        lately = self._asked_at is not None and now - self._asked_at < ASKS_AGAIN
        if enough or lately or self._asking is not None:
            return
        self._asked_at = now
        self._asking = subprocess.Popen(
            [*self.command, "credentials", "--profile", self.profile, "--format", "process"],
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def _listen(self) -> None:
        asking, asked_at = self._asking, self._asked_at
        if asking is None or asked_at is None:
            return
        if asking.poll() is None:
            if self.now() - asked_at > PATIENCE:
                self.close()
                self._answered = True
            self.complaint = f"keeplit credentials has not answered for {(self.now() - asked_at).seconds} s"
            return
        printed, complained = asking.communicate()
        self._asking, self._answered = None, True
        keys = _keys(printed) if asking.returncode == 0 else None
        if keys is not None:
            self._keys, self.complaint = keys, ""
            return
        last = complained.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it says nothing"]
        self.complaint = f"keeplit credentials (exit {asking.returncode}): {last[0].removeprefix('keeplit: ')}"

    def _call_aws(self, keys: Keys) -> str:
        """Call GetCallerIdentity; return nothing when AWS answers, else its word for no."""
        scope = f"{keys.access_key_id}/{self.now():%Y%m%d}/us-east-1/sts/aws4_request"
        # The sandbox's STS looks at the keys and their end; it verifies no signature.
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none",
            "X-Amz-Security-Token": keys.session_token,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection = HTTPConnection("127.0.0.1", urlsplit(self.url).port, timeout=ANSWERS_WITHIN)
        try:
            connection.request("POST", "/sts/", "Action=GetCallerIdentity&Version=2011-06-15", headers)
            response = connection.getresponse()
            body = response.read().decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            return f"AWS does not answer ({type(error).__name__})"
        finally:
            connection.close()
        if response.status == OK:
            return ""
        return body.partition("<Code>")[2].partition("</Code>")[0] or f"HTTP {response.status}"


def _keys(printed: bytes) -> Keys | None:
    """Read what a ``credential_process`` prints; None where it is something else."""
    try:
        told = json.loads(printed)
        end = datetime.fromisoformat(told["Expiration"])
        keys = Keys(told["AccessKeyId"], told["SessionToken"], end.astimezone(UTC))
    except (ValueError, LookupError, TypeError):
        return None
    return keys
