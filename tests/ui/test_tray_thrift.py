"""What the flame does without does its work all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from keeplit.ui import tray_thrift

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it is Linux's libraries that are large")


def said(code: str) -> str:
    """Run Python and return what it printed."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_digests_are_right_without_openssl() -> None:
    """Those that are used here and in what is loaded, and a keyed one."""
    code = """
import sys
from keeplit.ui import tray_thrift
tray_thrift.begin()
import hashlib, hmac, secrets, tempfile, uuid
print(hashlib.sha256(b"flame").hexdigest()[:8], hashlib.sha1(b"flame", usedforsecurity=False).hexdigest()[:8])
print(hmac.new(b"key", b"flame", "sha256").hexdigest()[:8], hmac.compare_digest("a", "a"), len(uuid.uuid4().hex))
print(any("libcrypto" in line for line in open("/proc/self/maps")), "_hashlib" in sys.modules)
"""
    import hashlib
    import hmac

    digests = [hashlib.sha256(b"flame"), hashlib.sha1(b"flame", usedforsecurity=False)]
    keyed = hmac.new(b"key", b"flame", "sha256")
    assert said(code).splitlines() == [
        " ".join(one.hexdigest()[:8] for one in digests),
        f"{keyed.hexdigest()[:8]} True 32",
        "False False",
    ]


def test_openssl_comes_where_somebody_needs_it() -> None:
    """A connection, for example; nothing is kept from anybody."""
    begun = "from keeplit.ui import tray_thrift; tray_thrift.begin()"
    code = f"{begun}; import ssl, _hashlib; print(bool(ssl.OPENSSL_VERSION))"

    assert said(code) == "True"


def test_a_python_without_functions_of_its_own_keeps_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some distributions leave them out: there hashlib would have no SHA-256."""
    monkeypatch.setattr(tray_thrift, "HASHES", ("_none",))
    monkeypatch.delitem(sys.modules, "hashlib")
    tray_thrift.own_hashes()

    assert "hashlib" not in sys.modules


def test_what_is_loaded_already_stays() -> None:
    """Called late it changes nothing."""
    import hashlib

    before = hashlib.sha256
    tray_thrift.begin()

    assert sys.modules["hashlib"].sha256 is before
