from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.adapters.autostart.tools import Tools, tools


@pytest.fixture
def machine(tmp_path: Path, own_home: Path) -> Tools:
    """Give the tools of every system, as shell scripts that note and remember."""
    if os.name != "posix":
        pytest.skip("shell scripts stand in for the tools")
    return tools(tmp_path / "tools", own_home)
