"""A whole machine that boots: systemd as the first process of a container made of this machine's own files.

Whatever is written in it is written to memory and gone with it; it has no network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import real_part
from tests.end_to_end.user_manager import GROUPS, SYSTEMD, gone

NOT_WANTED = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "man-db.timer", "fstrim.timer", "e2scrub_all.timer"),
    *("getty@tty1.service", "console-getty.service", "systemd-udevd.service", "systemd-networkd.service"),
    *("systemd-timesyncd.service", "remote-fs.target", "postgresql.service", "nginx.service", "redis-server.service"),
)
UNIT = """\
[Unit]
After=multi-user.target systemd-logind.service
[Service]
Type=oneshot
ExecStart=/bin/bash -c '/test/script >/test/out 2>&1; echo $? >/test/code; systemctl poweroff --no-block'
"""
BOOTS = """\
set -e
mount -t tmpfs -o mode=755 tmpfs /run/systemd
mkdir -p /run/systemd/system /run/systemd/nspawn
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir /sys/fs/cgroup/box
echo $$ > /sys/fs/cgroup/box/cgroup.procs
mount -t tmpfs tmpfs "$FOLDER/disk"
mkdir "$FOLDER/disk/upper" "$FOLDER/disk/work" "$FOLDER/disk/root"
layers="lowerdir=/,upperdir=$FOLDER/disk/upper,workdir=$FOLDER/disk/work"
mount -t overlay overlay -o "$layers" "$FOLDER/disk/root"
SYSTEMD_LOG_LEVEL=warning SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --register=no --keep-unit \\
    --directory="$FOLDER/disk/root" --private-network --machine=keeplit-test --console=pipe \\
    --bind="$FOLDER:/test" --bind="$FOLDER/test.service:/etc/systemd/system/test.service" \\
    --boot -- "$@" systemd.unit=multi-user.target systemd.wants=test.service systemd.show_status=0
"""


def booted(folder: Path, script: str, within: float = 100.0) -> tuple[int, str]:
    """Boot, run a bash script as root, and return its exit code and all that it said."""
    tools = ("systemd-nspawn", "unshare")
    real_part("systemd-nspawn", found=SYSTEMD.exists() and all(map(shutil.which, tools)))
    if os.geteuid():
        pytest.skip("only root boots a container")
    base = next((group for group in GROUPS if (group / "cgroup.controllers").exists()), None)
    real_part("a cgroup2 hierarchy", found=base is not None)
    (folder / "disk").mkdir(parents=True, exist_ok=True)
    (folder / "script").write_text(f"#!/bin/bash\n{script}")
    (folder / "script").chmod(0o755)
    (folder / "test.service").write_text(UNIT)
    group = Path(str(base)) / f"keeplit-boot-{os.getpid()}"
    group.mkdir()
    moved = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(group)]
    unshare = ["unshare", "--mount", "--propagation=private", "--cgroup", "--ipc", "--pid", "--fork"]
    masks = [f"systemd.mask={unit}" for unit in NOT_WANTED]
    try:
        with (folder / "console").open("w") as console:
            subprocess.run(
                [*moved, *unshare, "--kill-child=SIGKILL", "--mount-proc", "sh", "-c", BOOTS, "sh", *masks],
                env={"FOLDER": str(folder), "PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                timeout=within,
                check=False,
            )
    finally:
        for inside in sorted(group.rglob("*/"), reverse=True):
            gone(inside)
        gone(group)
    if not (folder / "code").exists():
        pytest.fail(f"it did not boot: {(folder / 'console').read_text()[-2000:]}")
    return int((folder / "code").read_text()), (folder / "out").read_text()
