"""What a service says to the system that started it: ready, its state in a line, still alive, about to end.

Law: where nobody listens nothing is said, and nothing that goes wrong here reaches the daemon. The protocol is that of
sd_notify(3): lines in one datagram, to the socket that NOTIFY_SOCKET names. The kept libraries for it are as small as
this, or bind libsystemd, which a wheel cannot bring.
"""

import math
import os
import socket
from contextlib import suppress

LONGEST_STATUS = 300
MICROSECONDS = 1_000_000


def ready() -> None:
    """Say that the daemon does its work from now on."""
    _say("READY=1")


def said(sentence: str) -> None:
    """Say in a line how it is, for whoever looks at the service."""
    _say("STATUS=" + " ".join(sentence.split())[:LONGEST_STATUS])


def alive() -> None:
    """Say that the loop still turns: a service that is silent for too long is taken for stuck, and started anew."""
    _say("WATCHDOG=1")


def longest_silence() -> float:
    """Return how many seconds may pass between two signs of life: half of what would count as stuck."""
    allowed = os.environ.get("WATCHDOG_USEC", "")
    return int(allowed) / MICROSECONDS / 2 if allowed.isdecimal() and int(allowed) else math.inf


def stopping() -> None:
    """Say that the end was asked for."""
    _say("STOPPING=1")


def _say(line: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    family = getattr(socket, "AF_UNIX", None)
    if family is None or address[:1] not in {"/", "@"}:
        return
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as said_to:
        said_to.settimeout(0.0)  # a manager that hangs must not hang the daemon
        said_to.sendto(line.encode("utf-8", "replace"), f"\0{address[1:]}" if address[0] == "@" else address)
