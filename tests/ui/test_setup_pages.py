from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from keeplit.core.aws_cli import Cli, Found
from keeplit.core.settings_keys import Claude
from keeplit.core.setup_answers import Answers, Way
from keeplit.engine.setup import Edited, Planned
from keeplit.ui import setup_pages

WORK = Answers(
    profile="work", session="acme", account="1", role="R", region="us-east-1", model="m", isolate=True, autostart=True
)
SAME = Edited(Path("/home/sam/.aws/config"), b"x\n", b"x\n")


def plan(
    answers: Answers = WORK,
    way: Way = Way.NEW,
    settings: Edited = SAME,
    notes: tuple[str, ...] = (),
    *,
    row: bool = False,
) -> Planned:
    """Return a plan that changes these settings."""
    return Planned(answers, way, SAME, SAME, settings, None, Claude(), {}, notes, row=row)  # type: ignore[arg-type]


def edited(before: bytes | None, after: bytes) -> Edited:
    """Return settings before and after."""
    return Edited(Path("/home/sam/.claude/settings.json"), before, after)


@pytest.mark.parametrize(
    ("cli", "count", "said"),
    [
        (Found(Cli("aws", (2, 15, 0))), 2, "AWS CLI 2.15.0; Claude Code 2.1; 2 profiles in the AWS config."),
        (Found(), 1, "or use the printed code; Claude Code 2.1; 1 profile in the AWS config."),
    ],
)
def test_what_was_found_is_one_sentence(cli: Found, count: int, said: str) -> None:
    """The AWS CLI, Claude Code and the profiles."""
    text = setup_pages.found_page(cli, "Claude Code 2.1", count)
    assert (text.startswith("Found: "), text.endswith(said)) == (True, True), text


def test_the_summary_says_all_that_will_be_so() -> None:
    """And which files are changed for it, and what is to be known."""
    text = setup_pages.summary(plan(settings=edited(None, b"{}"), notes=("mind this",)))
    assert "work (new, of session acme)" in text
    assert "only Claude Code's own calls" in text
    assert text.endswith("Changed are:\n  /home/sam/.claude/settings.json\n! mind this")
    bare = setup_pages.summary(plan(Answers(profile="keys", region="us-east-1"), Way.OTHER))
    assert "as Claude Code chooses" in bare
    assert "Status line" not in bare
    assert "Status line    keeplit's row is added" in setup_pages.summary(plan(row=True))
    assert "Changed are" not in bare
    assert "Account" not in bare


def test_a_diff_shows_what_changes_and_no_secret() -> None:
    """A new file comes from nothing; secrets are hidden in one line or in many, in JSON, TOML and INI."""
    assert setup_pages.diffs(plan()) == f"{setup_pages.NOTHING}\n{setup_pages.LOGIN}"
    assert setup_pages.diffs(plan(Answers(profile="work"))) == setup_pages.NOTHING
    before = (
        b'{"env": {"MY_TOKEN": "hush", "A": "shown"}}\naws_secret_access_key = hush\nx = { KEY = "hush", y = "z" }\n'
    )
    text = setup_pages.diffs(plan(settings=edited(before, before + b'"model": "opus"\n')))
    assert "hush" not in text
    assert '"MY_TOKEN": (hidden), "A": "shown"' in text
    assert 'y = "z"' in text
    assert '+"model": "opus"' in text
    assert setup_pages.diffs(plan(settings=edited(None, b"{}\n"))).splitlines()[0] == "--- /dev/null"


def test_the_last_words_say_how_to_see_it_and_to_take_it_back() -> None:
    """What nothing was written for cannot be taken back."""
    told = setup_pages.last_words(plan(), wrote=True)
    assert told.startswith("Claude Code uses profile work in us-east-1, model m.")
    assert "/status" in told
    assert "/setup-bedrock" in told
    assert told.endswith("keeplit undo")
    bypassed = replace(plan(), rivals=("env.AWS_BEARER_TOKEN_BEDROCK",))
    assert "Not while AWS_BEARER_TOKEN_BEDROCK stands" in setup_pages.last_words(bypassed, wrote=True)
    started = setup_pages.last_words(plan(), wrote=True, starts=True)
    assert started == f"{told}\nNo start at login: keeplit autostart disable"
    assert "undo" not in setup_pages.last_words(plan(Answers(profile="work")), wrote=False)
