"""A line is added to a file of ours so that it stands whole, whatever was killed before it.

Law: a last line without its end is what a kill left; it is ended, never continued. A line that does not fit on the disk
is taken back.
"""

import contextlib
import os
from pathlib import Path

from keeplit.adapters.files.reading import BINARY, CLOEXEC, NOFOLLOW, PRIVATE_FILE, NotWritable, refuse_link, verify_own
from keeplit.adapters.files.writing import sync_folder

LINE_END = b"\n"


def append_line(path: Path, line: bytes) -> None:
    """Add a line, which holds no line end, and have it on the disk. Only one may append at a time: hold a lock.

    Raises `NotPrivate`, `NotWritable`.
    """
    refuse_link(path)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | BINARY | CLOEXEC | NOFOLLOW, PRIVATE_FILE)
    except OSError as error:
        raise NotWritable(f"{path} cannot be written: {error.strerror}") from None
    try:
        verify_own(path, os.fstat(descriptor))
        size = os.lseek(descriptor, 0, os.SEEK_END)
        torn = size and _last(descriptor, size) != LINE_END
        try:
            _write(descriptor, (LINE_END if torn else b"") + line + LINE_END)
            os.fsync(descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, size)
            raise
    except OSError as error:
        raise NotWritable(f"{path} cannot be written: {error.strerror}") from None
    finally:
        os.close(descriptor)
    if not size:
        sync_folder(path.parent)


def _last(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1)


def _write(descriptor: int, data: bytes) -> None:
    os.lseek(descriptor, 0, os.SEEK_END)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
