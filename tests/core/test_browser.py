import pytest

from keeplit.core.browser import browser_variable, can_open


@pytest.mark.parametrize(
    ("browser", "expected"),
    [
        ("", ""),
        ("true", ""),
        ("/bin/true", ""),
        ("true:firefox", "firefox %s &"),
        ("firefox", "firefox %s &"),
        ("/opt/my browser/run", "'/opt/my browser/run' %s &"),
        ("chrome --new-window %s", "chrome --new-window %s &"),
        ("chrome %s &", "chrome %s &"),
        ("firefox: :chrome %s", "firefox %s &:chrome %s &"),
    ],
)
def test_a_browser_command_is_put_into_the_background(browser: str, expected: str) -> None:
    """Python waits for a command that is not, and a sign-in hangs until the browser is closed."""
    assert browser_variable({"BROWSER": browser}, ":") == expected


def test_wslview_is_the_browser_of_wsl_unless_one_is_named() -> None:
    """Windows' own browser opens from WSL, but what a person named comes first."""
    named = [browser_variable(environ, ":", "/usr/bin/wslview") for environ in ({}, {"BROWSER": "firefox"})]

    assert named == ["/usr/bin/wslview %s &", "firefox %s &"]


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":10", "SSH_CONNECTION": "a b c d"}, "linux", False),
        ({"DISPLAY": ":0", "BROWSER": "true"}, "linux", True),
        ({"BROWSER": "true"}, "linux", False),
        ({"BROWSER": "code --open %s", "SSH_TTY": "/dev/pts/1"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
        ({"SSH_CLIENT": "a b c"}, "darwin", False),
    ],
)
def test_a_browser_needs_a_name_or_a_screen_that_is_not_far_away(
    environ: dict[str, str],
    platform: str,
    expected: bool,  # noqa: FBT001
) -> None:
    """BROWSER counts everywhere; a graphical session only where the person sits."""
    assert can_open(environ, platform, ":") == expected
