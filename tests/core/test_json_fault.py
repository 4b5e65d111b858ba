from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.json_fault import NotEditable, at_place, fault, shown, too_deep
from keeplit.core.json_said import MOST_DEEP
from keeplit.core.json_text import parse
from tests.core import drawn_json

DEEP = "[" * MOST_DEEP + "]" * MOST_DEEP
ENDS_EARLY = ("the text ends too early", "a string that is never closed", "the file is empty")


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "the file is empty"),
        ("\r\n ", 2, 2, "the file is empty"),
        ("{", 1, 2, "the text ends too early"),
        ('{\n  "a": [1,', 2, 11, "the text ends too early"),
        ('{"a": "dev', 1, 7, "a string that is never closed"),
        ('{"a": tru', 1, 7, "this is no JSON"),
        ("\ufeff{}", 1, 1, "a byte order mark"),
        ("// mine\n{}", 1, 1, "a comment, and JSON has none"),
        ('{"a": 1, /* mine */ "b": 2}', 1, 10, "a comment, and JSON has none"),
        ('{"a": 1} # mine', 1, 10, "a comment, and JSON has none"),
        ("{'a': 1}", 1, 2, "single quotes, and JSON has double ones only"),
        ('{\n  "a": 1,\n}', 2, 9, "a comma with nothing after it"),
        ("[1 , ]", 1, 4, "a comma with nothing after it"),
        ("[1,,2]", 1, 4, "a value is missing here"),
        ("[,]", 1, 2, "a value is missing here"),
        ("}", 1, 1, "a value is missing here"),
        ('{"a": 1, "b":}', 1, 14, "a value is missing here"),
        ("{,}", 1, 2, "a name in double quotes is missing here"),
        ('{"a": 1,, "b": 2}', 1, 9, "a name in double quotes is missing here"),
        ("{1: 2}", 1, 2, "a name in double quotes is missing here"),
        ('{"a" 1}', 1, 6, "a colon is missing here"),
        ('{"a", 1}', 1, 5, "a colon is missing here"),
        ('{"a": 1\r  "b": 2}', 2, 3, "a comma is missing here"),
        ("[1 2]", 1, 4, "a comma is missing here"),
        ("[1}", 1, 3, "a comma is missing here"),
        ("{} {}", 1, 4, "there is more after the end"),
        ("{}}", 1, 3, "there is more after the end"),
        ("1 2", 1, 3, "there is more after the end"),
        ('{"a": NaN}', 1, 7, "NaN and Infinity are no JSON"),
        ('{"a": -Infinity}', 1, 7, "NaN and Infinity are no JSON"),
        ('{"a": 01}', 1, 8, "a comma is missing here"),
        ('{"a": 1.}', 1, 8, "this is no JSON"),
        ('{"a": +1}', 1, 7, "this is no JSON"),
        ("{a: 1}", 1, 2, "this is no JSON"),
        ('{"a": "C:\\dev"}', 1, 10, "an escape that JSON does not know"),
        ('{"a": "\\u00g0"}', 1, 8, "an escape that JSON does not know"),
        ('{"a": "x\ty"}', 1, 9, "a line end or control character within a string"),
        ('{"a": "x\n"}', 1, 9, "a line end or control character within a string"),
        ("[" + DEEP + "]", 1, MOST_DEEP + 1, f"nested more than {MOST_DEEP} deep"),
        ("[" * 100_000, 1, MOST_DEEP + 1, f"nested more than {MOST_DEEP} deep"),
        ('{"a":' * 100_000, 1, 5 * MOST_DEEP + 1, f"nested more than {MOST_DEEP} deep"),
    ],
)
def test_a_text_that_is_no_json_is_refused_where_it_goes_wrong(text: str, line: int, column: int, words: str) -> None:
    """Each fault has its line, its column and its words, and the reader refuses the text with just these."""
    with pytest.raises(NotEditable) as refused:
        parse(text)
    found = refused.value
    assert ("not_json", line, column) == (found.code, found.line, found.column)
    assert f"line {line}, column {column}: {words}" == found.sentence == str(found)


@pytest.mark.parametrize(
    ("text", "line", "column", "name"),
    [
        ('{"a": 1,\n "a": 2}', 2, 2, '"a"'),
        ('{"a": 1,\r\n\t"\\u0061": 2}', 2, 2, '"a"'),
        ('{"x": [{}, {"deep": {"é": 1,  "é": 1}}]}', 1, 31, '"é"'),
        ('{"env": {}, "model": "x", "env": {}}', 1, 27, '"env"'),
        ('{"": 1, "": 2}', 1, 9, '""'),
        ('{"\\ud83d": 1, "\\ud83d": 2}', 1, 15, '"\\ud83d"'),
    ],
)
def test_a_name_that_stands_twice_is_refused_at_the_second(text: str, line: int, column: int, name: str) -> None:
    """At any depth, in whatever spelling; the same name in two objects is no fault."""
    found = fault(text)
    assert ("duplicate_key", line, column) == (found.code, found.line, found.column)
    assert f"line {line}, column {column}: the key {name} stands twice" == found.sentence
    with pytest.raises(NotEditable, match="stands twice"):
        parse(text)


def test_a_fault_shows_names_but_no_values() -> None:
    """A secret in the wrong place is not repeated, and a name can neither fill the screen nor act on a terminal."""
    assert "ABSKsecret" not in fault('{"AWS_BEARER_TOKEN_BEDROCK": ABSKsecret}').sentence
    assert shown("a\u202eb") == '"a\\u202eb"'
    assert f'"{"x" * 59}…"' == shown("x" * 61)


def test_depth_counts_brackets_outside_strings() -> None:
    """A text as deep as is allowed, or full of brackets in strings, or broad, is not too deep."""
    assert not too_deep(DEEP)
    assert too_deep(f"[{DEEP}]")
    assert not too_deep(json.dumps(["[{" * 200, '"' + "[" * 200]))
    assert not too_deep("[" + "[]," * 200 + "{}]")
    assert not too_deep(f"{DEEP}{DEEP}")


def test_a_deep_text_that_is_also_broken_is_refused_for_what_comes_first() -> None:
    """A string that is never closed before many brackets is the first fault."""
    assert "never closed" in fault('["' + "[" * 200).sentence


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("", 1, 1), ("ab", 1, 3), ("a\n", 2, 1), ("a\r\nb", 2, 2), ("\r\r\n\n x", 4, 3), ("😀é", 1, 3), ("\u2028", 1, 2)],
)
def test_lines_and_columns_count_as_an_editor_counts_them(text: str, line: int, column: int) -> None:
    """LF, CRLF and CR end a line, and a character is one column."""
    found = at_place("not_json", text, len(text), "here")
    assert (line, column) == (found.line, found.column)


@given(st.randoms(use_true_random=False))
def test_a_torn_file_is_refused_at_its_end(random: Random) -> None:
    """Whatever was written of a file, one that breaks off is refused where it breaks off."""
    text = drawn_json.settings(random).rstrip()
    torn = text[: random.randrange(len(text))]
    with pytest.raises(NotEditable) as refused:
        parse(torn)
    found = refused.value
    rest = torn[_offset(torn, found) :]
    if found.sentence.endswith("the text ends too early"):
        assert rest == ""
    elif torn.strip():
        # What is left is one torn word: a string, an escape, or a number, true, false or null.
        assert rest[0] in '"\\' or not set(rest) & set('{}[]:," \t\r\n')


@given(st.randoms(use_true_random=False))
def test_the_first_fault_is_the_one_that_is_told(random: Random) -> None:
    """A text into which one character fell is refused no later than there is a fault, or it is good JSON."""
    text = drawn_json.settings(random)
    at = random.randrange(len(text) + 1)
    spoilt = text[:at] + random.choice('{}[]:,"\\x1/#\n\x00N') + text[at + random.randrange(2) :]
    try:
        document = parse(spoilt)
    except NotEditable as found:
        if found.code == "not_json" and "nothing after it" not in found.sentence:
            before = spoilt[: _offset(spoilt, found)]
            sound = fault(before)
            assert sound.sentence.endswith(ENDS_EARLY)
    else:
        assert repr(drawn_json.load(spoilt)) == repr(document.value)


def _offset(text: str, found: NotEditable) -> int:
    """Return the place that a refusal points to, counted in another way than it was."""
    lines = text.replace("\r\n", "\n\n").replace("\r", "\n")
    place = 0
    for _line in range(found.line - 1):
        place = lines.index("\n", place) + 1
        place += text[place - 1 : place + 1] == "\r\n"
    return place + found.column - 1
