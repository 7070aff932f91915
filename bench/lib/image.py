"""The initramfs of the benchmarks: BusyBox init, a shell, the guest program. The same on every kernel."""

from pathlib import Path

from hardtack.cpio import Archive
from hardtack.image import BUSYBOX

MUSL = Path("/lib/ld-musl-x86_64.so.1")
APPLETS = ["sh", "mount", "cat"]
INITTAB = """\
::sysinit:/bin/mount -t devtmpfs dev /dev
::sysinit:/bin/mount -t proc proc /proc
::once:/bin/sh /etc/bench.sh
"""


def build(path: Path, programs: Path, options: str, rows: list[str], show: list[str]) -> None:
    """An image whose shell announces itself, shows memory, runs the rows, and says that it is done."""
    script = ["bench ready", "bench show /proc/meminfo"]
    script += [f"bench run {options} {row}" for row in rows]
    script += [f"bench show {file}" for file in show]
    archive = Archive()
    for name in ("dev", "proc", "sys", "tmp"):
        archive.folder(name)
    archive.character_device("dev/console", 5, 1)
    archive.character_device("dev/null", 1, 3, 0o666)
    archive.character_device("dev/zero", 1, 5, 0o666)
    archive.file("bin/busybox", BUSYBOX, 0o755)
    archive.link("init", "bin/busybox")
    for applet in APPLETS:
        archive.link(f"bin/{applet}", "busybox")
    archive.folder("lib")
    archive.file("lib/ld-musl-x86_64.so.1", MUSL, 0o755)
    for program in ("bench", "hello", "hello-dynamic"):
        archive.file(f"bin/{program}", programs / program, 0o755)
    archive.data("etc/inittab", INITTAB.encode())
    archive.data("etc/bench.sh", ("export PATH=/bin\n" + "\n".join(script) + "\nbench done\n").encode())
    path.write_bytes(archive.bytes())
