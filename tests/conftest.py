"""What every test shares: a home of its own, a number of drawn examples, and the real parts that it may ask for."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REQUIRE_REAL = os.environ.get("KEEPLIT_REQUIRE_REAL") == "1"
SOAK = os.environ.get("KEEPLIT_SOAK") == "1"

KEPT = frozenset({"KEEPLIT_ARTEFACTS", "KEEPLIT_REQUIRE_REAL", "KEEPLIT_SOAK"})
STRIPPED_PREFIXES = ("AWS_", "CLAUDE", "KEEPLIT_", "XDG_")
STRIPPED = frozenset(
    # The person's proxies, then the person's own desktop: no test opens a tab or shows a notice there.
    {"ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"}
    | {"BROWSER", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"}
)

# A machine that shares its processor makes any deadline for one example a lottery.
settings.register_profile("usual", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("usual"), derandomize=True)
settings.register_profile("few", settings.get_profile("ci"), max_examples=10)
settings.register_profile("soak", settings.get_profile("usual"), max_examples=5000)
settings.load_profile("soak" if SOAK else "ci" if REQUIRE_REAL or "CI" in os.environ else "usual")

# What a shell starts in the background ignores Ctrl-C, and so do all whom it starts: there it could interrupt nothing.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def real_part(name: str, *, found: bool) -> None:
    """Skip the test where a real part is missing; fail it where KEEPLIT_REQUIRE_REAL=1 says that all must be there."""
    if found:
        return
    reason = f"{name} is not on this machine"
    if REQUIRE_REAL:
        pytest.fail(f"{reason}, and KEEPLIT_REQUIRE_REAL=1 asks for it", pytrace=False)
    pytest.skip(reason)


def stripped(name: str) -> bool:
    """Tell whether a variable of the person's environment is kept from the tests."""
    upper = name.upper()
    return upper not in KEPT and (upper in STRIPPED or upper.startswith(STRIPPED_PREFIXES))


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty home folder and an environment without the person's AWS, Claude Code and desktop."""
    for name in filter(stripped, list(os.environ)):
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    folders = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "AppData" / "Roaming",
        "LOCALAPPDATA": home / "AppData" / "Local",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_STATE_HOME": home / ".local" / "state",
    }
    home.mkdir()
    for name, folder in folders.items():
        monkeypatch.setenv(name, str(folder))
    return home


def _is_version_2(command: str) -> bool:
    try:
        said = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.startswith("aws-cli/2.")


@pytest.fixture(scope="session")
def found_aws_cli_v2() -> Path | None:
    """Find an AWS CLI v2 once; version 1 may stand before it on the PATH."""
    folders = ["/usr/bin", "/usr/local/bin", *os.environ.get("PATH", "").split(os.pathsep)]
    commands = dict.fromkeys(filter(None, (shutil.which("aws", path=folder) for folder in folders if folder)))
    return next((Path(command) for command in commands if _is_version_2(command)), None)


@pytest.fixture
def aws_cli_v2(found_aws_cli_v2: Path | None) -> Path:
    """Give the path of a real AWS CLI v2, or skip (fail where real parts are required)."""
    real_part("AWS CLI v2", found=found_aws_cli_v2 is not None)
    assert found_aws_cli_v2 is not None
    return found_aws_cli_v2
