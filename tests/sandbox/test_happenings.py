from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import notebook
from keeplit.core.backoff import Backoff
from keeplit.core.memory import Memory, SessionMemory
from keeplit.sandbox.clients import ACME, LEGACY, person_file
from keeplit.sandbox.clockwork import Clockwork
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.happenings import Happening, Watcher, What, key_of, session_of, session_of_label
from keeplit.sandbox.person import Tab, note_tab
from keeplit.sandbox.server import Sandbox
from tests.sandbox.conftest import NOON

SignIn = Callable[..., Any]


@pytest.fixture
def watcher(sandbox: Sandbox, tmp_path: Path) -> Watcher:
    """Give a watcher of the running sandbox and of files that are not there yet."""
    return Watcher(sandbox.log, sandbox.sessions, person_file(tmp_path), tmp_path / "memory.json", sandbox.clock)


def seen(watcher: Watcher) -> list[tuple[What, str]]:
    """Return what is new, in short."""
    return [(one.what, one.session) for one in watcher.news()]


def remember(watcher: Watcher, memory: SessionMemory) -> None:
    """Write down what keeplit would remember of acme."""
    notebook.write_memory(watcher.memory, Memory({key_of("acme"): memory}))


def tab(watcher: Watcher) -> None:
    """Let a tab of acme open."""
    note_tab(watcher.person, Tab(NOON, "device", ACME, "test"))


def test_a_token_for_a_tab_is_a_sign_in_and_any_other_a_renewal(watcher: Watcher, sign_in: SignIn) -> None:
    """Told apart by whether a tab of that start URL waits for the person."""
    assert seen(watcher) == []
    tab(watcher)
    signed_in = sign_in()
    assert seen(watcher) == [(What.TAB, "acme"), (What.SIGNED_IN, "acme")]
    signed_in.refresh()
    assert seen(watcher) == [(What.RENEWED, "acme")]
    assert seen(watcher) == []


def test_a_renewal_after_a_failure_is_a_recovery(watcher: Watcher, sign_in: SignIn, sandbox: Sandbox) -> None:
    """The failure is read from keeplit's memory, the recovery from what AWS gave out."""
    tab(watcher)
    signed_in = sign_in()
    watcher.news()
    sandbox.faults.inject("CreateToken", Fault("server_error", times=1))
    with pytest.raises(Exception, match="InternalServer"):
        signed_in.refresh()
    failed = SessionMemory(refresh=Backoff(1, NOON, timedelta(seconds=5), "transient"))
    remember(watcher, failed)
    assert watcher.news() == (Happening(NOON, What.FAILED, "acme", "5"),)
    assert (seen(watcher), watcher.failing) == ([], {"acme"})
    signed_in.refresh()
    assert (seen(watcher), watcher.failing) == ([(What.RECOVERED, "acme")], set())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"refused": "t"}, (What.REFUSED, "9")),
        ({"capped": "t"}, (What.END_PROVEN, "9")),
        ({"announced": "t", "announced_at": NOON}, (What.ANNOUNCED, "")),
        ({"bridged": "t", "bridged_at": NOON}, (What.BRIDGED, "")),
        ({"told": ("sign_in_needed:t",)}, (What.NEEDED, "")),
    ],
)
def test_what_keeplit_concludes_is_told_once(watcher: Watcher, change: dict[str, Any], told: tuple[What, str]) -> None:
    """Each conclusion about a token is one happening, with the seconds that the token has left."""
    known = SessionMemory(token="t", token_end=NOON + timedelta(seconds=9))
    remember(watcher, known)
    assert watcher.news() == ()
    remember(watcher, replace(known, **change))
    assert watcher.news() == (Happening(NOON, told[0], "acme", told[1]),)
    assert watcher.news() == ()


def test_the_end_of_a_sign_in_is_told_once(watcher: Watcher, sign_in: SignIn, clock: Clockwork) -> None:
    """From the sandbox's own truth: the moment itself leaves no trace at keeplit's."""
    tab(watcher)
    sign_in()
    watcher.news()
    clock.advance(timedelta(hours=8))
    assert seen(watcher) == [(What.OVER, "acme")]
    assert seen(watcher) == []


def test_names() -> None:
    """A legacy session's key is made of its start URL, and foreign names belong to nobody."""
    assert key_of("old") != key_of("acme") != key_of("beta")
    assert (session_of(LEGACY), session_of("https://example.com/start")) == ("old", "")
    assert (session_of_label("d-1234567890.awsapps.com/sam/1"), session_of_label("")) == ("acme", "")
