"""What Windows is given: tasks held to the documented schema, and the version resource of the programs."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

import keeplit
from installers import freezing
from keeplit.adapters.autostart.windows import Windows
from keeplit.core.service_files import Part, task, task_after_crash
from tests.conftest import real_part
from tests.end_to_end.packages import INSTALLERS
from tests.end_to_end.task_schema import NAMESPACE, faults
from tests.end_to_end.wine import Wine, wine

PROGRAM, USER, HOME = "C:\\Program Files (x86)\\A & <B>\\keeplitw.exe", "DESK\\o'neil", "C:\\Users\\Jörg"


AT_LOGON, AFTER_CRASH = task(Part.TRAY, PROGRAM, USER, HOME), task_after_crash(PROGRAM, USER, HOME)
TASKS = [
    pytest.param(task(Part.DAEMON, PROGRAM, USER, HOME), id="daemon"),
    pytest.param(AT_LOGON, id="tray"),
    pytest.param(AFTER_CRASH, id="after-crash"),
]


def read(text: str) -> Element:
    """Read a task."""
    return fromstring(text.split("?>", 1)[1])  # noqa: S314  # our own


@pytest.mark.parametrize("text", TASKS)
def test_a_task_is_as_the_schema_has_it(text: str) -> None:
    """Each element is documented, in its order and of its type."""
    assert faults(read(text)) == []


@pytest.mark.parametrize("text", TASKS)
def test_a_task_is_well_formed_as_it_is_written(text: str, tmp_path: Path) -> None:
    """In UTF-16 with its mark, as the adapter hands it over, another parser than Python's reads it too."""
    real_part("xmllint", found=shutil.which("xmllint") is not None)
    file = tmp_path / "task.xml"
    file.write_bytes(text.encode("utf-16"))
    done = subprocess.run(["xmllint", "--noout", str(file)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("<Hidden>true</Hidden>", "<Hiden>true</Hiden>", "Task/Settings has an unknown Hiden"),
        ("<Hidden>true</Hidden>", "<Hidden>yes</Hidden>", "Task/Settings/Hidden is no boolean: 'yes'"),
        ("<Hidden>true</Hidden>", "<Hidden>true</Hidden>!", "Task/Settings holds text"),
        ("PT0S", "0", "Task/Settings/ExecutionTimeLimit is no duration: '0'"),
        ("PT5M", "PT", "Task/Triggers/TimeTrigger/Repetition/Interval is no atLeastAMinute: 'PT'"),
        ("<Count>3<", "<Count>0<", "Task/Settings/RestartOnFailure/Count is no restarts: '0'"),
        ("<Priority>5<", "<Priority>11<", "Task/Settings/Priority is no priority: '11'"),
        ("IgnoreNew", "ignorenew", "is no multipleInstancesPolicy: 'ignorenew'"),
        ('Context="Author"', 'Context="Somebody"', "Actions.Context Somebody is nobody"),
        ("<Arguments>daemon --after-crash</Arguments>", "<Command>x</Command>", "Task/Actions/Exec has 2 Command"),
        ("<StartBoundary>2026-01-01T00:00:00</StartBoundary>", "", "Task/Triggers/TimeTrigger has no StartBoundary"),
        ("<Actions", '<Actions shown="true"', "Task/Actions has the attribute shown"),
        ("mit/task", "mit/tasks", "is no Task"),
    ],
)
def test_a_fault_is_seen(old: str, new: str, complaint: str) -> None:
    """What schtasks refuses, and what it takes without a word and ignores."""
    spoiled = AFTER_CRASH.replace(old, new)
    assert any(complaint in one for one in faults(read(spoiled))), faults(read(spoiled))


def test_another_order_is_seen() -> None:
    """A trigger is a sequence: who starts it comes last."""
    user = f"<UserId>{USER}</UserId>"
    turned = AT_LOGON.replace("<Enabled>true</Enabled>\n      " + user, user + "<Enabled>true</Enabled>")
    assert faults(read(turned)) == ["Task/Triggers/LogonTrigger has another order: UserId, Enabled"]


@pytest.mark.parametrize("name", ["keeplit", "keeplitw"])
def test_a_program_says_its_version(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The resource is an expression of PyInstaller's own words, with the one version in text and as four numbers."""
    monkeypatch.setattr(freezing, "version", lambda: "1.20.3rc4")
    told: dict[str, Any] = {}

    def noted(word: str) -> Any:
        def note(*arguments: Any, **named: Any) -> Any:
            told.setdefault(word, []).append((arguments, named))
            return word

        return note

    words = (
        "VSVersionInfo",
        "FixedFileInfo",
        "StringFileInfo",
        "StringTable",
        "StringStruct",
        "VarFileInfo",
        "VarStruct",
    )
    source = freezing.version_resource(name)
    ast.parse(source, mode="eval")
    eval(source, {"__builtins__": {}, **{word: noted(word) for word in words}})  # noqa: S307  # as PyInstaller does

    strings = dict(arguments for arguments, _ in told["StringStruct"])
    assert told["FixedFileInfo"][0][1]["filevers"] == (1, 20, 3, 4)
    assert (strings["FileVersion"], strings["ProductVersion"]) == ("1.20.3rc4", "1.20.3rc4")
    assert (strings["InternalName"], strings["OriginalFilename"]) == (name, f"{name}.exe")


def test_the_version_is_the_packages() -> None:
    """Nobody writes it down a second time."""
    assert f'StringStruct("FileVersion", "{keeplit.__version__}")' in freezing.version_resource("keeplit")


def test_no_console_flashes() -> None:
    """Of the two frozen programs the one without a console is what starts at logon."""
    spec = ast.parse((INSTALLERS / "windows" / "keeplit.spec").read_text("utf-8"))
    programs = {
        node.args[0].value: node.keywords[0].value.value
        for node in ast.walk(spec)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "program"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.keywords[0].value, ast.Constant)
    }
    assert programs == {"keeplit": True, "keeplitw": False}


def settings(task: Element) -> dict[str, str | None]:
    """Return the settings of a task that are one value."""
    found = task.iterfind(f"{NAMESPACE}Settings/*")
    return {setting.tag.removeprefix(NAMESPACE): setting.text for setting in found if len(setting) == 0}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    """Give a Windows of wine's."""
    with wine(tmp_path_factory.mktemp("wine")) as made:
        yield made


@pytest.mark.soak
@pytest.mark.timeout(600)
class TestWine:
    """The Task Scheduler of wine 8, which reads less than a real one.

    It reads the description and the settings alone: it keeps no trigger, no person, no program and no restart, and
    takes unknown elements, every version and, but for booleans, wrong values. A file that is cut off it reads for ever.
    Of its further verbs /query, /run and /end do nothing, and /change cannot switch a task off.
    """

    def test_the_adapters_calls_are_understood(self, prefix: Wine) -> None:
        """Tasks are made, made again over those that are there, and removed to the last."""
        windows = Windows(Path(HOME), prefix.environ)
        names = {name for part in Part for name in windows.task_names(part)}
        for _ in range(2):
            windows.enable(PROGRAM, start=False)
            assert set(prefix.tasks()) == names
        windows.disable()
        assert prefix.tasks() == {}

    @pytest.mark.parametrize("text", TASKS)
    def test_the_settings_are_understood(self, prefix: Wine, text: str) -> None:
        """Hidden, on battery, without an end, one at a time: what wine would have otherwise by itself."""
        assert prefix.created("read", text)
        try:
            assert settings(read(text)) == settings(prefix.tasks()["read"])
        finally:
            assert prefix.call("schtasks.exe", "/delete", "/f", "/tn", "read") == 0

    @pytest.mark.parametrize(
        ("old", "new"), [("</Settings>", "</Setting>"), ("<Hidden>true", "<Hidden>perhaps"), ("mit/task", "mit/tasks")]
    )
    def test_a_spoiled_task_is_refused(self, prefix: Wine, old: str, new: str) -> None:
        """What is no XML, has no boolean where one belongs, or is of another schema is not taken; a whole one is."""
        spoiled = AT_LOGON.replace(old, new)
        assert [prefix.created("spoiled", spoiled), prefix.created("whole", AT_LOGON)] == [False, True]
        assert set(prefix.tasks()) == {"whole"}
        assert prefix.call("schtasks.exe", "/delete", "/f", "/tn", "whole") == 0
