"""Debian's package: built from these sources, looked at by Debian's own tools, and lived with on a whole machine."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

import keeplit
from installers.freezing import ROOT, SERVICES
from installers.linux import build_deb, libraries
from keeplit.core.service_files import PACKAGED_FOR, unit
from tests.conftest import real_part
from tests.desktop import bed, tray_host
from tests.end_to_end.booted import booted

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the package is Debian's")

LINUX = build_deb.HERE
VERBS = ("install", "remove", "check")
NAME = re.compile(r"[A-Za-z0-9._-]+")
NOT_USED = {"boto3", "s3transfer"}  # nothing imports them


def tool(name: str) -> str:
    """Give a tool that must be there."""
    found = shutil.which(name)
    real_part(name, found=found is not None)
    return str(found)


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the package, built once; the wheels come from pip's own cache, or from where pip fetches."""
    for needed in ("dpkg-deb", libraries.STRIP["amd64"]):
        tool(needed)
    folder = tmp_path_factory.mktemp("package")
    try:
        return build_deb.build(folder, "amd64")
    except subprocess.CalledProcessError as failed:
        real_part(f"what it is built from ({failed})", found="download" not in failed.cmd)
        raise


@pytest.fixture(scope="session")
def tree(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the package holds, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked") / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, folder], check=True)
    return folder


def test_it_lies_in_its_own_places(tree: Path) -> None:
    """Everything lies in /usr, owned by root and writable by nobody else; nothing starts unasked, nothing is hidden."""
    places = {str(path.relative_to(tree)) for path in tree.rglob("*") if not path.is_dir() or path.is_symlink()}
    inside = re.compile(
        r"DEBIAN/(control|md5sums|postinst|prerm|postrm)|usr/bin/keeplit|usr/lib/keeplit/.+"
        r"|usr/lib/systemd/user/keeplit\.service"
        r"|usr/share/(applications/keeplit-tray\.desktop|metainfo/io\.keeplit\.tray\.metainfo\.xml"
        r"|icons/hicolor/(scalable|\d+x\d+)/apps/keeplit\.(png|svg)|doc/keeplit/(changelog\.gz|NEWS\.gz|copyright)"
        r"|lintian/overrides/keeplit|python3/runtime\.d/keeplit\.rtupdate)"
    )
    assert [place for place in places if not inside.fullmatch(place)] == []
    assert [path for path in tree.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o022] == []
    assert not any(place.endswith((".pyc", "/ui/frozen.py")) for place in places)
    files = [path for path in (tree / "usr").rglob("*") if path.is_file() and not path.is_symlink()]
    assert len({path.stat().st_mtime for path in files}) == 1  # else the bytes depend on the checkout


def test_it_is_what_the_sources_say(tree: Path, package: Path) -> None:
    """Its version is the package's, its unit is what the command writes, its pictures are those of assets/."""
    control = (tree / "DEBIAN" / "control").read_text()
    assert f"\nVersion: {keeplit.__version__}\n" in control
    assert package.name == f"keeplit_{keeplit.__version__}_amd64.deb"
    shipped = tree / "usr" / "lib" / "systemd" / "user" / "keeplit.service"
    assert shipped.read_text() == unit("/usr/bin/keeplit", PACKAGED_FOR)
    logo = tree / "usr" / "share" / "icons" / "hicolor" / "128x128" / "apps" / "keeplit.png"
    assert logo.read_bytes() == (ROOT / "assets" / "logo" / "keeplit-128.png").read_bytes()


@pytest.mark.parametrize(
    ("released", "ordered"),
    [("1.2.3", "1.2.3"), ("1.2.3rc1", "1.2.3~rc1"), ("1.2.3.dev4", "1.2.3~dev4"), ("2.0a1", "2.0~a1")],
)
def test_versions_are_ordered_as_debian_orders_them(
    released: str, ordered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A candidate comes before its release."""
    monkeypatch.setattr(build_deb, "version", lambda: released)
    assert build_deb.debian_version() == ordered


def test_it_is_small(package: Path) -> None:
    """It comes to less than 3 MB, where a folder with a Python of its own has 42."""
    assert package.stat().st_size < 3_000_000


def test_debians_own_checker_finds_no_fault(package: Path, tmp_path: Path) -> None:
    """lintian finds nothing that is not explained in the package."""
    done = subprocess.run(
        [tool("lintian"), "--fail-on=error,warning", "--no-cfg", "--allow-root", package],
        env={**os.environ, "TMPDIR": str(tmp_path)},  # it leaves files there
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_desktops_checkers_find_no_fault(tree: Path) -> None:
    """The entry of the menus and the page of software centres are as their specifications have them."""
    share = tree / "usr" / "share"
    entry = subprocess.run(
        [tool("desktop-file-validate"), share / "applications" / "keeplit-tray.desktop"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (entry.returncode, entry.stdout) == (0, "")
    page = share / "metainfo" / "io.keeplit.tray.metainfo.xml"
    command = [tool("appstreamcli"), "validate", "--no-net", "--pedantic", str(page)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_library_is_there() -> None:
    """What the dependencies ask for on Linux is Debian's or comes along, and all that is imported is among it."""
    wanted, found = ["keeplit"], {"keeplit"}
    while wanted:
        for line in requires(wanted.pop()) or []:
            name = libraries_name(line)
            if "extra ==" in line or re.search(r"darwin|win32|Windows|python_version <", line) or name in found:
                continue
            found.add(name)
            if name not in libraries.FROM_DEBIAN:  # what Debian has, brings what it needs
                wanted.append(name)
    there = {*libraries.FROM_DEBIAN, *libraries.ANYWHERE, *libraries.COMPILED}
    assert found - there - NOT_USED == {"keeplit"}
    named = packages_distributions()
    imported = {
        libraries_name(owner)
        for path in Path(keeplit.__file__).parent.rglob("*.py")
        for module in _imported(path)
        for owner in named.get(module, ())
    }
    on_linux = imported - {"keeplit"}
    assert on_linux <= {*there, "pygobject"}


def libraries_name(line: str) -> str:
    """Return the name of a distribution as the lock spells it."""
    return NAME.match(line)[0].lower().replace("_", "-").replace(".", "-")  # type: ignore[index]


def _imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    given = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    return {name.split(".")[0] for name in plain | given}


def test_every_library_is_locked() -> None:
    """Each library that comes along has hashes in the lock; one that is not locked is refused."""
    for entry in libraries.locked((*libraries.ANYWHERE, *libraries.COMPILED)):
        assert "--hash=sha256:" in entry
    with pytest.raises(SystemExit, match="does not lock nothing-of-that-name"):
        list(libraries.locked(("nothing-of-that-name",)))


def test_the_pythons_are_those_that_it_supports() -> None:
    """The oldest Python of the package is the oldest that keeplit supports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == f">={libraries.PYTHONS[0]}"


@pytest.mark.parametrize("name", VERBS)
def test_the_verbs_are_sound(name: str) -> None:
    """Each verb passes shellcheck, can be run, and refuses what it does not know with its usage."""
    verb = LINUX / name
    checker = Path(sys.executable).parent / "shellcheck"
    real_part("shellcheck", found=checker.exists())
    done = subprocess.run([checker, verb], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    refused = subprocess.run([verb, "--what"], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"usage: {name}")


@pytest.mark.parametrize("name", build_deb.SCRIPTS)
def test_the_packages_scripts_are_sound(name: str) -> None:
    """Each script of the package passes shellcheck."""
    checker = Path(sys.executable).parent / "shellcheck"
    real_part("shellcheck", found=checker.exists())
    done = subprocess.run([checker, LINUX / "debian" / name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


HOST = """\
import contextlib, json, os, sys, time
sys.path.insert(0, "/test/host")
from tests.desktop.tray_host import TrayHost
with TrayHost(os.environ["DBUS_SESSION_BUS_ADDRESS"]) as host:
    item = host.item(within=30)
    print(json.dumps({"tray": item.menu().labels()}), flush=True)
    end = time.monotonic() + 30
    # A menu that was made anew between the look and the click has other numbers: a click on an old one is an error, or
    # nothing at all.
    while host.items and time.monotonic() < end:
        with contextlib.suppress(AssertionError, TimeoutError):
            item.click("Quit")
        for _ in range(20):
            if host.items:
                time.sleep(0.1)
"""
BED = "import time\nfrom collections.abc import Callable\n\nWITHIN = 10.0\n\n"
# There is no pytest, which would skip where the library is not.
LIBRARY = """\
from dbus_fast import Message, MessageType, NameFlag, Variant
from dbus_fast.aio import MessageBus
"""
MACHINE = """\
set -eu
# Of this machine Debian's own part alone is left.
for folder in /usr/local /opt /root /srv /work; do [ ! -d $folder ] || mount -t tmpfs tmpfs $folder; done
listed() {
    find /etc /usr /srv /var -xdev -regextype posix-extended \\
        -regex '/var/(log|cache|lib/(dpkg|apt|PackageKit))' -prune -o -print | sort
}
rm -f /usr/sbin/policy-rc.d  # images for containers forbid packages to start or stop anything
for name in keeplit-test keeplit-other; do useradd --create-home --shell /bin/bash $name; done
loginctl enable-linger keeplit-other
listed >/run/before
/test/verbs/install /test/keeplit.deb >/run/said 2>&1 || cat /run/said
timeout 60 su --login keeplit-test --command 'sh /test/first'
manager="user@$(id -u keeplit-test)"
for _ in $(seq 100); do systemctl --quiet is-active "$manager" || break; sleep 0.1; done
systemctl --quiet is-active "$manager" && echo "the manager did not end"
timeout 120 su --login keeplit-test --command 'sh /test/second'
# Somebody else forgets to uninstall.
timeout 60 su --login keeplit-other --command 'keeplit autostart enable' >/dev/null
/usr/share/python3/runtime.d/keeplit.rtupdate rtupdate 3.11 3.11
timeout 100 /test/verbs/remove --yes >/run/said 2>&1 || cat /run/said
grep --quiet 'still name /usr/bin/keeplit' /run/said || echo "the removal said nothing"
systemctl --user --machine=keeplit-other@.host --quiet is-active keeplit && echo "the other's daemon still runs"
test -e /home/keeplit-other/.config/autostart/keeplit-tray.desktop || echo "the other's home was touched"
listed >/run/after
diff /run/before /run/after
"""
FIRST = """\
set -eu
keeplit --version
/usr/lib/keeplit/bin/python3 -I /test/imports.py
systemd-analyze --user verify /usr/lib/systemd/user/keeplit.service
keeplit autostart enable >/dev/null
/test/verbs/check >/dev/null
"""
IMPORTS = """\
import importlib, pkgutil, botocore.session, desktop_notifier.backends.dbus, keeplit
for name in (one.name for one in pkgutil.walk_packages(keeplit.__path__, "keeplit.")):
    importlib.import_module(name)
session = botocore.session.Session()
for service in {services}:
    session.create_client(service, region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
"""
SECOND = """\
waits() { for _ in $(seq 100); do "$@" && break; sleep 0.1; done; }
waits systemctl --user --quiet is-active keeplit
export DISPLAY=:7
Xvfb $DISPLAY -nolisten tcp >/dev/null 2>&1 &
screen=$!
timeout 80 /usr/lib/keeplit/bin/python3 /test/host.py &
host=$!
# As desktops with a systemd session do.
systemctl --user import-environment DISPLAY
wants='BindsTo=graphical-session.target\\nWants=xdg-desktop-autostart.target\\n'
printf "[Unit]\\n$wants" >~/.config/systemd/user/desk.target
systemctl --user daemon-reload
waits test -S /tmp/.X11-unix/X7
systemctl --user start desk.target
wait $host
quit() { keeplit autostart status --json | grep -q '"running": true.*"running": false'; }
waits quit
keeplit autostart status --json
keeplit uninstall --yes >&2
rm ~/.config/systemd/user/desk.target
find ~ -mindepth 1 -name '*keeplit*' | sed 's/^/left: /'
kill $screen
"""


def prepared(folder: Path, package: Path) -> Path:
    """Give what a machine takes along, where this machine has what the package depends on."""
    for needed in ("Xvfb", "apt-get", "dbus-daemon"):
        tool(needed)
    wanted = ["dpkg-query", "--show", "--showformat=${db:Status-Abbrev}\n"]
    for name in build_deb.depends():
        there = subprocess.run([*wanted, name.split(" ")[0]], capture_output=True, text=True, check=False).stdout
        real_part(name, found=there.startswith("ii"))
    (folder / "verbs").mkdir(parents=True)
    for verb in VERBS:
        shutil.copy(LINUX / verb, folder / "verbs")
    shutil.copy(package, folder / "keeplit.deb")
    folder.chmod(0o755)
    return folder


@pytest.mark.timeout(300)  # half a minute on a machine that does nothing else
def test_somebody_lives_with_it(package: Path, tmp_path: Path) -> None:
    """Installed where nothing else is, a person's next login starts daemon and flame; purged, nothing is left.

    The flame comes by the entry that systemd's generator reads, into a tray host on her own bus, whose click quits it.
    """
    folder = prepared(tmp_path / "boot", package)
    host = folder / "host" / "tests" / "desktop"
    host.mkdir(parents=True)
    shutil.copy(tray_host.__file__, host)
    (host / "bed.py").write_text(BED + inspect.getsource(bed.until))
    (host / "dbus_library.py").write_text(LIBRARY)
    imports = IMPORTS.format(services=tuple(sorted(SERVICES)))
    for name, text in (("host.py", HOST), ("imports.py", imports), ("first", FIRST), ("second", SECOND)):
        (folder / name).write_text(text)
    code, said = booted(folder, MACHINE, within=250)
    assert code == 0, said
    lines = said.splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert f"keeplit, version {keeplit.__version__}" in lines
    assert any(label.startswith("Quit") for one in told for label in one.get("tray", ())), said
    parts = next(one for one in told if "parts" in one)["parts"]
    assert [(one["enabled"], one["running"], one["current"]) for one in parts] == [
        (True, True, True),
        (True, False, True),
    ]
    assert [line for line in lines if line.startswith(("left:", "the ", "<", ">"))] == []


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_it_keeps_a_day_lit(package: Path, tmp_path: Path) -> None:
    """A day of sign-ins, faults and recoveries in the sandbox, by the package alone, as an ordinary person."""
    folder = prepared(tmp_path / "boot", package)
    began, ended = MACHINE.split("timeout 60 su --login keeplit-test --command 'sh /test/first'")
    day = "su --login keeplit-test --command 'keeplit sandbox --device'"
    code, said = booted(folder, f"{began}{day}\n/test/verbs/remove --yes >/dev/null 2>&1\n", within=250)
    assert (code, bool(ended)) == (0, True), said


BARE = """\
set -eu
debootstrap --variant=minbase "$RELEASE" "$ROOT" http://deb.debian.org/debian
mount -t proc proc "$ROOT/proc"
mount -t tmpfs tmpfs "$ROOT/dev"
for name in null random urandom; do touch "$ROOT/dev/$name"; mount --bind /dev/$name "$ROOT/dev/$name"; done
printf '#!/bin/sh\\nexit 101\\n' >"$ROOT/usr/sbin/policy-rc.d"
chmod 755 "$ROOT/usr/sbin/policy-rc.d"
mkdir "$ROOT/test"
mount --bind "$FOLDER" "$ROOT/test"
chroot "$ROOT" /bin/sh /test/inside
"""
INSIDE = """\
set -eu
apt-get update
apt-get install --yes --no-install-recommends /test/keeplit.deb
useradd --create-home her
su her --command '/usr/lib/keeplit/bin/python3 -I /test/imports.py && keeplit status && ! keeplit tray'
apt-get purge --yes keeplit
left=$(find / -xdev -regextype posix-extended -regex '/(proc|home|test|var/(log|cache))' -prune \\
    -o -name '*keeplit*' -print)
echo "left: $left"
test -z "$left"
"""
TRAY = """\
import gi, PIL.Image, Xlib
gi.require_version("AyatanaAppIndicator3", "0.1")
from gi.repository import AyatanaAppIndicator3, Gtk
"""


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_its_dependencies_are_enough(package: Path, tmp_path: Path) -> None:
    """On the barest Debian 12 that there is, it brings all that it needs, and leaves nothing of itself."""
    tool("debootstrap")
    real_part("a root of one's own (root)", found=os.geteuid() == 0)
    folder = prepared(tmp_path / "with", package)
    (folder / "imports.py").write_text(IMPORTS.format(services=tuple(sorted(SERVICES))) + TRAY)
    (folder / "inside").write_text(INSIDE)
    environ = {
        "DEBIAN_FRONTEND": "noninteractive",
        "FOLDER": str(folder),
        "HOME": "/root",
        "LC_ALL": "C",
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "RELEASE": "bookworm",
        "ROOT": str(tmp_path / "root"),
    }
    done = subprocess.run(
        ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "sh", "-c", BARE],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    shutil.rmtree(tmp_path / "root")
    assert done.returncode == 0, done.stdout[-3000:]
