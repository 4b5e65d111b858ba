"""What the tests of autostart share: a home with an installed keeplit, in which nothing is really started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keeplit.adapters import autostart as adapter
from keeplit.adapters import own_command
from keeplit.adapters import paths as places
from keeplit.engine import daemon_start
from tests.end_to_end.machine import stand_in
from tests.engine.autostart_bed import PROGRAM, Bed


@pytest.fixture
def bed(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bed:
    """Give a home with an installed keeplit and an AWS CLI v2, in which nothing is really started."""
    aws = stand_in(tmp_path / "aws", "aws", "#!/bin/sh\necho aws-cli/2.15.0 Python/3.11.6\n")
    environ = {"HOME": str(own_home), "PATH": f"{aws}{os.pathsep}/usr/bin", "USER": "sam", "DISPLAY": ":0"}
    found = Bed(places.find(environ), environ)

    def begin(*_: object) -> str:
        found.begun.append("daemon")
        return ""

    monkeypatch.setattr(own_command, "program", lambda _: PROGRAM)
    monkeypatch.setattr(adapter, "find", lambda *_: found.starters)
    monkeypatch.setattr(daemon_start, "begin", begin)
    return found
