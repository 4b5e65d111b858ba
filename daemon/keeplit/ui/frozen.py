"""The entry of a frozen keeplit (installers/linux/keeplit.spec): the whole, or one of its further processes.

Law: only the flame, which needs them, sees the paths that freezing lends to this process's own libraries; no program
that it starts does.
"""

import os
import sys
from importlib import import_module

from keeplit.core import own_process
from keeplit.ui import fast

FLAMES = (["tray"], ["tray", "--no-daemon"])


def main() -> int:
    """Run what this process was started for, and return its exit code."""
    environ = own_process.environment(os.environ, getattr(sys, "_MEIPASS", ""), os.pathsep)
    if sys.argv[1:] in FLAMES:
        from keeplit.ui.tray_process import main as flame

        return flame(environ, lights=sys.argv[1:] == FLAMES[0])
    for name in os.environ.keys() - environ.keys():
        del os.environ[name]
    os.environ.update(environ)
    asked = own_process.module(sys.argv[1:])
    if not asked:
        return fast.main()
    del sys.argv[1:3]
    return int(import_module(asked).main())


if __name__ == "__main__":
    sys.exit(main())
