"""`keeplit doctor --bundle`: one file that may be shown to a stranger: what was found, versions, settings, the log.

Law: no token, no key and no journal goes in. Every text is searched for every secret that is on this machine, and what
looks like one, before it is put in. The file is ours alone, 0600.
"""

import io
import json
import os
import platform
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from keeplit import __version__
from keeplit.adapters import aws_config, clock, files
from keeplit.adapters.logfile import redact
from keeplit.adapters.paths import Paths
from keeplit.core.check import Check
from keeplit.core.layers import KEYS
from keeplit.core.redaction import HIDDEN, LOOKS_SECRET, safe
from keeplit.core.scrubbing import OF_AWS, scrubbed, secrets_in, without_values
from keeplit.core.settings_model import ENV
from keeplit.engine import look, undo

NAME = "keeplit-support-{at:%Y%m%d-%H%M%S}.zip"
LOG_BYTES = 256 << 10
MOST_BYTES = 4 << 20
OURS = ("AWS_", "ANTHROPIC_", "CLAUDE", "KEEPLIT_", "XDG_", "LC_", "SSH_", "WSL_")
NAMES = frozenset(
    {"BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "HOME", "LANG", "NO_COLOR", "PATH", "SHELL"}
    | {"TERM", "DISABLE_PROMPT_CACHING", "MAX_THINKING_TOKENS", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"}
)


def write(paths: Paths, environ: Mapping[str, str], found: Sequence[Check]) -> Path:
    """Write the bundle into the state folder and return its path. Raises `FileTrouble`."""
    secrets = tuple(known_secrets(paths, environ))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in _texts(paths, environ, found):
            bundle.writestr(name, scrubbed(text, secrets, str(paths.home)))
    place = files.private_folder(paths.state) / NAME.format(at=clock.now())
    files.replace(place, packed.getvalue())
    return place


def known_secrets(paths: Paths, environ: Mapping[str, str]) -> Iterable[str]:
    """Give every secret that can be found: of AWS's caches and ours, the credentials file, the environment."""
    for folder in (paths.sso_cache, paths.cli_cache, paths.own):
        for place in _files(folder):
            text = _text(place)
            with suppress(ValueError, RecursionError):
                # An answer that could not be written has the digest of its token in its first line.
                yield from secrets_in(json.loads(text[max(0, text.find("{")) :]))
    for place in aws_config.files(environ):
        lines = (line.partition("=") for line in _text(place).splitlines())
        yield from (value.strip() for name, _, value in lines if LOOKS_SECRET.search(name) and value)
    yield from (value for name, value in environ.items() if LOOKS_SECRET.search(name))


def _texts(paths: Paths, environ: Mapping[str, str], found: Sequence[Check]) -> Iterable[tuple[str, str]]:
    """Give each text of the bundle; one that cannot be had is left out."""
    checks = [{"code": c.code, "state": str(c.state), "sentence": c.sentence, "fix": c.fix} for c in found]
    yield "doctor.json", _json({"schema": 1, "checks": checks})
    yield "versions.json", _json(_versions())
    yield "environment.json", _json(_environment(environ))
    with suppress(Exception):  # whatever is broken is in doctor.json
        yield "status.json", _json(look.look(paths, environ).status)
    with suppress(Exception):
        yield "settings.json", _json(_settings(paths, environ))
    with suppress(Exception):
        changes = [{"at": f"{one.at}", "command": one.command, "keys": list(one.keys)} for one in undo.history(paths)]
        yield "changes.json", _json(changes)
    yield "config.toml", redact(without_values(_text(paths.config_file)))
    yield "aws-config.txt", without_values(_text(aws_config.files(environ)[0]), OF_AWS)
    yield "log.txt", redact(_text(paths.log)[-LOG_BYTES:])


def _json(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False)


def _versions() -> dict[str, str]:
    frozen = "frozen" if getattr(sys, "frozen", False) else "python"
    return {"keeplit": __version__, "python": sys.version, "platform": platform.platform(), "kind": frozen}


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that matter, a secret one by its name alone."""
    known = {name: value for name, value in environ.items() if name in NAMES or name.startswith(OURS)}
    known |= {name: value for name, value in environ.items() if name.lower().endswith("_proxy")}
    return {name: safe(f"{ENV}{name}", value) for name, value in sorted(known.items())}


def _settings(paths: Paths, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what Claude Code's settings say of the keys that keeplit knows; of others that they are there."""
    values = look.look(paths, environ).facts.settings.values
    return {key: safe(key, value) if key in KEYS else HIDDEN for key, value in values.items()}


def _files(folder: Path) -> Iterable[Path]:
    try:
        return sorted(Path(one.path) for one in os.scandir(folder) if one.is_file())
    except OSError:
        return ()


def _text(place: Path) -> str:
    try:
        return (files.read(place, MOST_BYTES) or b"").decode(errors="replace")
    except files.FileTrouble:
        return ""
