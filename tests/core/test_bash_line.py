"""Tests of the words of a bash line, and of what is put in their place."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.bash_line import replies, words


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("keeplit ", ["keeplit", ""]),
        ("keeplit us", ["keeplit", "us"]),
        ("keeplit use --profile my\\ w", ["keeplit", "use", "--profile", "my w"]),
        ("keeplit use --profile 'my w", ["keeplit", "use", "--profile", "my w"]),
        ('keeplit use --profile "my \\$w\\a', ["keeplit", "use", "--profile", "my $w\\a"]),
        ("keeplit use --profile=a#b", ["keeplit", "use", "--profile=a#b"]),
        ("keeplit 'x y' z\\", ["keeplit", "x y", "z"]),
    ],
)
def test_the_words_up_to_the_cursor(line: str, expected: list[str]) -> None:
    """The last one as far as it is typed, without its quotes."""
    assert words(line) == expected


@pytest.mark.parametrize(
    ("line", "replaced", "value", "expected"),
    [
        ("k --profile m", "m", "my work", ["my\\ work"]),
        ("k --profile my\\ w", "my\\ w", "my work", ["my\\ work"]),
        ("k --profile 'my w", "my w", "my work", ["my work"]),
        ("k --profile 'o", "o", "o'brien", ["o'\\''brien"]),
        ('k --profile "d', "d", 'd$x`y"z\\', ['d\\$x\\`y\\"z\\\\']),
        ('k --profile "b', "b", "bang!x", ["bang\"'!'\"x"]),
        ("k --profile b", "b", "bang!x", ["bang\\!x"]),
        ("k --profile=p", "p", "--profile=plain", ["plain"]),
        ("k --profile='my w", "my w", "--profile=my work", ["my work"]),
        ("k --profile=p", "--profile=p", "--profile=p q", ["--profile=p\\ q"]),
        ("k co:l", "l", "co:lon:2", ["lon:2"]),
        ("k 'co:l", "co:l", "co:lon", ["co:lon"]),
        ("k co:l", "l", "other", []),
        ("k a@b", "@b", "a@b.example", ["@b.example"]),
        ("k a", "host", "a", []),
        ("k ab'c d", "c d", "abc de", ["c de"]),
        ("k \\'a", "\\'a", "'a b", ["\\'a\\ b"]),
        ("k 'a' b", "b", "bé ~c", ["bé\\ \\~c"]),
    ],
)
def test_what_stands_for_a_value(line: str, replaced: str, value: str, expected: list[str]) -> None:
    """Behind a break or an open quote only the rest of it; where the line ends otherwise, nothing."""
    assert replies(line, replaced, [value]) == expected


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1), st.sampled_from(["", "'", '"']))
def test_every_value_comes_back_as_it_is(value: str, quote: str) -> None:
    """A shell that reads the line with the quote closed gets the value and nothing else."""
    (reply,) = replies(f"k {quote}", "", [value])
    assert words(f"k {quote}{reply}{quote}") == ["k", value]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_bash_reads_them_so_too(quote: str) -> None:
    """Every character of ASCII that can be in a name, in one value."""
    value = "".join(map(chr, range(33, 127))) + " é~ $(echo x)"
    (reply,) = replies(f"k {quote}", "", [value])
    line = f"printf %s {quote}{reply}{quote}"
    assert subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout.decode() == value
