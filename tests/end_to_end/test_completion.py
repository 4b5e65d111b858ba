"""Completion in real shells: a person presses Tab, and the line is completed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.conftest import real_part

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these shells are not there")

BIN = Path(sys.executable).parent
CONFIG = """
[profile work]
sso_session = acme
[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = us-east-1
"""


@pytest.fixture
def environ(own_home: Path) -> dict[str, str]:
    """Give the environment of a person with one profile, whose PATH has keeplit."""
    (own_home / ".aws").mkdir()
    (own_home / ".aws" / "config").write_text(CONFIG)
    return {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "TERM": "dumb", "LC_ALL": "C.UTF-8"}


def test_bash(environ: dict[str, str]) -> None:
    """The function that the script registers gives the profile."""
    script = (
        'eval "$(keeplit completion bash)"; COMP_WORDS=(keeplit use --profile w); COMP_CWORD=3; COMP_LINE="x";'
        '_keeplit_completion keeplit w --profile; echo "${COMPREPLY[@]}"; complete -p keeplit'
    )
    said = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert said.stdout.splitlines()[0] == "work", said.stderr
    assert "_keeplit_completion" in said.stdout


def test_fish(environ: dict[str, str]) -> None:
    """fish asks for the values of an option, and for commands with what they do."""
    real_part("fish", found=shutil.which("fish") is not None)
    script = 'keeplit completion fish | source; complete -C "keeplit use --profile w"; complete -C "keeplit autos"'
    said = subprocess.run(["fish", "-c", script], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert [line.split("\t")[0] for line in said.stdout.splitlines()] == ["work", "autostart"], said.stderr


def test_zsh(environ: dict[str, str]) -> None:
    """Typed in a real terminal, with a real Tab."""
    real_part("zsh", found=shutil.which("zsh") is not None)
    shell = pexpect.spawn("zsh", ["-f", "-i"], env={**environ, "PS1": "ready> "}, encoding="utf-8", timeout=30)
    try:
        shell.sendline("autoload -Uz compinit && compinit -u; eval \"$(keeplit completion zsh)\"; echo loa''ded")
        shell.expect_exact("loaded")
        shell.send("echo keeplit; keeplit use --profile w\t")
        shell.expect_exact("--profile work")
    finally:
        shell.close(force=True)
