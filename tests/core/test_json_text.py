from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.json_layout import spelled
from keeplit.core.json_said import MOST_BYTES, Said
from keeplit.core.json_text import Braces, Member, NotEditable, decode, parse
from tests.core import drawn_json

TEXT = '\t{ "a" : 1E5 ,\r\n\t"env":{"X\\u0058" :"\\u00e9"}\r\n, "model" : "opus","hooks":{ \n }} \n'


def test_a_settings_text_is_taken_apart_with_all_that_it_holds() -> None:
    """Names, values and white space stand in their pieces as they are spelled."""
    document = parse(TEXT)
    assert document.text == TEXT
    assert (document.head, document.tail) == ("\t", " \n")
    assert document.root.members == (
        Member("a", '"a"', " ", " : ", "1E5", " "),
        Member("env", '"env"', "\r\n\t", ":", '{"X\\u0058" :"\\u00e9"}', "\r\n"),
        Member("model", '"model"', " ", " : ", '"opus"', ""),
        Member("hooks", '"hooks"', "", ":", "{ \n }", ""),
    )
    assert Braces((Member("XX", '"X\\u0058"', "", " :", '"\\u00e9"', ""),)) == document.env
    assert document.value == {"a": 100000.0, "env": {"XX": "é"}, "model": "opus", "hooks": {}}
    assert Said(document.value).strings() == {"env.XX": "é", "model": "opus"}


def test_only_the_strings_that_we_know_are_given() -> None:
    """All of env counts; at the top only the model and the two helpers do."""
    text = '{"model": "a", "awsAuthRefresh": "b", "awsCredentialExport": "c", "outputStyle": "d", "env": {"": ""}}'
    assert Said(parse(text).value).strings() == {
        "env.": "",
        "model": "a",
        "awsAuthRefresh": "b",
        "awsCredentialExport": "c",
    }


def test_an_empty_file_of_settings_has_no_strings_and_no_env() -> None:
    """White space within the braces is kept."""
    document = parse("{ \r }")
    assert (Braces((), " \r "), None, {}) == (document.root, document.env, Said(document.value).strings())


@given(st.randoms(use_true_random=False))
def test_the_pieces_put_together_are_the_text(random: Random) -> None:
    """Nothing is lost of any file, and its value is what the standard library reads."""
    text = drawn_json.settings(random)
    document = parse(decode(text.encode()))
    assert text == document.head + spelled(document.root) + document.tail
    assert repr(drawn_json.load(text)) == repr(document.value)
    if document.env is not None:
        assert spelled(document.env) in text


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        (b"\xef\xbb\xbf{}", "bom", 1, 1),
        (b"\xff\xfe{\x00}\x00", "not_utf8", 1, 1),
        (b'{\r\n "a": "\xc3\xa9\xe9"}', "not_utf8", 2, 9),
        (b'{"a": "\xed\xa0\x80"}', "not_utf8", 1, 8),
        (b'{"a": "\xc3', "not_utf8", 1, 8),
        (b" " * 2097153, "too_large", 1, 1),
    ],
)
def test_bytes_that_are_no_text_are_refused(data: bytes, code: str, line: int, column: int) -> None:
    """A byte order mark, another encoding, half a character, and a file that Claude Code would not read."""
    with pytest.raises(NotEditable) as refused:
        decode(data)
    found = refused.value
    assert (code, line, column) == (found.code, found.line, found.column)
    assert found.sentence.startswith(f"line {line}, column {column}: ")


def test_a_file_of_two_mebibytes_is_read() -> None:
    """The largest file that Claude Code reads is not refused."""
    assert parse(decode(b"{}" + b" " * (MOST_BYTES - 2))).value == {}


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "words"),
    [
        (' \n ["env"]', "not_an_object", 2, 2, "the settings are no object in braces"),
        ("null", "not_an_object", 1, 1, "the settings are no object in braces"),
        ('{\n "env" :\n  []}', "env_not_an_object", 3, 3, 'the value of "env" is no object in braces'),
        ('{"\\u0065nv": null}', "env_not_an_object", 1, 14, 'the value of "env" is no object in braces'),
        ('{"env": {"A": "1",\n "B": 1}}', "env_not_text", 2, 7, 'the value of "env.B" is no text in double quotes'),
        ('{"env": {"A": null}}', "env_not_text", 1, 15, 'the value of "env.A" is no text in double quotes'),
        ('{"env": {"A": {"B": "1"}}}', "env_not_text", 1, 15, 'the value of "env.A" is no text in double quotes'),
        ('{"env": {"A": "\\ud800"}}', "env_not_text", 1, 15, '"env.A" holds half of a character'),
        ('{"env": {"\\udfff": "a"}}', "env_not_text", 1, 20, '"env.\\udfff" holds half of a character'),
        ('{"model": null}', "not_text", 1, 11, 'the value of "model" is no text in double quotes'),
        ('{"awsAuthRefresh":true}', "not_text", 1, 19, 'the value of "awsAuthRefresh" is no text in double quotes'),
        (
            '{"awsCredentialExport": []}',
            "not_text",
            1,
            25,
            'the value of "awsCredentialExport" is no text in double quotes',
        ),
        ('{"model": "\\ude00\\ud83d"}', "not_text", 1, 11, '"model" holds half of a character'),
    ],
)
def test_settings_of_another_shape_are_refused(text: str, code: str, line: int, column: int, words: str) -> None:
    """Good JSON that Claude Code could not use in our places is refused where the wrong value stands."""
    with pytest.raises(NotEditable) as refused:
        parse(text)
    found = refused.value
    assert (code, line, column) == (found.code, found.line, found.column)
    assert f"line {line}, column {column}: {words}" == found.sentence


def test_what_others_keep_in_the_file_may_have_any_shape() -> None:
    """Half characters, long numbers and the names of our keys elsewhere are not our business."""
    text = '{"\\ud800": "\\udc00", "x": {"env": 1, "model": null}, "n": ' + "9" * 5000 + ', "m": 1e999}'
    document = parse(text)
    assert text == spelled(document.root)
    assert document.value["n"] == document.value["m"] == float("inf")


def test_no_value_shows_in_what_python_prints() -> None:
    """A settings file may hold secrets, and a document may come into a log."""
    assert "ABSK" not in repr(parse('{"env": {"AWS_BEARER_TOKEN_BEDROCK": "ABSKx"}, "apiKey": "ABSKy"}'))
