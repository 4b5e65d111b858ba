from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core import config_values
from keeplit.core.config_values import KEYS, PRESET, Reader, Wrong

READERS = [*(reader for table in KEYS.values() for reader in table.values()), *PRESET.values(), config_values.variable]
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.just(10**400), st.floats(), st.text(), st.datetimes(), st.times()
)
spelled = st.from_regex(r"\A[0-9.]{1,30}[smhd]([0-9]+[smhd])?\Z") | st.from_regex(r"\A\d{1,3}:\d\d-\d\d:\d\d\Z")
values = st.recursive(scalars | spelled, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(st.sampled_from(READERS), values)
def test_a_reader_understands_a_value_or_says_what_it_must_be(reader: Reader, value: object) -> None:
    """Nothing that TOML can hold raises anything else: a config must not stop a renewal."""
    said = "must have raised nothing else"
    try:
        reader(value)
    except Wrong as wrong:
        said = str(wrong)
    assert said.startswith(("must ", "of "))  # of one model, where a table of prices is wrong


@pytest.mark.parametrize(
    ("table", "key", "value", "meant"),
    [
        ("claude", "profile", "work", "work"),
        ("claude", "isolate", True, True),
        ("claude", "env", {"A": "b"}, {"A": "b"}),
        ("sessions", "keep", ["a", "b"], ("a", "b")),
        ("sign_in", "lead", "1h30m", timedelta(minutes=90)),
        ("sign_in", "lead", " 45S ", timedelta(seconds=45)),
        ("sign_in", "lead", "1.5h", timedelta(minutes=90)),
        ("sign_in", "lead", "3650d", timedelta(days=3650)),
        ("sign_in", "quiet_hours", "22:00-7:05", (time(22), time(7, 5))),
        ("sign_in", "quiet_hours", "", None),
        ("sign_in", "mode", "ask", "ask"),
        ("notify", "warn_before", ["30m", "10s"], (timedelta(minutes=30), timedelta(seconds=10))),
        ("usage", "budget_month", 100, 100.0),
        ("usage", "prices", {"m": {"input": 1, "output": 2}}, {"m": {"input": 1, "output": 2}}),
        ("usage", "budget_day", 2.5, 2.5),
    ],
)
def test_a_good_value_is_what_it_says(table: str, key: str, value: object, meant: object) -> None:
    """Each kind of value, at its edges."""
    assert KEYS[table][key](value) == meant


@pytest.mark.parametrize(
    ("table", "key", "value", "said"),
    [
        ("claude", "profile", 1, "must be a string"),
        ("claude", "isolate", 1, "must be true or false"),
        ("claude", "env", ["A"], "must be a table of strings"),
        ("claude", "env", {"A": 1}, "must be a table of strings"),
        ("claude", "env", {"A": "b", "a-b": "c"}, "must hold names of capital letters.*a-b is none"),
        ("claude", "env", {"A": "b\0"}, "must not contain a NUL"),
        ("sessions", "keep", "a", "must be a list of strings"),
        ("sessions", "keep", ["a", 1], "must be a list of strings"),
        ("sign_in", "lead", "3651d", "must be a duration"),
        ("sign_in", "lead", "9" * 400 + "d", "must be a duration"),
        ("sign_in", "lead", "10 m", "must be a duration"),
        ("sign_in", "lead", "", "must be a duration"),
        ("sign_in", "lead", "-10m", "must be a duration"),
        ("sign_in", "quiet_hours", "24:00-07:00", "must be like"),
        ("sign_in", "quiet_hours", "22-7", "must be like"),
        ("sign_in", "mode", "sometimes", "must be one of auto, ask, never"),
        ("usage", "budget_month", True, "must be a number"),
        ("usage", "budget_month", "1", "must be a number"),
        ("usage", "budget_day", 0, "must be a number above 0"),
        ("usage", "prices", {"m": [1]}, "must have input and output"),
        ("usage", "budget_month", 10**400, "must be a number that is not so large"),
    ],
)
def test_a_wrong_value_says_what_it_must_be(table: str, key: str, value: object, said: str) -> None:
    """The sentence ends a complaint that begins with the line and the key."""
    with pytest.raises(Wrong, match=said):
        KEYS[table][key](value)


def test_what_a_process_cannot_hold_is_no_variable() -> None:
    """One such name or value would make every command fail that is started with it."""
    readers: dict[str, Any] = config_values.environment(["HTTPS_PROXY", "A=B", "", "A\0"])
    assert list(readers) == ["HTTPS_PROXY"]
    assert readers["HTTPS_PROXY"]("http://127.0.0.1:3128") == "http://127.0.0.1:3128"
    with pytest.raises(Wrong, match="NUL"):
        readers["HTTPS_PROXY"]("a\0b")


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSO_OIDC", "PYTHONPATH", "LD_PRELOAD", "FOO"])
def test_a_file_says_neither_where_tokens_go_nor_what_runs(name: str) -> None:
    """Only what a service lacks of a person's shell can be recorded; the rest is refused with its line."""
    readers: dict[str, Any] = config_values.environment([name, "PATH"])
    with pytest.raises(Wrong, match="cannot stand here"):
        readers[name]("https://example.com")
    assert readers["PATH"]("/usr/bin") == "/usr/bin"
