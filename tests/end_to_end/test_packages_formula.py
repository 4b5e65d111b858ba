"""The Homebrew formula: made against an index of our own, read by Ruby, and held to what Homebrew asks."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from installers.macos import formula
from installers.macos.formula import JSON, LOCK, File, Pin, needed, pins, source
from tests.conftest import real_part
from tests.end_to_end.packages import ROOT

HASH, OTHER = "a" * 64, "b" * 64
ONLY_WHEELS = frozenset({"pystray"})
FILES = "https://files.example.com"


class Index:
    """A simple package index on this machine, which lists the files of the lock as its real one does."""

    def __init__(self, *, knows_json: bool) -> None:
        self.locked: Mapping[str, Pin] = pins(LOCK.read_text("utf-8"))
        self.asked: list[str] = []
        locked, names = self.locked, self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.strip("/").split("/")[-1]
                names.append(name)
                body = as_json(files(locked[name])) if knows_json else as_page(files(locked[name]))
                self.send_response(200)
                self.send_header("Content-Type", JSON if knows_json else "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/simple"


def files(pin: Pin) -> list[tuple[str, str]]:
    """Return the names and hashes of a library's files: an old source, a wheel, and the source where it has one."""
    wheel, *rest = sorted(pin.hashes)
    plain = pin.name.replace("-", "_")
    listed = [(f"{plain}-0.0.1.tar.gz", wheel), (f"{plain}-{pin.version}-py2.py3-none-any.whl", wheel)]
    return listed if pin.name in ONLY_WHEELS else [*listed, (f"{plain}-{pin.version}.tar.gz", (rest or [wheel])[0])]


def as_json(listed: list[tuple[str, str]]) -> str:
    """Return a page as PEP 691 has it."""
    told = [{"filename": name, "url": f"{FILES}/{name}", "hashes": {"sha256": digest}} for name, digest in listed]
    return json.dumps({"meta": {"api-version": "1.0"}, "files": told})


def as_page(listed: list[tuple[str, str]]) -> str:
    """Return a page as PEP 503 has it."""
    links = "".join(f'<a href="{FILES}/{name}#sha256={digest}">{name}</a><br>\n' for name, digest in listed)
    return f"<!DOCTYPE html><html><body><h1>Links</h1>\n{links}</body></html>"


@pytest.fixture(params=[True, False], ids=["json", "page"])
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    """Give an index that knows JSON, and one that does not."""
    made = Index(knows_json=request.param)
    with made.server:
        Thread(target=made.server.serve_forever, daemon=True).start()
        yield made
        made.server.shutdown()


@pytest.fixture
def written(index: Index, tmp_path: Path) -> Path:
    """Give a formula as a release writes it."""
    sdist = tmp_path / "keeplit-1.2.3.tar.gz"
    sdist.write_bytes(b"the source")
    command = [sys.executable, "-m", "installers.macos.formula", "--sdist", str(sdist), "--index", index.url]
    command += ["--at", f"https://example.com/{sdist.name}", "--homepage", "https://example.com/keeplit"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    path = tmp_path / "keeplit.rb"
    path.write_text(done.stdout, "utf-8")
    return path


def ruby(*arguments: str) -> str:
    """Run Ruby and return what it printed."""
    real_part("ruby", found=shutil.which("ruby") is not None)
    done = subprocess.run(["ruby", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ruby_reads_it(written: Path) -> None:
    """It has no fault that Ruby's own parser sees, warnings included."""
    assert ruby("-wc", str(written)).strip() == "Syntax OK"


def test_it_says_what_homebrew_asks(written: Path, index: Index) -> None:
    """Its description is short, every address is https with a hash, and its install and its test run."""
    told: dict[str, Any] = json.loads(ruby(str(ROOT / "tests" / "data" / "homebrew.rb"), str(written)))

    assert (told["name"], told["license"], told["depends_on"]) == (
        "Keeplit",
        "Apache-2.0",
        ["macos", "pillow", "python@3.13"],
    )
    # Homebrew's audit: at most 80 signs with the name, no article at the start, no full stop at the end.
    assert len(f"keeplit: {told['desc']}") <= 80
    assert re.fullmatch(r"(?!An? |The )[A-Z].*[^.]", told["desc"])
    assert told["sha256"] == hashlib.sha256(b"the source").hexdigest()
    for one in (told, *told["resources"]):
        assert re.fullmatch(r"https://\S+", one["url"])
        assert re.fullmatch(r"[0-9a-f]{64}", one["sha256"])
    assert told["did"] == [
        "virtualenv_install_with_resources",
        "/bin/keeplit --version",
        "/bin/keeplit status --json",
    ]
    assert "keeplit autostart enable" in told["caveats"]
    names = [one["name"] for one in told["resources"]]
    assert names == sorted(set(names)) == sorted(index.asked)


def test_it_has_what_a_mac_needs(written: Path, index: Index) -> None:
    """The versions are the lock's; what belongs to other systems, to the tests or to Homebrew itself is left out."""
    found = dict(re.findall(r'resource "(.+)" do\n    url "(.+)"', written.read_text("utf-8")))

    assert {"botocore", "click", "pyobjc-framework-quartz", "rubicon-objc", "watchdog"} <= found.keys()
    assert (
        not {"dbus-fast", "python-xlib", "pygobject", "pytest", "ruff", "pillow", "tzdata", "colorama"} & found.keys()
    )
    for name, url in found.items():
        ending = "-py2.py3-none-any.whl" if name in ONLY_WHEELS else ".tar.gz"
        assert url == f"{FILES}/{name.replace('-', '_')}-{index.locked[name].version}{ending}"


PIN = Pin("lamp-oil", "1.2", frozenset({HASH}))


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ([], "has no source of lamp-oil 1.2"),
        ([File("lamp_oil-1.2.tar.gz", f"{FILES}/x", OTHER)], "with a locked hash"),
        ([File("lamp_oil-1.3.tar.gz", f"{FILES}/x", HASH)], "has no source of lamp-oil 1.2"),
        ([File("lamp-1.2.tar.gz", f"{FILES}/x", HASH)], "has no source of lamp-oil 1.2"),
        ([File("lamp_oil-1.2-cp313-cp313-macosx_11_0_arm64.whl", f"{FILES}/x", HASH)], "has no source"),
        ([File("lamp_oil-1.2.tar.gz", "http://files.example.com/x", HASH)], "is no https address"),
    ],
)
def test_what_is_not_the_locked_source_is_not_taken(files: list[File], complaint: str) -> None:
    """Another hash, version or name, a wheel for one machine, or an open connection ends the making."""
    with pytest.raises(SystemExit, match=complaint):
        source(PIN, files)


def test_the_source_is_preferred() -> None:
    """A wheel for any machine is taken only where there is nothing else."""
    wheel = File("lamp_oil-1.2-py3-none-any.whl", f"{FILES}/w", HASH)
    sdist = File("lamp_oil-1.2.tar.gz", f"{FILES}/s", HASH)
    assert (source(PIN, [wheel, sdist]), source(PIN, [wheel])) == (sdist, wheel)


@pytest.mark.parametrize(
    ("run", "complaint"),
    [
        (lambda: pins("lamp>=1 --hash=sha256:abc"), "pins nothing"),
        (lambda: needed(["lamp>=1"], {}), "lamp is not locked"),
        (lambda: formula.listed("http://example.com/simple", "lamp"), "is no https address"),
    ],
)
def test_a_bad_lock_or_index_is_said(run: Callable[[], object], complaint: str) -> None:
    """It ends with a sentence and no formula."""
    with pytest.raises(SystemExit, match=complaint):
        run()
