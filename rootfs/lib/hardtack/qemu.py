"""The machine and QEMU's command line for it."""

import shlex
from dataclasses import dataclass, field

from . import bootdisk, paths
from .accel import accelerator
from .errors import LauncherError

_MEMORY = 512  # MiB, where nobody says anything
EMULATOR = "qemu-system-x86_64"
# reset on panic, so that QEMU (which runs with -no-reboot) ends
PANIC = "panic=-1"


@dataclass
class Machine:
    """What a person may choose about a guest."""

    smp: int = 2
    mem: str = "512M"
    build: str = "release"
    boot: str = "direct"
    linux: bool = False
    trace: bool = False
    accel: str = "tcg"
    kernel_args: list = field(default_factory=list)
    qemu_args: list = field(default_factory=list)
    archives: list = field(default_factory=list)  # initramfs archives behind the base image

    def kernel(self):
        return paths.LINUX if self.linux else paths.kernel(self.build)

    def check(self):
        if self.trace and self.linux:
            raise LauncherError("--trace is Hardtack's own; Linux has none")

    def command_line(self, extra=()):
        words = ["console=ttyS0", PANIC, *extra]
        if self.linux:
            words += ["mitigations=off", "tsc=reliable"]
        if self.trace:
            words.append("trace=all")
        return " ".join([*words, *self.kernel_args])


def memory_for(archives):
    """Room for the archives three times: as loaded, as files, of which Linux allows half the memory."""
    size = sum(path.stat().st_size for path in archives) >> 20
    return f"{max(_MEMORY, 256 + 3 * size)}M"


def arguments(machine, initramfs, extra=()):
    """QEMU's words for `machine` booting `initramfs`, without the serial lines. `extra`: kernel arguments."""
    line = machine.command_line(extra)
    return [
        EMULATOR,
        *("-machine", "q35", "-accel", accelerator(machine.accel), "-cpu", "max"),
        *("-smp", str(machine.smp), "-m", machine.mem),
        *("-nodefaults", "-no-reboot", "-display", "none", "-monitor", "none"),
        *("-device", "isa-debug-exit,iobase=0xf4,iosize=4"),
        *_boot(machine, initramfs, line),
        *machine.qemu_args,
    ]


def _boot(machine, initramfs, line):
    if machine.boot == "direct":
        return ["-kernel", str(machine.kernel()), "-initrd", str(initramfs), "-append", line]
    return bootdisk.arguments(machine, initramfs, line)


def quoted(command):
    return shlex.join(map(str, command))
