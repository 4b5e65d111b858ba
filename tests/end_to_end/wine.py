"""A Windows of wine's own, as far as wine 8 is one: its Task Scheduler and its command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

from tests.conftest import real_part
from tests.end_to_end.machine import stand_in

SCHTASKS = """\
#!/bin/sh
for argument do
    shift
    case "$argument" in /*.xml) argument="Z:$argument" ;; esac
    set -- "$@" "$argument"
done
exec wine schtasks.exe "$@"
"""


@dataclass(frozen=True, slots=True)
class Wine:
    """One installation, whose drive Z: is this machine."""

    folder: Path
    environ: Mapping[str, str]

    def call(self, *arguments: str) -> int:
        """Run a program of it to its end, and return the exit code."""
        command = ["wine", *arguments]
        return subprocess.run(command, env=self.environ, stdin=subprocess.DEVNULL, timeout=120, check=False).returncode

    def created(self, name: str, text: str) -> bool:
        """Hand a task over as the adapter does, and return whether it was taken."""
        file = self.folder / f"{name}.xml"
        file.write_bytes(text.encode("utf-16"))
        return self.call("schtasks.exe", "/create", "/tn", name, "/xml", f"Z:{file}") == 0

    def tasks(self) -> dict[str, Element]:
        """Return the tasks that are kept, as wine's scheduler writes them down anew."""
        folder = self.folder / "prefix" / "drive_c" / "windows" / "system32" / "tasks"
        return {file.name: fromstring(file.read_text("utf-8-sig")) for file in folder.glob("*")}  # noqa: S314  # wine's


@contextmanager
def wine(folder: Path) -> Iterator[Wine]:
    """Give a new one, with a `schtasks` on the PATH that is its own; whatever runs in it ends with it."""
    real_part("wine", found=shutil.which("wine") is not None and shutil.which("wineserver") is not None)
    path = os.pathsep.join((str(stand_in(folder, "schtasks", SCHTASKS)), os.environ.get("PATH", os.defpath)))
    own = {"HOME": str(folder), "PATH": path, "TMPDIR": str(folder), "WINEPREFIX": str(folder / "prefix")}
    quiet = {"WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe="}
    made = Wine(folder, {**own, **quiet, "USERNAME": "o'neil", "USERDOMAIN": "DESK"})
    try:
        assert made.call("wineboot", "--init") == 0
        # The services that ran meanwhile know nothing of those that were put there: the next ones do, and stay.
        subprocess.run(["wineserver", "--wait"], env=made.environ, timeout=60, check=True)
        subprocess.run(["wineserver", "--persistent"], env=made.environ, timeout=60, check=True)
        # They start with the first question, and would hold its pipes for ever.
        assert made.call("schtasks.exe", "/delete", "/f", "/tn", "nothing") != 0
        yield made
    finally:
        subprocess.run(["wineserver", "--kill", "--wait"], env=made.environ, timeout=60, check=False)
        shutil.rmtree(folder / "prefix", ignore_errors=True)  # it is larger than all else that tests leave
