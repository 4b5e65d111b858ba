"""The command `tray`, as it is typed."""

from __future__ import annotations

import sys

import pytest

from keeplit.ui import fast, tray_process
from tests.ui.typing_person import Typist


def test_the_command_says_why_no_flame_is_shown(person: Typist) -> None:
    """There is no display in a test."""
    said = person.types("tray", "--no-daemon")

    assert said.code == 1
    assert said.err.startswith("keeplit: The flame needs ")


@pytest.mark.parametrize(("typed", "lights"), [(["tray"], True), (["tray", "--no-daemon"], False)])
def test_the_flame_is_started_without_the_command_line(
    typed: list[str], monkeypatch: pytest.MonkeyPatch, *, lights: bool
) -> None:
    """It stays for days, and need not hold all commands in memory."""
    begun: list[bool] = []

    def main(environ: object, *, lights: bool) -> int:
        begun.append(lights)
        return 5

    monkeypatch.setattr(tray_process, "main", main)
    monkeypatch.setattr(sys, "argv", ["keeplit", *typed])

    assert (fast.main(), begun) == (5, [lights])
