"""The guest's initramfs: a base image that all runs share, and a small overlay with what one run needs."""

import shutil
import subprocess
from pathlib import Path

from .cpio import MERGED, Archive, merged
from .paths import BASE_IMAGE, ROOT

BUSYBOX = Path("/usr/bin/busybox")
BASH = Path("/usr/bin/bash-static")
SKELETON = ROOT / "rootfs" / "files"
COMMAND = "etc/hardtack/command"  # userspace/agent reads it


def base(programs):
    """Debian's BusyBox and bash, the skeleton of rootfs/files, and the project's own `programs`."""
    archive = Archive(merged)
    for name in MERGED:
        archive.folder(f"usr/{name}")
        archive.plain_link(name, f"usr/{name}")
    for name in ("dev", "proc", "sys", "run", "mnt", "var/log"):
        archive.folder(name)
    archive.folder("root", 0o700)
    archive.folder("tmp", 0o1777)
    archive.character_device("dev/console", 5, 1)
    archive.character_device("dev/null", 1, 3, 0o666)
    archive.file("bin/busybox", BUSYBOX, 0o755)
    archive.file("bin/bash", BASH, 0o755)
    for applet in _applets():
        archive.link(applet, "/bin/busybox")
    archive.link("init", "/sbin/init")
    for source in sorted(path for path in SKELETON.rglob("*") if path.is_file()):
        archive.file(str(source.relative_to(SKELETON)), source, 0o755 if "init.d" in source.parts else 0o644)
    for program in programs:
        archive.file(f"sbin/{Path(program).name}", program, 0o755)
    return archive.bytes()


def _applets():
    names = subprocess.run([BUSYBOX, "--list-full"], check=True, capture_output=True, text=True).stdout.split()
    return sorted(name for name in names if name != "bin/busybox")


def overlay(command=None, files=None, texts=None):
    """`command`: what the agent runs. `files`: guest path -> host file. `texts`: guest path -> contents."""
    archive = Archive(merged)
    archive.folder("tmp", 0o1777)
    archive.folder("root", 0o700)
    if command is not None:
        archive.data(COMMAND, b"".join(argument.encode("utf-8", "surrogateescape") + b"\0" for argument in command))
    for path, contents in (texts or {}).items():
        archive.data(path, contents.encode())
    for path, source in (files or {}).items():
        archive.file(path, source, 0o755)
    return archive.bytes()


def write(path, archives, last):
    """An initramfs of the base image, the files `archives`, and `last`."""
    with open(path, "wb") as out:
        for part in (BASE_IMAGE, *archives):
            with open(part, "rb") as source:
                shutil.copyfileobj(source, out, 1 << 20)
        out.write(last)
