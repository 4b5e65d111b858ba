from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import pytest

from keeplit.core.setup_answers import Answers, Way
from keeplit.ui.asking import NeedsAnswer
from keeplit.ui.setup_bedrock import NONE, OTHER, ROW, BedrockHalf
from tests.engine.lit_laptop import Laptop, laptop
from tests.ui.answering_person import Answering, drafted, heard

WORK = Answers(profile="work")
SONNET, HAIKU = "us.anthropic.claude-sonnet-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, signed in to acme."""
    with laptop(own_home) as found:
        found.sign_in()
        yield found


@contextmanager
def half(mine: Laptop, *, plans: bool = False, asks: bool = True, **answers: str | bool) -> Iterator[BedrockHalf]:
    """Give whoever asks a person with these answers."""
    with drafted(mine, answers, asks=asks) as (draft, asker, found):
        yield BedrockHalf(mine.paths, draft, asker, found, plans=plans)


def test_a_profile_that_is_there_is_asked_nothing(mine: Laptop) -> None:
    """Its own region, the newest models that stay there, and the switches as they are."""
    with half(mine) as asks:
        asks.found = replace(asks.found, kept=True, starts=True)
        found = asks.run(WORK, Way.EXISTING)
        assert heard(asks.asker) == []
    assert (found.region, found.model, found.haiku) == ("us-east-1", SONNET, HAIKU)
    assert (found.isolate, found.autostart, found.replace_helpers, found.statusline) == (False, True, None, False)


def test_a_newcomer_is_guided_through_all_of_it(mine: Laptop) -> None:
    """Regions with their reasons, where requests may go, both models, both switches."""
    with half(mine, Which_region="us-west-2", Which_model=NONE, Keep=True, Start=False) as asks:
        found = asks.run(WORK, Way.NEW)
        assert len(heard(asks.asker)) == 7
        assert isinstance(asks.asker, Answering)
        offered = list(asks.asker.offered.values())
    assert (found.region, found.residency, found.isolate, found.autostart) == ("us-west-2", "us", True, False)
    assert any("has Opus 5, Sonnet 5, Haiku 4.5; requests can stay in us" in title for title in offered[0])
    assert any("about 10 % cheaper" in title for title in offered[2])


def test_another_region_is_typed_and_its_residency_kept(mine: Laptop) -> None:
    """`global.` is then never proposed; where nothing else is there, nothing is pinned unasked."""
    with half(mine, Which_region=OTHER, Region="ap-south-1") as asks:
        found = asks.run(WORK, Way.NEW)
    assert (found.region, found.residency) == ("ap-south-1", "apac")
    assert found.model == "apac.anthropic.claude-sonnet-4-5-20250929-v1:0"


def test_a_region_of_no_known_part_may_go_anywhere(mine: Laptop) -> None:
    """There is nothing to choose then."""
    with half(mine) as asks:
        assert asks.residency("sa-east-1") == "anywhere"
        assert heard(asks.asker) == []


def test_what_claude_code_uses_already_is_kept(mine: Laptop) -> None:
    """A model of the settings is not replaced unasked."""
    with half(mine) as asks:
        asks.found = replace(asks.found, region="us-east-1", model="mine", haiku="small")
        found = asks.run(WORK, Way.EXISTING)
    assert (found.model, found.haiku) == ("mine", "small")


def test_a_model_is_looked_up_or_refused_with_the_nearest(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """An alias becomes the region's id."""
    with half(mine) as asks:
        assert asks.run(replace(WORK, model="opus"), Way.EXISTING).model == "us.anthropic.claude-opus-5"
        with pytest.raises(click.exceptions.Exit):
            asks.run(replace(WORK, model="eu.anthropic.claude-opus-5"), Way.EXISTING)
    assert "us.anthropic.claude-opus-5" in capsys.readouterr().err


def test_a_region_that_is_none_is_refused(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """With the nearest one; a plan asks nothing of AWS, and says which flag is missing."""
    for plans in (True, False):
        with half(mine, plans=plans) as asks, pytest.raises(click.exceptions.Exit):
            asks.run(replace(WORK, region="us-east-9"), Way.EXISTING)
    assert "us-east-9" in capsys.readouterr().err
    with half(mine, asks=False) as asks:
        asks.asker = type(asks.asker).__mro__[1](asks=False)  # nobody to ask
        with pytest.raises(NeedsAnswer, match="--region R"):
            asks.region(Answers(profile="gone"), guided=True)


def test_a_list_that_is_denied_pins_nothing(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, and a full id goes through unchecked."""
    text = (mine.home / ".aws" / "config").read_text().replace("sso_role_name = ClaudeCode", "sso_role_name = ReadOnly")
    (mine.home / ".aws" / "config").write_text(text)
    with half(mine) as asks:
        assert asks.run(WORK, Way.EXISTING).model == ""
        assert asks.run(replace(WORK, model=SONNET), Way.EXISTING).model == SONNET
    assert "is not known" in capsys.readouterr().out


def test_access_is_proven_without_cost_and_called_after_a_yes(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who is not asked pays."""
    answers = replace(WORK, region="us-east-1", model=SONNET)
    with half(mine, asks=False) as asks:
        found = asks.access(answers, call=None)
        assert found is not None
        assert (found.allowed, mine.calls("Converse")) == (True, [])
    with half(mine, Call=True) as asks:
        asks.access(answers, call=False)
        assert mine.calls("Converse") == []
        asks.access(answers, call=None)
        assert mine.calls("Converse") == ["200"]
        assert asks.access(replace(answers, model=""), call=None) is None


def test_a_helper_of_one_s_own_is_replaced_after_a_yes(mine: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said what is wrong with it."""
    with half(mine, Put=False) as asks:
        asks.found = replace(asks.found, foreign_refresh="aws sso login")
        assert asks.switches(WORK, guided=False).replace_helpers is False
        assert asks.switches(replace(WORK, replace_helpers=True), guided=False).replace_helpers is True
    assert "opens a tab each time" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kept", "row", "said", "asked", "wanted"),
    [
        (False, False, None, True, True),  # the first run
        (True, False, None, False, False),  # a person who once said no is not asked again
        (False, True, None, False, False),  # it stands there
        (False, False, False, False, False),
        (True, True, True, False, True),
    ],
)
def test_the_status_line_is_offered_once(
    mine: Laptop, *, kept: bool, row: bool, said: bool | None, asked: bool, wanted: bool
) -> None:
    """Where keeplit serves Claude Code already, only a flag or Back brings it up."""
    with half(mine) as asks:
        asks.found = replace(asks.found, kept=kept, row=row, starts=True)
        assert asks.switches(replace(WORK, statusline=said), guided=False).statusline is wanted
        assert heard(asks.asker) == [ROW] * asked
    with half(mine, asks=False) as asks:
        assert asks.switches(WORK, guided=True).statusline is False


def test_where_nothing_is_renewed_nothing_is_started_or_shown(mine: Laptop) -> None:
    """Nor is it asked about; a flag counts all the same."""
    with half(mine) as asks:
        found = asks.switches(WORK, guided=False, serves=False)
        assert (found.statusline, found.autostart, heard(asks.asker)) == (False, False, [])
        found = asks.switches(replace(WORK, statusline=True, autostart=True), guided=False, serves=False)
        assert (found.statusline, found.autostart) == (True, True)


def test_nothing_travels_further_than_it_was_said(mine: Laptop) -> None:
    """Unasked it stays in its part of the world; `global.` is taken once a person does not mind."""
    found = []
    for residency in ("", "eu", "anywhere"):
        with half(mine) as asks:
            answers = replace(WORK, region="eu-west-1", residency=residency)
            found.append(asks.run(answers, Way.EXISTING).model)
    home = "eu.anthropic.claude-sonnet-4-6"
    assert found == [home, home, "global.anthropic.claude-sonnet-5"]
