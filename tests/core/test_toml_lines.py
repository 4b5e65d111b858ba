import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.toml_lines import Key, line_of

TEXT = '''\
# [sign_in]
top.dotted = 1

[sign_in] # with a remark
lead = """
[notify]
mode = 1\\"""""
'mode' = 'x = "y" # no remark'
warn = [ # over lines
  "mode",
  ["[sessions]"],
]
[ "quoted.table" . inner ]
x = '''
TEXT = (
    TEXT
    + """'''
mode = 2'''
[[preset]]
name = 1.5
[[preset]]
name = {first = 1, "second" = [2]}
"a \\" b" = 3
[deep.down.below]
"""
)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("top", "dotted"), 2),
        (("sign_in",), 4),
        (("sign_in", "lead"), 5),
        (("sign_in", "mode"), 8),
        (("sign_in", "warn"), 9),
        (("quoted.table", "inner"), 13),
        (("quoted.table", "inner", "x"), 14),
        (("preset",), 16),
        (("preset", 0, "name"), 17),
        (("preset", 1), 18),
        (("preset", 1, "name"), 19),
        (("preset", 1, "name", "second"), 19),
        (("deep",), 21),
        (("sign_in", "absent"), 4),
        (("absent",), 0),
        ((), 0),
    ],
)
def test_a_key_is_found_where_it_stands(key: Key, line: int) -> None:
    """Remarks, strings over lines, inline tables and dotted names do not mislead."""
    assert tomllib.loads(TEXT)["deep"] == {"down": {"below": {}}}
    assert line_of(TEXT, key) == line


values = st.sampled_from(["1", '"x"', "[\n1,\n2]", "'''\na = 1\n'''", '"""\n[t0]\n"""', "{a = 1}", '"#"', "[[1], [2]]"])


@given(st.lists(st.tuples(st.integers(0, 3), values, st.sampled_from(["", " # a = 1", "\n\n"])), max_size=12))
def test_every_key_of_a_drawn_text_has_the_line_on_which_it_begins(drawn: list[tuple[int, str, str]]) -> None:
    """Whatever the values are, the lines are counted right."""
    text, lines = "", {}
    for number, (table, value, after) in enumerate(drawn):
        text += f"[t{number}.u{table}]{after}\n"
        lines["t" + str(number), f"u{table}", "key"] = text.count("\n") + 1
        text += f"key = {value}{after}\n"
    document: dict[str, Any] = tomllib.loads(text)
    assert {key: line_of(text, key) for key in lines} == lines
    assert len(document) == len(drawn)
