from __future__ import annotations

import io

import pytest

from keeplit.ui.terminal_notice import LONGEST, Told, plain, sequence

TITLE, TEXT = "Sign in to acme", "The sign-in is over."
BY_9 = "\x1b]9;keeplit: Sign in to acme. The sign-in is over.\x07"
BY_777 = "\x1b]777;notify;Sign in to acme;The sign-in is over.\x07"


class Terminal(io.StringIO):
    """A text that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"TERM": "xterm-256color"}, BY_9 + BY_777),
        ({}, BY_9 + BY_777),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, BY_777),
        ({"TERM": "xterm-ghostty"}, BY_777),
        ({"TERM": "foot"}, BY_777),
        ({"TERM": "rxvt-unicode-256color"}, BY_777),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, BY_777),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, BY_9),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, BY_9),
        ({"TERM": "xterm-kitty"}, BY_9),
        ({"WT_SESSION": "b1"}, BY_9),
    ],
)
def test_each_terminal_is_told_as_it_understands(environ: dict[str, str], said: str) -> None:
    """Once; one that is not known gets both, of which it leaves out what it does not know."""
    assert sequence(TITLE, TEXT, environ) == said


def test_tmux_hands_it_on() -> None:
    """To the terminal that it is in."""
    inside = {"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0", "LC_TERMINAL": "iTerm2"}
    assert sequence(TITLE, TEXT, inside) == f"\x1bPtmux;\x1b{BY_9}\x1b\\"


@pytest.mark.parametrize(
    "text", ["a\x07b", "a\x1b\\b", "a\x1b]0;evil\x07b", "a\nb", "a\x9cb", "a\u202eb", "a\u2028b", "a\udc80b"]
)
def test_no_text_can_end_the_sequence_or_begin_another(text: str) -> None:
    """A name of the AWS config may hold anything; nor can it turn the line round."""
    for environ in ({"TERM": "xterm-kitty"}, {"TERM": "foot"}):
        said = sequence(text, text, environ)
        assert said.startswith("\x1b]")
        assert said.endswith("\x07")
        assert [one for one in said[2:-1] if not one.isprintable()] == []


def test_a_title_has_no_separator_and_nothing_is_endless() -> None:
    """What stands after it would be taken for the text."""
    assert sequence("a;b", "c;d", {"TERM": "foot"}) == "\x1b]777;notify;a,b;c;d\x07"
    assert len(plain("x" * 10_000)) == LONGEST


def test_what_is_new_is_told_once() -> None:
    """What was there when somebody began to look, the screen shows."""
    out = Terminal()
    told = Told(out, {"TERM": "foot"})
    old, new = ("old", "Old", "x"), ("new", TITLE, TEXT)
    told.tell([old])
    told.tell([old, new])
    told.tell([new])
    told.tell([])
    told.tell([new])

    assert out.getvalue() == BY_777


def test_a_file_or_a_pipe_is_told_nothing() -> None:
    """Only a terminal understands it."""
    out = io.StringIO()
    told = Told(out, {"TERM": "foot"})
    told.tell([])
    told.tell([("new", TITLE, TEXT)])

    assert out.getvalue() == ""
