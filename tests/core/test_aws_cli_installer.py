from __future__ import annotations

import pytest

from keeplit.core.aws_cli_installer import installer


@pytest.mark.parametrize(
    ("platform", "there", "command"),
    [
        ("darwin", {"brew"}, "brew install awscli"),
        ("darwin", set(), ""),
        ("win32", {"winget"}, "winget install --exact --id Amazon.AWSCLI"),
        ("linux", {"sudo", "snap", "dnf"}, "sudo snap install aws-cli --classic"),
        ("linux", {"sudo", "pacman"}, "sudo pacman -S aws-cli-v2"),
        ("linux", {"snap"}, ""),
        ("sunos5", {"brew"}, ""),
    ],
)
def test_the_machine_s_own_installer_is_offered(platform: str, there: set[str], command: str) -> None:
    """Only a command all of whose programs are there is offered, and none of an unknown machine."""
    assert " ".join(installer(platform, lambda name: name in there)) == command
