from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keeplit.core.model import Kind, Session, SignIn, SignInCode
from keeplit.sandbox.clients import ACME
from keeplit.ui import sign_in_words as words

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ENDS = sorted(set(SignInCode) - {SignInCode.SIGNED_IN, SignInCode.RUNNING})


def session(name: str = "beta") -> Session:
    """Return a session of a name."""
    return Session("key", name, Kind.SSO_SESSION, ACME, "us-east-1")


@pytest.mark.parametrize("code", ENDS)
@pytest.mark.parametrize("fresh", [False, True])
def test_every_end_leads_on(code: SignInCode, *, fresh: bool) -> None:
    """The next step is for this session, and an extension is followed by an extension."""
    said = words.ending(code, "in detail", words.again(session(), fresh=fresh))
    assert said.endswith("(in detail)")
    assert "{" not in said
    own = f"keeplit {'extend' if fresh else 'login'} --session=beta"
    assert own in said or any(one in said for one in ("keeplit logs", "keeplit profiles", "~/.aws"))


@pytest.mark.parametrize("detail", ["AWS could not be reached.", "aws could not be reached", ""])
def test_a_detail_that_says_the_same_is_left_out(detail: str) -> None:
    """Nobody reads a sentence twice."""
    assert "(" not in words.ending(SignInCode.OFFLINE, detail, "keeplit login")


@pytest.mark.parametrize(
    ("name", "spelled"), [("acme", "acme"), ("my team", "'my team'"), ("it's", "'it'\"'\"'s'"), ("-x", "-x")]
)
def test_a_name_is_quoted(name: str, spelled: str) -> None:
    """What is to be typed can be pasted into a shell."""
    assert words.again(session(name)) == f"keeplit login --session={spelled}"


@pytest.mark.parametrize(("fresh", "lost"), [(False, ""), (True, " You are signed out of beta until then.")])
def test_what_goes_on_after_ctrl_c(*, fresh: bool, lost: str) -> None:
    """A sign-in that runs can be joined, after `extend` too; one that does not run is begun once more."""
    running = SignIn("id", "key", ACME, NOW)
    ended = SignIn("id", "key", ACME, NOW, code=SignInCode.CLOSED)
    goes_on = f"you wait no longer; the sign-in goes on in the browser. Join it: keeplit login --session=beta.{lost}"
    assert words.interrupted(session(), running, fresh=fresh) == goes_on
    for record in (None, ended):
        said = words.interrupted(session(), record, fresh=fresh)
        assert said == f"interrupted; no sign-in of beta runs. Once more: {words.again(session(), fresh=fresh)}"


def test_another_sign_in_is_named_where_it_is_known() -> None:
    """Nothing of what was asked for goes on by itself, so the command is to be typed again."""
    said = words.another(session(), "acme", fresh=True)
    assert said.endswith("under way (of acme). Once it has ended: keeplit extend --session=beta")
    assert words.another(session(), "", command="keeplit setup").endswith("under way. Once it has ended: keeplit setup")


def test_what_would_keep_a_session_is_said_in_toml() -> None:
    """The line can be pasted into config.toml, whatever the name."""
    assert words.not_kept(session("lone")).endswith("""To have it kept: keep = ["lone"] in config.toml's [sessions]""")
    assert r'keep = ["a\"b\\c"]' in words.not_kept(session('a"b\\c'))
