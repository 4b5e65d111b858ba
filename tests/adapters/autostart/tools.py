"""Stand-ins for the tools of systems that are not here: each notes how it was called, and remembers what was said."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.machine import stand_in

SYSTEMCTL = """\
unit="$HOME/.config/systemd/user/keeplit.service"; link="$(dirname "$unit")/default.target.wants/keeplit.service"
shift
case "$1" in
--version) ;;
show)
    if [ -e silent ]; then echo "Failed to connect to bus" >&2; exit 1; fi
    if [ -e "$unit" ] || [ -e packaged ]; then echo LoadState=loaded; else echo LoadState=not-found; fi
    if [ -e "$link" ]; then echo UnitFileState=enabled; else echo UnitFileState=; fi
    if [ -e shown ]; then cat shown; exit; fi
    if [ -e runs ]; then echo ActiveState=active; else echo ActiveState=inactive; fi ;;
reenable) mkdir -p "$(dirname "$link")"; ln -sf "$unit" "$link" ;;
start | restart) if [ -e refuses ]; then echo "Job failed. See things." >&2; exit 1; fi; touch runs ;;
disable) if [ -e silent ]; then echo "Failed to connect to bus" >&2; exit 1; fi; rm -f runs "$link" ;;
esac
"""
LAUNCHCTL = """\
label="${2##*/}"; label="${label%.plist}"
case "$1" in
print)
    if [ -e "lingers-$label" ]; then rm "lingers-$label"; cat "loaded-$label"; rm "loaded-$label"; exit; fi
    if [ ! -e "loaded-$label" ]; then echo 'Could not find service' >&2; exit 113; fi
    cat "loaded-$label" ;;
print-disabled) cat off 2>/dev/null || true ;;
bootstrap)
    if [ -e refuses ]; then echo 'Bootstrap failed: 5: Input/output error' >&2; exit 5; fi
    if [ -e nobody ]; then echo 'Bootstrap failed: 125: Domain does not support specified action' >&2; exit 125; fi
    if [ -e off ]; then echo 'Bootstrap failed: 5: Input/output error' >&2; exit 5; fi
    if [ -e busy ]; then rm busy; exit 37; fi
    label="$(basename "$3" .plist)"; [ -e "$3" ] || exit 1
    if [ -e "loaded-$label" ]; then echo 'already loaded' >&2; exit 5; fi
    program="$(awk -F '[<>]' '/<array>/ { getline; print $3 }' "$3")"
    printf '\\tprogram = %s\\n\\tstate = running\\n' "$program" > "loaded-$label" ;;
bootout)
    if [ -e keeps ]; then echo 'Boot-out failed: 5: Input/output error' >&2; exit 5; fi
    if [ -e lingers ]; then mv lingers "lingers-$label"; echo 'Boot-out failed: 36' >&2; exit 36; fi
    rm "loaded-$label" ;;
enable) rm -f off ;;
esac
"""
SCHTASKS = """\
file="task-$3"
case "$1" in
/create)
    if [ -e refuses ]; then echo "ERROR: Access is denied." >&2; exit 1; fi
    iconv -f UTF-16 -t UTF-8 "$5" > "$file" ;;
/query)
    if [ ! -e "$file" ]; then echo "ERROR: The system cannot find the file specified." >&2; exit 1; fi
    if [ "$4" = /xml ]; then cat "$file"; fi
    if [ "$4" = /v ]; then
        result=267011; if [ -e result ]; then result="$(cat result)"; elif [ -e "runs-$3" ]; then result=267009; fi
        echo '"DESK","\\keeplit","N/A","Wird ausgeführt","Nur interaktiv","21.11.2026 09:00","'"$result"'","sam"'
    fi ;;
/run) touch "runs-$3" ;;
/change) sed 's|<Enabled>true</Enabled>|<Enabled>false</Enabled>|' "$file" > changed && mv changed "$file" ;;
/end)
    rm -f "runs-$3"
    if [ -e "fells-$3" ]; then kill -9 "$PPID"; fi ;;
/delete) rm "$file" ;;
esac
"""
SCRIPTS = {"systemctl": SYSTEMCTL, "launchctl": LAUNCHCTL, "schtasks": SCHTASKS}


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools of one machine."""

    folder: Path
    home: Path

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment in which they are found."""
        path = f"{self.folder}{os.pathsep}{os.defpath}"
        return {"PATH": path, "HOME": str(self.home), "USER": "sam", "USERNAME": "sam", "USERDOMAIN": "DESK"}

    def calls(self, tool: str) -> list[str]:
        """Return how a tool was called, but for looks."""
        note = self.folder / f"{tool}.calls"
        said = note.read_text().splitlines() if note.exists() else []
        return [line for line in said if not any(word in line for word in ("show", "print", "/query", "--version"))]

    def forget(self) -> None:
        """Forget all calls."""
        for note in self.folder.glob("*.calls"):
            note.unlink()

    def say(self, name: str, text: str = "") -> None:
        """Let a tool behave otherwise: each script names the files that it looks for."""
        (self.folder / name).write_text(text)

    def unsay(self, name: str) -> None:
        """Let a tool behave as usual again."""
        (self.folder / name).unlink()

    def files(self) -> list[str]:
        """Return what lies in the home folder."""
        return sorted(str(path.relative_to(self.home)) for path in self.home.rglob("*"))


def tools(folder: Path, home: Path, names: Iterable[str] = SCRIPTS) -> Tools:
    """Put stand-ins into a folder."""
    for name in names:
        released = (
            'if [ "$1" = --version ]; then echo "systemd 252 (252.1)"; exit 0; fi\n' if name == "systemctl" else ""
        )
        noted = f'#!/bin/sh\ncd "{folder}" || exit 99\necho "$*" >> {name}.calls\n{released}'
        stand_in(folder, name, noted + SCRIPTS[name])
    assert shutil.which("iconv") is not None
    return Tools(folder, home)
