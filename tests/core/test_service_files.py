from __future__ import annotations

import plistlib
import re
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as draw

from keeplit.core.service_files import NAMESPACE, Part, desktop_entry, launch_agent, task, task_after_crash, unit

PLAIN = "/opt/keeplit/bin/keeplit"
paths = draw.text(draw.characters(exclude_categories=("Cc", "Cs")), max_size=30).map(lambda text: f"/{text}keeplit")

# The keys that launchd.plist(5) documents, with their types.
DOCUMENTED: dict[str, type | tuple[type, ...]] = {
    "Label": str,
    "Disabled": bool,
    "UserName": str,
    "GroupName": str,
    "Program": str,
    "BundleProgram": str,
    "ProgramArguments": list,
    "EnableGlobbing": bool,
    "EnableTransactions": bool,
    "KeepAlive": (bool, dict),
    "RunAtLoad": bool,
    "RootDirectory": str,
    "WorkingDirectory": str,
    "EnvironmentVariables": dict,
    "Umask": (int, str),
    "TimeOut": int,
    "ExitTimeOut": int,
    "ThrottleInterval": int,
    "InitGroups": bool,
    "WatchPaths": list,
    "QueueDirectories": list,
    "StartOnMount": bool,
    "StartInterval": int,
    "StartCalendarInterval": (dict, list),
    "StandardInPath": str,
    "StandardOutPath": str,
    "StandardErrorPath": str,
    "Debug": bool,
    "WaitForDebugger": bool,
    "SoftResourceLimits": dict,
    "HardResourceLimits": dict,
    "Nice": int,
    "ProcessType": str,
    "AbandonProcessGroup": bool,
    "LowPriorityIO": bool,
    "LowPriorityBackgroundIO": bool,
    "MaterializeDatalessFiles": bool,
    "LaunchOnlyOnce": bool,
    "MachServices": dict,
    "Sockets": dict,
    "LaunchEvents": dict,
    "SessionCreate": bool,
    "LegacyTimers": bool,
    "AssociatedBundleIdentifiers": (str, list),
    "LimitLoadToHosts": list,
    "LimitLoadFromHosts": list,
    "LimitLoadToSessionType": (str, list),
    "LimitLoadToHardware": dict,
    "LimitLoadFromHardware": dict,
}
KEEP_ALIVE = {
    "SuccessfulExit": bool,
    "Crashed": bool,
    "PathState": dict,
    "OtherJobEnabled": dict,
    "AfterInitialDemand": bool,
}
LIMITS = {
    "Core",
    "CPU",
    "Data",
    "FileSize",
    "MemoryLock",
    "NumberOfFiles",
    "NumberOfProcesses",
    "ResidentSetSize",
    "Stack",
}
PROCESS_TYPES = {"Background", "Standard", "Adaptive", "Interactive"}
SESSION_TYPES = {"Aqua", "Background", "LoginWindow", "StandardIO", "System"}


def faults(agent: dict[str, object]) -> list[str]:
    """Return which keys of an agent the manual page does not have so."""
    found = [key for key in agent if key not in DOCUMENTED or type(agent[key]) not in _types(DOCUMENTED[key])]
    for inside, known in (("KeepAlive", KEEP_ALIVE), ("HardResourceLimits", LIMITS)):
        held = agent.get(inside, {})
        found += [f"{inside}.{key}" for key in held if key not in known] if isinstance(held, dict) else []
    if agent.get("ProcessType", "Standard") not in PROCESS_TYPES:
        found.append("ProcessType")
    if agent.get("LimitLoadToSessionType", "Aqua") not in SESSION_TYPES:
        found.append("LimitLoadToSessionType")
    return found


def _types(kind: type | tuple[type, ...]) -> tuple[type, ...]:
    return kind if isinstance(kind, tuple) else (kind,)


def lines(text: str) -> dict[str, str]:
    """Return the keys of a unit or a desktop entry."""
    return dict(line.split("=", 1) for line in text.split("\n") if "=" in line and not line.startswith("#"))


def test_the_unit_says_what_systemd_is_to_do() -> None:
    """Ready by itself, watched, started anew after a failure, three times in ten minutes; for every login."""
    keys = lines(unit(PLAIN, 252))
    assert keys["ExecStart"] == f':"{PLAIN}" daemon'
    assert keys["ExecStopPost"] == f'-:"{PLAIN}" autostart ended'
    expected = {"Type": "notify", "NotifyAccess": "main", "WatchdogSec": "180", "Restart": "on-failure"}
    expected |= {"StartLimitBurst": "3", "StartLimitIntervalSec": "600", "WantedBy": "default.target"}
    assert expected.items() <= keys.items()
    assert keys["KillMode"] == "process"
    assert "RestartSteps" not in keys


@pytest.mark.parametrize("forbidden", ["PartOf", "NoNewPrivileges", "PrivateTmp", "ProtectHome", "SystemCallFilter"])
def test_the_unit_harms_no_browser(forbidden: str) -> None:
    """Nothing is set that a browser of snap or flatpak would inherit and fail by, and no session's end ends it."""
    assert forbidden not in lines(unit(PLAIN, 257))


def test_the_unit_uses_what_the_release_knows() -> None:
    """A newer systemd waits longer each time; an old one is not told what it would warn of."""
    new, old = lines(unit(PLAIN, 254)), lines(unit(PLAIN, 239))
    assert (new["RestartSteps"], new["RestartMaxDelaySec"]) == ("3", "60")
    assert old["ExecStart"] == f'"{PLAIN}" daemon'


@pytest.mark.parametrize(
    ("path", "word"), [("/a b/k", '"/a b/k"'), ("/50%h/k", '"/50%%h/k"'), ("/$HOME;/k", '"/$HOME;/k"')]
)
def test_a_path_in_a_unit_is_itself(path: str, word: str) -> None:
    """Spaces are quoted, specifiers are none, and no variable is read: the colon says so."""
    assert lines(unit(path, 252))["ExecStart"] == f":{word} daemon"


@pytest.mark.parametrize("path", ["/it's/k", '/"/k', "/back\\slash/k", "/new\nline/k", "/half\ud800/k"])
def test_systemd_is_not_given_what_it_refuses(path: str) -> None:
    """systemd takes no program with quotes or a backslash in its path, and nobody a control character."""
    with pytest.raises(ValueError, match=r"systemd|control|surrogates"):
        unit(path, 252)


@pytest.mark.parametrize("part", Part)
def test_an_entry_starts_its_part(part: Part) -> None:
    """An entry runs the very program with its part's command, if it is there, and opens no terminal."""
    keys = lines(desktop_entry(part, PLAIN))
    assert (keys["Exec"], keys["TryExec"]) == (f"{PLAIN} {part}", PLAIN)
    assert (keys["Terminal"], keys["X-GNOME-Autostart-enabled"]) == ("false", "true")
    assert ("X-systemd-skip" in keys) is (part is Part.DAEMON)


def read_exec(value: str) -> list[str]:
    """Read an Exec value as the specification says: the string first, then the quotes, then the field codes."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|([^ "]+)', read_string(value))
    return [re.sub(r"\\(.)", r"\1", quoted or plain).replace("%%", "%") for quoted, plain in words]


def read_string(value: str) -> str:
    """Read a value of type string."""
    return value.replace("\\\\", "\\")


@example("/50%u/keeplit")
@given(paths)
def test_an_entry_holds_any_path(path: str) -> None:
    """Whatever a path holds but an equals sign, it is read as it was."""
    assume("=" not in path)
    keys = lines(desktop_entry(Part.TRAY, path))
    words = read_exec(keys["Exec"])
    assert words in ([path, "tray"], ["/usr/bin/env", path, "tray"])
    assert read_string(keys["TryExec"]) == path


@pytest.mark.parametrize("path", ["/a=b/k", "/tab\tb/k", "/half\ud800/k"])
def test_an_entry_is_not_given_what_it_cannot_hold(path: str) -> None:
    """The specification allows no equals sign in a program."""
    with pytest.raises(ValueError, match=r"=|control|surrogates"):
        desktop_entry(Part.DAEMON, path)


@pytest.mark.parametrize("part", Part)
def test_an_agent_is_as_the_manual_has_it(part: Part) -> None:
    """Each key of a LaunchAgent is documented and of its type, and property lists keep it as it is."""
    agent = launch_agent(part, "/Users/a & b/<keeplit>", "/Users/a/Library/Logs/keeplit/x.log")
    assert faults(agent) == []
    assert plistlib.loads(plistlib.dumps(agent)) == agent
    arguments = {Part.DAEMON: ["daemon"], Part.TRAY: ["tray", "--no-daemon"]}[part]
    assert agent["ProgramArguments"] == ["/Users/a & b/<keeplit>", *arguments]
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent.get("LimitLoadToSessionType") == ("Aqua" if part is Part.TRAY else None)


def test_the_schema_of_agents_sees_faults() -> None:
    """A key that is misspelled, of another type, or has another value is seen."""
    agent = launch_agent(Part.DAEMON, PLAIN, "/log")
    spoiled = {**agent, "RunAtload": True, "ThrottleInterval": "10", "KeepAlive": {"Successful": True}}
    assert faults({**spoiled, "ProcessType": "background"}) == [
        "ThrottleInterval",
        "RunAtload",
        "KeepAlive.Successful",
        "ProcessType",
    ]


BOOLEANS = {"Enabled", "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries", "AllowHardTerminate", "Hidden"} | {
    *("StartWhenAvailable", "RunOnlyIfNetworkAvailable", "StopOnIdleEnd", "RestartOnIdle", "AllowStartOnDemand"),
    *("RunOnlyIfIdle", "WakeToRun"),
}


@pytest.mark.parametrize("part", Part)
def test_a_task_is_well_formed(part: Part) -> None:
    """Odd characters survive, booleans are booleans, and there is no time limit, no battery rule and no window."""
    text = task(part, "C:\\A & <B>\\keeplitw.exe", "DESK\\o'neil & son", "C:\\Users\\o'neil")
    root = fromstring(text.split("?>", 1)[1])  # noqa: S314  # our own
    found = {one.tag.removeprefix(f"{{{NAMESPACE}}}"): (one.text or "").strip() for one in root.iter()}
    assert (found["Command"], found["Arguments"]) == (
        "C:\\A & <B>\\keeplitw.exe",
        {Part.DAEMON: "daemon", Part.TRAY: "tray --no-daemon"}[part],
    )
    assert (found["UserId"], found["WorkingDirectory"]) == ("DESK\\o'neil & son", "C:\\Users\\o'neil")
    assert {found[name] for name in BOOLEANS} == {"true", "false"}
    assert (found["ExecutionTimeLimit"], found["Hidden"], found["StopIfGoingOnBatteries"]) == ("PT0S", "true", "false")
    assert (found["Interval"], found["Count"], found["RunLevel"]) == ("PT1M", "3", "LeastPrivilege")


def test_a_daemon_that_crashed_is_started_again() -> None:
    """The scheduler takes a crash for an end: another task looks every five minutes, and starts nothing at logon."""
    after = task_after_crash("C:\\keeplitw.exe", "DESK\\sam", "C:\\Users\\sam")
    assert "<Interval>PT5M</Interval>" in after
    assert "<Arguments>daemon --after-crash</Arguments>" in after
    assert "<UserId>DESK\\sam</UserId>" in after
    assert "LogonTrigger" not in after
    assert "<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>" in after


@pytest.mark.parametrize("path", ["C:\\%TEMP%\\keeplitw.exe", "C:\\a\x01\\keeplitw.exe"])
def test_a_task_is_not_given_what_would_be_read_otherwise(path: str) -> None:
    """Task Scheduler expands variables in a path, and knows no way to say a percent sign."""
    with pytest.raises(ValueError, match=r"percent|control"):
        task(Part.DAEMON, path, "sam", "C:\\Users\\sam")
