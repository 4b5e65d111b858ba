from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import pytest

from keeplit import __version__
from keeplit.engine import sign_in_runner
from keeplit.ui import frozen, tray_process

FOLDER = "/opt/keeplit/_internal"


@pytest.fixture(autouse=True)
def lent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process be frozen, with what freezing lends to it."""
    monkeypatch.setattr(sys, "_MEIPASS", FOLDER, raising=False)
    monkeypatch.setenv("GI_TYPELIB_PATH", f"{FOLDER}/gi_typelibs")
    monkeypatch.setenv("LD_LIBRARY_PATH", FOLDER)
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/usr/lib/mine")


def told(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Let this process have been started with arguments."""
    monkeypatch.setattr(sys, "argv", ["/opt/keeplit/keeplit", *arguments])


def test_it_is_keeplit(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """It answers as keeplit does, and no program that it starts loads its libraries."""
    told(monkeypatch, "--version")

    assert frozen.main() == 0
    assert capfdbinary.readouterr().out == f"keeplit, version {__version__}\n".encode()
    assert "GI_TYPELIB_PATH" not in os.environ
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
    assert os.environ["LD_LIBRARY_PATH"] == "/usr/lib/mine"


def test_it_is_its_own_further_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for a part it runs that, with the arguments that are the part's own."""
    told(monkeypatch, "--part", "sign-in", "more")
    seen: list[list[str]] = []

    def run() -> int:
        seen.append(list(sys.argv))
        return 7

    monkeypatch.setattr(sign_in_runner, "main", run)

    assert frozen.main() == 7
    assert seen == [["/opt/keeplit/keeplit", "more"]]


def test_an_unknown_part_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """No other module is run; the command line says that it knows no such option."""
    told(monkeypatch, "--part", "os")

    assert frozen.main() == 2
    assert "--part" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "lights"), [(["tray"], True), (["tray", "--no-daemon"], False)])
def test_the_flame_keeps_what_was_lent(monkeypatch: pytest.MonkeyPatch, arguments: list[str], *, lights: bool) -> None:
    """Its own libraries find their parts, and what it starts is given an environment without them."""
    told(monkeypatch, *arguments)
    given: list[tuple[Mapping[str, str], bool]] = []

    def flame(environ: Mapping[str, str], *, lights: bool) -> int:
        given.append((environ, lights))
        return 0

    monkeypatch.setattr(tray_process, "main", flame)

    assert frozen.main() == 0
    assert os.environ["GI_TYPELIB_PATH"] == f"{FOLDER}/gi_typelibs"
    assert [("GI_TYPELIB_PATH" in environ, with_daemon) for environ, with_daemon in given] == [(False, lights)]
