"""A word stays a word on its way through a terminal."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.terminals import mac_script, windows_line


@pytest.mark.parametrize("word", ["a b", "it's", '"', "$(id)", "`id`", "x;y", "\\", "\\n", "שלום", ""])
def test_a_mac_types_each_word_as_it_is(word: str) -> None:
    """Whatever the shell or AppleScript would read in it."""
    script = mac_script(["/Users/John Doe/keeplit", word])
    (typed,) = re.findall(r'do script "(.*)"\n', script)

    assert shlex.split(re.sub(r'\\([\\"])', r"\1", typed)) == ["/Users/John Doe/keeplit", word]


@given(st.lists(st.text(), min_size=1))
def test_a_mac_never_types_a_line_more(words: list[str]) -> None:
    """A line of the script begins with what we wrote."""
    lines = mac_script(words).split("\n")

    assert lines == [""] or [line.split(" ")[0] for line in lines] == ["tell", "activate", "do", "end"]


def test_windows_keeps_the_spaces_of_a_name() -> None:
    """Persons there are called by two names, and so are their folders."""
    line = windows_line([r"C:\Users\John Doe\keeplit.exe", "status", "--watch"])

    assert line == r'cmd /k ""C:\Users\John Doe\keeplit.exe" status --watch"'


@pytest.mark.parametrize(
    ("word", "written"),
    [("a b", '"a b"'), ("a\\", "a\\"), ("a b\\", '"a b\\\\"'), ("", '""'), ("a;b", '"a;b"'), ("שלום", "שלום")],
)
def test_windows_reads_each_word_as_it_is(word: str, written: str) -> None:
    """By the rules of the C runtime, for what has no quotes in it."""
    assert windows_line(["keeplit", word]) == f'cmd /k "keeplit {written}"'


@pytest.mark.parametrize("word", ["%PATH%", "a&b", "a|b", "a>b", "a<b", "^", '"', "!x!", "two\nlines", "x" * 9000])
def test_windows_is_not_told_what_it_would_read(word: str) -> None:
    """It is shown to the person, who types it."""
    assert windows_line(["keeplit", word]) == ""


@pytest.mark.parametrize("word", ["two\nlines", "\0", "\x1b[31m", "\u2028"])
def test_a_mac_is_told_no_word_of_several_lines(word: str) -> None:
    """An enter in the middle would be a command of its own."""
    assert mac_script(["keeplit", word]) == ""
