"""keeplit's own folders as platformdirs names them, where that is plain: its import costs half a start of Python. Pure.

Law: for an environment that is odd, or that releases of platformdirs read differently, the answer is None, and then
platformdirs is asked. A test compares the rest.
"""

from collections.abc import Mapping

MANAGED = {"darwin": "/Library/Application Support/ClaudeCode", "win32": "C:\\Program Files\\ClaudeCode"}


def config_folder(environ: Mapping[str, str], platform: str) -> str | None:
    """Return the folder of config.toml on `platform` (as ``sys.platform``), None where only platformdirs can tell."""
    return None if platform == "win32" else _folder(environ, platform, "XDG_CONFIG_HOME", ".config")


def state_folder(environ: Mapping[str, str], platform: str) -> str | None:
    """Return the folder of the state on `platform` (as ``sys.platform``), None where only platformdirs can tell."""
    if platform == "win32":
        local = environ.get("LOCALAPPDATA", "")
        plain = local[1:3] == ":\\" and not environ.get("WIN_PD_OVERRIDE_LOCAL_APPDATA")
        return local.rstrip("\\") + "\\keeplit" if plain else None
    return _folder(environ, platform, "XDG_STATE_HOME", ".local/state")


def _folder(environ: Mapping[str, str], platform: str, variable: str, usual: str) -> str | None:
    home, moved = environ.get("HOME", ""), environ.get(variable, "")
    if not home.startswith("/") or platform == "android" or "ANDROID_ROOT" in environ:
        return None
    home = home.rstrip("/")
    if platform == "darwin":
        odd = any(name.startswith("XDG_") for name in environ)
        return None if odd else f"{home}/Library/Application Support/keeplit"
    if moved and not moved.startswith("/"):
        return None
    return f"{(moved or f'{home}/{usual}').rstrip('/')}/keeplit"


def managed_folder(platform: str) -> str:
    """Return the folder of Claude Code's managed settings on `platform`, as its documentation names it."""
    return MANAGED.get(platform, "/etc/claude-code")
