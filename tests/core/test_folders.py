"""Where keeplit's own folders are, told without platformdirs and compared with it."""

from __future__ import annotations

import os

import pytest
from platformdirs import windows
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from keeplit.core.folders import config_folder, managed_folder, state_folder

Dirs = type[Unix | MacOS | windows.Windows]
POSIX = pytest.mark.skipif(os.name == "nt", reason="simulated on POSIX, whose paths it compares")
ANN = {"HOME": "/home/ann"}


def theirs(dirs: Dirs, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Unix | MacOS | windows.Windows:
    """Return platformdirs as it answers in an environment."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(windows, "_resolve_win_folder", windows.get_win_folder_from_env_vars)
    return dirs("keeplit", appauthor=False)


@POSIX
@pytest.mark.parametrize(
    ("platform", "dirs", "environ"),
    [
        ("linux", Unix, ANN),
        ("linux", Unix, {"HOME": "/home/ann/"}),
        ("linux", Unix, {"HOME": "/"}),
        ("linux", Unix, {**ANN, "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": ""}),
        ("linux", Unix, {**ANN, "XDG_STATE_HOME": "/srv/ann/state", "XDG_CONFIG_HOME": "/srv/ann/config"}),
        ("linux", Unix, {**ANN, "XDG_STATE_HOME": "/srv/ann/state/", "XDG_CONFIG_HOME": "/"}),
        ("freebsd14", Unix, {"HOME": "/home/ann b"}),
        ("darwin", MacOS, {"HOME": "/Users/ann"}),
    ],
)
def test_the_folders_are_those_of_platformdirs(
    platform: str, dirs: Dirs, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads them here finds them where platformdirs puts them."""
    expected = theirs(dirs, environ, monkeypatch)
    ours = (config_folder(environ, platform), state_folder(environ, platform))
    assert None not in ours
    assert [os.path.normpath(str(one)) for one in ours] == [expected.user_config_dir, expected.user_state_dir]


@POSIX
@pytest.mark.parametrize("local", ["C:\\Users\\ann\\AppData\\Local", "D:\\ann b\\Local"])
def test_on_windows_the_state_is_where_platformdirs_has_it(local: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hot commands find the state of a Windows user; the config is for platformdirs to find."""
    environ = {"LOCALAPPDATA": local}
    expected = theirs(windows.Windows, environ, monkeypatch).user_state_dir.replace("/", "\\")
    assert state_folder(environ, "win32") == expected
    assert config_folder(environ, "win32") is None


@pytest.mark.parametrize(
    ("platform", "environ"),
    [
        ("linux", {}),
        ("linux", {"HOME": "ann"}),
        ("linux", {**ANN, "XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": " "}),
        ("linux", {**ANN, "ANDROID_ROOT": "/system"}),
        ("android", ANN),
        ("darwin", {"HOME": "/Users/ann", "XDG_DATA_HOME": "/srv/data"}),
        ("win32", {"HOME": "C:\\Users\\ann"}),
        ("win32", {"LOCALAPPDATA": "Local"}),
        ("win32", {"LOCALAPPDATA": "C:\\x", "WIN_PD_OVERRIDE_LOCAL_APPDATA": "D:\\y"}),
    ],
)
def test_an_odd_environment_is_left_to_platformdirs(platform: str, environ: dict[str, str]) -> None:
    """Where its releases differ, or there is no home, platformdirs has to find the folders."""
    assert (config_folder(environ, platform), state_folder(environ, platform)) == (None, None)


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", "/etc/claude-code"),
        ("darwin", "/Library/Application Support/ClaudeCode"),
        ("win32", "C:\\Program Files\\ClaudeCode"),
    ],
)
def test_managed_settings_lie_where_claude_code_says(platform: str, folder: str) -> None:
    """An administrator puts them there."""
    assert managed_folder(platform) == folder
