from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.bed import Bed, bed


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Bed]:
    """Give a throw-away desktop."""
    with bed(tmp_path / "desktop") as made:
        yield made
