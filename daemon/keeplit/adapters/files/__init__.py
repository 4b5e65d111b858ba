"""Files: read with a limit, replaced whole or not at all, private folders, locks that die with their holder.

    FileTrouble           what a person can mend; its text says where and how
    ├── NotPrivate        a folder or file of ours is a link, another user's, or open to others
    ├── NotWritable       it cannot be written: rights, a read-only or a full disk
    ├── NotReadable       it cannot be read, or is larger than it may be
    └── Busy              a lock was held too long

Law: a reader sees the old bytes or the new ones. The new ones are prepared beside the file, on the same disk, before
anything is done that cannot be undone; a kill leaves one temporary file at most, and the next writer takes its name.
"""

from keeplit.adapters.files.locks import Held, is_held, lock, try_lock
from keeplit.adapters.files.reading import (
    LIMIT,
    Busy,
    FileTrouble,
    NotPrivate,
    NotReadable,
    NotWritable,
    private_folder,
    read,
    read_own,
)
from keeplit.adapters.files.writing import Prepared, prepare, replace, replace_if_changed

__all__ = [
    "LIMIT",
    "Busy",
    "FileTrouble",
    "Held",
    "NotPrivate",
    "NotReadable",
    "NotWritable",
    "Prepared",
    "is_held",
    "lock",
    "prepare",
    "private_folder",
    "read",
    "read_own",
    "replace",
    "replace_if_changed",
    "try_lock",
]
