"""The nouns of a sign-in under way: the page a person is sent to, and the device code that waits for them. Pure.

Law: the device code never shows in a ``repr``, and neither does the page's address: it is for the person's own terminal
alone.
"""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Page:
    """Where a person signs in, and the code to compare or type there; a browser flow of PKCE has no code."""

    url: str = field(repr=False)
    user_code: str = ""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A sign-in that waits for a person (StartDeviceAuthorization; RFC 8628)."""

    page: Page
    device_code: str = field(repr=False)
    life: timedelta
    interval: timedelta
