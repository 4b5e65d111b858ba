"""The desk of Windows: the last input, the lock, the network, by the system's own functions.

Sources: GetLastInputInfo, GetTickCount, OpenInputDesktop, InternetGetConnectedState in Microsoft's Win32 documentation.
"""

import ctypes
import sys

from keeplit.adapters.presence.measured import NOTHING, Measured
from keeplit.core.model import Network

WRAPS_AT = 1 << 32
MILLISECONDS = 1000.0
SWITCH_DESKTOP = 0x0100


class LastInput(ctypes.Structure):
    """LASTINPUTINFO."""

    _fields_ = (("size", ctypes.c_uint), ("time", ctypes.c_uint))


class Windows:
    """The person's own session of Windows."""

    name = "windows"

    def measure(self) -> Measured:
        """Return the idle time, the lock and the network."""
        if sys.platform != "win32":
            return NOTHING
        return Measured(idle=self._idle(), locked=self._locked(), network=self._network())

    if sys.platform == "win32":

        def _idle(self) -> float | None:
            last = LastInput(ctypes.sizeof(LastInput), 0)
            if not ctypes.windll.user32.GetLastInputInfo(ctypes.byref(last)):
                return None
            ticks = int(ctypes.windll.kernel32.GetTickCount())
            return ((ticks - int(last.time)) % WRAPS_AT) / MILLISECONDS  # the count starts again every 49.7 days

        def _locked(self) -> bool:
            """Whether the desktop that takes input is not ours to switch to: the lock screen's is not."""
            user32 = ctypes.windll.user32
            user32.OpenInputDesktop.restype = ctypes.c_void_p
            user32.CloseDesktop.argtypes = (ctypes.c_void_p,)
            desktop = user32.OpenInputDesktop(0, False, SWITCH_DESKTOP)  # noqa: FBT003  # a C function takes no names
            if not desktop:
                return True
            user32.CloseDesktop(desktop)
            return False

        def _network(self) -> Network:
            flags = ctypes.c_uint(0)
            connected = ctypes.windll.wininet.InternetGetConnectedState(ctypes.byref(flags), 0)
            return Network.UP if connected else Network.DOWN

    def stop(self) -> None:
        """Nothing is held."""
