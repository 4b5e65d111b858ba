"""The flame's process begins by what it leaves out."""

from __future__ import annotations

import subprocess
import sys

import pytest

from keeplit.engine import tray_check
from keeplit.ui import tray_process


@pytest.mark.parametrize(("code", "said"), [("no_host", "Nothing on this desktop shows tray icons"), ("", "")])
def test_whoever_asks_is_told_what_is_missing(code: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the flame's own words, without one being shown."""
    monkeypatch.setattr(tray_check, "missing", lambda environ: code)
    found = tray_process.missing({})

    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_what_can_be_left_out_is_not_loaded_before() -> None:
    """Whoever imports this has time to say so: no digest, no picture, nothing of ours but the way there."""
    code = "import sys; import keeplit.ui.tray_process; print(*sorted(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout

    loaded = set(said.split())
    assert not loaded & {"hashlib", "_hashlib", "logging", "ssl", "asyncio", "PIL", "dataclasses"}
    assert {name for name in loaded if name.startswith("keeplit.") and name.count(".") > 1} == {
        "keeplit.adapters.tray_parts",
        "keeplit.ui.tray_process",
        "keeplit.ui.tray_thrift",
    }
