"""What tells each system to start keeplit at login: unit, LaunchAgents, tasks and desktop entries, as text. Pure.

Law: a path stands in each by that format's own rules, and one that a format cannot hold is refused (ValueError), never
bent. Whatever the daemon opens, a browser above all, inherits what its service is given: nothing here may harm that.
Sources: systemd.service(5), launchd.plist(5), Task Scheduler's schema, the Desktop Entry and Autostart specifications.
"""

import re
from enum import StrEnum

NEVER_IN_A_PATH = re.compile(r"[\x00-\x1f\x7f]")
DESKTOP_RESERVED = re.compile(r"[\s\"'\\><~|&;$*?#()`]")
NEVER_IN_A_UNIT = re.compile(r"[\\\"']")
EXPANDED = re.compile(r"%[^%]+%")
BACKOFF_SINCE = 254  # the systemd that knows RestartSteps
COLON_SINCE = 244  # the systemd that can be told to expand no variable
PACKAGED_FOR = 252  # the oldest systemd that a package meets: what it knows, newer ones do
CRASHES = 3
WITHIN_SECONDS = 600


class Part(StrEnum):
    """What is started at login; the value is keeplit's own command."""

    DAEMON = "daemon"
    TRAY = "tray"


SAYS = {
    Part.DAEMON: "keeps AWS sign-ins lit while Claude Code runs on Amazon Bedrock",
    Part.TRAY: "shows the state of AWS sign-ins as a flame",
}
LABELS = {Part.DAEMON: "io.keeplit.daemon", Part.TRAY: "io.keeplit.tray"}
# Where both are started in the same moment, the flame starts no daemon: the other one would find it and end.
STARTED = {Part.DAEMON: ("daemon",), Part.TRAY: ("tray", "--no-daemon")}
AFTER_CRASH = ("daemon", "--after-crash")

UNIT = """\
# Of keeplit: started at login by `keeplit autostart enable`, no more by `keeplit autostart disable`. Your own changes
# belong in a drop-in: systemctl --user edit keeplit.service
[Unit]
Description=keeplit {says}
StartLimitIntervalSec={within}
StartLimitBurst={crashes}

[Service]
Type=notify
NotifyAccess=main
ExecStart={colon}{program} daemon
ExecReload=kill -HUP $MAINPID
# How it ended is noted; the third crash is told.
ExecStopPost=-{colon}{program} autostart ended
Restart=on-failure
RestartSec=5
{backoff}TimeoutStartSec=60
TimeoutStopSec=10
WatchdogSec=180
# A sign-in under way and a browser that was opened are in this unit's group, and outlive it.
KillMode=process
OOMPolicy=continue
# Memory that holds tokens is written to no core file.
LimitCORE=0
# No sandbox: seccomp filters, NoNewPrivileges and private folders pass on to the browser that opens from here. Without
# set-user-id programs and namespaces of their own, those of snap and flatpak do not start; without the real /tmp they
# find neither the display nor their running window; without executable memory none runs JavaScript.

[Install]
WantedBy=default.target
"""


def unit(program: str, systemd: int) -> str:
    """Return the user unit of the daemon for this release of systemd."""
    if NEVER_IN_A_UNIT.search(_holdable(program)):
        raise ValueError("systemd starts no program with quotes or a backslash in its path")
    return UNIT.format(
        says=SAYS[Part.DAEMON],
        within=WITHIN_SECONDS,
        crashes=CRASHES,
        colon=":" if systemd >= COLON_SINCE else "",
        program='"' + program.replace("%", "%%") + '"',
        backoff="RestartSteps=3\nRestartMaxDelaySec=60\n" if systemd >= BACKOFF_SINCE else "",
    )


def desktop_entry(part: Part, program: str) -> str:
    """Return the XDG autostart entry of one part."""
    if "=" in _holdable(program):
        raise ValueError("a desktop entry cannot run a program with = in its path")
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.4",
        f"Name=keeplit{' tray' if part is Part.TRAY else ''}",
        f"Comment={SAYS[part][:1].upper()}{SAYS[part][1:]}",
        f"TryExec={_string(program)}",
        f"Exec={_string(_exec_word(program))} {part}",
        "Icon=keeplit",
        "Terminal=false",
        "StartupNotify=false",
        "X-GNOME-Autostart-enabled=true",
    ]
    if part is Part.DAEMON:  # where systemd makes units of such entries, it has one of its own
        lines.append("X-systemd-skip=true")
    return "\n".join(lines) + "\n"


def _exec_word(program: str) -> str:
    if "%" in program:  # GLib looks for a program before it reads %% as %
        return f"/usr/bin/env {_quoted(program.replace('%', '%%'))}"
    return _quoted(program) if DESKTOP_RESERVED.search(program) else program


def _quoted(word: str) -> str:
    return '"' + re.sub(r'(["`$\\])', r"\\\1", word) + '"'


def _string(value: str) -> str:
    """Return a value of type string, in which backslashes are escaped."""
    return value.replace("\\", "\\\\")


def launch_agent(part: Part, program: str, log: str) -> dict[str, object]:
    """Return the LaunchAgent of one part; what it prints goes to `log`."""
    agent: dict[str, object] = {
        "Label": LABELS[part],
        "ProgramArguments": [_holdable(program), *STARTED[part]],
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 10,
        "ExitTimeOut": 5,
        "AbandonProcessGroup": True,  # as KillMode=process above
        "HardResourceLimits": {"Core": 0},
        "StandardOutPath": _holdable(log),
        "StandardErrorPath": log,
    }
    if part is Part.TRAY:
        return {**agent, "ProcessType": "Interactive", "LimitLoadToSessionType": "Aqua"}
    return {**agent, "ProcessType": "Background"}


NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
TASK = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="{namespace}">
  <RegistrationInfo>
    <Description>keeplit {says}</Description>
  </RegistrationInfo>
  <Triggers>
{trigger}
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>true</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>{crashes}</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{program}</Command>
      <Arguments>{arguments}</Arguments>
      <WorkingDirectory>{home}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
AT_LOGON = """\
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>{user}</UserId>
    </LogonTrigger>"""
AGAIN_AND_AGAIN = """\
    <TimeTrigger>
      <Enabled>true</Enabled>
      <StartBoundary>2026-01-01T00:00:00</StartBoundary>
      <Repetition>
        <Interval>PT5M</Interval>
      </Repetition>
    </TimeTrigger>"""


def task(part: Part, program: str, user: str, home: str) -> str:
    """Return the scheduled task of one part, run at the logon of `user`, a name with its domain; saved as UTF-16."""
    return _task(program, user, home, AT_LOGON, SAYS[part], STARTED[part])


def task_after_crash(program: str, user: str, home: str) -> str:
    """Return the task that has a daemon look whether the last one crashed, and take its place.

    Task Scheduler restarts what could not be started alone: a crash is an end to it ([MS-TSCH] 2.5.4.2).
    """
    return _task(program, user, home, AGAIN_AND_AGAIN, "starts again where it crashed", AFTER_CRASH)


def _task(program: str, user: str, home: str, trigger: str, says: str, arguments: tuple[str, ...]) -> str:
    for path in (program, home):
        if EXPANDED.search(path):
            raise ValueError("Task Scheduler takes what stands between two percent signs for a variable")
    fields = {"user": user, "program": program, "home": home}
    spelled = {name: _xml(_holdable(value)) for name, value in fields.items()}
    return TASK.format(
        namespace=NAMESPACE,
        says=says,
        crashes=CRASHES,
        arguments=" ".join(arguments),
        trigger=trigger.format(user=spelled["user"]),
        **spelled,
    )


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _holdable(path: str) -> str:
    """Return a path that a text file can hold. Raises ValueError for another."""
    path.encode()  # half characters, which are what bytes that are not UTF-8 are read as
    if NEVER_IN_A_PATH.search(path):
        raise ValueError("a path with control characters cannot be started at login")
    return path
