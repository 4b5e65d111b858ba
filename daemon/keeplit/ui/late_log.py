"""A command's log that is opened when there is something to write: who only looks leaves no file behind.

Law: nothing of it reaches the terminal; what a person is to know, the command says itself.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keeplit.adapters import files, logfile


class Late(logging.Handler):
    """Opens its file with the first line; one that cannot be written costs the line alone."""

    def __init__(self, path: Path | None) -> None:
        """Open nothing yet; None: there is no place for a log."""
        super().__init__(logging.WARNING)
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, whatever looks like a secret hidden."""
        if self._file is None:
            self._file = _opened(self._path)
        self._file.emit(record)

    def close(self) -> None:
        """Close the file, if it was opened."""
        if self._file is not None:
            self._file.close()
        super().close()


def _opened(path: Path | None) -> logging.Handler:
    if path is None:
        return logging.NullHandler()
    try:
        files.private_folder(path.parent)
        found = logfile.PrivateFile(path, encoding="utf-8")
    except (files.FileTrouble, OSError):
        return logging.NullHandler()
    found.setFormatter(logfile.Redacted(logfile.FORMAT, "%Y-%m-%dT%H:%M:%S%z"))
    return found


@contextmanager
def kept(path: Path | None) -> Iterator[None]:
    """Log warnings and worse to a file while the block runs."""
    late = Late(path)
    root = logging.getLogger()
    root.addHandler(late)
    try:
        yield
    finally:
        root.removeHandler(late)
        late.close()
