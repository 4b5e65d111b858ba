"""The verbs install, remove and check of Windows, read by wine's command line, with stand-ins for what they call.

Wine 8 has no `where` and no `findstr` that answers, so both are stand-ins too, and its cmd runs what follows `||` and
`&&` in any case: the scripts ask `if errorlevel`, which every cmd knows.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import real_part
from tests.end_to_end.packages import INSTALLERS
from tests.end_to_end.test_packages_verbs import WELL
from tests.end_to_end.wine import Wine, wine

COMPILER = "x86_64-w64-mingw32-gcc"
PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static int where(int count, char **words) {
    int quiet = !stricmp(words[1], "/q");
    char found[MAX_PATH];
    if (!SearchPathA(getenv("PATH"), words[count - 1], NULL, MAX_PATH, found, NULL)) return 1;
    if (!quiet) puts(found);
    return 0;
}

static int findstr(int count, char **words) {
    char line[8192];
    int at_the_start = !stricmp(words[1], "/b"), code = 1;
    while (fgets(line, sizeof line, stdin))
        for (int i = 1 + at_the_start; i < count; i++) {
            char *place = strstr(line, words[i] + strlen("/c:"));
            if (place && (!at_the_start || place == line)) code = 0;
        }
    return code;
}

int main(int count, char **words) {
    char own[MAX_PATH], all[4096] = "", has[64];
    GetModuleFileNameA(NULL, own, MAX_PATH);
    char *name = strrchr(own, '\\') + 1;
    *strrchr(name, '.') = 0;
    if (!strcmp(name, "where")) return where(count, words);
    if (!strcmp(name, "findstr")) return findstr(count, words);
    for (int i = 1; i < count; i++) strcat(strcat(all, i > 1 ? "|" : ""), words[i]);
    snprintf(has, sizeof has, "HAS_%s", name);
    if (strstr(all, "list")) return getenv(has) ? puts("keeplit 1.2.3") < 0 : 0;
    FILE *calls = fopen(getenv("CALLS"), "a");
    fprintf(calls, "%s|%s\n", name, all);
    fclose(calls);
    if (strstr(all, "--json")) puts(getenv("JSON"));
    if (strstr(all, "--force") && getenv("GIVES")) CopyFileA(strcat(own, ".exe"), getenv("GIVES"), FALSE);
    char *fails = getenv("FAILS");
    return fails && strstr(all, fails) ? -1 : 0;
}
"""

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]


@dataclass(frozen=True, slots=True)
class PC:
    """A Windows and the programs on its PATH, which note how they are called."""

    wine: Wine
    program: Path
    folder: Path

    def has(self, *names: str) -> None:
        """Put programs there."""
        for name in names:
            shutil.copy(self.program, self.folder / f"{name}.exe")

    def run(self, verb: str, *words: str, answer: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a verb as a person does who answers."""
        environ = {**self.wine.environ, "WINEPATH": f"Z:{self.folder}", "CALLS": f"Z:{self.folder / 'calls'}"}
        command = ["wine", "cmd", "/c", f"Z:{INSTALLERS / 'windows' / verb}.cmd".replace("/", "\\"), *words]
        return subprocess.run(
            command, env={**environ, **variables}, input=answer, capture_output=True, text=True, timeout=60, check=False
        )

    @property
    def calls(self) -> list[str]:
        """Return what was called, without the questions of who has keeplit; a bar stands between two words."""
        note = self.folder / "calls"
        return note.read_text().splitlines() if note.exists() else []


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    """Give a Windows of wine's."""
    real_part(COMPILER, found=shutil.which(COMPILER) is not None)
    with wine(tmp_path_factory.mktemp("wine")) as made:
        yield made


@pytest.fixture(scope="module")
def program(prefix: Wine) -> Path:
    """Compile the program that stands in for all others; what it is depends on its name."""
    source, built = prefix.folder / "program.c", prefix.folder / "program.exe"
    source.write_text(PROGRAM)
    subprocess.run([COMPILER, "-O", "-o", str(built), str(source)], timeout=60, check=True)
    return built


@pytest.fixture
def desk(prefix: Wine, program: Path, tmp_path: Path) -> PC:
    """Give a PC with nothing but what Windows has."""
    made = PC(prefix, program, tmp_path)
    made.has("where", "findstr")
    return made


@pytest.mark.parametrize(("names", "command"), [(("pipx", "uv"), "pipx"), (("uv",), "uv|tool")])
def test_it_is_installed_and_started_at_logon(desk: PC, names: tuple[str, ...], command: str) -> None:
    """By pipx, or by uv where that is missing; a wheel with a space in its name is one word."""
    desk.has(*names)
    done = desk.run("install", "dist\\a b.whl", GIVES=f"Z:{desk.folder / 'keeplit.exe'}")
    assert (done.returncode, desk.calls) == (
        0,
        [f"{command}|install|--force|dist\\a b.whl", "keeplit|autostart|enable"],
    )


def test_one_that_is_there_is_used(desk: PC) -> None:
    """It is started at logon and not installed again."""
    desk.has("keeplit", "pipx")
    assert (desk.run("install").returncode, desk.calls) == (0, ["keeplit|autostart|enable"])


def test_an_install_that_fails_enables_nothing(desk: PC) -> None:
    """Without an installer it says which one to get; one that fails, or puts nothing on the PATH, ends it."""
    alone = desk.run("install")
    assert (alone.returncode, "pip install --user pipx" in alone.stderr, desk.calls) == (1, True, [])
    desk.has("pipx")
    assert desk.run("install", FAILS="install").returncode == 1
    lost = desk.run("install")
    assert (lost.returncode, "pipx ensurepath" in lost.stderr) == (1, True)
    assert desk.calls == ["pipx|install|--force|keeplit"] * 2


@pytest.mark.parametrize(("name", "command"), [("pipx", "pipx|uninstall|keeplit"), ("uv", "uv|tool|uninstall|keeplit")])
@pytest.mark.parametrize("answer", ["y\r\n", "Yes\r\n"])
def test_what_installed_it_removes_it(desk: PC, name: str, command: str, answer: str) -> None:
    """First every file is given back, then the program goes, by what put it there."""
    desk.has("keeplit", "pipx", "uv")
    done = desk.run("remove", answer=answer, **{f"HAS_{name}": "1"})
    assert (done.returncode, desk.calls) == (0, ["keeplit|uninstall|--yes", command])


@pytest.mark.parametrize("answer", ["", "\r\n", "n\r\n", "maybe\r\n"])
def test_nothing_is_removed_unasked(desk: PC, answer: str) -> None:
    """Only a yes removes anything; where nobody answers it says how."""
    desk.has("keeplit", "pipx")
    done = desk.run("remove", answer=answer, HAS_pipx="1")
    assert (done.returncode, "remove --yes" in done.stderr, desk.calls) == (1, True, [])


@pytest.mark.parametrize(("fails", "called"), [("uninstall|--yes", 1), ("uninstall|keeplit", 2)])
def test_a_removal_that_fails_says_so(desk: PC, fails: str, called: int) -> None:
    """A crash, whose code is negative, is a failure too; while files point to it the program stays."""
    desk.has("keeplit", "pipx")
    done = desk.run("remove", "--yes", HAS_pipx="1", FAILS=fails)
    assert (done.returncode, len(desk.calls)) == (1, called)


def test_one_of_unknown_origin_is_named(desk: PC) -> None:
    """What nothing here installed is for the person to remove."""
    desk.has("keeplit", "pipx", "uv")
    done = desk.run("remove", "--yes")
    assert (done.returncode, "keeplit.exe" in done.stdout, "what installed it" in done.stderr) == (0, True, True)


def test_a_check_says_how_it_stands(desk: PC) -> None:
    """All well is 0; nothing there, not started at logon, an older keeplit or no daemon is 1 and says what to do."""
    gone = desk.run("check", JSON=WELL)
    assert (gone.returncode, "install.cmd" in gone.stderr) == (1, True)
    desk.has("keeplit")
    well = desk.run("check", JSON=WELL)
    assert (well.returncode, well.stderr) == (0, "")
    for wrong in ('"enabled"', '"current"', '"running"'):
        bad = desk.run("check", JSON=WELL.replace(f"{wrong}: true", f"{wrong}: false"))
        assert (bad.returncode, "keeplit autostart enable" in bad.stderr) == (1, True), wrong


@pytest.mark.parametrize("words", [("install", "a", "b"), ("remove", "-y"), ("check", "x")])
def test_what_is_not_understood_does_nothing(desk: PC, words: tuple[str, ...]) -> None:
    """Another word than a verb takes is wrong usage: nothing is called, and nobody is asked."""
    desk.has("keeplit", "pipx")
    done = desk.run(*words, answer="y\r\n")
    assert (done.returncode, desk.calls) == (2, [])
    assert done.stderr.startswith(f"usage: {words[0]}")
