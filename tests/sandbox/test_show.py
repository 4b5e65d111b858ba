from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from keeplit.sandbox.claude import Second
from keeplit.sandbox.happenings import Happening, What
from keeplit.sandbox.scene import ORDINARY, PROFILES
from keeplit.sandbox.show import MARKS, SENTENCES, Show, figures
from keeplit.sandbox.verdict import UNASKED, Verdict

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALL = tuple(
    Happening(NOON + timedelta(seconds=one), what, "acme", detail) for one, (what, detail) in enumerate(SENTENCES, 1)
)


def show_to(out: io.StringIO | io.TextIOWrapper, *, coloured: bool = False, device: bool = False) -> Show:
    """Return a show whose time stands still."""
    return Show(out, ORDINARY, coloured=coloured, device=device, now=lambda: NOON)


def shown(*happenings: Happening, coloured: bool = False) -> str:
    """Return what is shown of happenings, with one lamp lit, one dark, and one not yet there."""
    out = io.StringIO()
    show = show_to(out, coloured=coloured)
    show.look({"work": True, "old": False})
    for happening in happenings:
        show.tell(happening)
    return out.getvalue()


def seconds(lit: int, dark: int = 0) -> tuple[Second, ...]:
    """Return lit seconds and then dark ones."""
    return (Second(NOON, lit=True),) * lit + (Second(NOON, lit=False),) * dark


def test_every_happening_has_its_words_and_its_mark() -> None:
    """Nothing is left to fill in."""
    assert set(MARKS) == {what for what, _ in SENTENCES} == set(What)
    lines = shown(*ALL).splitlines()
    assert len(lines) == len(ALL)
    assert not any("{" in line for line in lines)


def test_a_line_has_the_seconds_the_lamps_and_the_session() -> None:
    """Seconds since the start, a lamp for each profile, whom it is about, and what it is."""
    line = shown(Happening(NOON + timedelta(seconds=12.34), What.TAB, "acme", UNASKED))
    assert line == "  12.3s  ●    ·      ○    acme   ▣ one browser tab opens by itself, 20 s after the notice\n"


def test_plain_output_has_no_escapes() -> None:
    """Without a terminal there is neither colour nor a line that is written over."""
    assert "\x1b" not in shown(*ALL)
    assert "\r" not in shown(*ALL)


def test_a_terminal_gets_colours_and_a_moving_line() -> None:
    """The live line is wiped before the next one is written."""
    text = shown(Happening(NOON, What.LIT, "old"), coloured=True)
    assert text.startswith("\r\x1b[K     0s  \x1b[32m●\x1b[0m")
    assert "\r\x1b[K   0.0s" in text
    assert "\x1b[32m● old is lit again\x1b[0m" in text


def test_an_old_terminal_gets_letters_that_it_has() -> None:
    """Whatever cannot be encoded is replaced; nothing fails."""
    out = io.TextIOWrapper(io.BytesIO(), "ascii", newline="\n")
    show = show_to(out)
    for happening in ALL:
        show.tell(happening)
    show.summarize(Verdict({"work": seconds(2, 1)}, ALL, ("It broke.",)))
    out.seek(0)
    text = out.read()
    assert "  * a browser" not in text
    assert "# a browser tab opens, since you asked" in text
    assert "||-" in text
    assert "?" not in text


def test_the_introduction_says_what_will_be_seen() -> None:
    """Every profile is named; without an AWS CLI it says who asks for the sign-ins and why."""
    out = io.StringIO()
    show_to(out).introduce()
    assert all(f"profile {profile}" in out.getvalue() for profile in PROFILES.values())
    assert "No AWS CLI" not in out.getvalue()
    show_to(out, device=True).introduce()
    assert "by a printed code, which it never does unasked" in out.getvalue()


def test_a_good_summary() -> None:
    """A strip and the seconds of each profile, the figures, and the verdict."""
    out = io.StringIO()
    lit = {profile: seconds(70) for profile in PROFILES.values()}
    show_to(out).summarize(Verdict(lit, ALL, ()), ("the log",))
    lines = out.getvalue().splitlines()
    assert lines[1] == f"  work    {'▮' * 60}  70 of 70 s lit"
    assert lines[-1] == "● Every session stayed lit."
    assert "the log" not in out.getvalue()


def test_a_bad_summary() -> None:
    """A single dark second darkens its cell; each complaint is named, and the keeper's log shows its end."""
    out = io.StringIO()
    counted = (*seconds(60), *seconds(0, 1), *seconds(59))
    show_to(out).summarize(Verdict({"work": counted}, (), ("work was dark.", "It broke.")), ("the log",))
    text = out.getvalue()
    assert f"  work    {'▮' * 30}▯{'▮' * 29}  119 of 120 s lit" in text
    assert "  client    0 of 0 s lit" in text
    assert text.endswith(
        "○ Not all was well:\n  - work was dark.\n  - It broke.\nThe last lines of the keeper's log:\n  the log\n"
    )


@pytest.mark.parametrize(
    ("happenings", "sentence"),
    [
        ((), "0 browser tabs for 0 sign-ins: 0 because you asked, 0 announced 20 s ahead"),
        ((What.TAB, What.SIGNED_IN), "1 browser tab for 1 sign-in: 1 because you asked, 0 announced 20 s ahead"),
        ((What.RENEWED, What.RECOVERED), "2 renewals in silence"),
        ((What.FAILED, What.RECOVERED), "1 failed renewal, 1 recovered"),
        ((What.BRIDGED,), "1 end of a token or sign-in bridged with fresh role credentials"),
    ],
)
def test_figures(happenings: tuple[What, ...], sentence: str) -> None:
    """The figures are counts of what was seen."""
    assert sentence in figures(Verdict({}, tuple(Happening(NOON, what) for what in happenings), ()))
