from pathlib import Path

from keeplit.adapters import files
from keeplit.adapters import paths as places
from keeplit.engine import living


def test_a_daemon_lives_while_its_lock_is_held(own_home: Path) -> None:
    """Neither a process id nor a file left behind says that one runs."""
    paths = places.find({"HOME": str(own_home)})
    living.prepare(paths)
    assert living.is_running(paths) is False
    held = files.try_lock(paths.daemon_lock)
    assert held is not None
    assert living.is_running(paths) is True
    held.close()
    assert living.is_running(paths) is False


def test_our_folders_are_made_private(own_home: Path) -> None:
    """Nobody else reads the state, the wishes or who was asked for."""
    paths = places.find({"HOME": str(own_home)})
    living.prepare(paths)
    modes = [folder.stat().st_mode & 0o777 for folder in (paths.state, paths.wishes, paths.asked)]
    assert modes == [0o700, 0o700, 0o700]
