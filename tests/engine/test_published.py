"""The published status as interfaces read it: whole or not at all, and true also without its daemon."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import clock, files
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.core.view import rfc3339
from keeplit.engine import published
from keeplit.engine.living import prepare
from tests.core.lit_status import session, status, trouble


@pytest.fixture
def paths(own_home: Path) -> Paths:
    """Give the paths of a home with our folders."""
    found = places.find(os.environ)
    prepare(found)
    return found


def publish(paths: Paths, document: Any) -> None:
    """Write a status as the daemon does."""
    files.replace(paths.status, json.dumps(document).encode())


def alive() -> Any:
    """Return a status whose token lives now."""
    ends = rfc3339(clock.now() + timedelta(minutes=30))
    return status(session(access_expires_at=ends), troubles=[trouble()])


def test_the_status_of_a_daemon_that_lives_is_read_as_it_is(paths: Paths) -> None:
    """Every key of it."""
    told = alive()
    publish(paths, told)

    with files.lock(paths.daemon_lock, timeout=1.0):
        assert published.read(paths, clock.now()) == told


def test_without_its_daemon_nothing_of_it_is_to_come(paths: Paths) -> None:
    """The file still says that one runs; the lock says that it does not."""
    publish(paths, alive())

    found = published.read(paths, clock.now())

    assert found["daemon"]["running"] is False
    assert [(one["state"], one["next_action"]) for one in found["sessions"]] == [("fresh", None)]


def test_a_status_of_an_older_daemon_has_no_notices(paths: Paths) -> None:
    """It is read all the same; notices of another shape make it no status."""
    told = alive()
    with files.lock(paths.daemon_lock, timeout=1.0):
        publish(paths, {key: value for key, value in told.items() if key != "notices"})
        older = published.read(paths, clock.now())
        publish(paths, {**told, "notices": [{"id": "x"}]})
        odd = published.read(paths, clock.now())

    assert older == told
    assert odd["sessions"] == []


def test_a_status_of_an_older_daemon_lacks_keys_that_may_be_null(paths: Paths) -> None:
    """They are null then."""
    told = alive()
    del told["sessions"][0]["next_action_at"], told["paused_until"]
    publish(paths, told)

    with files.lock(paths.daemon_lock, timeout=1.0):
        found = published.read(paths, clock.now())

    assert (found["sessions"][0]["next_action_at"], found["paused_until"]) == (None, None)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"schema": 2},
        {**status(), "schema": "1"},
        {**status(), "daemon": None},
        {**status(), "sessions": None},
        {**status(), "sessions": [5]},
        {**status(), "sessions": [{}]},
        {**status(), "sessions": [session(state=None)]},
        {**status(), "sessions": [session(refreshable="yes")]},
        {**status(), "troubles": {}},
        {**status(), "settings": {"path": 5}},
        {**status(), "profile": 5},
    ],
)
def test_what_is_no_status_is_none(paths: Paths, document: Any) -> None:
    """Then nothing is kept, as far as anybody can tell."""
    publish(paths, document)

    with files.lock(paths.daemon_lock, timeout=1.0):
        assert published.read(paths, clock.now()) == published.NOTHING


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_none(paths: Paths, content: bytes) -> None:
    """Nothing is raised."""
    files.replace(paths.status, content)

    assert published.read(paths, clock.now()) == published.NOTHING


def test_before_anything_is_published_there_is_nothing(paths: Paths) -> None:
    """No file is no error."""
    assert published.read(paths, clock.now()) == published.NOTHING
