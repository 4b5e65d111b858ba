from __future__ import annotations

import pytest

from keeplit.core.journal_entry import Place
from keeplit.core.json_layout import (
    encode,
    fresh_at_root,
    fresh_in_env,
    index_of,
    inserted,
    nested,
    parted,
    place_of,
    spelled,
    value_of,
    with_value,
    without,
)
from keeplit.core.json_text import Braces, parse


def braces(text: str) -> Braces:
    """Return the root object of a text."""
    return parse(text).root


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ("é😀", '"é😀"'),
        ('a"\\\n', '"a\\"\\\\\\n"'),
        ("\ud83d x", '"\\ud83d x"'),
        ({"a": [1, None]}, '{"a": [1, null]}'),
    ],
)
def test_a_value_is_spelled_as_a_person_would(value: object, raw: str) -> None:
    """Letters stay letters; half a character, which no file can hold, is escaped."""
    assert raw == encode(value)
    raw.encode()


def test_what_is_no_number_of_json_is_not_spelled() -> None:
    """Claude Code could not read the file any more."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(float("nan"))


@pytest.mark.parametrize(
    ("raw", "value"), [(None, None), ('"\\u00e9"', "é"), ("1", None), ("", None), ('"a', None), ('"a" "b"', None)]
)
def test_the_text_of_a_spelling(raw: str | None, value: str | None) -> None:
    """An absent key, another kind of value and a broken spelling have none."""
    assert value == value_of(raw)


@pytest.mark.parametrize(
    ("text", "after", "only"),
    [
        ('{"a": 1}', '{"a": 1, "n": 0}', ""),
        ('{"a":1}', '{"a":1,"n":0}', ""),
        ('{ "a": 1 }', '{ "a": 1, "n": 0 }', ""),
        ('{"a": 1,  "b": 2}', '{"a": 1,  "b": 2,  "n": 0}', ""),
        ('{\n\t"a": 1\n}', '{\n\t"a": 1,\n\t"n": 0\n}', ""),
        ('{\r\n  "a" : 1,\r\n\r\n  "b" : 2 }', '{\r\n  "a" : 1,\r\n\r\n  "b" : 2,\r\n  "n" : 0 }', ""),
        ("{}", '{\r\n  "n": 0\r\n}', "\r\n"),
        ("{   }", '{\r  "n": 0\r}', "\r"),
    ],
)
def test_a_new_member_of_the_root_looks_like_its_siblings(text: str, after: str, only: str) -> None:
    """Indentation, separators and line ends are the file's; a blank line between groups is not repeated."""
    root = braces(text)
    assert after == spelled(inserted(root, fresh_at_root(root, "n", "0", only or "\n")))


@pytest.mark.parametrize(
    ("text", "env"),
    [
        ('{"env": {}}', '{"N": "0"}'),
        ('{"env":{"A":"1"}}', '{"A":"1","N":"0"}'),
        ('{\n  "env": {}\n}', '{\n    "N": "0"\n  }'),
        ('{\n\t"env": { },\n\t"a": 1\n}', '{\n\t\t"N": "0"\n\t}'),
        ('  {\r\n      "env":{}\r\n  }', '{\r\n          "N":"0"\r\n      }'),
        ('{\n"env": {}\n}', '{\n"N": "0"\n}'),
        ('{\n  "env": {"A": "1"}\n}', '{"A": "1", "N": "0"}'),
    ],
)
def test_a_new_member_of_env_looks_like_its_siblings_or_stands_one_step_deeper(text: str, env: str) -> None:
    """An empty env is opened in the manner of the file."""
    document = parse(text)
    assert document.env is not None
    assert env == spelled(inserted(document.env, fresh_in_env(document.root, document.env, "N", '"0"')))


@pytest.mark.parametrize("name", ["a", "b", "c"])
@pytest.mark.parametrize(
    "text",
    [
        '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}',
        '{"a":1,"b":2,"c":3}',
        '{\n    "a": 1\n  , "b": 2\n  , "c": 3\n}',
        '{ "\\u0061" :1\t,"\\u0062":\n2 , "\\u0063":3\r}',
    ],
)
def test_a_member_goes_and_comes_back_to_the_byte(text: str, name: str) -> None:
    """First, within and last, with a name of odd spelling too; what is left meanwhile is good JSON."""
    root = braces(text)
    index = index_of(root, name)
    left = without(root, index)
    assert [member.name for member in root.members if member.name != name] == list(parse(spelled(left)).value)
    fresh = fresh_at_root(left, name, root.members[index].value, "\n")
    assert text == spelled(inserted(left, fresh, place_of(root, index)))


def test_the_only_member_leaves_what_was_there_before_it() -> None:
    """An emptied object is two braces, unless it is known what was between them."""
    root = braces('{ "a": 1\n}')
    assert (spelled(without(root, 0)), spelled(without(root, 0, " \t"))) == ("{}", "{ \t}")
    assert spelled(root) == spelled(inserted(Braces(), fresh_at_root(Braces(), "a", "1", "\n"), place_of(root, 0)))


def test_the_last_member_goes_without_a_trace() -> None:
    """The brace keeps its line."""
    assert spelled(without(braces('{\n  "a": 1,\n  "b": 2\n}'), 1)) == '{\n  "a": 1\n}'


@pytest.mark.parametrize(
    ("place", "after"),
    [
        (Place('"gone"', "\n  ", ": ", ""), '{\n  "a": 1,\n  "b": 2,\n  "n": 0\n}'),
        (Place('"a"', "\n  ", ": ", "\n}"), '{\n  "a": 1,\n  "n": 0,\n  "b": 2\n}'),
        (Place("", "\n  ", ": ", "\n}"), '{\n  "n": 0,\n  "a": 1,\n  "b": 2\n}'),
        (Place('"b"', "\n  ", ": ", "\r\n}"), '{\n  "a": 1,\n  "b": 2,\n  "n": 0\n}'),
        (Place('"b"', "\n  ", ": ", "}"), '{\n  "a": 1,\n  "b": 2\n,\n  "n": 0}'),
        (Place('"a"', ",", ": ", ""), '{\n  "a": 1,\n  "n": 0,\n  "b": 2\n}'),
        (Place('"a"', " ", ",", ""), '{\n  "a": 1,\n  "n": 0,\n  "b": 2\n}'),
        (Place('"a"', " ", ":", ","), '{\n  "a": 1,\n  "n": 0,\n  "b": 2\n}'),
        (Place('"a"', ' "x"', ":", ""), '{\n  "a": 1, "n":0,\n  "b": 2\n}'),
        (Place('"a"', ' "\\u006e"', ":", ""), '{\n  "a": 1, "\\u006e":0,\n  "b": 2\n}'),
    ],
)
def test_a_place_that_is_no_more_as_it_was_is_not_forced(place: Place, after: str) -> None:
    """Another neighbour, another end or a damaged note: the member stands as a new one would."""
    root = braces('{\n  "a": 1,\n  "b": 2\n}')
    assert after == spelled(inserted(root, fresh_at_root(root, "n", "0", "\n"), place))


def test_a_place_that_was_not_the_last_does_not_open_an_empty_object() -> None:
    """A member from within a long object, put alone, stands as a new one would."""
    assert spelled(inserted(Braces(), fresh_at_root(Braces(), "n", "0", "\n"), Place('"a"'))) == '{\n  "n": 0\n}'


def test_another_value_changes_nothing_else() -> None:
    """Only the spelling of the value is another."""
    assert spelled(with_value(braces('{ "a" : 1,"b":2 }'), 0, "5")) == '{ "a" : 5,"b":2 }'


def test_a_name_that_is_not_there_has_no_index() -> None:
    """Names are compared as they read, not as they are spelled."""
    assert (index_of(braces('{"\\u0061": 1}'), "b"), index_of(braces('{"\\u0061": 1}'), "a")) == (-1, 0)


@pytest.mark.parametrize("after", ["", '"x{"'])
def test_two_places_noted_as_one_are_told_apart(after: str) -> None:
    """The place of an object and of its only member come back as they were; a single one stays single."""
    outer, inner = Place(after, ' "\\u0065nv"', ":", "\n}"), Place("", ' "a{\\u0062"', " : ", " }")
    assert (outer, inner) == parted(nested(outer, inner))
    assert (None, outer) == parted(outer)
    assert parted(None) == (None, None)
