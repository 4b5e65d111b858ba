from __future__ import annotations

import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.adapters import files, logfile

SECRET = "aoaAAAAAKq8r5tUzVw0Yx1-3_abcdefghij"
REFRESH = "aorAAAAAKq8r5tUzVw0Yx1-3_abcdefghij"


def ours(root: logging.Logger) -> list[logfile.PrivateFile]:
    """Return the handlers that write a log file of ours."""
    return [handler for handler in root.handlers if isinstance(handler, logfile.PrivateFile)]


@pytest.fixture(autouse=True)
def root() -> Iterator[logging.Logger]:
    """Give the root logger, as it was before, back after the test."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield logger
    for handler in ours(logger):
        handler.close()
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"token {SECRET} came", "token [hidden] came"),
        (f"and {REFRESH}", "and [hidden]"),
        ('{"accessToken": "abc", "region": "us-east-1"}', '{"accessToken": [hidden], "region": "us-east-1"}'),
        ("refresh_token=abc&x=1", "refresh_token=[hidden]"),
        ("clientSecret: 'a b'", "clientSecret: [hidden]"),
        ("key ASIAABCDEFGHIJKLMNOP", "key [hidden]"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.sig-nature", "jwt [hidden]"),
        ("x-amz-sso_bearer_token: abc", "x-amz-sso_bearer_token: [hidden]"),
        ("aws_session_token = abc", "aws_session_token = [hidden]"),
        ("refresh 293abb6b (due): done", "refresh 293abb6b (due): done"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(said: str, shown: str) -> None:
    """Tokens, keys and secrets are hidden by their names and by their shapes; ordinary lines stand as they are."""
    assert logfile.redact(said) == shown


def test_a_traceback_is_hidden_too(tmp_path: Path, root: logging.Logger) -> None:
    """A secret in an exception's own text does not reach the file."""
    logfile.open_log(tmp_path / "keeplit.log")
    try:
        os.environ[f"no such token: {SECRET}"]
    except KeyError:
        root.exception("it failed")
    text = (tmp_path / "keeplit.log").read_text()
    assert "KeyError" in text
    assert SECRET not in text


@pytest.mark.skipif(sys.platform == "win32", reason="modes")
def test_the_file_is_private_from_its_first_byte(tmp_path: Path) -> None:
    """A new log is 0600 whatever the umask; one that is open to others is closed."""
    kept = os.umask(0)
    try:
        logfile.open_log(tmp_path / "new.log")
        old = tmp_path / "old.log"
        old.write_text("before\n")
        old.chmod(0o666)
        logfile.open_log(old)
    finally:
        os.umask(kept)
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new.log", "old.log")] == [0o600, 0o600]
    assert old.read_text() == "before\n"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_planted_link_is_refused(tmp_path: Path, root: logging.Logger) -> None:
    """A link in place of the log is an error with a sentence, and nothing is written through it."""
    target = tmp_path / "precious"
    target.write_text("mine")
    (tmp_path / "keeplit.log").symlink_to(target)
    with pytest.raises(files.NotPrivate, match="is a link"):
        logfile.open_log(tmp_path / "keeplit.log")
    assert (target.read_text(), ours(root)) == ("mine", [])


def test_a_log_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """Where there is no folder for it the error says which file it is about."""
    with pytest.raises(files.NotWritable, match=r"keeplit\.log cannot be written"):
        logfile.open_log(tmp_path / "nowhere" / "keeplit.log")


def test_a_full_disk_loses_the_line_and_nothing_else(
    tmp_path: Path, root: logging.Logger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that cannot be written is lost; the library's own cry, which would print it unhidden, is not heard."""
    logfile.open_log(tmp_path / "keeplit.log")

    class Full:
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            """Do nothing."""

        def close(self) -> None:
            """Do nothing."""

        def seek(self, *where: int) -> int:
            return 0

        def tell(self) -> int:
            return 0

    (handler,) = ours(root)
    monkeypatch.setattr(handler, "stream", Full())
    root.warning("token %s", SECRET)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("level", "wanted"),
    [("debug", logging.DEBUG), ("info", logging.INFO), ("error", logging.ERROR), ("no such", logging.INFO)],
)
def test_the_level_is_the_configs(tmp_path: Path, root: logging.Logger, level: str, wanted: int) -> None:
    """Levels are the words of config.toml; libraries that talk much are never below warning."""
    logfile.open_log(tmp_path / "keeplit.log", level=level)
    assert root.level == wanted
    assert {logging.getLogger(name).level for name in logfile.NOISY} == {logging.WARNING}
    logfile.set_level("warning")
    assert root.level == logging.WARNING


def test_only_the_daemon_rotates(tmp_path: Path, root: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon's log is rotated at its limit, two old ones kept, all 0600; another process only appends."""
    monkeypatch.setattr(logfile, "MOST_BYTES", 200)
    path = tmp_path / "keeplit.log"
    logfile.open_log(path, rotate=False)
    for number in range(30):
        root.info("line %d", number)
    assert [one.name for one in tmp_path.glob("*.log*")] == ["keeplit.log"]
    (handler,) = ours(root)
    root.removeHandler(handler)
    handler.close()
    logfile.open_log(path)
    for number in range(30):
        root.info("line %d", number)
    assert sorted(one.name for one in tmp_path.glob("*.log*")) == ["keeplit.log", "keeplit.log.1", "keeplit.log.2"]
    if sys.platform != "win32":
        assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.glob("*.log*")} == {0o600}


def test_the_terminal_sees_it_too(tmp_path: Path, root: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """In the foreground the same hidden lines go to stderr."""
    logfile.open_log(tmp_path / "keeplit.log", console=True)
    root.warning("token %s", SECRET)
    assert capsys.readouterr().err.endswith("token [hidden]\n")
