"""Tests of keeplit's row as setup plans it: beside all else that stands there, once."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from keeplit.adapters import own_command
from keeplit.core.own_statusline import NotComposable
from keeplit.engine import setup_row

PROGRAM = "/opt/keeplit/bin/keeplit"
NOWHERE: Mapping[str, str] = {}


@pytest.fixture(autouse=True)
def _program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give keeplit a path."""
    monkeypatch.setattr(own_command, "program", lambda _: PROGRAM)


def test_the_row_comes_in_once() -> None:
    """What is there already is left as it is, every byte."""
    once = setup_row.with_row('{"theme":  "dark"}', NOWHERE)
    assert once.startswith('{"theme":  "dark"')
    assert json.loads(once)["statusLine"]["command"] == f"{PROGRAM} statusline"
    assert setup_row.with_row(once, NOWHERE) == once


def test_a_row_of_their_own_stands_in_ours() -> None:
    """Word for word."""
    text = setup_row.with_row('{"statusLine": {"type": "command", "command": "mine --all"}}', NOWHERE)
    assert json.loads(text)["statusLine"]["command"].endswith("statusline --with 'mine --all'")


def test_what_cannot_be_shared_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slot of another kind; and a keeplit that Claude Code could not run."""
    with pytest.raises(NotComposable, match="stays as it is"):
        setup_row.with_row('{"statusLine": 1}', NOWHERE)
    monkeypatch.setattr(own_command, "program", lambda _: None)
    with pytest.raises(NotComposable, match="no path of its own"):
        setup_row.with_row("{}", NOWHERE)
