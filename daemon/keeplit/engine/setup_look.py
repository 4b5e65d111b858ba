"""What `keeplit setup` finds: the AWS config, what Claude Code uses, and the AWS config that is still a draft.

Law: a draft is a file of its own, which only the processes of this setup are pointed at; the person's own config is
written once, at the end, after a yes. Whoever leaves before leaves nothing of it.
"""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from keeplit.adapters import aws_config
from keeplit.adapters.paths import Paths
from keeplit.core import own_command, own_statusline
from keeplit.core.catalogue_files import SPOILED
from keeplit.core.redaction import is_foreign
from keeplit.core.settings_keys import AUTH_REFRESH, HAIKU, rivals
from keeplit.core.setup_answers import Found
from keeplit.engine import aws_config_change, setup_row
from keeplit.engine.choosing import Refused
from keeplit.engine.using import look as look_at_files

CONFIG_FILE = "AWS_CONFIG_FILE"


@dataclass(slots=True)
class Draft:
    """The AWS config as it is (`before`) and as it is to be (`after`); `environ` points at the latter."""

    own: Mapping[str, str]
    file: Path
    before: str = field(repr=False)
    after: str = field(repr=False)
    folder: Path

    @classmethod
    def begin(cls, paths: Paths, environ: Mapping[str, str]) -> Self | Refused:
        """Return a draft that says what the config says. Raises `FileTrouble`."""
        files = look_at_files(paths, environ)
        if isinstance(files, Refused):
            return files
        own = {**files.ours.environment, **environ}
        file, text = aws_config_change.read(own)
        broken = next((one for one in aws_config.read(own).problems if one.code in SPOILED), None)
        if broken is not None:
            return Refused(f"{broken.sentence} Do: {broken.fix.partition(':')[0]}, then: keeplit setup")
        return cls(own, file, text, text, Path(tempfile.mkdtemp(prefix="keeplit-setup-")))

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment in which AWS tools read the draft; the person's own while nothing differs."""
        if self.after == self.before:
            return dict(self.own)
        return {**self.own, CONFIG_FILE: str(self.folder / "config")}

    def put(self, after: str) -> None:
        """Let the draft say this."""
        self.after = after
        place = self.folder / "config"
        place.touch(mode=0o600)
        place.write_bytes(after.encode())

    def __enter__(self) -> Self:
        """Give the draft."""
        return self

    def __exit__(self, *ended: object) -> None:
        """Remove the draft; the config stays what it is."""
        shutil.rmtree(self.folder, ignore_errors=True)


def look(paths: Paths, draft: Draft) -> Found | Refused:
    """Return what is there, the draft taken for the config. Raises `FileTrouble`."""
    files = look_at_files(paths, draft.own)
    if isinstance(files, Refused):
        return files
    aws = aws_config.read(draft.environ)
    using = files.using(files.ours.claude, files.values)
    refresh = files.values.get(AUTH_REFRESH, "")
    return Found(
        sessions=aws.sessions,
        profiles=aws.profiles,
        profile=using.profile,
        region=using.region,
        model=using.model,
        haiku=using.haiku or files.values.get(HAIKU, ""),
        isolate=using.isolate,
        foreign_refresh=refresh if is_foreign(refresh) else "",
        kept=own_command.recognised(refresh) is not None,
        row=own_statusline.read(setup_row.slot(files.settings)).ours,
        rivals=rivals(files.values),
    )
