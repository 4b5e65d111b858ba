"""The flame's process begins here: first what it does without, then all the rest.

Law: nothing is loaded here before it is told what to leave out.
"""

from collections.abc import Mapping

from keeplit.ui import tray_thrift


def main(environ: Mapping[str, str], *, lights: bool) -> int:
    """Show the flame and return the exit code; `lights`: it starts the daemon where none runs."""
    tray_thrift.begin()
    from keeplit.ui import tray_whole

    return tray_whole.main(environ, lights=lights)


def missing(environ: Mapping[str, str]) -> str:
    """Return why no icon would be shown here, and what to do, for whoever only asks; empty where one would be."""
    from keeplit.engine import tray_check

    code = tray_check.missing(environ)
    return tray_check.why_not(code, environ) if code else ""
