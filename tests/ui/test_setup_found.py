"""What setup says of this machine before it asks anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from keeplit.adapters import claude_code, login
from keeplit.core.aws_cli import Cli
from keeplit.core.aws_cli import Found as Clis
from keeplit.core.setup_answers import Found
from keeplit.engine import aws_cli_install
from keeplit.ui import setup_found
from tests.ui.answering_person import Answering


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a machine with an AWS CLI, Claude Code, and no credentials in its shell."""
    monkeypatch.setattr(login, "find", lambda _: Clis(Cli("/x/aws", (2, 30, 1))))
    monkeypatch.setattr(claude_code, "find", lambda _: claude_code.Found(Path("claude"), "2.1.240"))
    for name in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)


def test_what_is_there_is_said_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing more, where nothing is in the way."""
    setup_found.tell(Found(), Answering(asks=False), plan=False)

    assert capsys.readouterr().out.splitlines() == [
        "Looking what is there …",
        "Found: AWS CLI 2.30.1; Claude Code 2.1.240; 0 profiles in the AWS config.",
    ]


def test_credentials_of_the_shell_are_said_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They beat what setup is about to write, and a value of theirs is never shown."""
    for name in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"):
        monkeypatch.setenv(name, "hush-hush")
    setup_found.tell(Found(rivals=("env.CLAUDE_CODE_SKIP_BEDROCK_AUTH",)), Answering(asks=False), plan=False)

    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("!")]
    assert [line.split()[1:4] for line in told] == [
        ["env.CLAUDE_CODE_SKIP_BEDROCK_AUTH", "in", "Claude"],
        ["AWS_BEARER_TOKEN_BEDROCK", "in", "this"],
        ["AWS_ACCESS_KEY_ID", "in", "this"],
    ]
    assert "hush-hush" not in "".join(told)


def test_an_installer_is_a_question_a_plan_does_not_ask(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is it asked where nobody can be: then its page is named."""
    monkeypatch.setattr(login, "find", lambda _: Clis())
    monkeypatch.setattr(aws_cli_install, "command", lambda _: ("brew", "install", "awscli"))
    heard = []
    for asks, plan in ((True, True), (False, False), (True, False)):
        asker = Answering(asks=asks)
        setup_found.tell(Found(), asker, plan=plan)
        heard.append(len(asker.heard))

    assert heard == [0, 0, 1]
    assert capsys.readouterr().out.count("To install it: https://docs.aws.amazon.com") == 1
