"""What the three PyInstaller specs share: the modules that only names lead to, what is left out, and the version.

Each spec beside this file puts it to use: linux/keeplit.spec, macos/keeplit.spec, windows/keeplit.spec. They are built
from the repository's root, with the versions of .ci/release.txt:

    pyinstaller --noconfirm --distpath dist/frozen --workpath dist/work installers/linux/keeplit.spec
"""

import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "daemon"
ENTRY = PACKAGE / "keeplit" / "ui" / "frozen.py"

# The services whose descriptions are taken along: all of AWS would be 100 MB. A test holds them to what the code asks.
SERVICES = frozenset({"bedrock", "bedrock-runtime", "budgets", "ce", "cloudwatch", "sso", "sso-oidc", "sts"})
SERVICE = re.compile(r"^botocore[/\\]data[/\\](?P<name>[a-z][a-z0-9-]*)[/\\]")
LEFT_OUT = (
    "boto3",  # botocore does it all
    "IPython",
    "numpy",
    "PIL.AvifImagePlugin",
    "pytest",
    "setuptools",
    "sqlite3",
    "tkinter",
)
# What draws SVG in GTK drags in 45 MB of Unicode tables; the flame's pictures are PNG.
LIBRARIES_LEFT_OUT = ("libicu", "librsvg", "libxml2", "libpixbufloader-svg")
# What PyInstaller runs before a program that reads its own source, lists modules or has multiprocessing's workers: here
# nobody does, and they took a third of each start.
HOOKS_LEFT_OUT = frozenset({"pyi_rth_inspect", "pyi_rth_multiprocessing", "pyi_rth_pkgutil"})
BY_NAME = {  # libraries look these up at run time, where no import can be seen
    "linux": (
        "desktop_notifier.backends.dbus",
        "gi.repository.AyatanaAppIndicator3",
        "gi.repository.GLib",
        "gi.repository.GObject",
        "gi.repository.Gio",
        "gi.repository.Gtk",
        "pystray._appindicator",
        "pystray._gtk",
        "pystray._util.gtk",
        "pystray._util.notify_dbus",
    ),
    "darwin": ("desktop_notifier.backends.macos", "desktop_notifier.backends.macos_support", "pystray._darwin"),
    "win32": (
        "desktop_notifier.backends.winrt",
        "pystray._util.win32",
        "pystray._win32",
        "winrt.windows.foundation",
        "winrt.windows.foundation.collections",
    ),
}
EVERYWHERE = ("desktop_notifier.resources",)


def version() -> str:
    """Return the one version, from the package."""
    text = (PACKAGE / "keeplit" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit("daemon/keeplit/__init__.py names no __version__")
    return found[1]


def own() -> list[str]:
    """Return every module of keeplit: a command, and a process of its own, is imported as it is named.

    They are read off the sources: PyInstaller finds them by itself only where keeplit is installed, and else leaves all
    commands out with a warning.
    """
    files = sorted((PACKAGE / "keeplit").rglob("*.py"))
    places = (file.relative_to(PACKAGE).with_suffix("").parts for file in files)
    return [".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in places]


def analysis(platform: str) -> dict[str, Any]:
    """Return the arguments of PyInstaller's Analysis."""
    # PyInstaller is there while something is frozen, and at no other time.
    hooks = import_module("PyInstaller.utils.hooks")
    return {
        "scripts": [str(ENTRY)],
        "pathex": [str(PACKAGE)],
        "hiddenimports": [*own(), *EVERYWHERE, *BY_NAME[platform]],
        "datas": hooks.collect_data_files("desktop_notifier"),
        "excludes": list(LEFT_OUT),
        # Icons, themes and languages of GTK are 90 MB; the menu of a tray is drawn by the panel.
        "hooksconfig": {"gi": {"icons": [], "themes": [], "languages": [], "module-versions": {"Gtk": "3.0"}}},
    }


def kept(files: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return the files to take along: of botocore's services only those that are asked, and no library left out."""
    return [one for one in files if _is_asked(one[0]) and not Path(one[0]).name.startswith(LIBRARIES_LEFT_OUT)]


def begun(scripts: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return the scripts that are run at the start, keeplit's own the last of them."""
    return [one for one in scripts if one[0] not in HOOKS_LEFT_OUT]


def _is_asked(name: str) -> bool:
    found = SERVICE.match(name)
    return found is None or found["name"] in SERVICES


NUMBER = re.compile(r"\d+")
RESOURCE = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("FileDescription", "keeplit keeps AWS sign-ins lit while Claude Code runs on Amazon Bedrock"),
      StringStruct("FileVersion", "{version}"),
      StringStruct("InternalName", "{name}"),
      StringStruct("LegalCopyright", "Apache License 2.0"),
      StringStruct("OriginalFilename", "{name}.exe"),
      StringStruct("ProductName", "keeplit"),
      StringStruct("ProductVersion", "{version}"),
    ])]),
    VarFileInfo([VarStruct("Translation", [0x0409, 0x04B0])]),
  ],
)
"""


def version_resource(name: str) -> str:
    """Return the version resource of a Windows program, as PyInstaller reads it from a file."""
    release = version()
    numbers = [int(one) for one in NUMBER.findall(release.split("+")[0])][:4]
    return RESOURCE.format(name=name, version=release, numbers=tuple(numbers + [0] * (4 - len(numbers))))
