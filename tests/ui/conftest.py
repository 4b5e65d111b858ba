"""What the tests of the commands share: somebody who types them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.typing_person import Typist, typist


@pytest.fixture
def person(own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Typist]:
    """Give somebody at a laptop on a sandbox, nobody signed in."""
    with typist(own_home, monkeypatch, capsys) as found:
        yield found
