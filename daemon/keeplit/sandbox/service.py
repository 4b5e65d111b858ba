"""What every handler gets to work with, and what a route is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from keeplit.sandbox.clockwork import Clockwork
from keeplit.sandbox.directory import Directory
from keeplit.sandbox.faults import Faults
from keeplit.sandbox.identity import Identity
from keeplit.sandbox.nouns import Lifetimes
from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.request_log import RequestLog
from keeplit.sandbox.role_credentials import Vault
from keeplit.sandbox.wire import Request, Response


@dataclass(frozen=True, slots=True)
class Service:
    """The state behind one address."""

    url: str
    clock: Clockwork
    identity: Identity
    directory: Directory
    vault: Vault
    faults: Faults
    log: RequestLog

    def set_lifetimes(self, lifetimes: Lifetimes) -> None:
        """Give what is issued from now on other lifetimes."""
        self.identity.sessions.lifetimes = lifetimes
        self.vault.lifetimes = lifetimes


@dataclass(frozen=True, slots=True)
class Route:
    """An operation, where it is found (``path`` is a full match), who answers it, and how its refusals are written."""

    operation: str
    method: str
    path: re.Pattern[str]
    handle: Callable[[Service, Request], Response]
    refuse: Callable[[Refused], Response]
