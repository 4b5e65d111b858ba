from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from keeplit.adapters import files, journal
from keeplit.engine import autostart, undo
from tests.engine.autostart_bed import Bed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for the AWS CLI")


def test_what_a_service_lacks_is_recorded(bed: Bed, tmp_path: Path) -> None:
    """The shell's proxies and the folders of its PATH are written down, by name told, and undone as one command."""
    bed.paths.config_file.parent.mkdir(parents=True)
    bed.paths.config_file.write_text('# mine\n[environment]\nLANG = "old"\n')
    gone, environment = tmp_path / "gone", tmp_path / "venv" / "bin"
    environment.mkdir(parents=True)
    path = os.pathsep.join(("relative", str(gone), str(environment), bed.environ["PATH"], "/usr/bin"))
    changes = {"PATH": path, "VIRTUAL_ENV": str(environment.parent), "HTTPS_PROXY": "http://p:1", "LANG": "new"}
    names, notes = autostart.record(bed.paths, {**bed.environ, **changes})
    assert (names, notes) == (("HTTPS_PROXY", "LANG", "PATH"), ())
    expected = {"LANG": "new", "HTTPS_PROXY": "http://p:1", "PATH": bed.environ["PATH"]}
    assert bed.noted == expected
    assert bed.paths.config_file.read_text().startswith("# mine\n")
    assert autostart.record(bed.paths, {**bed.environ, **changes}) == ((), ())
    assert {entry.command for entry in journal.read(bed.paths)} == {"autostart"}
    assert undo.undo(bed.paths).command is not None
    assert bed.noted == {"LANG": "old"}


def test_a_password_is_named_and_not_recorded(bed: Bed) -> None:
    """A proxy with a password is told by its name alone."""
    names, notes = autostart.record(bed.paths, {**bed.environ, "HTTPS_PROXY": "http://sam:hunter2@p:1"})
    assert names == ("PATH",)
    assert "HTTPS_PROXY holds a password" in notes[0]
    assert "hunter2" not in repr(notes) + bed.paths.config_file.read_text()


def test_aws_is_found_where_the_path_has_it_not(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `aws` lies is recorded; where there is none, that is said."""
    monkeypatch.setattr("keeplit.adapters.login._USUAL_PLACES", [bed.environ["PATH"].split(os.pathsep)[0]])
    autostart.record(bed.paths, {**bed.environ, "PATH": "/usr/sbin"})
    assert bed.noted["PATH"] == f"/usr/sbin{os.pathsep}{bed.environ['PATH'].split(os.pathsep)[0]}"
    monkeypatch.setattr("keeplit.adapters.login._USUAL_PLACES", [])
    _, notes = autostart.record(bed.paths, {**bed.environ, "PATH": "/usr/sbin"})
    assert "AWS CLI v2 was not found" in notes[0]


def test_a_folder_that_is_closed_is_said(bed: Bed) -> None:
    """Where config.toml cannot be written, what to do is said."""
    bed.paths.config_file.parent.parent.mkdir(parents=True)
    bed.paths.config_file.parent.write_text("a file in the way")
    with pytest.raises(files.FileTrouble):
        autostart.record(bed.paths, bed.environ)
