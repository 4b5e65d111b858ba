from datetime import time, timedelta
from pathlib import Path

import pytest

from keeplit.adapters import config
from keeplit.core.model import Extend, Mode, Policy
from keeplit.core.settings_keys import Claude, Preset
from keeplit.core.settings_model import Repair

EVERYTHING = """\
[claude]
profile = "work"
region = "us-west-2"
model = "us.anthropic.claude-opus-5"
haiku = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
isolate = false
repair = "auto"
settings = "user"
[claude.env]
FOO = "bar"
[[preset]]
name = "client"
profile = "client"
region = "eu-central-1"
model = "m"
haiku = "h"
[sessions]
keep = ["acme", "beta"]
[sign_in]
mode = "ask"
presence = "always"
quiet_hours = "22:00-07:00"
lead = "1h30m"
extend = "never"
method = "device"
[notify]
enabled = false
warn_before = ["45s", "2d"]
[environment]
HTTPS_PROXY = "http://127.0.0.1:3128"
[usage]
budget_month = 100
currency = "EUR"
[log]
level = "debug"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give the place of a config.toml."""
    return tmp_path / "config.toml"


def test_no_file_is_the_defaults(place: Path) -> None:
    """Every key is optional, and so is the file."""
    assert config.read(place) == config.Config()
    assert config.Config().policy == Policy()


def test_every_key_of_the_design_is_known(place: Path) -> None:
    """Nothing is complained about, and each value arrives."""
    place.write_text(EVERYTHING)
    found = config.read(place)
    assert found.problems == ()
    assert found.policy == Policy(
        mode=Mode.ASK,
        always_present=True,
        quiet=(time(22), time(7)),
        lead=timedelta(hours=1, minutes=30),
        extend=Extend.NEVER,
        notify=False,
        warn_before=(timedelta(seconds=45), timedelta(days=2)),
    )
    assert (found.keep, found.profiles) == (("acme", "beta"), ("work", "client"))
    assert found.claude == Claude(
        "work", "us-west-2", "us.anthropic.claude-opus-5", found.claude.haiku, env={"FOO": "bar"}
    )
    assert (found.claude_profile, found.claude_region, found.settings) == ("work", "us-west-2", "user")
    assert found.presets == (Preset("client", "client", "eu-central-1", "m", "h"),)
    assert (found.method, found.log_level) == ("device", "debug")
    assert found.environment == {"HTTPS_PROXY": "http://127.0.0.1:3128"}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[sign_in]\n\nmode = "sometimes"', 3, "sign_in.mode must be one of auto, ask, never"),
        ("[sign_in]\nmode = 1", 2, "sign_in.mode must be one of"),
        ('[sign_in]\nlead = "ten minutes"', 2, "sign_in.lead must be a duration"),
        ('[sign_in]\nlead = ""', 2, "sign_in.lead must be a duration"),
        ('[sign_in]\nlead = "99999d"', 2, "sign_in.lead must be a duration"),
        ("[sign_in]\nlead = 10", 2, "sign_in.lead must be a string"),
        ('[sign_in]\nquiet_hours = "22-7"', 2, "sign_in.quiet_hours must be like"),
        ('[sign_in]\nquiet_hours = "25:00-07:00"', 2, "sign_in.quiet_hours must be like"),
        ('[sessions]\nkeep = "acme"', 2, "sessions.keep must be a list of strings"),
        ("[sessions]\nkeep = [1]", 2, "sessions.keep must be a list of strings"),
        ('[notify]\nenabled = "yes"', 2, "notify.enabled must be true or false"),
        ('[notify]\nwarn_before = ["soon"]', 2, "notify.warn_before must be a duration"),
        ('[log]\nlevel = "loud"', 2, "log.level must be one of"),
        ("[usage]\nbudget_month = true", 2, "usage.budget_month must be a number"),
        ("[environment]\nPATH = 1", 2, "environment.PATH must be a string"),
        ('[environment]\n"LANG" = "x\\u0000"', 2, "environment.LANG must not contain a NUL"),
        ("\nenvironment = 1", 2, "environment must be a table"),
        ('[sign_in]\nlead = "99999999999999999d"', 2, "sign_in.lead must be a duration"),
        ("[usage]\nbudget_month = 1" + "0" * 400, 2, "usage.budget_month must be a number"),
        ('[sign_in] # remark\nmode = "x"', 2, "sign_in.mode must be one of"),
        ('sign_in.mode = "x"', 1, "sign_in.mode must be one of"),
        ('\nsign_in = {mode = "x"}', 2, "sign_in.mode must be one of"),
        ('[[preset]]\nname = 1\n[[preset]]\nname = "b"', 2, "preset.name must be a string"),
        ('[sign_in]\nlead = "10m"\n[log]\nlevel = """\n[sign_in]"""', 4, "log.level must be one of"),
        ('[claude]\nenv = "x"', 2, "claude.env must be a table of strings"),
        ("\nsign_in = 1", 2, "sign_in must be a table"),
        ("preset = 1", 1, "preset must be written [[preset]]"),
        ("[[preset]]\nname = 1", 2, "preset.name must be a string"),
    ],
)
def test_a_wrong_value_is_refused_with_its_line(place: Path, text: str, line: int, said: str) -> None:
    """The default stands for it, everything else counts, and the sentence says where to look."""
    place.write_text(text)
    found = config.read(place)
    assert [problem.code for problem in found.problems] == ["config_wrong"]
    assert f"line {line}: {said}" in found.problems[0].sentence
    assert found.policy == Policy()


def test_one_wrong_key_does_not_cost_its_neighbour(place: Path) -> None:
    """Each key is read by itself."""
    place.write_text('[sign_in]\nmode = "sometimes"\nextend = "auto"\n')
    assert config.read(place).policy == Policy(extend=Extend.AUTO)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Claude()),
        ('[claude]\nisolate = true\nrepair = "ask"', Claude(isolate=True, repair=Repair.ASK)),
        ('[claude]\nregion = 1\nmodel = "m"', Claude(model="m", repair=Repair.OFF, sure=False)),
        ('[claude]\nregoin = "r"\nrepair = "auto"', Claude(repair=Repair.AUTO, sure=False)),
        ('[claude]\nrepair = "never"', Claude(repair=Repair.OFF, sure=False)),
        ("claude = 1", Claude(repair=Repair.OFF, sure=False)),
        ("[sign_in]\nmode = 1", Claude()),
        ("[claude", Claude(repair=Repair.OFF, sure=False)),
    ],
)
def test_a_mistake_in_claude_writes_nothing(place: Path, text: str, expected: Claude) -> None:
    """What was meant is not known, so nothing is repaired by it; elsewhere in the file a mistake does not matter."""
    place.write_text(text)
    assert config.read(place).claude == expected


def test_a_preset_without_a_name_is_refused(place: Path) -> None:
    """Nobody could choose it."""
    place.write_text('[[preset]]\nname = "a"\n\n[[preset]]\nprofile = "p"\n')
    found = config.read(place)
    assert found.presets == (Preset("a"),)
    assert [problem.sentence for problem in found.problems] == ["config.toml, line 4: preset needs a name."]


def test_an_unknown_key_is_warned_about_with_its_line(place: Path) -> None:
    """A typing error would otherwise do nothing, silently."""
    place.write_text('[sign_in]\nqiet_hours = "22:00-07:00"\n[signin]\nmode = "ask"\n')
    found = config.read(place).problems
    assert [(problem.code, problem.sentence) for problem in found] == [
        ("config_unknown", "config.toml, line 3: signin is unknown."),
        ("config_unknown", "config.toml, line 2: sign_in.qiet_hours is unknown."),
    ]


def test_a_name_that_no_process_can_have_is_unknown(place: Path) -> None:
    """It would make every command that keeplit starts fail."""
    place.write_text('[environment]\n"A=B" = "x"\n"" = "y"\nLANG = "z"\n')
    found = config.read(place)
    assert found.environment == {"LANG": "z"}
    assert [problem.sentence for problem in found.problems] == [
        "config.toml, line 2: environment.A=B is unknown.",
        "config.toml, line 3: environment. is unknown.",
    ]


def test_a_file_that_is_all_wrong_is_not_listed_in_full(place: Path) -> None:
    """The first complaints are enough to begin with."""
    place.write_text("".join(f"key{number} = 1\n" for number in range(5000)))
    assert len(config.read(place).problems) == config.MOST_PROBLEMS


def test_each_name_is_known_by_its_key(place: Path) -> None:
    """Where a name stands can be told, in words and as a place; a preset that is none names nothing."""
    text = '[claude]\nprofile = "a"\n[[preset]]\nprofile = "x"\n[[preset]]\nname = "n"\nprofile = "b"\n'
    place.write_text(f'{text}[sessions]\nkeep = ["c", ""]\n')
    found = config.read(place)
    keys = (("claude", "profile"), ("preset", 1, "profile"), ("sessions", "keep"))
    assert found.named == tuple(zip(keys, "abc", strict=True))
    assert found.profiles == ("a", "b")
    assert config.place_of(place, found.spelled, keys[1]) == ("config.toml, line 7: preset.profile", f"{place}:7")


def test_a_byte_order_mark_is_no_mistake(place: Path) -> None:
    """Editors on Windows begin a file with one."""
    place.write_bytes(b'\xef\xbb\xbf[sign_in]\r\nmode = "ask"\r\n')
    found = config.read(place)
    assert (found.policy.mode, found.problems) == (Mode.ASK, ())


@pytest.mark.parametrize(
    ("text", "line"), [(b"a = 1\n[sign_in", 2), (b'\n\nmode = "', 3), (b"a = 1\na = 2", 2), (b"\n# \xff\n", 2)]
)
def test_a_file_that_is_no_toml_says_the_line(place: Path, text: bytes, line: int) -> None:
    """The parser's own words, with the line."""
    place.write_bytes(text)
    (problem,) = config.read(place).problems
    assert f"line {line}" in problem.sentence
    assert problem.where == str(place)


@pytest.mark.parametrize("text", [b"[sign_in", b'mode = "', b"\xff\xfe", b"a = 1\na = 2"], ids=range(4))
def test_a_file_that_is_no_toml_leaves_the_last_good_one(place: Path, text: bytes) -> None:
    """Half a file, while an editor writes, must not change what is kept."""
    place.write_text('[sign_in]\nmode = "ask"\n')
    good = config.read(place)
    place.write_bytes(text)
    found = config.read(place, good)
    assert found.policy == good.policy
    assert [problem.code for problem in found.problems] == ["config_wrong"]
    place.write_text("")
    assert config.read(place, found).policy == Policy()


def test_an_unchanged_file_is_not_parsed_again(place: Path) -> None:
    """The same bytes are the same config, the very object."""
    place.write_text(EVERYTHING)
    found = config.read(place)
    place.write_text(EVERYTHING)
    assert config.read(place, found) is found


def test_a_file_that_cannot_be_read_leaves_the_last_good_one(place: Path) -> None:
    """A folder in its place is said, and the last reading stands."""
    place.write_text('[sign_in]\nmode = "ask"\n')
    good = config.read(place)
    place.unlink()
    place.mkdir()
    found = config.read(place, good)
    assert found.policy.mode is Mode.ASK
    assert [problem.code for problem in found.problems] == ["config_unreadable"]
    place.rmdir()
    place.write_text('[sign_in]\nmode = "ask"\n')
    assert config.read(place, found) == good


def test_no_quiet_hours_can_be_said(place: Path) -> None:
    """An empty string takes them away."""
    place.write_text('[sign_in]\nquiet_hours = ""\n')
    assert config.read(place).policy.quiet is None
