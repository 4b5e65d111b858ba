"""The command `tray`: the flame in the panel, a process of its own beside the daemon."""

import os

import click

from keeplit.ui import tray_process


@click.command()
@click.option("--no-daemon", is_flag=True, help="Start no daemon where none runs.")
def tray(*, no_daemon: bool) -> int:
    """Show the flame in the panel: the state of the sign-in, and a menu.

    It starts the daemon where none runs, and may be ended without it.

    Example: keeplit tray
    """
    return tray_process.main(os.environ, lights=not no_daemon)


COMMANDS = (tray,)
