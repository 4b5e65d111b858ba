"""The verbs install, remove and check of macOS and Windows: run against stand-ins, or read where they cannot be run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.machine import stand_in
from tests.end_to_end.packages import INSTALLERS, tool

VERBS = ("check", "install", "remove")
POSIX = pytest.mark.skipif(os.name != "posix", reason="a script for sh")
KEEPLIT = """\
#!/bin/sh
echo "keeplit $*" >> "$HOME/calls"
case "$*" in
--version) echo "keeplit, version 1.2.3" ;;
"autostart status --json") cat "$HOME/status.json" ;;
uninstall*) [ ! -e "$HOME/refuses" ] || { echo "keeplit: not every file could be given back" >&2; exit 1; } ;;
esac
"""
INSTALLER = """\
#!/bin/sh
echo "{name} $*" >> "$HOME/calls"
case "$*" in
*list*) [ ! -e "$HOME/has-{name}" ] || echo "keeplit 1.2.3" ;;
*uninstall*) rm "$HOME/has-{name}" ;;
*install*) [ ! -e "$HOME/no-network" ] || exit 1
    touch "$HOME/has-{name}"; mkdir -p "$HOME/.local/bin"; cp "$HOME/keeplit" "$HOME/.local/bin/keeplit" ;;
esac
"""
WELL = (
    '{"schema": 1, "parts": [{"part": "daemon", "enabled": true, "running": true, "current": true}, '
    '{"part": "tray", "enabled": true, "running": false, "current": true}]}'
)


@dataclass(frozen=True, slots=True)
class Mac:
    """A home and the programs of a Mac, which note how they are called."""

    home: Path
    programs: Path

    def has(self, *names: str) -> None:
        """Put installers there, or keeplit itself."""
        for name in names:
            stand_in(self.programs, name, KEEPLIT if name == "keeplit" else INSTALLER.format(name=name))

    def run(self, verb: str, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        """Run a verb as a person does who answers."""
        environ = {"HOME": str(self.home), "PATH": f"{self.programs}{os.pathsep}{self.programs.parent / 'system'}"}
        command = [str(INSTALLERS / "macos" / verb), *arguments]
        return subprocess.run(
            command, env=environ, input=answer, capture_output=True, text=True, timeout=30, check=False
        )

    @property
    def calls(self) -> list[str]:
        """Return what was called, without the questions of who has keeplit."""
        note = self.home / "calls"
        called = note.read_text().splitlines() if note.exists() else []
        return [line for line in called if " list" not in line]


@pytest.fixture
def mac(tmp_path: Path, own_home: Path) -> Mac:
    """Give a Mac with nothing on it."""
    stand_in(own_home, "keeplit", KEEPLIT)
    (own_home / "status.json").write_text(WELL)
    (tmp_path / "programs").mkdir()
    (tmp_path / "system").mkdir()
    for name in ("cat", "cp", "grep", "mkdir", "rm", "touch"):  # and no installer of this machine
        (tmp_path / "system" / name).symlink_to(shutil.which(name) or "")
    return Mac(own_home, tmp_path / "programs")


@POSIX
@pytest.mark.parametrize("verb", VERBS)
def test_a_script_is_sound(verb: str) -> None:
    """Shellcheck finds nothing in it, and it may be run."""
    script = INSTALLERS / "macos" / verb
    done = subprocess.run([tool("shellcheck"), str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == ""
    assert os.access(script, os.X_OK)


@POSIX
@pytest.mark.parametrize(("names", "command"), [(("pipx", "uv"), "pipx"), (("uv",), "uv tool")])
def test_it_is_installed_and_started_at_login(mac: Mac, names: tuple[str, ...], command: str) -> None:
    """By pipx, or by uv where that is missing; what starts at login is keeplit's own doing."""
    mac.has(*names)

    assert mac.run("install").returncode == 0
    assert mac.calls == [f"{command} install --force keeplit", "keeplit autostart enable"]


@POSIX
def test_one_that_is_there_is_used(mac: Mac) -> None:
    """Homebrew's, or that of keeplit.app, is started at login; a wheel that is named is installed all the same."""
    mac.has("keeplit", "pipx")

    assert mac.run("install").returncode == 0
    assert mac.calls == ["keeplit autostart enable"]
    assert mac.run("install", "dist/a b.whl").returncode == 0
    assert mac.calls[1:] == ["pipx install --force dist/a b.whl", "keeplit autostart enable"]


@POSIX
def test_an_install_that_fails_enables_nothing(mac: Mac) -> None:
    """Without an installer it says which one to get; one that fails ends it."""
    alone = mac.run("install")
    assert (alone.returncode, "brew install pipx" in alone.stderr) == (1, True)
    mac.has("pipx")
    (mac.home / "no-network").touch()
    assert mac.run("install").returncode == 1
    assert mac.calls == ["pipx install --force keeplit"]


@POSIX
@pytest.mark.parametrize(
    ("name", "command"),
    [("pipx", "pipx uninstall keeplit"), ("uv", "uv tool uninstall keeplit"), ("brew", "brew uninstall keeplit")],
)
def test_what_installed_it_removes_it(mac: Mac, name: str, command: str) -> None:
    """First every file is given back, then the program goes; the others are not called to remove what is not theirs."""
    mac.has("keeplit", "pipx", "uv", "brew")
    (mac.home / f"has-{name}").touch()

    assert mac.run("remove", answer="y\n").returncode == 0
    assert mac.calls == ["keeplit uninstall --yes", command]


@POSIX
@pytest.mark.parametrize("answer", ["", "\n", "n\n", "maybe\n"])
def test_nothing_is_removed_unasked(mac: Mac, answer: str) -> None:
    """Only a yes removes anything; where nobody answers it says how."""
    mac.has("keeplit", "pipx")
    done = mac.run("remove", answer=answer)

    assert (done.returncode, mac.calls) == (1, [])
    assert "remove --yes" in done.stderr


@POSIX
def test_the_program_stays_while_files_point_to_it(mac: Mac) -> None:
    """A settings file that could not be given back would name a command that is gone."""
    mac.has("keeplit", "pipx")
    (mac.home / "has-pipx").touch()
    (mac.home / "refuses").touch()

    assert mac.run("remove", "--yes").returncode == 1
    assert mac.calls == ["keeplit uninstall --yes"]


@POSIX
def test_one_of_unknown_origin_is_named(mac: Mac) -> None:
    """What keeplit.app left on the PATH is for the person to remove."""
    mac.has("keeplit")
    done = mac.run("remove", "--yes")

    assert (done.returncode, str(mac.programs / "keeplit") in done.stderr) == (0, True)


@POSIX
def test_a_check_says_how_it_stands(mac: Mac) -> None:
    """All well is 0; nothing there, not started at login, an older keeplit or no daemon is 1 and says what to do."""
    gone = mac.run("check")
    assert (gone.returncode, "installers/macos/install" in gone.stderr) == (1, True)
    mac.has("keeplit")
    well = mac.run("check")
    assert (well.returncode, well.stderr) == (0, "")
    assert "keeplit, version 1.2.3" in well.stdout
    for wrong in ('"enabled"', '"current"', '"running"'):
        (mac.home / "status.json").write_text(WELL.replace(f"{wrong}: true", f"{wrong}: false"))
        bad = mac.run("check")
        assert (bad.returncode, "keeplit autostart enable" in bad.stderr) == (1, True)


@POSIX
def test_a_broken_property_list_is_found(mac: Mac) -> None:
    """Apple's own tool reads each list that keeplit wrote."""
    mac.has("keeplit")
    agents = mac.home / "Library" / "LaunchAgents"
    agents.mkdir(parents=True)
    (agents / "io.keeplit.daemon.plist").write_text("<plist>")
    stand_in(mac.programs, "plutil", '#!/bin/sh\necho "$2: not well"; exit 1\n')

    done = mac.run("check")
    assert (done.returncode, "io.keeplit.daemon.plist: not well" in done.stdout) == (1, True)


@POSIX
@pytest.mark.parametrize(
    "words",
    [("install", "--help"), ("install", "a", "b"), ("remove", "-y"), ("remove", "--yes", "now"), ("check", "x")],
)
def test_what_is_not_understood_does_nothing(mac: Mac, words: tuple[str, ...]) -> None:
    """Another word than a verb takes is wrong usage: nothing is called, and nobody is asked."""
    mac.has("keeplit", "pipx")
    done = mac.run(*words, answer="y\n")
    assert (done.returncode, done.stdout, mac.calls) == (2, "", [])
    assert done.stderr.startswith(f"usage: {words[0]}")


def texts() -> list[Path]:
    """Return the scripts of both systems."""
    return [INSTALLERS / "macos" / verb for verb in VERBS] + [INSTALLERS / "windows" / f"{verb}.cmd" for verb in VERBS]


@pytest.mark.parametrize("script", texts(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_verb_calls_what_keeplit_knows(script: Path) -> None:
    """Each command of keeplit that a script calls is one that keeplit has."""
    code = [line for line in script.read_text("utf-8").splitlines() if not line.startswith(("#", "rem ", "    echo"))]
    called = re.findall(
        r"(?:^|then |exec |if |there )keeplit(?:\.exe)? ([a-z-][a-z -]*)", "\n".join(code), re.MULTILINE
    )
    assert called != []
    for words in {one.split(" |")[0].strip() for one in called}:
        asked = [sys.executable, "-P", "-m", "keeplit.ui.fast", *shlex.split(words)]
        done = subprocess.run([*asked, "--help"], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, "Usage:" in done.stdout or "version" in done.stdout) == (0, True), words


@pytest.mark.parametrize("verb", VERBS)
def test_a_script_of_windows_is_one_that_cmd_reads(verb: str) -> None:
    """ASCII alone, brackets close, an `if` has a command, and no label, which cmd loses without carriage returns."""
    data = (INSTALLERS / "windows" / f"{verb}.cmd").read_bytes()
    lines = [line for line in data.decode("ascii").splitlines() if not line.startswith("rem ")]
    assert lines[:2] == ["@echo off", "setlocal"]
    assert b"\r" not in data
    assert not [line for line in lines if re.match(r"\s*:|.*\b(goto|call\s+:)", line)]
    assert not [line for line in lines if re.match(r"\s*if .*\s%\w+%$", line)]  # where that is empty, cmd gives up
    text = re.sub(r'"[^"\n]*"', "", "\n".join(line for line in lines if "echo " not in line))
    assert text.count("(") == text.count(")")
    assert data.count(b'"') % 2 == 0
