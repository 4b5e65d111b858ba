"""What the end-to-end tests share: a machine of their own, and one that has a real AWS CLI v2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.machine import Machine, machine, stand_in

TAB_OPENED = """\
#!/bin/sh
if [ "$1" = --version ]; then echo "aws-cli/2.15.0 Python/3.11.6 Linux/6 exe/x86_64"; exit 0; fi
echo "$$" >> "$HOME/tabs"
echo "Attempting to automatically open the SSO authorization page in your default browser."
echo "https://device.sso.us-east-1.amazonaws.com/"
echo
echo "ABCD-EFGH"
echo
exec sleep 600
"""
"""An AWS CLI v2 whose person never answers: it notes that a tab was opened, and waits."""


@pytest.fixture
def desk(own_home: Path) -> Iterator[Machine]:
    """Give a machine on a sandbox, its person there and its profile in use."""
    with machine(own_home) as found:
        yield found


@pytest.fixture
def waiting_cli(own_home: Path) -> Path:
    """Give a folder with an `aws` that opens a tab and waits for a person who never comes."""
    return stand_in(own_home / "waiting", "aws", TAB_OPENED)
