import os
import sys
from pathlib import Path

import pytest

from keeplit.engine import aws_cli_install


def test_the_command_of_this_machine_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Mac with Homebrew; on one without, nothing is offered."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert aws_cli_install.command({"PATH": str(tmp_path)}) == ()
    brew = tmp_path / "brew"
    brew.write_text("#!/bin/sh\n")
    brew.chmod(0o755)
    assert aws_cli_install.command({"PATH": str(tmp_path)}) == ("brew", "install", "awscli")


def test_it_is_said_how_the_installer_ended() -> None:
    """Nothing where it ended well."""
    python = sys.executable
    assert aws_cli_install.run([python, "-c", ""], os.environ) == ""
    assert aws_cli_install.run([python, "-c", "raise SystemExit(3)"], os.environ) == f"{python} ended with 3"
    assert aws_cli_install.run(["/nowhere/brew"], os.environ).startswith("/nowhere/brew could not be started")
