from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.json_said import MOST_BYTES, MOST_DEEP, Said, said
from keeplit.core.json_text import NotEditable, decode, parse
from tests.core import drawn_json


def closely(data: bytes) -> str | None:
    """Return the value that `json_text` finds, spelled out, since a drawn number may be none; None where it refuses."""
    try:
        return repr(parse(decode(data)).value)
    except NotEditable:
        return None


def test_a_good_file_is_read_at_once() -> None:
    """Its value is given, and the strings that we know; the text of a number of any length is no fault."""
    found = said(b'{"model": "opus", "outputStyle": "x", "env": {"A": "\\u00e9"}, "n": ' + b"9" * 5000 + b"}")
    assert found is not None
    assert found.strings() == {"env.A": "é", "model": "opus"}
    assert found.value["n"] == float("inf")


def test_a_file_without_env_has_the_strings_of_its_top_alone() -> None:
    """No env is no fault."""
    assert said(b"{}") == Said({})
    assert Said({"awsAuthRefresh": "a"}).strings() == {"awsAuthRefresh": "a"}
    assert Said({"env": [], "model": 1}).strings() == {}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xef\xbb\xbf{}",
        b'{"a": "\xe9"}',
        b'{"a": 1, "a": 1}',
        b'{"a": NaN}',
        b'{"a": 1,}',
        b'{"env": []}',
        b'{"env": {"A": 1}}',
        b'{"env": {"A": "\\ud800"}}',
        b'{"env": {"\\ud800": "A"}}',
        b'{"env": {"\\ud83d": "\\ude00"}}',
        b'{"model": null}',
        b'{"model": "\\udc00"}',
        b"{}" + b" " * (MOST_BYTES - 1),
    ],
)
def test_what_would_be_refused_is_not_given(data: bytes) -> None:
    """Whatever is wrong, the closer look refuses it, and says where."""
    assert said(data) is None
    assert closely(data) is None


def test_many_brackets_are_looked_at_closely() -> None:
    """They may be nested too deeply, and that is counted there."""
    most = b'{"a": [' + b",".join([b"[]"] * (MOST_DEEP - 2)) + b"]}"
    more = most.replace(b"[[", b"[[],[", 1)
    assert said(most) is not None
    assert said(more) is None
    assert closely(more) is not None


@given(st.randoms(use_true_random=False))
def test_a_file_is_read_as_the_closer_look_reads_it(random: Random) -> None:
    """Good or spoiled by a piece that was taken out or doubled: what one of them gives, the other gives too."""
    text = drawn_json.settings(random)
    at, length = random.randrange(len(text)), random.randrange(4)
    for data in (text.encode(), (text[:at] + text[at + length :]).encode(), (text[: at + length] + text[at:]).encode()):
        found = said(data)
        if found is not None:
            assert repr(found.value) == closely(data)
        elif data.count(b"[") + data.count(b"{") <= MOST_DEEP:
            assert closely(data) is None
