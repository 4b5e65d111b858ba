"""Builds the Debian package: `python -m installers.linux.build_deb [FOLDER] [--architecture amd64|arm64]`.

Law: the package lies in /usr alone and starts nothing for anybody; its version, its unit and its pictures are those of
the sources it is built from. It is a virtual environment that sees Debian's own modules and, unlike a script with a
path of its own, neither those of `pip install --user` nor those in /usr/local: they are newer, older or broken. The
same sources give the same bytes.
"""

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.parser import HeaderParser
from pathlib import Path

from installers.freezing import ENTRY, PACKAGE, ROOT, version
from installers.linux import libraries
from keeplit.core.flame import ANY, Face, drawing, svg
from keeplit.core.service_files import PACKAGED_FOR, unit

HERE = Path(__file__).resolve().parent
PROGRAM = "/usr/bin/keeplit"
HOME = "usr/lib/keeplit"
MODULES = f"{HOME}/lib/python3/site-packages"
COMMAND = f"""\
#!/{HOME}/bin/python3 -I
import sys

from keeplit.ui.fast import main

sys.exit(main())
"""
ENVIRONMENT = "home = /usr/bin\ninclude-system-site-packages = false\n"
DEBIANS_MODULES = "/usr/lib/python3/dist-packages\n"
# The panel's icon library; GTK comes with it, and GLib's with python3-gi.
FOR_THE_TRAY = ("gir1.2-ayatanaappindicator3-0.1", "gir1.2-gtk-3.0")
SCRIPTS = ("postinst", "prerm", "postrm")
MAINTAINER = "keeplit <keeplit@keeplit.invalid>"
COPYRIGHT = """\
Copyright (c) {year} the contributors of keeplit

keeplit is distributed under the Apache License, Version 2.0: see /usr/share/common-licenses/Apache-2.0

These libraries come along unchanged but for parts that are left out. Their licences lie beside them, in
/{folder}:

{libraries}
"""
HISTORY = """\
keeplit ({version}) unstable; urgency=medium

  * What changed stands in /usr/share/doc/keeplit/NEWS.gz.

 -- {maintainer}  {date:%a, %d %b %Y %H:%M:%S} +0000
"""


def main(arguments: list[str]) -> int:
    """Build the package and say where it is."""
    asked = argparse.ArgumentParser(prog="build_deb", description=__doc__.split("\n", 1)[0])
    asked.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist")
    asked.add_argument("--architecture", choices=sorted(libraries.MACHINES), default="amd64")
    asked.add_argument("--wheels", type=Path, help="a folder that keeps what is fetched")
    options = asked.parse_args(arguments)
    built = build(options.folder, options.architecture, options.wheels)
    sys.stdout.write(f"{built}\n")
    return 0


def build(folder: Path, architecture: str, wheels: Path | None = None) -> Path:
    """Build the package into a folder, and return its path. Raises `CalledProcessError` where a tool fails."""
    at = _time()
    folder.mkdir(parents=True, exist_ok=True)
    package = folder / f"keeplit_{debian_version()}_{architecture}.deb"
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "tree"
        fill(tree, wheels or Path(temporary) / "wheels", architecture, at)
        _control(tree, architecture)
        _plain(tree, at)
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(package)]
        # One thread: with several, the bytes depend on how many there are.
        environ = {**os.environ, "SOURCE_DATE_EPOCH": str(int(at.timestamp())), "DPKG_DEB_THREADS_MAX": "1"}
        subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    return package


def debian_version() -> str:
    """Return the version as Debian orders them: 1.0rc1 comes before 1.0."""
    return re.sub(r"(a|b|rc|\.dev)(\d+)", r"~\1\2", version()).replace("~.", "~")


def _time() -> datetime:
    """Return the time that all files of the package get: that of the last commit, unless it is given."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "log", "-1", "--format=%ct"]
        given = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return datetime.fromtimestamp(int(given or (PACKAGE / "keeplit" / "__init__.py").stat().st_mtime), UTC)


def fill(tree: Path, wheels: Path, architecture: str, at: datetime) -> None:
    """Put everything that is installed into a folder."""
    modules = tree / MODULES
    libraries.put(modules, wheels, architecture)
    taken = shutil.ignore_patterns("__pycache__", ENTRY.name)
    shutil.copytree(PACKAGE / "keeplit", modules / "keeplit", ignore=taken)
    _write(modules / "debian.pth", DEBIANS_MODULES)
    for python in libraries.PYTHONS:
        (tree / HOME / "lib" / f"python{python}").symlink_to("python3")
    _write(tree / HOME / "pyvenv.cfg", ENVIRONMENT)
    _write(tree / HOME / "bin" / "keeplit", COMMAND)
    (tree / HOME / "bin" / "python3").symlink_to("../../../bin/python3")
    (tree / "usr" / "bin").mkdir()
    (tree / PROGRAM[1:]).symlink_to("../lib/keeplit/bin/keeplit")
    share = tree / "usr" / "share"
    _write(tree / "usr" / "lib" / "systemd" / "user" / "keeplit.service", unit(PROGRAM, PACKAGED_FOR))
    _write(share / "python3" / "runtime.d" / "keeplit.rtupdate", (HERE / "debian" / "rtupdate").read_text("utf-8"))
    _write(share / "applications" / "keeplit-tray.desktop", (HERE / "keeplit-tray.desktop").read_text("utf-8"))
    fields = {"VERSION": version(), "DATE": f"{at:%Y-%m-%d}"}
    _write(share / "metainfo" / "io.keeplit.tray.metainfo.xml", filled("io.keeplit.tray.metainfo.xml", fields))
    icons(share / "icons" / "hicolor")
    _documents(share, at)


def icons(theme: Path) -> None:
    """Put the logo into an icon theme: the drawn pictures of assets/, and what they are drawn from."""
    for picture in sorted((ROOT / "assets" / "logo").glob("keeplit-*.png")):
        size = picture.stem.removeprefix("keeplit-")
        target = theme / f"{size}x{size}" / "apps" / "keeplit.png"
        target.parent.mkdir(parents=True)
        shutil.copyfile(picture, target)
    _write(theme / "scalable" / "apps" / "keeplit.svg", svg(drawing(Face.FRESH, 1.0, ANY)))


def _documents(share: Path, at: datetime) -> None:
    folder = share / "doc" / "keeplit"
    _write(folder / "copyright", copyright_of(share.parents[1] / MODULES, at.year))
    history = HISTORY.format(version=debian_version(), maintainer=maintainer(), date=at)
    texts = {"changelog.gz": history, "NEWS.gz": (ROOT / "CHANGELOG.md").read_text("utf-8")}
    for name, text in texts.items():
        (folder / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    _write(share / "lintian" / "overrides" / "keeplit", (HERE / "debian" / "lintian").read_text("utf-8"))


def copyright_of(modules: Path, year: int) -> str:
    """Return what is to be said of licences: keeplit's, and of each library its own words."""
    lines = []
    for metadata in sorted(modules.glob("*.dist-info/METADATA")):
        said = HeaderParser().parsestr(metadata.read_text("utf-8"))
        classified = [line.rsplit(" :: ", 1)[1] for line in said.get_all("Classifier", []) if "License ::" in line]
        licence = said["License-Expression"] or ", ".join(classified) or said["License"]
        lines.append(f"  {said['Name']} {said['Version']}: {licence}")
    return COPYRIGHT.format(year=year, folder=MODULES, libraries="\n".join(lines))


def maintainer() -> str:
    """Return who made this very package, as Debian's own tools are told."""
    name, address = os.environ.get("DEBFULLNAME", ""), os.environ.get("DEBEMAIL", "")
    return f"{name} <{address}>" if name and address else MAINTAINER


def _control(tree: Path, architecture: str) -> None:
    places = sorted(path for path in tree.rglob("*") if not path.is_dir() or path.is_symlink())
    sums = [f"{_digest(path)}  {path.relative_to(tree)}" for path in places if not path.is_symlink()]
    kilobytes = sum(-(-path.lstat().st_size // 1024) for path in tree.rglob("*"))
    fields = {
        "VERSION": debian_version(),
        "ARCHITECTURE": architecture,
        "MAINTAINER": maintainer(),
        "SIZE": str(kilobytes),
        "DEPENDS": ", ".join(depends()),
    }
    control = tree / "DEBIAN"
    _write(control / "control", filled("debian/control", fields))
    _write(control / "md5sums", "\n".join(sums) + "\n")
    for script in SCRIPTS:
        _write(control / script, (HERE / "debian" / script).read_text("utf-8"))


def depends() -> Iterator[str]:
    """Give the packages without which it does not work."""
    first, last = libraries.PYTHONS[0], int(libraries.PYTHONS[-1].split(".")[1])
    yield from (f"python3 (>= {first})", f"python3 (<< 3.{last + 1})")
    yield "libc6 (>= 2.28)"
    yield from sorted({*libraries.FROM_DEBIAN.values(), *FOR_THE_TRAY})


def _digest(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def filled(name: str, fields: Mapping[str, str]) -> str:
    """Return a template of this folder with its fields filled in."""
    text = (HERE / name).read_text("utf-8")
    return re.sub(r"@([A-Z]+)@", lambda field: fields[field[1]], text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")


def _plain(tree: Path, at: datetime) -> None:
    """Give every file the mode and the time that all builders give it, whatever their umask and their checkout are."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.parent.name in {"bin", "runtime.d"} or path.name in SCRIPTS
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (at.timestamp(), at.timestamp()), follow_symlinks=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
