"""The libraries of the Debian package: which of them Debian has, and which come along, by the hashes of the lock.

Law: what Debian 12 has recent enough is Debian's, and so are its mends; the rest comes along at the locked version, is
refused where its hash differs, and lies in a folder that no other program sees. Debian 12 is too old for most: click
8.1.3, watchdog 2.2, APScheduler 3.9, botocore 1.29 (it knows no Bedrock), dbus-fast 1.84, filelock 3.9, platformdirs
2.6, tomlkit 0.11, pystray 0.19.4; it lacks msgspec, desktop-notifier, questionary and ConfigUpdater. boto3 is not
taken: nothing imports it. Its Pillow is older than the one that pip takes, which is new for its security alone; Debian
mends its own.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from installers.freezing import SERVICES

LOCK = Path(__file__).resolve().parents[2] / ".ci" / "requirements.txt"
FROM_DEBIAN = {
    "certifi": "python3-certifi",  # the certificates of this machine, a company's own among them
    "jmespath": "python3-jmespath",
    "packaging": "python3-packaging",
    "pillow": "python3-pil (>= 9.4)",
    "prompt-toolkit": "python3-prompt-toolkit (>= 3.0.36)",
    "pygobject": "python3-gi (>= 3.42)",
    "python-dateutil": "python3-dateutil",
    "python-xlib": "python3-xlib (>= 0.33)",
    "six": "python3-six",
    "urllib3": "python3-urllib3 (>= 1.26)",
}
ANYWHERE = (
    *("apscheduler", "bidict", "botocore", "click", "configupdater", "dbus-fast", "desktop-notifier", "filelock"),
    *("platformdirs", "pystray", "questionary", "tomlkit", "typing-extensions", "tzlocal", "watchdog"),
)
COMPILED = ("msgspec",)  # the one library that is nothing without its compiled part
PYTHONS = ("3.11", "3.12", "3.13")  # of Debian 12, Ubuntu 24.04, Debian 13
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
STRIP = {machine: f"{MACHINES[machine]}-linux-gnu-strip" for machine in MACHINES}
SYSTEMS = ("manylinux2014", "manylinux_2_17", "manylinux_2_28")
LEFT_OUT = re.compile(
    r".*\.(pxd|pyx|pyi|c|exe)"
    r"|(?!msgspec/).*\.so"  # of dbus-fast: it does without, and speaks a few times an hour
    r"|botocore/cacert\.pem"  # those of this machine count
    r"|botocore/data/(?!(?:{services})/).*/.*"
    r"|desktop_notifier/backends/(winrt|macos|macos_support)\.py|pystray/_(win32|darwin|xorg)\.py"
    r"|[^/]*\.dist-info/(RECORD|INSTALLER|WHEEL)|.*/tests?/.*".format(services="|".join(sorted(SERVICES)))
)
UNSAFE = re.compile(r"/|.*(^|/)\.\.(/|$)|.*\\")


def put(folder: Path, wheels: Path, architecture: str) -> None:
    """Put the libraries that come along into a folder; `wheels` keeps what was fetched. Raises `CalledProcessError`."""
    for wheel in fetched(wheels / architecture, architecture):
        with ZipFile(wheel) as archive:
            for entry in archive.infolist():
                _unpack(archive, entry, folder)
    tool = shutil.which(STRIP[architecture])  # of the other machine's it may not be here: a third larger, and as good
    for library in folder.rglob("*.so"):
        if tool is not None:
            subprocess.run([tool, "--strip-unneeded", str(library)], check=True)


def _unpack(archive: ZipFile, entry: ZipInfo, folder: Path) -> None:
    if entry.is_dir() or LEFT_OUT.fullmatch(entry.filename):
        return
    if UNSAFE.match(entry.filename):
        raise SystemExit(f"{archive.filename} holds {entry.filename!r}, which leads out of its folder")
    target = folder / entry.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)


def fetched(wheels: Path, architecture: str) -> tuple[Path, ...]:
    """Fetch the wheels of the lock into a folder, and return them; those of an older lock are not among them."""
    wheels.mkdir(parents=True, exist_ok=True)
    lock = "\n".join(locked((*ANYWHERE, *COMPILED)))
    (wheels / "anywhere.txt").write_text("\n".join(locked(ANYWHERE)), "utf-8")
    (wheels / "compiled.txt").write_text("\n".join(locked(COMPILED)), "utf-8")
    _download(wheels, "anywhere.txt", architecture, PYTHONS[0])
    for python in PYTHONS:
        _download(wheels, "compiled.txt", architecture, python)
    return tuple(wheel for wheel in sorted(wheels.glob("*.whl")) if sha256(wheel.read_bytes()).hexdigest() in lock)


def _download(wheels: Path, names: str, architecture: str, python: str) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--only-binary=:all:", "--require-hashes", f"--requirement={wheels / names}"),
            *(f"--dest={wheels}", f"--find-links={wheels}", "--implementation=cp", f"--python-version={python}"),
            *(f"--platform={system}_{MACHINES[architecture]}" for system in SYSTEMS),
        ],
        check=True,
    )


def locked(names: tuple[str, ...]) -> Iterator[str]:
    """Give the lock's entries of these libraries, hashes and all. Raises `SystemExit` for one that it lacks."""
    text = LOCK.read_text("utf-8")
    for name in names:
        found = re.search(rf"^{re.escape(name)}==(?:[^\n]*\\\n)*[^\n]*$", text, re.MULTILINE)
        if found is None:
            raise SystemExit(f"{LOCK} does not lock {name}")
        yield found[0]
