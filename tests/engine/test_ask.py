from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, files, notebook
from keeplit.core.deeds import Outcome
from keeplit.core.learn import answered
from keeplit.core.memory import Answer, Asked, SessionMemory
from keeplit.core.model import Kind, Session, Verb, Wish
from keeplit.engine import ask, extend, run
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


@pytest.mark.parametrize("verb", [Verb.LOGOUT, Verb.EXTEND])
def test_what_ends_a_sign_in_is_taken_back_by_who_gives_up(lit: Laptop, verb: Verb) -> None:
    """No daemon finds it later, when a person has signed in anew."""
    lit.sign_in()
    prepare(lit.paths)
    with files.lock(lit.paths.daemon_lock, timeout=1.0):
        assert ask.wish(lit.paths, lit.environ, verb, session=acme(lit), within=0.2) is None
    assert list(lit.paths.wishes.iterdir()) == []
    assert run.once(RealWorld(lit.paths, lit.environ, publishes=True), lit.paths).performed == ()


@pytest.mark.parametrize(
    ("verb", "within"),
    [
        (Verb.LOGOUT, timedelta(seconds=7)),
        (Verb.EXTEND, timedelta(seconds=7)),
        (Verb.SIGN_IN, timedelta(minutes=2)),
        (Verb.REFRESH, timedelta(minutes=2)),
        (Verb.STOP, timedelta(minutes=2)),
        (Verb.PAUSE, None),
        (Verb.RESUME, None),
    ],
)
def test_a_wish_lives_as_long_as_its_verb_says(
    lit: Laptop, verb: Verb, within: timedelta | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends a sign-in no longer than somebody waits for it."""
    given: list[tuple[Wish, datetime]] = []
    monkeypatch.setattr(ask, "answer_to", lambda _p, _e, wanted, until: given.append((wanted, until)))
    before = clock.now()
    ask.wish(lit.paths, lit.environ, verb, session=acme(lit), within=7)
    (wanted, until), after = given[0], clock.now()
    assert before + timedelta(seconds=7) <= until <= after + timedelta(seconds=7)
    if within is None:
        assert wanted.not_after is None
    else:
        assert wanted.not_after is not None
        assert before + within <= wanted.not_after <= after + within


def interrupted(monkeypatch: pytest.MonkeyPatch, first: Callable[[], object] = lambda: None) -> None:
    """Press Ctrl-C at the first wait of whoever asks, after `first` happened."""

    def sleep(_: float) -> None:
        first()
        raise KeyboardInterrupt

    monkeypatch.setattr(clock, "sleep", sleep)


def taken(lit: Laptop, *answers: Answer) -> None:
    """Write what a daemon writes that has taken the wish: the answer in its memory, the wish gone."""
    (wish,) = notebook.read_wishes(lit.paths.wishes).wishes
    memory, _ = notebook.read_memory(lit.paths.memory)
    asked = SessionMemory(asked=Asked(wish.verb, wish.id, clock.now() + timedelta(minutes=1)))
    for answer in answers:
        memory = answered(replace(memory, sessions={wish.session: asked}), replace(answer, id=wish.id))
    notebook.write_memory(lit.paths.memory, memory)
    notebook.drop_wishes(lit.paths.wishes, [wish.id])


@pytest.mark.parametrize("verb", [Verb.LOGOUT, Verb.PAUSE, Verb.SIGN_IN])
def test_an_interrupt_takes_a_wish_back(lit: Laptop, verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was wished for: nobody does it later."""
    prepare(lit.paths)
    interrupted(monkeypatch)
    with files.lock(lit.paths.daemon_lock, timeout=1.0), pytest.raises(KeyboardInterrupt):
        ask.wish(lit.paths, lit.environ, verb, session=acme(lit))
    assert list(lit.paths.wishes.iterdir()) == []


@pytest.mark.parametrize(
    ("answers", "state", "code"),
    [
        ((Answer("", "waiting", "logout"),), "waiting", "logout"),
        ((Answer("", "done", "done"),), "done", "done"),
        ((), "waiting", "under_way"),  # a daemon that cannot write its memory
    ],
)
def test_an_interrupt_of_what_is_taken_tells_how_it_stands(
    lit: Laptop, answers: tuple[Answer, ...], state: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon is at it, or has done it: nobody is told that nothing happened."""
    prepare(lit.paths)
    interrupted(monkeypatch, lambda: taken(lit, *answers))
    with files.lock(lit.paths.daemon_lock, timeout=1.0):
        answer = ask.wish(lit.paths, lit.environ, Verb.LOGOUT, session=acme(lit))
    assert answer is not None
    assert (answer.state, answer.code) == (state, code)


def test_an_interrupt_of_a_turn_of_our_own_leaves_no_request(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is at it, and a daemon that starts in the next seconds does not go on with it."""
    lit.sign_in()

    def logout(*_: object) -> Outcome:
        raise KeyboardInterrupt

    monkeypatch.setattr(extend, "logout", logout)
    answer = ask.wish(lit.paths, lit.environ, Verb.LOGOUT, session=acme(lit))
    assert answer is not None
    assert (answer.state, answer.code) == ("refused", "taken_back")
    assert run.once(RealWorld(lit.paths, lit.environ, publishes=True), lit.paths).performed == ()


def test_an_interrupt_does_not_wait_for_another_commands_turn(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """That turn may be at it: it still waits."""
    lit.sign_in()
    prepare(lit.paths)
    wanted = Wish("w", Verb.LOGOUT, lit.token_file.stem, not_after=clock.now() + timedelta(minutes=1))
    notebook.write_wish(lit.paths.wishes, wanted)
    ask.own_turn(lit.paths, lit.environ)
    held = files.try_lock(lit.paths.state / ask.LOCK)
    assert held is not None
    with held:
        answer = ask.give_up(lit.paths, wanted)
    assert answer == Answer("w", "waiting", "logout")


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
