"""The desk of a Mac: seconds since the last input and whether the screen is locked, by Quartz. The one user of it.

Sources: CGEventSourceSecondsSinceLastEventType and CGSessionCopyCurrentDictionary of Apple's Quartz documentation. The
key of the lock is not documented, but set since macOS 10.13; without it the lock is unknown.
"""

import sys

from keeplit.adapters.presence.measured import NOTHING, Measured

ANY_INPUT = 0xFFFFFFFF  # kCGAnyInputEventType
HARDWARE = 1  # kCGEventSourceStateHIDSystemState


class Mac:
    """The window server of the person's own session."""

    name = "macos"

    def measure(self) -> Measured:
        """Return the idle time and the lock; nothing where no window server answers (SSH, another user's session)."""
        if sys.platform != "darwin":
            return NOTHING
        import Quartz

        session = Quartz.CGSessionCopyCurrentDictionary()
        if session is None:
            return NOTHING
        locked = bool(session.get("CGSSessionScreenIsLocked", False))
        away = not session.get("kCGSSessionOnConsoleKey", True)
        idle = Quartz.CGEventSourceSecondsSinceLastEventType(HARDWARE, ANY_INPUT)
        return Measured(idle=float(idle), locked=locked or away)

    def stop(self) -> None:
        """Nothing is held."""
