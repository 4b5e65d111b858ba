"""Writes what starts keeplit at login on a Mac or on Windows into a folder, as `keeplit autostart enable` has it.

It is for those who manage many machines, or want to read it first; the text is `keeplit.core.service_files`' own.

    python -m installers.login_items macos FOLDER --program PATH --home PATH
    python -m installers.login_items windows FOLDER --program PATH --home PATH --user NAME
"""

import argparse
import plistlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from keeplit.core.service_files import LABELS, Part, launch_agent, task, task_after_crash


def files(system: str, program: str, home: str, user: str) -> Iterator[tuple[str, bytes]]:
    """Give the name and the content of each file. Raises ValueError for a path that one cannot hold."""
    for part in Part:
        if system == "macos":
            log = f"{home.rstrip('/')}/Library/Logs/keeplit/{part}.log"
            yield f"{LABELS[part]}.plist", plistlib.dumps(launch_agent(part, program, log), sort_keys=False)
        else:
            yield f"keeplit {part}.xml", task(part, program, user, home).encode("utf-16")
    if system == "windows":
        yield "keeplit daemon after a crash.xml", task_after_crash(program, user, home).encode("utf-16")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files of one system."""
    parser = argparse.ArgumentParser(description="Write what starts keeplit at login into a folder.")
    parser.add_argument("system", choices=("macos", "windows"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--program", required=True, help="keeplit's absolute path; on Windows that of keeplitw.exe")
    parser.add_argument("--home", required=True, help="the person's home folder")
    parser.add_argument("--user", default="", help=r"Windows: whose task it is, as DOMAIN\NAME")
    asked = parser.parse_args(arguments)
    if asked.system == "windows" and not asked.user:
        parser.error("a task is somebody's: name them with --user")
    asked.folder.mkdir(parents=True, exist_ok=True)
    try:
        for name, data in files(asked.system, asked.program, asked.home, asked.user):
            (asked.folder / name).write_bytes(data)
    except ValueError as error:
        parser.error(f"{error}: {asked.program}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
