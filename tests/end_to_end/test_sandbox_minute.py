"""`keeplit sandbox`, whole: the real daemon, the real commands, the AWS CLI where there is one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.sandbox.clients import LEGACY
from keeplit.sandbox.happenings import Happening, What
from keeplit.sandbox.scene import ORDINARY, Scene, stage_of

COMMAND = (sys.executable, "-P", "-m", "keeplit.ui.fast", "sandbox")
SECRETS = re.compile(r"ao[ar]AAAAA|IQoJb3JpZ2luX2Vj|ASIA[A-Z2-7]{16}|\beyJ")
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are counted in /proc")

pytestmark = pytest.mark.timeout(240)


def in_a_sandbox_home() -> list[str]:
    """Return the commands of all processes that live in a sandbox's home."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if b"HOME=" + os.fsencode(Path(os.environ["TMPDIR"]) / "keeplit-sandbox-") in path.read_bytes():
                found.append(path.with_name("cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever the play was, its home and its processes are gone after it."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    yield
    assert list(folder.iterdir()) == []
    until = time.monotonic() + 5
    while sys.platform.startswith("linux") and in_a_sandbox_home() and time.monotonic() < until:
        time.sleep(0.1)
    assert in_a_sandbox_home() == []


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param((), id="ordinary"),
        pytest.param(("--outlives",), id="outlives", marks=pytest.mark.soak),
        pytest.param(("--device",), id="device", marks=pytest.mark.soak),
        pytest.param(("--device", "--outlives"), id="device-outlives", marks=pytest.mark.soak),
    ],
)
def test_every_session_stays_lit(flags: tuple[str, ...]) -> None:
    """The minute ends with exit code 0, every act was seen, and nothing secret was printed."""
    played = subprocess.run([*COMMAND, *flags], capture_output=True, text=True, timeout=200, check=False)
    assert (played.returncode, played.stderr) == (0, ""), played.stdout
    assert SECRETS.search(played.stdout) is None
    acts = ("renewed silently", "HTTP 500", "cut the next", "recovered", "taken over the end", "5 browser tabs for 5")
    assert [act for act in acts if act not in played.stdout] == []
    assert "Every session stayed lit." in played.stdout


@LINUX
def test_a_killed_daemon_is_a_failure() -> None:
    """Exit code 1 at once, and it says what became of the keeper."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as playing:
        assert playing.stdout is not None
        printed = ""
        for line in playing.stdout:
            printed += line
            if "you approve: signed in" in line and "killed" not in printed:
                os.kill(daemon_of(playing.pid), signal.SIGKILL)
                printed += "killed\n"
    assert playing.returncode == 1, printed
    assert "  - The daemon ended (signal 9)." in printed
    assert "stayed lit" not in printed


def daemon_of(parent: int) -> int:
    """Return the daemon among the children of a process."""
    children = Path(f"/proc/{parent}/task").glob("*/children")
    pids = [int(pid) for path in children for pid in path.read_text().split()]
    return next(pid for pid in pids if Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").endswith(b"daemon"))


def test_a_revoked_session_and_a_closed_tab_are_dark() -> None:
    """When nobody signs in again, the pretend Claude finds out, second by second, and the play says why."""
    tempo = replace(ORDINARY, role=timedelta(seconds=9), at_most=timedelta(seconds=30))
    told: list[Happening] = []
    with stage_of(tempo) as stage:

        def tell(happening: Happening) -> None:
            told.append(happening)
            if sum(one.what is What.SIGNED_IN for one in told) == 3 and happening.what is What.SIGNED_IN:
                stage.person("close")
            if happening.what is What.FAULT:
                stage.sandbox.sessions.revoke(LEGACY)

        verdict = Scene(stage, tell, tempo).play()
    assert not verdict.lit
    dark = next(one for one in verdict.complaints if one.startswith("old was dark for"))
    assert "ExpiredToken" in dark
    assert any(one.what is What.DARK and one.session == "old" for one in told)
    assert [one for one in verdict.complaints if "tab" in one.lower()] == []


@LINUX
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interruption_ends_everything(name: str) -> None:
    """Ctrl-C, in the midst of three sign-ins: exit code 1 and a sentence within seconds."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as playing:
        assert playing.stdout is not None
        assert any("keeplit login --session old" in line for line in playing.stdout)
        time.sleep(1.0)
        playing.send_signal(signal.Signals[name])
        _, said = playing.communicate(timeout=20)
    assert (playing.returncode, "All that the sandbox started is ended" in said) == (1, True)


def test_a_shell_works_in_the_sandbox() -> None:
    """With the printed lines a shell signs in and gets role credentials; then Ctrl-C ends the sandbox."""
    with subprocess.Popen([*COMMAND, "--shell"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as sandbox:
        assert sandbox.stdout is not None
        lines = []
        for line in sandbox.stdout:
            lines.append(line)
            if line.startswith("export KEEPLIT_SANDBOX_PERSON"):
                break
        keeplit = f"'{sys.executable}' -P -m keeplit.ui.fast"
        script = (
            f"{''.join(lines)}\n{keeplit} login --session acme && {keeplit} credentials --profile work --format env"
        )
        asked = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=90, check=False)
        sandbox.send_signal(signal.SIGINT)
        _, said = sandbox.communicate(timeout=20)
    assert (asked.returncode, "export AWS_SESSION_TOKEN=" in asked.stdout) == (0, True), asked.stderr
    assert (sandbox.returncode, "Interrupted" in said) == (1, True)
