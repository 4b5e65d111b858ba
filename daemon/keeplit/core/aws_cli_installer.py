"""The command that installs AWS CLI v2 here, by what installs programs on this machine. Pure.

Law: only what a machine's own installer keeps up to date is offered; a script from the network is never run for anyone.
"""

from collections.abc import Callable

PAGE = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
# Each with the program that it needs; Debian's and Ubuntu's own package may be v1, so snap's comes before it.
BY_SYSTEM: dict[str, tuple[tuple[str, ...], ...]] = {
    "darwin": (("brew", "install", "awscli"),),
    "win32": (("winget", "install", "--exact", "--id", "Amazon.AWSCLI"),),
    "linux": (
        ("sudo", "snap", "install", "aws-cli", "--classic"),
        ("sudo", "dnf", "install", "awscli2"),
        ("sudo", "pacman", "-S", "aws-cli-v2"),
    ),
}


def installer(platform: str, there: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the command, all of whose programs are `there`; empty where none is known for the machine."""
    known = BY_SYSTEM.get(platform, ())
    return next((one for one in known if all(there(name) for name in one[: 2 if one[0] == "sudo" else 1])), ())
