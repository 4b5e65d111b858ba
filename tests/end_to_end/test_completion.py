"""Completion in real shells: a person presses Tab, and the command gets the name whatever it holds."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from tests.conftest import real_part
from tests.end_to_end.machine import stand_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these shells are not there")

KEEPLIT = Path(sys.executable).parent / "keeplit"
# It answers Tab, and else says what it was given.
SHOWS = """#!/bin/sh
if [ -n "$_KEEPLIT_COMPLETE" ] || [ "$1" = completion ]; then exec '{keeplit}' "$@"; fi
printf '<%s>' "$@"
echo ' END'
"""
NAMES = ("work", "my work", "o'brien", 'dq"uote', "co:lon", "dol$HOME", "star*", "semi;colon", "{a&b}", "a!b", "nt\\x")
CONFIG = """
[profile {name}]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Developer
"""
SESSION = """
[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = us-east-1
"""
# What is typed, and what the command then is given.
TYPED = (
    ("use --profile w", "<use><--profile><work>"),
    ("use --profile my\\ w", "<use><--profile><my work>"),
    ("use --profile 'my w", "<use><--profile><my work>"),
    ('use --profile "my', "<use><--profile><my work>"),
    ("use --profile=my", "<use><--profile=my work>"),
    ("use --profile o", "<use><--profile><o'brien>"),
    ("use --profile dq", '<use><--profile><dq"uote>'),
    ("use --profile co", "<use><--profile><co:lon>"),
    ("use --profile=co", "<use><--profile=co:lon>"),
    ("use --profile dol", "<use><--profile><dol$HOME>"),
    ("use --profile star", "<use><--profile><star*>"),
    ("use --profile semi", "<use><--profile><semi;colon>"),
    ("use --profile \\{a", "<use><--profile><{a&b}>"),
    ("use --profile a", "<use><--profile><a!b>"),
    ('use --profile "a', "<use><--profile><a!b>"),
    ("use --profile nt", "<use><--profile><nt\\x>"),
    ('use --profile "nt', "<use><--profile><nt\\x>"),
    ("autos", "<autostart>"),
)
SHELLS = {
    "bash": (("bash", "--norc", "--noprofile", "-i"), 'eval "$(keeplit completion bash)"'),
    "zsh": (("zsh", "-f", "-i"), 'bindkey -e; autoload -Uz compinit; compinit -u -D; eval "$(keeplit completion zsh)"'),
    "fish": (("fish", "--no-config", "-i"), "keeplit completion fish | source"),
}


def quoted(name: str) -> str:
    """Return a profile's name as the AWS config has it."""
    mark = '"' if "'" in name else "'"
    return f"{mark}{name}{mark}"


@pytest.fixture
def environ(own_home: Path) -> dict[str, str]:
    """Give the environment of a person with odd names, a file that a star would find, and a folder of a name."""
    (own_home / ".aws").mkdir()
    text = "".join(CONFIG.format(name=quoted(name)) for name in NAMES)
    (own_home / ".aws" / "config").write_text(SESSION + text)
    (own_home / "here" / "autostart").mkdir(parents=True)
    (own_home / "here" / "star-found").touch()
    stand_in(own_home / "bin", "keeplit", SHOWS.format(keeplit=KEEPLIT))
    path = f"{own_home / 'bin'}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "TERM": "xterm", "LC_ALL": "C.UTF-8", "fish_greeting": ""}


@contextmanager
def shell(name: str, environ: dict[str, str]) -> Iterator[pexpect.spawn[str]]:
    """Give a shell in a terminal that has loaded the completion, in a folder with files."""
    real_part(name, found=shutil.which(name) is not None)
    (program, *options), loads = SHELLS[name]
    folder, size = f"{environ['HOME']}/here", (40, 200)
    made = pexpect.spawn(program, options, env=environ, cwd=folder, encoding="utf-8", timeout=60, dimensions=size)
    try:
        made.sendline(f"{loads}; echo loa''ded")
        made.expect_exact("loaded")
        yield made
    finally:
        made.close(force=True)


@pytest.mark.parametrize("name", SHELLS)
def test_what_tab_writes_is_what_the_command_gets(name: str, environ: dict[str, str]) -> None:
    """Names with spaces, quotes, stars and dollars, begun with a quote or without, joined to the option or not."""
    got = {}
    with shell(name, environ) as typing:
        for line, _ in TYPED:
            typing.send(f"keeplit {line}\t\r")
            typing.expect(r"(<(?:use|autostart)>[^\r\n]*) END")
            got[line] = typing.match.group(1)
    assert got == dict(TYPED)


def test_zsh_in_the_middle_of_a_line(environ: dict[str, str]) -> None:
    """An empty word before others is the one that is completed."""
    with shell("zsh", environ) as typing:
        typing.send("keeplit login --session  --no-browser" + "\x1b[D" * len(" --no-browser") + "\t\r")
        typing.expect_exact("<login><--session><acme><--no-browser> END")


def test_fish_says_what_a_command_does(environ: dict[str, str]) -> None:
    """The whole sentence, commas included."""
    with shell("fish", environ) as typing:
        typing.sendline('complete -C "keeplit stat"; echo en""d')
        typing.expect_exact("end")
        assert "status\tShow both clocks, and what is wrong" in typing.before.replace("\r", "")
