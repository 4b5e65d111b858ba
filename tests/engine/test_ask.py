from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, files, notebook
from keeplit.core.model import Kind, Session, Verb, Wish
from keeplit.engine import ask, run
from keeplit.engine.living import prepare
from keeplit.engine.world import RealWorld
from keeplit.sandbox.clients import ACME
from tests.engine.lit_laptop import Laptop, laptop


@pytest.fixture
def lit(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, its profile in use."""
    with laptop(own_home) as mine:
        mine.configure('[claude]\nprofile = "work"\n')
        yield mine


def acme(lit: Laptop) -> Session:
    """Return the session acme."""
    return Session(lit.token_file.stem, "acme", Kind.SSO_SESSION, ACME, "us-east-1")


def test_without_a_daemon_a_wish_is_answered_by_a_turn_of_our_own(lit: Laptop) -> None:
    """A pause without a daemon is in memory at once, its wish gone."""
    answer = ask.wish(lit.paths, lit.environ, Verb.PAUSE, duration=timedelta(hours=1))
    assert answer is not None
    assert (answer.state, answer.code) == ("done", "paused")
    assert list(lit.paths.wishes.iterdir()) == []
    memory, _ = notebook.read_memory(lit.paths.memory)
    assert memory.paused_until is not None


def test_a_turn_of_our_own_does_its_own_action_alone(lit: Laptop) -> None:
    """A renewal that is asked for without a daemon is made, and nothing is published."""
    lit.sign_in()
    before = lit.token["accessToken"]
    run.once(RealWorld(lit.paths, lit.environ, publishes=True), lit.paths)
    published = lit.paths.status.read_bytes()
    answer = ask.wish(lit.paths, lit.environ, Verb.REFRESH, session=acme(lit), within=30)
    assert answer is not None
    assert answer.state == "done"
    assert lit.token["accessToken"] != before
    assert lit.paths.status.read_bytes() == published


def test_a_daemon_that_does_not_answer_is_no_answer(lit: Laptop) -> None:
    """With a daemon that is stuck the wish waits in its folder, and whoever asked is told that none came."""
    prepare(lit.paths)
    with files.lock(lit.paths.daemon_lock, timeout=1.0):
        assert ask.wish(lit.paths, lit.environ, Verb.RESUME, within=0.2) is None
    assert len(list(lit.paths.wishes.iterdir())) == 1


def test_a_wish_that_waits_has_its_answer_told_in_time(lit: Laptop) -> None:
    """A wish for an action says that it waits where the time is up before the daemon acts."""
    lit.sign_in()
    prepare(lit.paths)
    world = RealWorld(lit.paths, lit.environ)
    with files.lock(lit.paths.daemon_lock, timeout=1.0):
        wanted = Wish("w", Verb.SIGN_IN, lit.token_file.stem, not_after=clock.now() + timedelta(minutes=1))
        notebook.write_wish(lit.paths.wishes, wanted)
        ask.own_turn(lit.paths, lit.environ)
        answer = ask.answer_to(lit.paths, lit.environ, wanted, clock.now())
    assert answer is not None
    assert (answer.state, world.started) == ("waiting", False)


def test_two_turns_of_our_own_come_one_after_the_other(lit: Laptop) -> None:
    """A turn of our own waits for the one of another command."""
    prepare(lit.paths)
    with files.lock(lit.paths.state / "memory.lock", timeout=1.0):
        held = files.try_lock(lit.paths.state / "memory.lock")
        assert held is None
    ask.own_turn(lit.paths, lit.environ)
    assert lit.paths.memory.exists()
