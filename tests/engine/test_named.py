from __future__ import annotations

import time
from pathlib import Path

import pytest

from keeplit.adapters import aws_config, config
from keeplit.adapters.aws_config import AwsConfig
from keeplit.core.model import Problem
from keeplit.engine import named, whose
from keeplit.engine.named import Names, unknown
from keeplit.sandbox.clients import CONFIG


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give the place of a config.toml."""
    return tmp_path / "config.toml"


def aws(home: Path, text: str = CONFIG) -> AwsConfig:
    """Return an AWS config of that text."""
    folder = home / ".aws"
    folder.mkdir(exist_ok=True)
    (folder / "config").write_text(text)
    return aws_config.read({"HOME": str(home), "USERPROFILE": str(home)})


def found(place: Path, text: str, theirs: AwsConfig) -> list[Problem]:
    """Return what is wrong with the names of a config.toml of that text."""
    place.write_text(text)
    return list(unknown(place, config.read(place), theirs))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            '[claude]\nprofile = "wrok"',
            2,
            "claude.profile names 'wrok', and there is no such profile; did you mean 'work'?",
        ),
        ('[claude]\nprofile = "acme"', 2, "claude.profile names 'acme', and there is no such profile."),
        (
            '[sessions]\nkeep = ["acme", "nope"]',
            2,
            "sessions.keep names 'nope', and there is no such session or profile.",
        ),
        (
            '[sessions]\nkeep = ["Beta"]',
            2,
            "sessions.keep names 'Beta', and there is no such session or profile; did you",
        ),
        (
            '[[preset]]\nname = "a"\nprofile = "work"\n[[preset]]\nname = "b"\nprofile = "plya"',
            6,
            "preset.profile names 'plya', and there is no such profile; did you mean 'play'?",
        ),
    ],
)
def test_a_name_that_nothing_has_is_told_with_its_line(
    place: Path, own_home: Path, text: str, line: int, said: str
) -> None:
    """The line, the nearest name that there is, and the next step; a profile is no session, nor a session a profile."""
    (problem,) = found(place, text, aws(own_home))
    assert problem.code == named.CODE
    assert problem.sentence.startswith(f"config.toml, line {line}: {said}")
    assert (problem.where, "keeplit profiles" in problem.fix) == (f"{place}:{line}", True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[claude]\nprofile = ""',
        '[claude]\nprofile = "work"\n[sessions]\nkeep = ["acme", "old", "play"]',
        '[[preset]]\nname = "a"\nprofile = "client"\n[[preset]]\nname = "b"',
        '[[preset]]\nprofile = "without a name it is no preset"',
        "[sessions]\nkeep = []",
        '[claude]\nprofile = "keys"',
    ],
)
def test_names_that_are_right_are_no_trouble(place: Path, own_home: Path, text: str) -> None:
    """Nothing named; sessions, profiles and legacy profiles that are kept; a profile with nothing to renew."""
    theirs = aws(own_home, f"{CONFIG}\n[profile keys]\naws_access_key_id = A\naws_secret_access_key = B\n")
    assert found(place, text, theirs) == []


@pytest.mark.parametrize("text", ["", "[default]\nregion = us-east-1\n", "[profile work]\naws_access_key_id = A\n"])
def test_where_nothing_is_set_up_no_name_is_judged(place: Path, own_home: Path, text: str) -> None:
    """Without a session in the AWS config it is that which is missing, and `setup` makes it."""
    assert found(place, '[claude]\nprofile = "wrok"', aws(own_home, text)) == []


def test_by_an_aws_config_that_cannot_be_read_no_name_is_judged(place: Path, own_home: Path) -> None:
    """Its own trouble is told; what was read before it may lack the profile that somebody is writing."""
    theirs = aws(own_home)
    (own_home / ".aws" / "config").write_text(f"{CONFIG}\n[profile work]\n")
    broken = aws_config.read({"HOME": str(own_home), "USERPROFILE": str(own_home)}, theirs)
    assert ([one.code for one in broken.problems], len(broken.sessions)) == (["aws_config_broken"], 3)
    assert found(place, '[claude]\nprofile = "wrok"', broken) == []


@pytest.mark.parametrize("section", ["[wrok]\nsso_session = acme", "[profile my wrok]\nregion = eu-west-1"])
def test_a_section_that_aws_tools_drop_is_told_once(place: Path, own_home: Path, section: str) -> None:
    """The profile is there, and its own problem says why no AWS tool sees it."""
    assert found(place, '[claude]\nprofile = "wrok"', aws(own_home, f"{CONFIG}\n{section}\n")) == []


@pytest.mark.parametrize("bad", ["[claude\n", None])
def test_a_config_that_cannot_be_read_has_one_trouble(place: Path, own_home: Path, bad: str | None) -> None:
    """Its last good names stand in no line of it."""
    place.write_text('[claude]\nprofile = "wrok"')
    good = config.read(place)
    place.unlink()
    if bad is None:
        place.mkdir()
    else:
        place.write_text(bad)
    assert (good.named != (), unknown(place, config.read(place, good), aws(own_home))) == (True, ())


def test_a_file_that_is_all_wrong_is_not_listed_in_full(place: Path, own_home: Path) -> None:
    """Ten are enough."""
    keep = [f"n{number}" for number in range(50)]
    assert len(found(place, f"[sessions]\nkeep = {keep}", aws(own_home))) == named.MOST


def test_names_are_judged_again_only_where_a_file_has_changed(
    place: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon asks each turn; either file that changes is judged afresh."""
    asked: list[str] = []
    nearest = whose.nearest

    def compare(name: str, known: list[str]) -> str:
        asked.append(name)
        return nearest(name, known)

    monkeypatch.setattr(whose, "nearest", compare)
    place.write_text('[claude]\nprofile = "wrok"')
    names, ours, theirs = Names(place), config.read(place), aws(own_home)
    assert len({names.unknown(ours, theirs) for _ in range(3)}) == 1
    assert asked == ["wrok"]
    assert names.unknown(ours, aws(own_home, CONFIG.replace("profile work", "profile wrok"))) == ()
    place.write_text('[claude]\nprofile = "wokr"')
    assert len(names.unknown(config.read(place), theirs)) == 1
    assert asked == ["wrok", "wokr"]


def test_a_thousand_profiles_cost_nothing(place: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that are known are looked up, and compared with no other."""

    def compare(name: str, known: list[str]) -> str:
        raise AssertionError(name, known)

    monkeypatch.setattr(whose, "nearest", compare)
    many = "".join(f"[profile p{number}]\nsso_session = acme\n" for number in range(1000))
    theirs = aws(own_home, f"{CONFIG}\n{many}")
    place.write_text(f"[sessions]\nkeep = {[f'p{number}' for number in range(1000)]}")
    ours = config.read(place)
    began = time.perf_counter()
    assert unknown(place, ours, theirs) == ()
    assert time.perf_counter() - began < 0.1
