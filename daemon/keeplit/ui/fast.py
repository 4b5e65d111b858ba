"""The console script's entry: the hot commands are answered here with os, json and time alone, the rest by the whole.

Law: whatever is odd, old, foreign or not plainly asked goes the slow way, which says the same in more time.
"""

import gc
import os
import sys
from collections.abc import Mapping, Sequence

from keeplit import __version__
from keeplit.core.folders import state_folder

SCHEMA = 1
LIMIT = 1 << 22
FORMS = ("claude", "process", "env")


def main() -> int:
    """Run keeplit and return its exit code; Ctrl-C, whenever it comes, is answered with a sentence."""
    try:
        return answered()
    except KeyboardInterrupt:  # while the command line is imported, it comes too early for that to take it
        if sys.stderr is not None:
            row = "\n" if sys.stderr.isatty() else ""  # a terminal has written ^C where the cursor stood
            sys.stderr.write(f"{row}Interrupted; nothing is left half done.\n")
        return 1


def answered() -> int:
    """Answer what was typed: a hot command at once, the rest by the whole; return the exit code."""
    if sys.stdout is not None:
        answer = hot(sys.argv[1:], os.environ, sys.platform)
        if answer is None and sys.argv[1:] == ["status", "--json"]:
            gc.disable()  # a look is over before there is garbage
            answer = looked(os.environ)
            gc.freeze()  # nor is any looked for at the end of the process, which costs as much as half its start
            gc.enable()
        if answer is not None:
            return _print(answer)
    if sys.argv[1:] in (["tray"], ["tray", "--no-daemon"]):
        from keeplit.ui.tray_process import main as flame  # it stays for days: without the command line's 5 MB

        return flame(os.environ, lights=len(sys.argv) == 2)  # noqa: PLR2004
    from keeplit.ui.cli import main as whole

    return whole()


def hot(arguments: Sequence[str], environ: Mapping[str, str], platform: str) -> bytes | None:
    """Return what a hot command prints, or None where the whole has to answer."""
    match list(arguments):
        case ["--version"]:
            return f"keeplit, version {__version__}\n".encode()
        case ["status", "--json"]:
            return status(environ, platform)
        case ["credentials", *options]:
            return credentials(options, environ)
        case ["statusline", *options]:
            return statusline(options, environ, platform)
        case ["hook", "session-start"]:
            return at_start(environ, platform)
        case _:
            return None


def credentials(options: Sequence[str], environ: Mapping[str, str]) -> bytes | None:
    """Return role credentials that lie ready, for the options as people and programs spell them."""
    profile, form = None, "claude"
    rest = iter(options)
    for option in rest:
        name, equals, value = option.partition("=")
        if name not in {"--profile", "--format"}:
            return None
        if not equals:
            value = next(rest, "")
        if not value or (not equals and value.startswith("-")):
            return None
        if name == "--profile":
            profile = value
        else:
            form = value
    if form not in FORMS:
        return None
    import time

    from keeplit.engine import warm

    text = warm.serve(environ, profile, form, __version__, time.time())
    return None if text is None else f"{text}\n".encode("utf-8", "surrogateescape")


def status(environ: Mapping[str, str], platform: str) -> bytes | None:
    """Return the status that the daemon has published, where one lives and it is whole."""
    try:
        folder = state_folder(environ, platform)
        data = published(folder) if folder is not None else None
        if data is None:
            return None
        import json

        document = json.loads(data)
        daemon = document["daemon"]
        whole = document["schema"] == SCHEMA and daemon["running"] is True and daemon["version"] == __version__
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return data.rstrip() + b"\n" if whole else None


def statusline(options: Sequence[str], environ: Mapping[str, str], platform: str) -> bytes | None:
    """Return the row for Claude Code, of a daemon of another version too: it has been upgraded while it runs."""
    import time

    from keeplit.ui import statusline as lines

    command, folder = lines.theirs(options), state_folder(environ, platform)
    if command is None or folder is None:
        return None
    now = time.time()
    return lines.answer(published(folder), command, environ, now, time.localtime(now).tm_gmtoff)


def at_start(environ: Mapping[str, str], platform: str) -> bytes | None:
    """Return what Claude Code is to show as a session starts, as its hooks say it: nothing while all is well."""
    import time

    from keeplit.ui import statusline as lines

    folder = state_folder(environ, platform)
    if folder is None:
        return None
    now = time.time()
    return lines.at_start(published(folder), now, time.localtime(now).tm_gmtoff)


def published(folder: str) -> bytes | None:
    """Return what the living daemon of a state folder has published; None where none lives, or it cannot be read."""
    try:
        if not daemon_lives(os.path.join(folder, "daemon.lock")):  # noqa: PTH118  # pathlib is slow
            return None
        return _read_own(os.path.join(folder, "status.json"))  # noqa: PTH118
    except (OSError, ValueError):
        return None


def own_hashes() -> None:
    """Have hashlib take Python's own functions, where it has all of them: to load OpenSSL takes 3 ms of 90."""
    names = ("_md5", "_sha1", "_sha3", "_sha512" if sys.version_info < (3, 12) else "_sha2", "_blake2")
    try:
        for name in (*names, *(("_sha256",) if sys.version_info < (3, 12) else ())):
            __import__(name)
    except ImportError:
        return
    if "hashlib" not in sys.modules and "_hashlib" not in sys.modules:
        sys.modules["_hashlib"] = None  # type: ignore[assignment]  # how Python is told that there is none
        import hashlib  # noqa: F401  # it decides now

        del sys.modules["_hashlib"]


def looked(environ: Mapping[str, str]) -> bytes | None:
    """Return the status as the files say it, without the command line's library, which costs half of the look."""
    own_hashes()
    import json

    from keeplit.adapters import paths
    from keeplit.adapters.files import FileTrouble
    from keeplit.engine.look import look

    try:
        shown = look(paths.find(environ), environ).status
        return json.dumps(shown, ensure_ascii=False).encode() + b"\n"
    except (paths.NoHome, FileTrouble, UnicodeEncodeError):
        return None


def daemon_lives(lock: str) -> bool:
    """Whether somebody holds the daemon's lock; asking takes a shared one, for which a daemon that starts waits."""
    handle = os.open(lock, (os.O_RDWR if os.name == "nt" else os.O_RDONLY) | getattr(os, "O_NOFOLLOW", 0))
    try:
        return _held(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":

    def _held(handle: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return True
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
        return False

else:

    def _held(handle: int) -> bool:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _read_own(path: str) -> bytes:
    """Read a file of ours whole; raises `OSError` or `ValueError` where it is a link, another's, or too large."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags)
    try:
        seen = os.fstat(handle)
        if seen.st_size > LIMIT or (sys.platform != "win32" and seen.st_uid != os.getuid()):
            raise ValueError
        return os.read(handle, LIMIT)
    finally:
        os.close(handle)


def _print(answer: bytes) -> int:
    """Print an answer as it is; a reader that has gone, or a full disk, is a failure without a traceback."""
    try:
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"keeplit: what is to be said cannot be written: {error.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
