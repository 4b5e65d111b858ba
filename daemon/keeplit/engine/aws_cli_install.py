"""Install AWS CLI v2 by the machine's own installer, after a person's yes, in their terminal."""

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from keeplit.core.aws_cli_installer import installer


def command(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command that would install it here; empty where none is known."""
    return installer(sys.platform, lambda name: shutil.which(name, path=environ.get("PATH")) is not None)


def run(wanted: Sequence[str], environ: Mapping[str, str]) -> str:
    """Run the installer, which may ask in the terminal; return what went wrong, empty where nothing did."""
    try:
        ended = subprocess.run(wanted, env=dict(environ), check=False).returncode
    except OSError as error:
        return f"{wanted[0]} could not be started: {error.strerror}"
    return f"{wanted[0]} ended with {ended}" if ended else ""
