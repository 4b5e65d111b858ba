from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.journal_entry import Changed, Place
from keeplit.core.json_edit import Change, Edited, Remove, Set, edit, encode, inverse, new_file, value_of
from keeplit.core.json_said import Said
from keeplit.core.json_text import MOST_BYTES, NotEditable, parse
from tests.core import drawn_json

PRETTY = """{
  "model": "opus",
  "env": {
    "AWS_PROFILE": "dev",
    "AWS_REGION": "eu-west-1"
  },
  "hooks": {}
}
"""
ODD = '{ "n" : 1E5 ,\r\n\t"env":{"A" :"\\u00e9",\n"B":"2" }\r\n, "x":-0}'


def check_edit(random: Random) -> None:
    """Draw a file and changes, and hold the edit to everything that is promised of it."""
    text, changes = drawn_json.settings(random), drawn_json.changes(random)
    edited = edit(text, changes)
    assert drawn_json.wanted(text, changes) == repr(drawn_json.load(edited.text))

    touched = {one.key for one in edited.changed} | ({"env"} if "env" not in drawn_json.load(text) else set())
    assert drawn_json.same(drawn_json.foreign(text, touched), drawn_json.foreign(edited.text, touched))

    undone = edit(edited.text, inverse(edited.changed))
    assert text == undone.text
    assert edited.text == edit(undone.text, inverse(undone.changed)).text


def check_undo_after_others(random: Random) -> None:
    """Take an edit back after somebody else edited the file, and then that too."""
    edited = edit(drawn_json.settings(random), drawn_json.changes(random))
    theirs = edit(edited.text, drawn_json.changes(random)).text
    back = inverse(edited.changed)
    undone = edit(theirs, back)
    values = Said(parse(undone.text).value).strings()
    first = {one.key: one.before for one in reversed(edited.changed)}
    assert {key: value_of(raw) for key, raw in first.items()} == {key: values.get(key) for key in first}
    assert {key: value for key, value in Said(parse(theirs).value).strings().items() if key not in first} == {
        key: value for key, value in values.items() if key not in first
    }
    assert theirs == edit(undone.text, inverse(undone.changed)).text


@given(st.randoms(use_true_random=False))
def test_an_edit_says_what_is_wanted_touches_nothing_else_and_is_taken_back_to_the_byte(random: Random) -> None:
    """In any formatting, with any changes: the value, the foreign bytes, the inverse, and the inverse of that."""
    check_edit(random)


@given(st.randoms(use_true_random=False))
def test_an_edit_is_taken_back_from_a_file_that_somebody_else_changed(random: Random) -> None:
    """Our keys are as they were, theirs as they left them, and that can be taken back to the byte."""
    check_undo_after_others(random)


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_four_hundred_edits(start: int) -> None:
    """The seeds are the first of those that are soaked."""
    for seed in range(start, start + 100):
        check_edit(Random(seed))
        check_undo_after_others(Random(seed))


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("start", range(0, 100_000, 20_000))
def test_a_hundred_thousand_edits(start: int) -> None:
    """Each is held to all that is promised, alone and with somebody else at the file."""
    for seed in range(start, start + 20_000):
        check_edit(Random(seed))
        check_undo_after_others(Random(seed))


@pytest.mark.parametrize(
    ("text", "changes", "after"),
    [
        (PRETTY, [Set("env.AWS_PROFILE", '"prod"')], PRETTY.replace("dev", "prod")),
        (PRETTY, [Remove("env.AWS_PROFILE")], PRETTY.replace('    "AWS_PROFILE": "dev",\n', "")),
        (PRETTY, [Remove("env.AWS_REGION")], PRETTY.replace(',\n    "AWS_REGION": "eu-west-1"', "")),
        (PRETTY, [Remove("model")], PRETTY.replace('  "model": "opus",\n', "")),
        (PRETTY, [Set("env.X", '"1"')], PRETTY.replace('eu-west-1"', 'eu-west-1",\n    "X": "1"')),
        (PRETTY, [Set("awsAuthRefresh", '"x"')], PRETTY.replace("{}", '{},\n  "awsAuthRefresh": "x"')),
        ("{\r\n}", [Set("model", '"x"')], '{\r\n  "model": "x"\r\n}'),
        ("{}", [Set("model", '"x"')], '{\n  "model": "x"\n}'),
        ("{}", [Set("env.A", '"1"'), Set("env.B", '"2"')], '{\n  "env": {\n    "A": "1",\n    "B": "2"\n  }\n}'),
        ('{"model":"x"}', [Set("env.A", '"1"'), Set("env.B", '"2"')], '{"model":"x","env":{"A":"1","B":"2"}}'),
        ('{"env":{ \n }}\n', [Set("env.A", '"1"')], '{"env":{"A":"1"}}\n'),
        ('{\r\n\t"n": 1\r\n}', [Set("env.A", '"1"')], '{\r\n\t"n": 1,\r\n\t"env": {\r\n\t\t"A": "1"\r\n\t}\r\n}'),
        (ODD, [Remove("env.B"), Set("env.A", '"é"')], ODD.replace(',\n"B":"2"', "").replace("\\u00e9", "é")),
        (ODD, [Remove("env.A"), Remove("env.B")], ODD[: ODD.index('{"A')] + "{}" + ODD[ODD.index("\r\n, ") :]),
    ],
)
def test_an_edit_as_a_person_would_make_it(text: str, changes: list[Change], after: str) -> None:
    """New members look like the others, lines and commas go with removed ones, and all comes back."""
    edited = edit(parse(text), changes)
    assert after == edited.text
    assert text == edit(edited.text, inverse(edited.changed)).text


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [Set("model", '"opus"'), Set("env.AWS_PROFILE", '"dev"')],
        [Remove("env.ABSENT"), Remove("awsAuthRefresh")],
    ],
)
def test_what_is_as_wanted_already_is_left_alone(changes: list[Change]) -> None:
    """The text is the same one, and nothing is told as changed."""
    assert Edited(PRETTY, ()) == edit(PRETTY, changes)
    assert Edited("{}", ()) == edit("{}", [Remove("env.ABSENT")])


def test_another_spelling_of_the_same_value_is_a_change() -> None:
    """Else an edit could not be taken back to the byte."""
    edited = edit('{"model": "\\u00e9"}', [Set("model", '"é"')])
    assert (Changed("model", '"\\u00e9"', '"é"', Place("", "", ": ", "}")),) == edited.changed
    assert edited.text == '{"model": "é"}'


def test_each_change_is_told_with_its_spellings_and_its_place() -> None:
    """A new key has no place of its own: noted is what its absence looked like, where that cannot be guessed."""
    edited = edit(
        '{ "model" : "a" }',
        [Set("env.A", '"1"'), Set("env.B", '"2"'), Set("env.A", '"3"'), Remove("model"), Set("model", '"b"')],
    )
    assert edited.changed == (
        Changed("env.A", None, '"1"', Place('"env"', "", "", "")),
        Changed("env.B", None, '"2"'),
        Changed("env.A", '"1"', '"3"', Place("", "", " : ", "")),
        Changed("model", '"a"', None, Place("", " ", " : ", "")),
        Changed("model", None, '"b"'),
    )
    assert inverse(edited.changed)[-1] == Remove("env.A", Place('"env"', "", "", ""))


def test_an_env_that_came_with_a_key_goes_with_it() -> None:
    """Also when somebody moved it meanwhile; but not when somebody else's variables are in it."""
    edited = edit("{ }", [Set("env.A", '"1"')])
    back = inverse(edited.changed)
    assert edit(edited.text, back).text == "{ }"
    moved = '{"env":{"A":"1"},"x":1}'
    undone = edit(moved, back)
    assert undone.text == '{"x":1}'
    assert moved == edit(undone.text, inverse(undone.changed)).text
    assert edit('{"env":{"A":"1","B":"2"}}', back).text == '{"env":{"B":"2"}}'


def test_an_env_that_was_empty_stays() -> None:
    """Removing our last variable does not remove what was there before it."""
    edited = edit('{"env": { \n}}', [Set("env.A", '"1"')])
    assert edit(edited.text, inverse(edited.changed)).text == '{"env": { \n}}'
    assert edit(edited.text, [Remove("env.A")]).text == '{"env": {}}'


def test_a_damaged_note_of_the_white_space_is_not_written_into_the_file() -> None:
    """What was within an empty object can only have been white space."""
    assert edit('{"env": {"A": "1"}}', [Remove("env.A", Place("", '"x": 1', "", "}"))]).text == '{"env": {}}'


def test_an_object_may_be_set_at_the_top() -> None:
    """A key of another kind than ours, such as the status line, can be written and taken back too."""
    edited = edit("{}", [Set("statusLine", '{"type": "command"}')])
    assert parse(edited.text).value == {"statusLine": {"type": "command"}}


@pytest.mark.parametrize(
    "change",
    [
        Set("env", "{}"),
        Remove("env"),
        Set("env.A", "1"),
        Set("model", "null"),
        Set("env.A", ""),
        Set("env.A", ' "1"'),
        Set("env.A", '"1"}, "permissions": {"x": "y"'),
        Set("env.A", '"1", "B": "2"'),
        Set("env.A", '"1'),
        Set("env.A", '"\\ud800"'),
        Set("env.\ud800", '"1"'),
        Set("statusLine", "[" * 1000),
        Set("statusLine", "1 // one"),
    ],
)
def test_a_change_that_would_spoil_the_file_is_refused(change: Change) -> None:
    """Such a change is a fault of ours, and its value is not shown."""
    with pytest.raises(ValueError, match=r"^(env is changed one member at a time|[^1]+ cannot have this value)$"):
        edit(PRETTY, [change])


def test_a_file_that_cannot_be_taken_apart_is_not_edited() -> None:
    """A torn file is never taken for an empty one."""
    with pytest.raises(NotEditable, match="line 1, column 1: the file is empty"):
        edit("", [Set("model", '"x"')])


def test_a_file_does_not_grow_beyond_what_claude_code_reads() -> None:
    """Bytes are counted; a file that is just as large as is read may be written."""
    text = "{}" + " " * (MOST_BYTES - 19)
    assert len(edit(text, [Set("model", '"é"')]).text.encode()) == MOST_BYTES
    with pytest.raises(NotEditable, match="2097153 bytes after the edit") as refused:
        edit(text, [Set("model", '"éx"')])
    assert refused.value.code == "too_large"
    assert refused.value.sentence.startswith("it would have 2097153 bytes")  # and names no place: it is nowhere


def test_a_new_file_is_written_as_claude_code_writes_it() -> None:
    """Two spaces, LF and a final newline."""
    assert (
        new_file([Set("env.AWS_PROFILE", '"dev"'), Set("env.A", encode("é")), Set("model", '"opus"')])
        == '{\n  "env": {\n    "AWS_PROFILE": "dev",\n    "A": "é"\n  },\n  "model": "opus"\n}\n'
    )
    assert new_file([]) == "{}\n"


def test_no_value_shows_in_what_python_prints() -> None:
    """A value may be a secret, and a change may come into a log."""
    change = Set("env.AWS_BEARER_TOKEN_BEDROCK", '"ABSKx"')
    assert "ABSK" not in repr(change)
    assert "ABSK" not in repr(Edited('{"a": "ABSKx"}', ()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ODD, ODD.replace("1E5", "1e5")),
        (ODD, ODD.replace("1E5 ", "1E5")),
        (ODD, ODD.replace("\\u00e9", "é")),
        (ODD, ODD.replace('"env":', '"env": ')),
        (ODD, ODD + "\n"),
        (ODD, ODD.replace("-0}", "-0 }")),
        (ODD, ODD.replace(' "x":-0', ' "y":-0')),
        (ODD, ODD[:-1] + ',"y":1}'),
    ],
)
def test_the_measure_of_foreign_bytes_sees_a_single_one(one: str, other: str) -> None:
    """What tells these edits apart from good ones is itself seen to tell."""
    foreign = drawn_json.foreign
    assert drawn_json.same(foreign(one, {"env.B"}), foreign(one.replace(',\n"B":"2"', ""), {"env.B"}))
    assert not drawn_json.same(foreign(one, {"env.B"}), foreign(other, {"env.B"}))
