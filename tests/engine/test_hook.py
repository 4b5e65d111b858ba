"""Tests of what is done when a turn of Claude Code died of its credentials."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import files
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Outcome, Result
from keeplit.core.hooks import GO_ON
from keeplit.engine import for_claude, hook

DIED = json.dumps({"hook_event_name": "StopFailure", "error": "authentication_failed"}).encode()


@pytest.fixture
def paths(own_home: Path) -> Paths:
    """Give the paths of a home."""
    return places.find(os.environ)


class Scene:
    """A recovery that ends as it is told, and what a person heard."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
        self.ran: list[Any] = []
        self.told: list[tuple[str, str]] = []
        self.code = code
        monkeypatch.setattr(for_claude, "run", self.run)

    def run(self, paths: Any, environ: Any, profile: Any, out: Any, err: Any) -> int:
        self.ran.append(profile)
        return self.code

    def tell(self, title: str, text: str) -> Outcome:
        self.told.append((title, text))
        return Outcome(Result.DONE)


@pytest.mark.parametrize(("code", "told"), [(0, [GO_ON]), (1, []), (3, [])])
def test_it_recovers_and_says_when_work_can_go_on(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, code: int, told: list[tuple[str, str]]
) -> None:
    """By the profile of Claude Code's environment; a recovery that waits for a person says nothing of its own."""
    scene = Scene(monkeypatch, code)
    assert hook.turn_failed(paths, {}, DIED, scene.tell) == code
    assert (scene.ran, scene.told) == ([None], told)


def test_another_failure_is_none_of_our_business(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rate limit is not mended by a sign-in."""
    scene = Scene(monkeypatch, 0)
    assert hook.turn_failed(paths, {}, b'{"error": "rate_limit"}', scene.tell) == 0
    assert (scene.ran, scene.told) == ([], [])


@pytest.mark.parametrize("given", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_what_cannot_be_read_is_looked_after(paths: Paths, monkeypatch: pytest.MonkeyPatch, given: bytes) -> None:
    """The hook was called for a failure of credentials: the matcher says so."""
    scene = Scene(monkeypatch, 0)
    hook.turn_failed(paths, {}, given, scene.tell)
    assert scene.told == [GO_ON]


def test_ten_windows_that_fail_at_once_are_one_failure(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes while one recovers is over at once."""
    scene = Scene(monkeypatch, 0)
    held = files.try_lock(files.private_folder(paths.state) / hook.LOCK)
    assert held is not None
    with held:
        assert hook.turn_failed(paths, {}, DIED, scene.tell) == 0
    assert (scene.ran, scene.told) == ([], [])
