import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.own_command import HELPERS, OwnCommand, commands, is_own, recognised, spelled

ON_WINDOWS = re.compile(r"[^\"\x00-\x1f\ud800-\udfff]")
names = st.text(st.characters(exclude_characters="\0\n/", exclude_categories=["Cs"]), max_size=12)
windows_names = st.text(
    st.one_of(st.sampled_from("%^& !()@',;=~é日$`"), st.characters().filter(ON_WINDOWS.fullmatch)), max_size=12
).map(lambda name: re.sub(r"[\\/:*?<>|\x85\u2028\u2029]", "-", name))


def cmd_hears(command: str, environ: dict[str, str]) -> list[str]:
    """Return the words that ``cmd /d /s /c`` makes of a command: variables first, then quotes and carets."""

    def value(found: re.Match[str]) -> str:
        return environ.get(found[1].upper(), found[0])

    expanded = re.sub(r"%([^%]+)%", value, command)
    words, quoted, escaped = [""], False, False
    for character in expanded:
        if escaped or (quoted and character != '"'):
            words[-1] += character
            escaped = False
        elif character == '"':
            quoted = not quoted
        elif character == "^":
            escaped = True
        elif character == " ":
            words.append("")
        else:
            assert character not in "&|<>"
            words[-1] += character
    return words


@pytest.mark.parametrize(
    ("program", "word"),
    [
        ("/usr/local/bin/keeplit", "/usr/local/bin/keeplit"),
        ("/Users/Zoë Müller/bin/keeplit", "'/Users/Zoë Müller/bin/keeplit'"),
        ("/opt/it's/keeplit", "'/opt/it'\"'\"'s/keeplit'"),
        ("/opt/a&b;$(c)/keeplit", "'/opt/a&b;$(c)/keeplit'"),
        ("/opt/~x/keeplit", "'/opt/~x/keeplit'"),
    ],
)
def test_the_path_is_one_word_for_sh(program: str, word: str) -> None:
    """Whatever stands in the path, sh hears one word, and a plain path stays as it is."""
    assert commands(program, windows=False) == {
        "awsAuthRefresh": f"{word} login --for-claude",
        "awsCredentialExport": f"{word} credentials",
    }


@pytest.mark.parametrize(
    ("program", "word"),
    [
        (r"C:\keeplit\keeplit.exe", r'"C:\keeplit\keeplit.exe"'),
        (r"C:\Program Files\R&D (x86)\keeplit.exe", r'"C:\Program Files\R&D (x86)\keeplit.exe"'),
        (r"D:\日本 é\keeplit.exe", r'"D:\日本 é\keeplit.exe"'),
        (r"C:\100%\keeplit.exe", r'"C:\100"^%"\keeplit.exe"'),
        (r"C:\%PATH%\keeplit.exe", r'"C:\"^%"PATH"^%"\keeplit.exe"'),
        (r"C:\%%\keeplit.exe", r'"C:\"^%^%"\keeplit.exe"'),
    ],
)
def test_the_path_is_one_word_for_cmd(program: str, word: str) -> None:
    """Quotes stand always, for the bash of git's sake; a per cent sign stands outside them, behind a caret."""
    assert spelled(program, ("credentials",), windows=True) == f"{word} credentials"
    assert cmd_hears(f"{word} credentials", {"PATH": r"C:\bin"}) == [program, "credentials"]
    assert "%" in program or shlex.split(f"{word} credentials") == [program, "credentials"]


@pytest.mark.parametrize(
    ("program", "windows"),
    [('C:\\a"b\\keeplit.exe', True), ("C:\\a\nb\\keeplit.exe", True), ("/a\0b/keeplit", False), ("/\udcff/k", False)],
)
def test_a_path_that_no_settings_file_can_hold_is_refused(program: str, windows: bool) -> None:  # noqa: FBT001
    """What no path holds, or JSON cannot, is refused rather than mangled."""
    with pytest.raises(ValueError, match=r"path|surrogates"):
        commands(program, windows=windows)


@given(folder=names)
def test_sh_hears_the_path_and_we_know_it_again(folder: str) -> None:
    """For every folder's name sh hears exactly the path and the arguments, and so do we."""
    program = f"/opt/{folder}/keeplit"
    for key, command in commands(program, windows=False).items():
        assert shlex.split(command) == [program, *HELPERS[key]]
        assert recognised(command) == OwnCommand(program, HELPERS[key])
        assert is_own(key, command)


@given(folder=windows_names)
def test_cmd_hears_the_path_and_we_know_it_again(folder: str) -> None:
    """For every folder's name cmd hears exactly the path and the arguments, no variable of it, and so do we."""
    program = f"C:\\x\\{folder}\\keeplit.exe"
    everything = {folder.upper().strip("%"): "expanded", "PATH": "expanded", "": "expanded"}
    for key, command in commands(program, windows=True).items():
        assert cmd_hears(command, everything) == [program, *HELPERS[key]]
        assert recognised(command) == OwnCommand(program, HELPERS[key])
        assert is_own(key, command)


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("keeplit login --for-claude", "keeplit"),
        ("  keeplit   login\t--for-claude ", "keeplit"),
        ("keeplit.exe login --for-claude", "keeplit.exe"),
        ('"/opt/a b/keeplit" login "--for-claude"', "/opt/a b/keeplit"),
        (r'"/opt/\$a\"b/keeplit" login --for-claude', '/opt/$a"b/keeplit'),
        (r"/opt/a\ b/keeplit login --for-claude", "/opt/a b/keeplit"),
        ("~/.local/bin/keeplit login --for-claude", "~/.local/bin/keeplit"),
        (r"C:\Tools\KEEPLIT.EXE login --for-claude", r"C:\Tools\KEEPLIT.EXE"),
        (r"C:\R^&D\keeplit.exe login --for-claude", r"C:\R&D\keeplit.exe"),
        (r'"\\server\share\keeplit.exe" login --for-claude', r"\\server\share\keeplit.exe"),
        ('"C:/Program Files/keeplit.exe" login --for-claude', "C:/Program Files/keeplit.exe"),
        ("/opt/keeplit/bin/keeplitw login --for-claude", "/opt/keeplit/bin/keeplitw"),
    ],
)
def test_our_helper_is_known_whatever_its_path_and_quotes(command: str, program: str) -> None:
    """A person's spelling of our helper is ours as well, and its program is read out of it."""
    assert recognised(command) == OwnCommand(program, ("login", "--for-claude"))
    assert is_own("awsAuthRefresh", command)
    assert not is_own("awsCredentialExport", command)


@pytest.mark.parametrize(
    "command",
    [
        "",
        "   ",
        "aws sso login --profile work",
        "/opt/keeplit/bin/other credentials",
        "mykeeplit credentials",
        "keeplit.sh credentials",
        "keeplit credentials | jq .",
        "keeplit credentials; true",
        "keeplit credentials && true",
        "keeplit credentials > /tmp/x",
        "keeplit credentials\naws sso login",
        "$HOME/bin/keeplit credentials",
        '"$HOME/bin/keeplit" credentials',
        "`which keeplit` credentials",
        "AWS_PROFILE=work keeplit credentials",
        "env keeplit credentials",
        "'/opt/keeplit credentials",
        '"/opt/keeplit credentials',
        "/opt/keeplit\\",
        r"%LOCALAPPDATA%\keeplit.exe credentials",
        r"C:\%USER%\keeplit.exe credentials",
        r'"C:\%USER%\keeplit.exe" credentials',
        r"C:\keeplit.exe credentials & calc",
        r'"C:\keeplit.exe credentials',
        r"C:\bin\other.exe credentials",
        "/opt/a\\\\keeplit credentials",
    ],
)
def test_a_command_that_is_more_than_ours_is_a_persons_own(command: str) -> None:
    """Another program, a variable, a pipe or a second command: nothing that keeplit would rewrite."""
    assert recognised(command) is None
    assert not is_own("awsCredentialExport", command)


def test_further_arguments_make_it_ours_but_not_the_helper() -> None:
    """A person's profile in the command runs keeplit, but is not what keeplit would write."""
    command = "/usr/bin/keeplit credentials --profile work"
    assert recognised(command) == OwnCommand("/usr/bin/keeplit", ("credentials", "--profile", "work"))
    assert not is_own("awsCredentialExport", command)
    assert not is_own("model", "keeplit")
