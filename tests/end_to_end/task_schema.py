"""The Task Scheduler's schema, as Microsoft documents it, as far as a logon task needs it: elements, order and types.

Source: "Task Scheduler Schema" on learn.microsoft.com, and [MS-TSCH] 2.5. What is not named here is a fault, so that a
misspelled element, which schtasks would take without a word, is seen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@dataclass(frozen=True, slots=True)
class Complex:
    """A type with children: each at most once, the needed ones there, in this order where it is a sequence."""

    children: Mapping[str, str]
    needed: frozenset[str] = frozenset()
    sequence: bool = False
    attributes: frozenset[str] = frozenset()


SIMPLE = {
    "boolean": r"true|false|1|0",
    "dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?",
    "duration": r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?",
    "atLeastAMinute": r"P(?=.)(\d+D)?(T(?=.)(\d+H)?([1-9]\d*M)?(\d+S)?)?",
    "logonType": r"S4U|Password|InteractiveToken|InteractiveTokenOrPassword",
    "multipleInstancesPolicy": r"Parallel|Queue|IgnoreNew|StopExisting",
    "priority": r"10|\d",
    "restarts": r"[1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-5]",
    "runLevel": r"LeastPrivilege|HighestAvailable",
    "string": r"(?s).*",
    "path": r".{1,260}",
    "word": r"\S(.*\S)?",
}
BASE_TRIGGER = {
    "Enabled": "boolean",
    "StartBoundary": "dateTime",
    "EndBoundary": "dateTime",
    "Repetition": "repetition",
    "ExecutionTimeLimit": "duration",
}
COMPLEX = {
    "task": Complex(
        {
            "RegistrationInfo": "registrationInfo",
            "Triggers": "triggers",
            "Settings": "settings",
            "Principals": "principals",
            "Actions": "actions",
        },
        needed=frozenset({"Actions"}),
        attributes=frozenset({"version"}),
    ),
    "registrationInfo": Complex(
        {"URI": "word", "Source": "string", "Date": "dateTime", "Author": "string", "Version": "string"}
        | {"Description": "string", "Documentation": "string"}
    ),
    "triggers": Complex({"LogonTrigger": "logonTrigger", "TimeTrigger": "timeTrigger"}),
    "logonTrigger": Complex({**BASE_TRIGGER, "UserId": "word", "Delay": "duration"}, sequence=True),
    "timeTrigger": Complex(
        {**BASE_TRIGGER, "RandomDelay": "duration"}, needed=frozenset({"StartBoundary"}), sequence=True
    ),
    "repetition": Complex(
        {"Interval": "atLeastAMinute", "Duration": "atLeastAMinute", "StopAtDurationEnd": "boolean"},
        needed=frozenset({"Interval"}),
    ),
    "principals": Complex({"Principal": "principal"}, needed=frozenset({"Principal"})),
    "principal": Complex(
        {
            "UserId": "word",
            "LogonType": "logonType",
            "GroupId": "word",
            "DisplayName": "string",
            "RunLevel": "runLevel",
        },
        attributes=frozenset({"id"}),
    ),
    "settings": Complex(
        {
            "AllowStartOnDemand": "boolean",
            "RestartOnFailure": "restart",
            "MultipleInstancesPolicy": "multipleInstancesPolicy",
            "DisallowStartIfOnBatteries": "boolean",
            "StopIfGoingOnBatteries": "boolean",
            "AllowHardTerminate": "boolean",
            "StartWhenAvailable": "boolean",
            "NetworkProfileName": "string",
            "RunOnlyIfNetworkAvailable": "boolean",
            "WakeToRun": "boolean",
            "Enabled": "boolean",
            "Hidden": "boolean",
            "DeleteExpiredTaskAfter": "duration",
            "IdleSettings": "idleSettings",
            "ExecutionTimeLimit": "duration",
            "Priority": "priority",
            "RunOnlyIfIdle": "boolean",
            "UseUnifiedSchedulingEngine": "boolean",
            "DisallowStartOnRemoteAppSession": "boolean",
        }
    ),
    "restart": Complex({"Interval": "atLeastAMinute", "Count": "restarts"}, needed=frozenset({"Interval", "Count"})),
    "idleSettings": Complex(
        {"Duration": "duration", "WaitTimeout": "duration", "StopOnIdleEnd": "boolean", "RestartOnIdle": "boolean"}
    ),
    "actions": Complex({"Exec": "exec"}, needed=frozenset({"Exec"}), attributes=frozenset({"Context"})),
    "exec": Complex(
        {"Command": "path", "Arguments": "string", "WorkingDirectory": "path"},
        needed=frozenset({"Command"}),
        attributes=frozenset({"id"}),
    ),
}


def faults(task: Element) -> list[str]:
    """Return what the schema does not allow in a task."""
    found = list(_element(task, "task", "Task")) if task.tag == f"{NAMESPACE}Task" else [f"{task.tag} is no Task"]
    principals = {one.get("id") for one in task.iter(f"{NAMESPACE}Principal")}
    contexts = {one.get("Context") for one in task.iter(f"{NAMESPACE}Actions")}
    return found + [f"Actions.Context {context} is nobody" for context in contexts if context not in principals]


def _element(element: Element, kind: str, where: str) -> Iterator[str]:
    if kind in SIMPLE:
        if len(element) or element.attrib or not re.fullmatch(SIMPLE[kind], element.text or ""):
            yield f"{where} is no {kind}: {element.text!r}"
        return
    allowed = COMPLEX[kind]
    names = [child.tag.removeprefix(NAMESPACE) for child in element]
    yield from (f"{where} has the attribute {name}" for name in element.attrib.keys() - allowed.attributes)
    yield from (
        f"{where} holds text" for text in (element.text, *(one.tail for one in element)) if (text or "").strip()
    )
    yield from (f"{where} has no {name}" for name in sorted(allowed.needed - set(names)))
    yield from (f"{where} has {count} {name}" for name, count in Counter(names).items() if count > 1)
    known = [name for name in names if name in allowed.children]
    if allowed.sequence and known != sorted(known, key=list(allowed.children).index):
        yield f"{where} has another order: {', '.join(known)}"
    for child, name in zip(element, names, strict=True):
        if name in allowed.children:
            yield from _element(child, allowed.children[name], f"{where}/{name}")
        else:
            yield f"{where} has an unknown {name}"
