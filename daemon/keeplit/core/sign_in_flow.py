"""The nouns of a sign-in under way: the page a person is sent to, and the device code that waits for them. Pure.

Law: the device code never shows in a ``repr``, and neither does the page's address: it is for the person's own terminal
alone.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta

HOST = re.compile(r"[a-z0-9.-]{1,253}")


@dataclass(frozen=True, slots=True)
class Page:
    """Where a person signs in, and the code to compare or type there; a browser flow of PKCE has no code."""

    url: str = field(repr=False)
    user_code: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """Return the host that this address leads to; empty where a browser may read it in another way than we do.

        One takes a backslash for a slash, and leaves out tabs and line ends: another host than a parser says.
        """
        from urllib.parse import urlsplit  # late: there is seldom a page

        if not self.url.isascii() or not self.url.isprintable() or "\\" in self.url or " " in self.url:
            return ""
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return ""
        if not HOST.fullmatch(host):
            return ""
        return host if port is None else f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A sign-in that waits for a person (StartDeviceAuthorization; RFC 8628)."""

    page: Page
    device_code: str = field(repr=False)
    life: timedelta
    interval: timedelta
