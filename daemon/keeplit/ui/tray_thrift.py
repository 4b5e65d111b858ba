"""What the flame's process does without: it stays for days, and each MB of it is counted.

Law: only what comes back by itself where somebody needs it, or is needed by nobody here, is left out.
"""

import contextlib
import sys
from importlib.util import find_spec

from keeplit.adapters.tray_parts import without

ARENAS, MAPPED_FROM = -8, -3  # of glibc's mallopt
LARGE = 1 << 17
# What hashlib is without OpenSSL; some distributions build Python without them.
HASHES = ("_md5", "_sha1", "_sha3", "_sha512" if sys.version_info < (3, 12) else "_sha2", "_blake2")


def begin() -> None:
    """Save what can be saved; to be called before anything else is loaded."""
    if sys.platform.startswith("linux"):
        own_hashes()
        one_pool()


def own_hashes() -> None:
    """Have hashlib take Python's own functions where it has all of them: OpenSSL, loaded for a digest, is 4 MB."""
    if "hashlib" in sys.modules or not all(find_spec(name) for name in HASHES):
        return
    with without("_hashlib"):
        import hashlib  # noqa: F401  # it decides now
        import hmac  # noqa: F401  # as hashlib


def one_pool() -> None:
    """Have glibc keep one pool for all threads and give large pieces back: some MB less for a process of days."""
    import ctypes

    with contextlib.suppress(AttributeError, OSError):  # other C libraries have none of it
        library = ctypes.CDLL(None)
        library.mallopt(ARENAS, 1)
        library.mallopt(MAPPED_FROM, LARGE)
